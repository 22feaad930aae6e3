"""Remembered resources: what the operations on a resource do, as whole intentions on its records."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from mockserver.errors import NotFound, named
from mockserver.openapi.contract import Parameter
from mockserver.openapi.resources import RecognisedResource, RecordForm, ResourceRole, schemas
from mockserver.storage.model import Json
from mockserver.storage.resource_records import (
    Collection,
    FoundRecords,
    RecordQuery,
    ResourceRecord,
    value_at,
)
from mockserver.world.memory.initial_records import initial_records
from mockserver.world.memory.means import Means
from mockserver.world.memory.record_keys import RecordKeys
from mockserver.world.memory.record_maker import RecordMaker, merged
from mockserver.world.memory.record_views import put_at

Within = tuple[str, ...]  # the values of the path parameters that a collection is in


class RememberedResource:
    """The records of one resource, in all its collections. `parent` is the resource whose records have collections of
    it, `below` are the names of those whose collections are in its own records."""

    def __init__(
        self, resource: RecognisedResource, parent: "RememberedResource | None", below: Sequence[str], means: Means
    ) -> None:
        self.resource, self.parent, self._below = resource, parent, below
        self._contract, self._examples, self._records = means.contract, means.examples, means.records
        self._fields = schemas.fields(means.contract, resource.schema)
        self._maker = RecordMaker(means.contract, means.examples, means.clock, resource)
        self._keys = RecordKeys(means, resource.name, schemas.field_at(means.contract, resource.schema, resource.id_at))
        self._parameters = _parameters(resource)

    async def create(self, within: Within, sent: Json, takes: RecordForm | None) -> ResourceRecord:
        """The record that is made of what was sent. Its id is the one that was sent, if clients may choose it: a record
        that has it already is replaced. Raises NotFound if the record around the collection isn't there."""
        await self._require(within)
        collection = self._collection(within)
        chosen = self._chosen_id(sent, takes)
        if chosen is not None:
            return await self._put(within, self._keys.in_path(chosen), chosen, sent, takes)
        return await self._records.add(collection, partial(self._numbered, within, sent, takes), self._seeds(within))

    async def read(self, within: Within, key: str) -> ResourceRecord:
        """The record with this key. Raises NotFound."""
        await self._require(within)
        found = await self._records.get(self._collection(within), self._key(key), self._seeds(within))
        if found is None:
            raise self._missing(key)
        return found

    async def find(self, within: Within, query: RecordQuery) -> FoundRecords:
        """The part of a collection that a query asks for. Raises NotFound."""
        await self._require(within)
        return await self._records.find(self._collection(within), query, self._seeds(within))

    async def replace(
        self, within: Within, key: str, sent: Json, takes: RecordForm | None, *, creates: bool
    ) -> tuple[ResourceRecord, bool]:
        """The record with what was sent in its place, and whether it is new, which is refused unless `creates`. Raises
        NotFound."""
        await self._require(within)
        before: list[Json | None] = []

        def change(old: Json | None) -> Json | None:
            before.append(old)
            own = self._own(within, self._id_of(key, old))
            if old is None:
                return self._maker.made(self._key(key), sent, takes, own) if creates else None
            return self._maker.replaced(self._key(key), old, sent, takes, own)

        return await self._changed(within, key, change), before[-1] is None

    async def patch(
        self, within: Within, key: str, patch: Callable[[Json], Any], takes: RecordForm | None
    ) -> ResourceRecord:
        """The record after a patch. Raises NotFound, and what the patch raises."""
        await self._require(within)

        def change(old: Json | None) -> Json | None:
            if old is None:
                return None
            return self._maker.changed(old, patch(old), takes, self._own(within, self._id_of(key, old)))

        return await self._changed(within, key, change)

    async def delete(self, within: Within, key: str) -> ResourceRecord:
        """The record that was, and is gone with all that was in it. Raises NotFound."""
        found = await self.read(within, key)
        seeds = self._seeds(within)
        if not await self._records.remove(self._collection(within), self._key(key), seeds, self._below):
            raise self._missing(key)
        return found

    async def _changed(self, within: Within, key: str, change: Callable[[Json | None], Json | None]) -> ResourceRecord:
        collection, seeds = self._collection(within), self._seeds(within)
        data = await self._records.change(collection, self._key(key), change, seeds)
        if data is None:
            raise self._missing(key)
        return ResourceRecord(self._key(key), data)

    async def _put(self, within: Within, key: str, chosen: Any, sent: Json, takes: RecordForm | None) -> ResourceRecord:
        own = self._own(within, chosen)
        data = await self._records.change(
            self._collection(within), key, lambda _: self._maker.made(key, sent, takes, own), self._seeds(within)
        )
        return ResourceRecord(key, data or {})

    async def _require(self, within: Within) -> None:
        """Check that the records around a collection are there. Raises NotFound."""
        if self.parent is not None:
            depth = len(_parameters(self.parent.resource)) - 1
            await self.parent.read(within[:depth], within[depth])

    def _numbered(self, within: Within, sent: Json, takes: RecordForm | None, number: int) -> ResourceRecord:
        own_id = self._keys.made_of(number)
        key = self._keys.in_path(own_id)
        return ResourceRecord(key, self._maker.made(key, sent, takes, self._own(within, own_id)))

    def _own(self, within: Within, own_id: Any) -> dict[str, Any]:
        """The fields that follow from where a record is: its id, and those that have the names of path parameters."""
        around = {
            one.name: self._keys.value_of(value, one)
            for one, value in zip(self._parameters, within, strict=False)
            if one.name in self._fields and (one.name,) != self.resource.id_at
        }
        return {**around, **put_at(None, self.resource.id_at, own_id)}

    def _chosen_id(self, sent: Json, takes: RecordForm | None) -> Any:
        """The id that a client has chosen; None if it has not, or may not."""
        chosen = value_at(sent, self.resource.id_at)
        if takes is None or chosen in (None, "", 0) or isinstance(chosen, dict | list):
            return None
        field = schemas.field_at(self._contract, takes.schema, self.resource.id_at)
        is_read_only = field is None or schemas.followed(self._contract, field)[0].get("readOnly")
        return None if is_read_only else chosen

    def _id_of(self, key: str, old: Json | None) -> Any:
        """The id of a record: as it has it, else as the path says."""
        found = value_at(old, self.resource.id_at)
        return self._keys.value_of(key, self._parameters[-1]) if found is None else found

    def _key(self, key: str) -> str:
        """A key as records have it: `007` of a path is 7, if it is a number."""
        return self._keys.in_path(self._keys.value_of(key, self._parameters[-1]))

    def _collection(self, within: Within) -> Collection:
        return Collection(self.resource.name, within)

    def _seeds(self, within: Within) -> Callable[[], list[ResourceRecord]]:
        return partial(self._initial, within)

    def _initial(self, within: Within) -> list[ResourceRecord]:
        """The records that a collection begins with; none if it is in a record that was created."""
        if self.parent is not None:
            depth = len(_parameters(self.parent.resource)) - 1
            around = self.parent._initial(within[:depth])  # noqa: SLF001 (of another one of its kind)
            if all(one.key != self.parent._key(within[depth]) for one in around):  # noqa: SLF001
                return []
        rows: dict[str, ResourceRecord] = {}
        number = 0
        for data in initial_records(self._contract, self._examples, self.resource):
            own_id = value_at(data, self.resource.id_at)
            while own_id is None or self._keys.in_path(own_id) in rows:
                number += 1
                own_id = self._keys.made_of(number)
            key = self._keys.in_path(own_id)
            rows[key] = ResourceRecord(key, merged(data, self._own(within, own_id)))
        return [*rows.values()]

    def _missing(self, key: str) -> NotFound:
        creates = self.resource.operations.get(ResourceRole.CREATE)
        how = f" POST {creates.operation.path} creates one." if creates else ""
        return NotFound(hint=f"No record {named(key)} in {self.resource.name}.{how}")


def _parameters(resource: RecognisedResource) -> list[Parameter]:
    """The path parameters of a resource's items, in the order of the path."""
    some = next(one.operation for one in resource.operations.values() if one.operation.path == resource.item)
    named_ = {one.name: one for one in some.parameters_in("path")}
    steps = resource.item.split("{")[1:]
    return [named_[step.partition("}")[0]] for step in steps if step.partition("}")[0] in named_]
