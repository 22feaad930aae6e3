"""Example records: the records of a resource that nobody remembers: those of its lists, and one for any other key.

The same key always gives the same record, so reading a row of a list shows what the list has shown.
"""

import re
from functools import cached_property
from itertools import count
from typing import Any

from mockserver.openapi.resources import ListForm, RecognisedResource, names_around, schemas
from mockserver.storage.model import Json
from mockserver.storage.resource_records import ResourceRecord, value_at
from mockserver.world.memory.initial_records import example_record, initial_records, listed_records
from mockserver.world.memory.means import Means
from mockserver.world.memory.path_values import meant
from mockserver.world.memory.record_keys import RecordKeys
from mockserver.world.memory.record_places import Within
from mockserver.world.memory.record_views import put_at

MOST = 100  # rows of a list, however many it should have
_MOST_KNOWN = 100  # records that needn't be made again


class ExampleRecords:
    """The example records of one resource, in all its collections."""

    def __init__(self, means: Means, resource: RecognisedResource) -> None:
        self.resource, self._means = resource, means
        fields = schemas.fields(means.contract, resource.schema)
        self._id_schema = schemas.field_at(means.contract, resource.schema, resource.id_at)
        self._keys = RecordKeys(means, resource.name, self._id_schema)
        self._names = re.findall(r"\{([^{}]+)\}", resource.item)
        self._around = {field: name for name, field in names_around(means.contract, resource, fields).items() if field}
        self._fields = fields
        self._known: dict[tuple[Within, str], ResourceRecord] = {}

    def record(self, within: Within, key: str) -> ResourceRecord:
        """The record with this key."""
        found = self._known.get((within, key))
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[within, key] = self._made(within, key)
        return found

    def _made(self, within: Within, key: str) -> ResourceRecord:
        own_id = self._value(self._id_schema, key)
        known = key if own_id is None else str(own_id)
        found = next((one for one in self._first if one.key == known), None)
        if found is not None:
            return self._in(within, found)
        data = example_record(self._means.contract, self._means.examples, self.resource, known)
        return self._in(within, ResourceRecord(known, data if own_id is None else self._with_id(data, own_id)))

    def rows(self, within: Within, form: ListForm) -> list[ResourceRecord]:
        """The records that a list of this form shows. Where it declares examples, they are those in them."""
        told = [one.key for one in self._listed] or [one.key for one in self._first]
        least, most = self._bounds(form)
        made = (self.key_of(number) for number in range(1, MOST + 1))
        told += [key for key in made if key not in told][: max(0, min(least, MOST) - len(told))]
        return [self.record(within, key) for key in told[:most]]

    def key_of(self, number: int) -> str:
        """The key of the record that is made of a number."""
        return str(self._keys.made_of(number))

    @cached_property
    def new_key(self) -> str:
        """The key of a record that is created: the first one that no list shows."""
        taken = {one.key for one in self._first}
        return next(key for key in map(self.key_of, range(1, len(taken) + 2)) if key not in taken)

    @cached_property
    def _first(self) -> list[ResourceRecord]:
        """The records that collections begin with."""
        found: dict[str, ResourceRecord] = {one.key: one for one in self._listed}
        numbers = count(1)
        for data in initial_records(self._means.contract, self._means.examples, self.resource):
            own_id = value_at(data, self.resource.id_at)
            if own_id is None:
                own_id = next(made for made in map(self._keys.made_of, numbers) if str(made) not in found)
            found[str(own_id)] = ResourceRecord(str(own_id), self._with_id(data, own_id))
        return [*found.values()]

    @cached_property
    def _listed(self) -> list[ResourceRecord]:
        """The records in the declared examples of the list."""
        found = listed_records(self._means.contract, self.resource)
        named = ((value_at(one, self.resource.id_at), one) for one in found)
        return [ResourceRecord(str(own_id), one) for own_id, one in named if own_id is not None]

    def _with_id(self, data: Json, own_id: Any) -> Json:
        return put_at(data, self.resource.id_at, own_id)  # type: ignore[no-any-return]

    def _in(self, within: Within, record: ResourceRecord) -> ResourceRecord:
        """The record in a collection: fields that name what is around it say so."""
        values = dict(zip(self._names, within, strict=False))
        around = {field: values[name] for field, name in self._around.items() if name in values}
        told = {field: self._value(self._fields[field], text) for field, text in around.items()}
        return record._replace(data={**record.data, **{field: one for field, one in told.items() if one is not None}})

    def _value(self, schema: str | None, text: str) -> Any:
        """The value that a text of a path stands for in a field with the schema at a pointer; None if it takes none."""
        return meant(text, self._means.contract.validator(schema).is_valid)

    def _bounds(self, form: ListForm) -> tuple[int, int | None]:
        """The least and the greatest number of rows."""
        contract, place = self._means.contract, form.whole
        for step in form.items:
            place = schemas.fields(contract, place)[step]
        parts = [schema for schema, _ in schemas.parts(contract, place)]
        most = [schema["maxItems"] for schema in parts if "maxItems" in schema]
        return max((schema.get("minItems", 0) for schema in parts), default=0), min(most, default=None)
