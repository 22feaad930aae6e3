"""Remembered resources: what the operations on a resource do, as whole intentions on its records."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from itertools import chain, count
from typing import Any

from mockserver.clock import moment_ago, timestamp
from mockserver.errors import BadRequest, Conflict, NotFound, named
from mockserver.openapi.resources import Place, RecognisedResource, RecordForm, ResourceRole, schemas
from mockserver.openapi.routing import path_parameters
from mockserver.storage.model import Json
from mockserver.storage.resource_records import (
    Collection,
    FoundRecords,
    NoFreeKey,
    RecordQuery,
    ResourceRecord,
    TakenKeys,
    value_at,
)
from mockserver.violations import Violation, breach, missing
from mockserver.world.memory.first_records import FirstRecords
from mockserver.world.memory.means import Means
from mockserver.world.memory.path_values import exact
from mockserver.world.memory.record_fit import Answered, RecordFit, UnfitRecord
from mockserver.world.memory.record_maker import RecordMaker, merged
from mockserver.world.memory.record_places import RecordPlaces, Within
from mockserver.world.memory.record_views import generated

MOST_SEEDED = 256  # collections whose first records are kept ready; others are made again when they are read
INEXACT_ID = "A number of so many digits isn't exact any more, so it can't name a record."
NO_FREE_ID = "All the ids that its schema allows, as far as the mock can make them, are taken."


def _unanswered(_record: ResourceRecord, _is_new: bool) -> tuple[Violation, ...]:  # noqa: FBT001 (as it is called)
    """What is wrong with an answer that nobody gets: nothing."""
    return ()


class RememberedResource:
    """The records of one resource, in all its collections. `parent` is the resource whose records have collections of
    it, `below` are the names of those whose collections are in its own records. Paths are the values of path
    parameters, as they were sent. `answered` says what is wrong with the answer that an intention leads to: if anything
    is, nothing changes."""

    def __init__(
        self, resource: RecognisedResource, parent: "RememberedResource | None", below: Sequence[str], means: Means
    ) -> None:
        self.resource, self.parent, self._below, self._means = resource, parent, below, means
        self._held: list[tuple[RememberedResource, tuple[Place | None, ...]]] = []
        self._inside: list[RememberedResource] = []
        if parent is not None:
            parent._inside.append(self)  # noqa: SLF001 (another one of its kind)
        self._maker = RecordMaker(means.contract, means.examples, means.clock, resource)
        self._keys: FirstRecords = FirstRecords(means, resource, parent._keys if parent else None)  # noqa: SLF001
        self._places = RecordPlaces(means.contract, resource)
        self._fit = RecordFit(means, resource)
        self._first = lru_cache(MOST_SEEDED)(self._seeded)

    @property
    def is_creatable(self) -> bool:
        """Whether clients can create its records. If they can't, a path may name records that the mock doesn't know:
        those that a test takes from the real server."""
        return any(one.creates or one.role is ResourceRole.CREATE for one in self.resource.operations.values())

    async def create(
        self,
        path: tuple[str, ...],
        sent: Json,
        takes: RecordForm | None,
        *,
        replaces: bool = True,
        answered: Answered = _unanswered,
    ) -> ResourceRecord:
        """The record that is made of what was sent. Its id is the one that was sent, if clients may choose it: a record
        that has it already is replaced, or the cause of a Conflict. Raises NotFound if the record around the collection
        isn't there, and UnfitRecord."""
        within = await self._required(path)
        chosen = self._chosen_id(sent, takes)
        collection, seeds = self.collection(within), self.seeds(within)
        if chosen is None:
            make = partial(self._numbered, within, sent, takes, answered)
            try:
                return await self._means.records.add(collection, make, seeds)
            except NoFreeKey:
                raise UnfitRecord([breach(self.resource.id_at, "id", NO_FREE_ID)]) from None
        key = self._places.key(str(chosen))

        def change(old: Json | None) -> Json:
            if old is not None and not replaces:
                raise Conflict(hint=f"There is a {_singular(self.resource.name)} {named(key)} already.")
            return self._new(key, sent, takes, self._places.own(within, chosen), answered)

        data = await self._means.records.change(collection, key, change, seeds)
        return ResourceRecord(key, data or {})

    async def read(self, path: tuple[str, ...]) -> ResourceRecord:
        """The record of a path. Raises NotFound."""
        within, key = await self._found(path)
        found = await self._means.records.get(self.collection(within), key, self.seeds(within))
        if found is None:
            raise self._missing(path[-1])
        return found

    async def find(self, path: tuple[str, ...], query: RecordQuery) -> FoundRecords:
        """The part of a collection that a query asks for. Raises NotFound."""
        within = await self._required(path)
        return await self._means.records.find(self.collection(within), query, self.seeds(within))

    async def replace(
        self,
        path: tuple[str, ...],
        sent: Json,
        takes: RecordForm | None,
        *,
        creates: bool,
        answered: Answered = _unanswered,
    ) -> ResourceRecord:
        """The record with what was sent in its place; a new one is refused unless `creates`. Raises NotFound and
        UnfitRecord."""
        within, key = await self._found(path)

        def change(old: Json | None) -> Json | None:
            own = self._places.own(within, self._places.id_of(path[-1], old))
            if old is None:
                return self._new(key, sent, takes, own, answered) if creates else None
            record = ResourceRecord(key, self._maker.replaced(key, old, sent, takes, own))
            self._fit.check(record)
            self._fit.check_answered(record, answered, is_new=False)
            return record.data

        return await self._changed(path, within, key, change)

    async def patch(
        self,
        path: tuple[str, ...],
        patch: Callable[[Json], Any],
        takes: RecordForm | None,
        *,
        answered: Answered = _unanswered,
    ) -> ResourceRecord:
        """The record after a patch. Raises NotFound, what the patch raises, BadRequest if the record isn't valid with
        it, and UnfitRecord if the answer isn't."""
        within, key = await self._found(path)

        def change(old: Json | None) -> Json | None:
            if old is None:
                return None
            new = patch(old)
            if not isinstance(new, Mapping):
                raise BadRequest(message="The patch leaves no object.")
            own = self._places.own(within, self._places.id_of(path[-1], old))
            record = ResourceRecord(key, self._maker.changed(old, new, takes, own))
            if removed := self._maker.required & (old.keys() - record.data.keys()):
                raise BadRequest([missing((name,)) for name in sorted(removed)])
            try:
                self._fit.check(record)
            except UnfitRecord as error:
                raise BadRequest(error.violations) from None
            self._fit.check_answered(record, answered, is_new=False)
            return record.data

        return await self._changed(path, within, key, change)

    async def delete(self, path: tuple[str, ...], *, answered: Answered = _unanswered) -> ResourceRecord:
        """The record that was, and is gone with all that was in it. Raises NotFound and UnfitRecord."""
        within, key = await self._found(path)
        found = await self.read(path)
        self._fit.check_answered(found, answered, is_new=False)
        collection = self.collection(within)
        left, ended = await self._names_of((*within, key)), [*self._begun_in((*within, key))]
        if not await self._means.records.remove(collection, key, self.seeds(within), self._below, ended):
            raise self._missing(path[-1])
        for child, place in left:
            with suppress(NotFound):
                await child.delete(place)
        return found

    async def _names_of(self, path: Within) -> list[tuple["RememberedResource", Within]]:
        """The records elsewhere that name this one, or a record in it, by their resources and paths."""
        found: list[tuple[RememberedResource, Within]] = []
        values = dict(zip(path_parameters(self.resource.item), path, strict=False))
        for child, places in self._held:
            named = {place: value for place, value in zip(places, path, strict=False) if place is not None}
            if not named:  # then nothing tells which ones are in it
                continue
            for within in await child._within_of(values):  # noqa: SLF001 (another one of its kind)
                with suppress(NotFound):
                    rows = (await child.find(within, RecordQuery(equal=named))).rows
                    found += [(child, (*within, row.key)) for row in rows]
        for inner in self._inside:
            if inner._held or inner._inside:  # noqa: SLF001
                for row in (await inner.find(path, RecordQuery())).rows:
                    found += await inner._names_of((*path, row.key))  # noqa: SLF001
        return found

    async def _within_of(self, values: Mapping[str, str]) -> list[Within]:
        """Where its collections are, as far as anybody knows, on paths with these values of parameters."""
        if self.depth == 0:
            return [()]
        used = [one.within for one in await self._means.records.used([self.resource.name])]
        names = path_parameters(self.resource.item)
        return [
            one
            for one in used
            if all(values.get(name, value) == value for name, value in zip(names, one, strict=False))
        ]

    async def _changed(
        self, path: tuple[str, ...], within: Within, key: str, change: Callable[[Json | None], Json | None]
    ) -> ResourceRecord:
        data = await self._means.records.change(self.collection(within), key, change, self.seeds(within))
        if data is None:
            raise self._missing(path[-1])
        return ResourceRecord(key, data)

    async def _found(self, path: tuple[str, ...]) -> tuple[Within, str]:
        """The place of a record, and its key. Raises NotFound if a record around it isn't there."""
        return await self._required(path[:-1]), self._places.key(path[-1])

    async def _required(self, path: tuple[str, ...]) -> Within:
        """The place of a collection. Raises NotFound if a record around it isn't there."""
        if self.parent is not None and self.parent.is_creatable:
            await self.parent.read(path[: self.parent._places.depth + 1])  # noqa: SLF001 (another one of its kind)
        return self._places.within(path)

    def _numbered(
        self, within: Within, sent: Json, takes: RecordForm | None, answered: Answered, number: int
    ) -> ResourceRecord:
        own_id = self._keys.made_of(number)
        key = self._places.key(str(own_id))
        return ResourceRecord(key, self._new(key, sent, takes, self._places.own(within, own_id), answered))

    def _new(self, key: str, sent: Json, takes: RecordForm | None, own: Json, answered: Answered) -> Json:
        """The data of a new record, if the contract can show it. Raises UnfitRecord."""
        record = ResourceRecord(key, self._maker.made(key, sent, takes, own))
        self._fit.check(record)
        self._fit.check_answered(record, answered, is_new=True)
        return record.data

    def _chosen_id(self, sent: Json, takes: RecordForm | None) -> Any:
        """The id that a client has chosen; None if it has not, or may not."""
        chosen = value_at(sent, self.resource.id_at)
        if takes is None or chosen in (None, "", 0) or isinstance(chosen, dict | list):
            return None
        return self._exact(chosen) if self._maker.may_send(self.resource.id_at, takes) else None

    def _exact(self, own_id: Any) -> Any:
        """An id as records have it. Raises UnfitRecord."""
        found = exact(own_id)
        if found is None:
            raise UnfitRecord([breach(self.resource.id_at, "id", INEXACT_ID)])
        return found

    def hold(self, child: "RememberedResource", places: tuple[Place | None, ...]) -> None:
        """Let the records of another resource, which are created in this one's, go with these, and name these from the
        start: `places` are their fields for the values of this one's path, None where it has none."""
        if any(one is child for one, _ in self._held):
            return
        self._held.append((child, places))
        child._keys.name(self._keys, places)  # noqa: SLF001 (another one of its kind)

    # ---------------------------------------------------------------- for the control plane
    @property
    def depth(self) -> int:
        """How many path parameters its collections are in."""
        return self._places.depth

    @property
    def first_count(self) -> int:
        """How many numbers the ids of records are made of that are there from the start: those before 1."""
        return self._keys.count

    @property
    def around(self) -> tuple[str, ...]:
        """The names of these parameters."""
        return self._places.around

    @property
    def likely_places(self) -> list[Within]:
        """Where a collection may be, by the examples of the contract."""
        return self._places.likely()

    @property
    def with_those_inside(self) -> tuple[str, ...]:
        """Its name, and those of the resources whose collections are in its records, at any depth."""
        return (self.resource.name, *self._below)

    @property
    def known_fields(self) -> frozenset[str] | None:
        """The fields that records may have; None for any."""
        return self._maker.known

    def dated(self, given: Json) -> dict[str, Any]:
        """A described record with moments in place of texts such as `30 days ago`, in fields that take no others."""
        contract, now = self._means.contract, self._means.clock.now()
        declared, dated = schemas.fields(contract, self.resource.schema), dict(given)
        for name, value in given.items():
            ago = moment_ago(value, now) if isinstance(value, str) and name in declared else None
            if ago is not None:
                formats = {one.get("format") for one, _ in schemas.parts(contract, declared[name])}
                text = {"date-time": timestamp(ago), "date": timestamp(ago)[:10]}
                dated[name] = next((text[one] for one in text if one in formats), value)
        return dated

    def around_in(self, given: Json) -> tuple[dict[str, str | None], dict[str, Any]]:
        """The records around a described one, by the names of path parameters, None for those that it doesn't name; and
        the record without these names."""
        return self._places.around_in(given)

    def id_in(self, given: Json) -> Any:
        """The id that a described record has; None if it has none."""
        return value_at(given, self.resource.id_at)

    def collection(self, within: Within) -> Collection:
        """The collection in these records."""
        return self._places.collection(within)

    def seeds(self, within: Within) -> Callable[[], list[ResourceRecord]]:
        """What the collection in these records begins with."""
        return partial(self._initial, within)

    def described(self, within: Within, given: Json, number: int) -> ResourceRecord:
        """The record of a description, completed; `number` makes its id if it says none. Raises UnfitRecord."""
        own_id = self.id_in(given)
        own_id = self._keys.made_of(number) if own_id is None else self._exact(own_id)
        key = self._places.key(str(own_id))
        creates = self.resource.operations.get(ResourceRole.CREATE)
        own = {**given, **self._places.own(within, own_id)}
        return ResourceRecord(key, self._new(key, {}, creates.takes if creates else None, own, _unanswered))

    def made_up(self, within: Within, number: int) -> ResourceRecord:
        """A record as the contract's schema describes one; `number` makes it. Raises UnfitRecord."""
        data = generated(self._means.examples, f"made up {number}", self.resource.schema)
        with suppress(UnfitRecord):
            return self.described(within, {name: data[name] for name in data if name != self.resource.id_at[0]}, number)
        return self.described(within, {}, number)

    # ---------------------------------------------------------------- what collections begin with
    def _initial(self, within: Within) -> list[ResourceRecord]:
        """The records that a collection begins with; none if it is in a record that was created."""
        return self._first(within) if self._is_initial(within) else []

    def _is_initial(self, within: Within) -> bool:
        """Whether the record around a collection was there from the start, or could have been."""
        parent = self.parent
        if parent is None or not parent.is_creatable:
            return True
        depth = parent._places.depth  # noqa: SLF001 (another one of its kind)
        return within[depth] in {one.key for one in parent._initial(within[:depth])}  # noqa: SLF001

    def first_inside(self, within: Within) -> Iterator[Collection]:
        """The collections, at any depth, in the records that a collection begins with, which begin with records."""
        return chain.from_iterable(self._begun_in((*within, row.key)) for row in self._initial(within))

    def _begun_in(self, place: Within) -> Iterator[Collection]:
        """The collections in a record, at any depth, that begin with records."""
        for child in self._inside:
            if child.depth == len(place):
                yield from [child.collection(place)] if child._initial(place) else ()  # noqa: SLF001
                yield from child.first_inside(place)

    def _seeded(self, within: Within) -> list[ResourceRecord]:
        rows: dict[str, ResourceRecord] = {}
        ids = map(self._keys.made_of, count(self._keys.before(within) + 1))
        with suppress(NoFreeKey):  # then there are fewer
            for data in self._keys.data(within):
                own_id, taken = exact(value_at(data, self.resource.id_at)), TakenKeys()
                while own_id is None or (key := self._places.key(str(own_id))) in rows:
                    if own_id is not None:
                        taken.add(key)
                    own_id = next(ids)
                if (seed := self._seed(key, data, self._places.own(within, own_id))) is not None:
                    rows[key] = seed
        return [*rows.values()]

    def _seed(self, key: str, data: Json, own: Json) -> ResourceRecord | None:
        """A record that was there from the start: as it is, else with no more than it needs; None if that isn't fit."""
        record = ResourceRecord(key, merged(data, own))
        try:
            self._fit.check(record)
        except UnfitRecord:
            with suppress(UnfitRecord):
                return ResourceRecord(key, self._new(key, {}, None, own, _unanswered))
            return None
        return record

    def _missing(self, key: str) -> NotFound:
        creates = self.resource.operations.get(ResourceRole.CREATE)
        how = f" POST {creates.operation.path} creates one." if creates else ""
        return NotFound(hint=f"No {_singular(self.resource.name)} {named(key)}.{how}")


def _singular(name: str) -> str:
    """The name of a resource as one of its records is called."""
    last = name.rpartition("/")[2]
    return f"{last[:-3]}y" if last.endswith("ies") else last.removesuffix("s") if not last.endswith("ss") else last
