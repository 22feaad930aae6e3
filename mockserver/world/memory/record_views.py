"""Record views: a record as one schema of the contract shows it."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from mockserver.errors import NoExample
from mockserver.openapi.contract import Contract
from mockserver.openapi.examples import Examples
from mockserver.openapi.resources import RecordForm, schemas
from mockserver.storage.model import Json
from mockserver.storage.resource_records import ResourceRecord


class RecordView:
    """The records of a resource by the schema at a pointer: what it doesn't know is left out, what it requires and the
    record lacks is made up, the same for the same record."""

    def __init__(self, contract: Contract, examples: Examples, pointer: str) -> None:
        declared = schemas.fields(contract, pointer)
        self._examples, self._pointer = examples, pointer
        self._hidden = frozenset(
            name for name, inner in declared.items() if schemas.followed(contract, inner)[0].get("writeOnly")
        )
        self._known = [name for name in declared if name not in self._hidden]
        self._others = schemas.allows_others(contract, pointer)
        self._required = schemas.required(contract, pointer) - self._hidden

    def of(self, record: ResourceRecord) -> dict[str, Any]:
        """The record as this schema shows it."""
        known = self._known
        data = record.data
        shown = {name: data[name] for name in known if name in data}
        if self._others:
            shown |= {name: value for name, value in data.items() if name not in shown and name not in self._hidden}
        if not self._required <= shown.keys():
            made = generated(self._examples, self._pointer, record.key)
            shown |= {name: made[name] for name in made if name in self._required and name not in shown}
        return shown


def generated(examples: Examples, pointer: str, variation: str) -> Mapping[str, Any]:
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


def frame_of(contract: Contract, examples: Examples, form: RecordForm) -> Any:
    """What stands around a record in a body: an example of the whole, or nothing if the record is the body."""
    return generated(examples, form.whole, "") if form.at and contract else None
