"""Record views: a record as one schema of the contract shows it."""

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from mockserver.errors import NoExample
from mockserver.openapi.contract import Contract
from mockserver.openapi.examples import Examples
from mockserver.storage.model import Json
from mockserver.storage.resource_records import ResourceRecord
from mockserver.world.memory.shapes import Shape


class RecordView:
    """The records of a resource by the schema at a pointer: what it doesn't know is left out, at any depth; what it
    requires and the record lacks is made up, the same for the same record."""

    def __init__(self, contract: Contract, examples: Examples, pointer: str) -> None:
        self._examples = examples
        self._shape = Shape(contract, pointer, {})

    def of(self, record: ResourceRecord) -> dict[str, Any]:
        """The record as this schema shows it."""
        data = record.data if isinstance(record.data, dict) else dict(record.data)
        return self._shape.of(data, partial(generated, self._examples, record.key))


def generated(examples: Examples, variation: str, pointer: str) -> Mapping[str, Any]:
    """An object that a schema allows, the same for the same variation; an empty one if none is found."""
    with suppress(NoExample):
        found = examples.response(pointer, variation=variation)
        if isinstance(found, Mapping):
            return found
    return {}


def put_at(body: Any, place: tuple[str, ...], value: Any) -> Any:
    """A copy of a JSON body with another value at a place."""
    if not place:
        return value
    around: Json = body if isinstance(body, Mapping) else {}
    return {**around, place[0]: put_at(around.get(place[0]), place[1:], value)}
