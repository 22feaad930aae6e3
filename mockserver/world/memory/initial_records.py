"""Initial records: what a collection holds before anybody has used it, made of the contract's examples."""

from collections.abc import Iterator
from typing import Any

from mockserver.openapi.contract import Contract
from mockserver.openapi.examples import Examples
from mockserver.openapi.resources import RecognisedResource, ResourceRole, schemas
from mockserver.openapi.structure import is_json_type
from mockserver.storage.resource_records import value_at
from mockserver.world.memory.record_views import generated

FEWEST = 3  # records of a collection: a list should look like one


def initial_records(contract: Contract, examples: Examples, resource: RecognisedResource) -> list[dict[str, Any]]:
    """The records that a collection begins with: those of declared examples, then generated ones, which have no ids
    yet."""
    found = [*_once(_declared(contract, resource), resource)]
    made = (generated(examples, f"initial {number}", resource.schema) for number in range(len(found), FEWEST))
    return [*found, *({name: one[name] for name in one if (name,) != resource.id_at} for one in made)]


def _once(records: Iterator[dict[str, Any]], resource: RecognisedResource) -> Iterator[dict[str, Any]]:
    """The records without those whose id was there before: an example that stands in a list as well."""
    seen: set[str] = set()
    for record in records:
        own_id = value_at(record, resource.id_at)
        if own_id is None or str(own_id) not in seen:
            seen.add(str(own_id))
            yield record


def _declared(contract: Contract, resource: RecognisedResource) -> Iterator[dict[str, Any]]:
    """The records in the examples that the contract declares for reading and for listing."""
    read, lists = resource.operations.get(ResourceRole.READ), resource.operations.get(ResourceRole.LIST)
    if read and read.shows:
        for body in _examples(contract, read.operation.responses):
            record = value_at(body, read.shows.at)
            if isinstance(record, dict):
                yield record
    if lists and lists.lists:
        for body in _examples(contract, lists.operation.responses):
            rows = value_at(body, lists.lists.items)
            yield from (row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()


def _examples(contract: Contract, responses: Any) -> Iterator[Any]:
    """The declared examples of a success in JSON that are valid."""
    success = schemas.success_of(responses)
    for media_type, declared in success[1].contents.items() if success else ():
        pointer = success[1].media_types[media_type] if success else None
        if pointer and is_json_type(media_type):
            named = (contract.resolved(one).get("value") for one in declared.get("examples", {}).values())
            for value in (declared.get("example"), *named):
                if value is not None and contract.validator(pointer).is_valid(value):
                    yield value
