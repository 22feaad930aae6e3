"""Record places: what follows from a path: the collection that is meant, a record's key, and the fields of a record
that name the records around it."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from mockserver.openapi.contract import Contract, Parameter
from mockserver.openapi.resources import RecognisedResource, names_around, schemas
from mockserver.storage.model import Json
from mockserver.storage.resource_records import Collection, value_at
from mockserver.world.memory.record_views import put_at

Within = tuple[str, ...]  # the values of the path parameters that a collection is in


class RecordPlaces:
    """The places of one resource's records."""

    def __init__(self, contract: Contract, resource: RecognisedResource) -> None:
        self._contract, self._resource = contract, resource
        self._parameters = tuple(_parameters(resource))

    @cached_property
    def _fields(self) -> Mapping[str, str]:
        return schemas.fields(self._contract, self._resource.schema)

    @cached_property
    def _around(self) -> Mapping[str, int]:
        """Which of the parameters around a record its fields name."""
        named = {name: place for place, name in enumerate(self.around)}
        fields = names_around(self._contract, self._resource, self._fields)
        return {field: named[name] for name, field in fields.items() if field}

    @property
    def depth(self) -> int:
        """How many path parameters a collection is in."""
        return len(self._parameters) - 1

    @property
    def around(self) -> tuple[str, ...]:
        """The names of the path parameters that a collection is in."""
        return tuple(one.name for one in self._parameters[:-1])

    def around_in(self, given: Json) -> tuple[dict[str, str | None], dict[str, Any]]:
        """The values of those parameters that a described record names, by the parameter's name or that of its own
        field; and the record without what is no field of it."""
        fields = {place: name for name, place in self._around.items()}
        values: dict[str, str | None] = {}
        for place, parameter in enumerate(self._parameters[:-1]):
            value = given.get(parameter.name, given.get(fields.get(place, parameter.name)))
            is_name = isinstance(value, str | int) and not isinstance(value, bool)
            values[parameter.name] = _key_of(str(value), parameter) if is_name else None
        left = {name: value for name, value in given.items() if name not in values or name in self._fields}
        return values, left

    def likely(self) -> list[Within]:
        """The values of those parameters that the contract has as examples; none if one has none."""
        found = [_likely(one.schema) for one in self._parameters[:-1]]
        return [] if any(value is None for value in found) else [tuple(map(str, found))]

    def within(self, values: tuple[str, ...]) -> Within:
        """The values of a collection's path parameters, as the records around it have them."""
        return tuple(map(_key_of, values, self._parameters))

    def key(self, text: str) -> str:
        """The key that a path means: `007` is 7 if it is a number, and a UUID is in lower case."""
        return _key_of(text, self._parameters[-1])

    def collection(self, within: Within) -> Collection:
        """The collection in these records."""
        return Collection(self._resource.name, within)

    def own(self, within: Within, own_id: Any) -> dict[str, Any]:
        """The fields that follow from where a record is: its id, and the ids of the records around it."""
        around = {name: value_in_path(within[place], self._parameters[place]) for name, place in self._around.items()}
        return {**around, **put_at(None, self._resource.id_at, own_id)}

    def id_of(self, key: str, data: Json | None) -> Any:
        """The id of a record: as it has it, else as the path says."""
        found = value_at(data, self._resource.id_at)
        return value_in_path(key, self._parameters[-1]) if found is None else found


def _parameters(resource: RecognisedResource) -> Iterator[Parameter]:
    """The path parameters of a resource's items, in the order of the path."""
    operations = (one.operation for one in resource.operations.values() if one.operation.path == resource.item)
    declared = {one.name: one for operation in operations for one in operation.parameters_in("path")}
    for name in re.findall(r"\{([^{}]+)\}", resource.item):
        yield declared.get(name) or Parameter(name, "path", True, "simple", False, False, {}, None)  # noqa: FBT003


def _likely(schema: Json) -> Any:
    """The value that a schema gives as its example, its default or the first of its choices; None if it gives none."""
    choices = schema.get("enum") or (None,)
    return next((one for one in (schema.get("example"), schema.get("default"), choices[0]) if one is not None), None)


def _key_of(text: str, parameter: Parameter) -> str:
    value = value_in_path(text, parameter)
    return str(value).lower() if parameter.schema.get("format") == "uuid" else str(value)


def value_in_path(text: str, parameter: Parameter | None) -> Any:
    """The value that a text in a path stands for: a whole number, if the parameter is one."""
    is_whole = parameter and parameter.schema.get("type") == "integer" and re.fullmatch(r"-?[0-9]{1,18}", text)
    return int(text) if is_whole else text
