"""Records of resources that were recognised in a contract: kept as JSON, in the order in which they were created.

`ResourceRecords` is a protocol of whole intentions, as `State` is. A collection that nobody has changed yet consists
of its `Seeds`, which are always the same; they are stored with the first change, in the same step.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from typing import Any, NamedTuple, Protocol

from mockserver.storage.model import Json
from mockserver.storage.record_bounds import is_within
from mockserver.turns import Turns

MOST_REPEATED = 200  # taken keys that are made again, before there seem to be no others


class Collection(NamedTuple):
    """A collection of records: the name of its resource, and the values of the path parameters that it is in, as the
    ids of the records around it."""

    resource: str
    within: tuple[str, ...] = ()


class ResourceRecord(NamedTuple):
    """A record: its id, as paths write it, and all that is known of it."""

    key: str
    data: Json


Seeds = Callable[[], Sequence[ResourceRecord]]
Make = Callable[[int], ResourceRecord]  # of a number that no other record of the resource was made of
Change = Callable[[Json | None], Json | None]


class Placed(NamedTuple):
    """A record that is about to be added to a collection."""

    collection: Collection
    record: ResourceRecord
    seeds: Seeds


class NoFreeKey(Exception):
    """The keys that are made are all taken."""


class TakenKeys:
    """The keys that were made and are taken: whoever makes the same ones again and again has no other."""

    def __init__(self) -> None:
        self._keys: set[Hashable] = set()
        self._repeated = 0

    def add(self, key: Hashable) -> None:
        """Note a key that is taken. Raises NoFreeKey."""
        self._repeated += key in self._keys
        self._keys.add(key)
        if self._repeated >= MOST_REPEATED:
            raise NoFreeKey


class RecordQuery(NamedTuple):
    """A query of a list: `equal` are the values that fields must have, by their places: one of a list of values, or of
    a set of their texts (`any_of`), which is looked up at once; a field that is a list has to contain it. `order` are
    the places to sort by, each with whether descending, the most significant first. `size` is None for all from
    `offset` on. `search` is a text that one of the texts of a record contains, in whatever case. `bounds` are
    comparisons of fields, by their places: `eq`, `lt`, `lte`, `gt`, `gte` or `like`; texts that are moments are
    compared as such."""

    equal: Mapping[tuple[str, ...], Any] = {}
    order: tuple[tuple[tuple[str, ...], bool], ...] = ()
    offset: int = 0
    size: int | None = None
    search: str = ""
    bounds: tuple[tuple[tuple[str, ...], str, Any], ...] = ()

    @property
    def takes_all(self) -> bool:
        """Whether it leaves no record out."""
        return not (self.equal or self.search or self.bounds)


class FoundRecords(NamedTuple):
    """A part of a list, and how many records the whole has; `all` is how many there are without its filters, None for
    as many, or if nobody has asked."""

    rows: Sequence[ResourceRecord]
    total: int
    all: int | None = None


class ResourceRecords(Protocol):
    """The records of all resources of a mock."""

    async def add(self, collection: Collection, make: Make, seeds: Seeds) -> ResourceRecord:
        """Add what `make` makes; if its key is taken, another one is made. Raises NoFreeKey, by `TakenKeys`."""

    async def get(self, collection: Collection, key: str, seeds: Seeds) -> ResourceRecord | None:
        """The record with this key; None if there is none."""

    async def change(self, collection: Collection, key: str, change: Change, seeds: Seeds) -> Json | None:
        """What the record with this key is after a change, which gets what it is now, None for nothing; None if there
        is nothing after it either. What `change` raises changes nothing."""

    async def remove(
        self,
        collection: Collection,
        key: str,
        seeds: Seeds,
        children: Sequence[str] = (),
        ended: Sequence[Collection] = (),
    ) -> bool:
        """Remove a record, and forget all collections of these resources that are in it, but those that are `ended`:
        they have nothing from now on, as they would begin with seeds again. Whether there was a record."""

    async def find(self, collection: Collection, query: RecordQuery, seeds: Seeds) -> FoundRecords:
        """The part of a collection that a query asks for."""

    async def numbers(self, resource: str, count: int) -> int:
        """The first of so many numbers in a row that no record of a resource was made of, or will be by `add`."""

    async def add_all(self, placed: Sequence[Placed]) -> list[int]:
        """Add records, all of them or none. Returns the indices of those whose keys aren't free, or were before in the
        list."""

    async def begin(self, collection: Collection, rows: Sequence[ResourceRecord]) -> None:
        """Have these records in a collection that nobody has changed yet, in place of its seeds."""

    async def used(self, resources: Sequence[str]) -> list[Collection]:
        """The collections of these resources that were changed, the oldest first."""

    async def forget(self, collections: Sequence[Collection], resources: Sequence[str] = ()) -> None:
        """Forget collections, which begin with their seeds again, and the numbers that were drawn for resources."""


class MemoryResourceRecords:
    """Records in the memory of this process. Every intention is atomic, as none awaits."""

    def __init__(self) -> None:
        self._collections: dict[Collection, dict[str, Json]] = {}
        self._inside: dict[tuple[str, ...], dict[Collection, None]] = {}  # by the path of a record around them
        self._numbers: dict[str, int] = {}

    async def add(self, collection: Collection, make: Make, seeds: Seeds) -> ResourceRecord:
        """As the protocol says."""
        rows, number, taken = self._rows(collection, seeds), self._numbers.get(collection.resource, 0), TakenKeys()
        while True:
            number += 1
            made = make(number)
            if made.key not in rows:
                break
            taken.add(made.key)
        self._numbers[collection.resource] = number
        self._opened(collection, seeds)[made.key] = made.data
        return made

    async def get(self, collection: Collection, key: str, seeds: Seeds) -> ResourceRecord | None:
        """As the protocol says."""
        data = self._rows(collection, seeds).get(key)
        return None if data is None else ResourceRecord(key, data)

    async def change(self, collection: Collection, key: str, change: Change, seeds: Seeds) -> Json | None:
        """As the protocol says."""
        data = change(self._rows(collection, seeds).get(key))
        if data is not None:
            self._opened(collection, seeds)[key] = data
        return data

    async def remove(
        self,
        collection: Collection,
        key: str,
        seeds: Seeds,
        children: Sequence[str] = (),
        ended: Sequence[Collection] = (),
    ) -> bool:
        """As the protocol says."""
        if key not in self._rows(collection, seeds):
            return False
        del self._opened(collection, seeds)[key]
        inside = self._inside.get((*collection.within, key), ())
        await self.forget([one for one in inside if one.resource in children])
        for one in ended:
            self._opened(one, tuple)
        return True

    async def find(self, collection: Collection, query: RecordQuery, seeds: Seeds) -> FoundRecords:
        """As the protocol says."""
        rows = self._rows(collection, seeds)
        if query.order or not query.takes_all:
            return selected(map(ResourceRecord._make, rows.items()), query)
        end = None if query.size is None else query.offset + query.size
        return FoundRecords([*map(ResourceRecord._make, islice(rows.items(), query.offset, end))], len(rows))

    async def numbers(self, resource: str, count: int) -> int:
        """As the protocol says."""
        first = self._numbers.get(resource, 0) + 1
        self._numbers[resource] = first + count - 1
        return first

    async def add_all(self, placed: Sequence[Placed]) -> list[int]:
        """As the protocol says."""
        for one in placed:
            self._opened(one.collection, one.seeds)
        taken = [
            index
            for index, is_first in enumerate(first_of_each(placed))
            if not is_first or placed[index].record.key in self._collections[placed[index].collection]
        ]
        for collection, record, _ in () if taken else placed:
            self._collections[collection][record.key] = record.data
        return taken

    async def begin(self, collection: Collection, rows: Sequence[ResourceRecord]) -> None:
        """As the protocol says."""
        self._opened(collection, lambda: rows)

    async def used(self, resources: Sequence[str]) -> list[Collection]:
        """As the protocol says."""
        return [one for one in self._collections if one.resource in resources]

    async def forget(self, collections: Sequence[Collection], resources: Sequence[str] = ()) -> None:
        """As the protocol says."""
        for one in collections:
            self._collections.pop(one, None)
            for depth in range(1, len(one.within) + 1):
                inside = self._inside.get(one.within[:depth], {})
                inside.pop(one, None)
                if not inside:
                    self._inside.pop(one.within[:depth], None)
        for resource in resources:
            self._numbers.pop(resource, None)

    # ---------------------------------------------------------------- the whole, for `MemoryState`
    def as_json(self) -> dict[str, Any]:
        """All records in the form of `Snapshot` in control.yaml; long lists are iterators, which later changes don't
        reach."""
        rows = [(collection, [*rows.items()]) for collection, rows in self._collections.items()]
        return {
            "collections": iter([{"resource": one.resource, "within": [*one.within]} for one, _ in rows]),
            "records": chain.from_iterable(_as_rows(collection, found) for collection, found in rows),
            "numbers": dict(self._numbers),
        }

    @classmethod
    async def of(cls, snapshot: Json, turns: Turns) -> "MemoryResourceRecords":
        """The records of a snapshot whose parts fit together."""
        made = cls()
        async for row in turns.over(snapshot.get("collections", ())):
            made._opened(collection_of(row), tuple)
        async for row in turns.over(snapshot.get("records", ())):
            made._opened(collection_of(row), tuple)[row["key"]] = row["data"]
        made._numbers = dict(snapshot.get("numbers", {}))
        return made

    def adopt(self, other: "MemoryResourceRecords") -> Iterator[dict[str, Json]]:
        """Have the records of another one in place of those here, which are returned for `Turns.let_go`."""
        left = self._collections
        self._collections, self._inside = other._collections, other._inside  # noqa: SLF001 (another one of its kind)
        self._numbers = other._numbers  # noqa: SLF001
        return iter(left.values())

    def _rows(self, collection: Collection, seeds: Seeds) -> Mapping[str, Json]:
        """The records of a collection, to look at: reading stores nothing, as anybody can name new collections."""
        rows = self._collections.get(collection)
        return {row.key: row.data for row in seeds()} if rows is None else rows

    def _opened(self, collection: Collection, seeds: Seeds) -> dict[str, Json]:
        rows = self._collections.get(collection)
        if rows is None:
            rows = self._collections[collection] = {row.key: row.data for row in seeds()}
            for depth in range(1, len(collection.within) + 1):
                self._inside.setdefault(collection.within[:depth], {})[collection] = None
        return rows


def collection_of(row: Json) -> Collection:
    """The collection that a row of a snapshot names."""
    return Collection(row["resource"], tuple(row["within"]))


def as_row(collection: Collection, key: str, data: Json) -> dict[str, Any]:
    """A record as a row of a snapshot."""
    return {"resource": collection.resource, "within": [*collection.within], "key": key, "data": data}


def _as_rows(collection: Collection, rows: Iterable[tuple[str, Json]]) -> Iterator[dict[str, Any]]:
    return (as_row(collection, key, data) for key, data in rows)


def first_of_each(placed: Iterable[Placed]) -> Iterator[bool]:
    """Of each record that is about to be added, whether no other one before it has its key in its collection."""
    seen: set[tuple[Collection, str]] = set()
    for one in placed:
        name = one.collection, one.record.key
        yield name not in seen
        seen.add(name)


def selected(rows: Iterable[ResourceRecord], query: RecordQuery) -> FoundRecords:
    """The part that a query asks for of the records of a collection, which come in the order of their creation."""
    return arranged([*rows] if query.takes_all else [row for row in rows if fits(row.data, query)], query)


def arranged(found: list[ResourceRecord], query: RecordQuery) -> FoundRecords:
    """The part that a query asks for of the records that its filter lets pass, in its order."""
    for place, descending in reversed(query.order):
        found.sort(key=partial(_sort_key, place), reverse=descending)
    end = None if query.size is None else query.offset + query.size
    return FoundRecords(found[query.offset : end], len(found))


def any_of(values: Iterable[Any]) -> frozenset[str]:
    """What a field has to be one of, however many there are."""
    return frozenset(map(_text, values))


def value_at(data: Any, place: Sequence[str]) -> Any:
    """The value at a place of JSON; None if there is none."""
    for step in place:
        data = data.get(step) if isinstance(data, Mapping) else None
    return data


def fits(data: Json, query: RecordQuery) -> bool:
    """Whether a record has the values and the text that a query asks for, and is within its bounds."""
    for place, wanted in query.equal.items():  # a loop, as it is gone through for each record of a list
        value = data.get(place[0]) if len(place) == 1 else value_at(data, place)
        if not _is_wanted(value, wanted):
            return False
    if not all(is_within(value_at(data, place), how, bound) for place, how, bound in query.bounds):
        return False
    return not query.search or _contains(data, query.search.casefold())


def _contains(data: Json, text: str) -> bool:
    return any(text in value.casefold() for value in data.values() if isinstance(value, str))


def _is_wanted(value: Any, wanted: Any) -> bool:
    if type(value) is type(wanted) is str:
        return bool(value == wanted)
    if isinstance(wanted, list):
        return any(_is_wanted(value, one) for one in wanted)
    if isinstance(value, list):
        return any(_is_wanted(one, wanted) for one in value)
    if isinstance(wanted, frozenset):
        return value is not None and _text(value) in wanted
    return bool(value == wanted) if type(value) is type(wanted) else _text(value) == _text(wanted)


def _text(value: Any) -> str:
    """A scalar as queries write it: what is a number in one schema may be a text in the other."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sort_key(place: Sequence[str], row: ResourceRecord) -> tuple[int, Any]:
    """A key by which values of several types can be sorted: numbers, texts, then the rest."""
    value = value_at(row.data, place)
    if isinstance(value, int | float):
        return (0, value)
    return (1, value) if isinstance(value, str) else (2, 0)
