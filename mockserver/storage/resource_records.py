"""Records of resources that were recognised in a contract: kept as JSON, in the order in which they were created.

`ResourceRecords` is a protocol of whole intentions, as `State` is. A collection that nobody has changed yet consists
of its `Seeds`, which are always the same; they are stored with the first change, in the same step.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, NamedTuple, Protocol

from mockserver.storage.model import Json


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


class RecordQuery(NamedTuple):
    """A query of a list: `equal` are the values that fields must have, by their places: one of a list of values; a
    field that is a list has to contain it. `order` are the places to sort by, each with whether descending, the most
    significant first. `size` is None for all from `offset` on. `search` is a text that one of the texts of a record
    contains, in whatever case."""

    equal: Mapping[tuple[str, ...], Any] = {}
    order: tuple[tuple[tuple[str, ...], bool], ...] = ()
    offset: int = 0
    size: int | None = None
    search: str = ""


class FoundRecords(NamedTuple):
    """A part of a list, and how many records the whole has."""

    rows: Sequence[ResourceRecord]
    total: int


class ResourceRecords(Protocol):
    """The records of all resources of a mock."""

    async def add(self, collection: Collection, make: Make, seeds: Seeds) -> ResourceRecord:
        """Add what `make` makes; if its key is taken, another one is made."""

    async def get(self, collection: Collection, key: str, seeds: Seeds) -> ResourceRecord | None:
        """The record with this key; None if there is none."""

    async def change(self, collection: Collection, key: str, change: Change, seeds: Seeds) -> Json | None:
        """What the record with this key is after a change, which gets what it is now, None for nothing; None if there
        is nothing after it either. What `change` raises changes nothing."""

    async def remove(self, collection: Collection, key: str, seeds: Seeds, children: Sequence[str] = ()) -> bool:
        """Remove a record, and all collections of these resources that are in it. Whether there was one."""

    async def find(self, collection: Collection, query: RecordQuery, seeds: Seeds) -> FoundRecords:
        """The part of a collection that a query asks for."""

    def clear(self) -> None:
        """Forget everything: each collection begins with its seeds again."""


class MemoryResourceRecords:
    """Records in the memory of this process. Every intention is atomic, as none awaits."""

    def __init__(self) -> None:
        self._collections: dict[Collection, dict[str, Json]] = {}
        self._numbers: dict[str, int] = {}

    async def add(self, collection: Collection, make: Make, seeds: Seeds) -> ResourceRecord:
        """As the protocol says."""
        rows, number = self._rows(collection, seeds), self._numbers.get(collection.resource, 0)
        while True:
            number += 1
            made = make(number)
            if made.key not in rows:
                break
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

    async def remove(self, collection: Collection, key: str, seeds: Seeds, children: Sequence[str] = ()) -> bool:
        """As the protocol says."""
        if key not in self._rows(collection, seeds):
            return False
        del self._opened(collection, seeds)[key]
        path = (*collection.within, key)
        for one in [*self._collections] if children else ():
            if one.resource in children and one.within[: len(path)] == path:
                self._collections[one] = {}  # and not its seeds: they went with the record around them
        return True

    async def find(self, collection: Collection, query: RecordQuery, seeds: Seeds) -> FoundRecords:
        """As the protocol says."""
        rows = self._rows(collection, seeds)
        end = None if query.size is None else query.offset + query.size
        if not query.equal and not query.order and not query.search:
            return FoundRecords([*map(ResourceRecord._make, islice(rows.items(), query.offset, end))], len(rows))
        found = [ResourceRecord(key, data) for key, data in rows.items() if _fits(data, query.equal)]
        if query.search:
            found = [row for row in found if _contains(row.data, query.search.casefold())]
        for place, descending in reversed(query.order):
            found.sort(key=partial(_sort_key, place), reverse=descending)
        return FoundRecords(found[query.offset : end], len(found))

    def clear(self) -> None:
        """As the protocol says."""
        self._collections, self._numbers = {}, {}

    def _rows(self, collection: Collection, seeds: Seeds) -> Mapping[str, Json]:
        """The records of a collection, to look at: reading stores nothing, as anybody can name new collections."""
        rows = self._collections.get(collection)
        return {row.key: row.data for row in seeds()} if rows is None else rows

    def _opened(self, collection: Collection, seeds: Seeds) -> dict[str, Json]:
        rows = self._collections.get(collection)
        if rows is None:
            rows = self._collections[collection] = {row.key: row.data for row in seeds()}
        return rows


def value_at(data: Any, place: Sequence[str]) -> Any:
    """The value at a place of JSON; None if there is none."""
    for step in place:
        data = data.get(step) if isinstance(data, Mapping) else None
    return data


def _fits(data: Json, equal: Mapping[tuple[str, ...], Any]) -> bool:
    for place, wanted in equal.items():  # a loop, as it is gone through for each record of a list
        value = data.get(place[0]) if len(place) == 1 else value_at(data, place)
        if not _is_wanted(value, wanted):
            return False
    return True


def _contains(data: Json, text: str) -> bool:
    return any(text in value.casefold() for value in data.values() if isinstance(value, str))


def _is_wanted(value: Any, wanted: Any) -> bool:
    if type(value) is type(wanted) is str:
        return bool(value == wanted)
    if isinstance(wanted, list):
        return any(_is_wanted(value, one) for one in wanted)
    if isinstance(value, list):
        return any(_is_wanted(one, wanted) for one in value)
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
