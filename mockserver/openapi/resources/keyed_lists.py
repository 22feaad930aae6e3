"""Keyed lists: bodies that are objects of records by their id, instead of arrays."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.openapi.contract import Contract, Operation
from mockserver.openapi.resources import schemas
from mockserver.openapi.resources.recognised import Place


def records_by_key(contract: Contract, operation: Operation, whole: str, id_at: Place) -> Iterator[str]:
    """The pointer to the schema of the records in a body that holds nothing but those by their id. Only an example says
    whether it is the id: one has to be declared, and each key in it has to be the id of its record."""
    schema, place = schemas.followed(contract, whole)
    if schema.get("properties") or not isinstance(schema.get("additionalProperties"), Mapping):
        return
    examples = [*_examples(contract, operation, schema)]
    if any(examples) and all(_is_by_key(one, id_at) for one in examples):
        yield f"{place}/additionalProperties"


def _examples(contract: Contract, operation: Operation, schema: Mapping[str, Any]) -> Iterator[Any]:
    """The declared examples of what an operation answers."""
    success = schemas.success_of(operation.responses)
    for declared in (schema, *(success[1].contents.values() if success else ())):
        named = declared.get("examples", ())
        values = named.values() if isinstance(named, Mapping) else ()
        told = [declared.get("example"), *(contract.resolved(one).get("value") for one in values)]
        yield from (one for one in told if one is not None)


def _is_by_key(example: Any, id_at: Place) -> bool:
    return isinstance(example, Mapping) and all(key == _text_at(one, id_at) for key, one in example.items())


def _text_at(record: Any, place: Place) -> str | None:
    """The value at a place of a record as a key is written; None if there is none."""
    for step in place:
        record = record.get(step) if isinstance(record, Mapping) else None
    return None if record is None else str(record)
