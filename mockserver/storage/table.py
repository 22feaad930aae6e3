"""Rows in memory with indexes: filters, sorting and paging as all lists of the API have them (vendor-facts §1.2).

A page of a list costs about the same at ten rows and at a hundred thousand, as long as it has at most one sort key and
no filter but equality on the partition field; other filters look at every candidate row.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Generic, NamedTuple, TypeVar

from sortedcontainers import SortedList

Row = TypeVar("Row")
Value = str | float | bool | None
Getter = Callable[[Row], Value]

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, wanted: bool(value == wanted),
    "like": lambda value, wanted: value is not None and wanted.casefold() in value.casefold(),
    "hasValue": lambda value, _: value is not None,
    "notHasValue": lambda value, _: value is None,
    "lt": lambda value, limit: value is not None and value < limit,
    "lte": lambda value, limit: value is not None and value <= limit,
    "gt": lambda value, limit: value is not None and value > limit,
    "gte": lambda value, limit: value is not None and value >= limit,
}


class Filter(NamedTuple):
    """A condition on one field; `operator` is a key of OPERATORS."""

    field: str
    operator: str
    operand: Any


class Query(NamedTuple):
    """A query for one page. All filters must hold; `order` lists (field, descending), the most significant first."""

    filters: tuple[Filter, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    page: int = 1
    items_on_page: int = 10

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any], convert: Mapping[str, Callable[[Any], Value]]) -> "Query":
        """The query in validated list parameters: `field`, `field[operator]`, `_orderBy`, `_page`,
        `_itemsOnPage`. `convert` turns a field's text into what the table compares."""
        filters = []
        for name, value in parameters.items():
            if not name.startswith("_"):
                field, _, operator = name.removesuffix("]").partition("[")
                operand = convert[field](value) if field in convert and "asValue" not in operator else value
                filters.append(Filter(field, operator or "eq", operand))
        order = tuple((field, direction == "desc") for field, direction in parameters.get("_orderBy", {}).items())
        return cls(tuple(filters), order, parameters.get("_page", 1), parameters.get("_itemsOnPage", 10))


class Page(NamedTuple, Generic[Row]):
    """The rows of one page, with the number of all rows and of those that pass the filters."""

    rows: list[Row]
    total: int
    filtered: int


class Table(Generic[Row]):
    """Rows by id, in the order in which they were added.

    `fields` are those that queries filter and sort by. `partition_by` names the field whose equality filter has an
    index. New rows are indexed lazily, by the next query or change of a row: adding is cheap, and a table that is never
    queried has no index.
    """

    def __init__(self, fields: Mapping[str, Getter[Row]], partition_by: str) -> None:
        self._fields = fields
        self._partition_by = partition_by
        self._whole: _Partition[Row] = _Partition(fields)
        self._parts: dict[Value, _Partition[Row]] = {}
        self.rows: dict[str, Row] = {}  # by their ids; to look at, not to change
        self._arrivals: dict[str, int] = {}  # of the rows that are indexed
        self._new: list[str] = []  # those that are not yet
        self._last_arrival = 0

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())

    def contents(self) -> "tuple[list[Any] | dict[Any, Any], ...]":
        """Containers that may be large, for `Turns.let_go`."""
        parts = (self._whole, *self._parts.values())
        return self.rows, self._arrivals, self._new, *(part.rows for part in parts)

    def get(self, row_id: str) -> Row | None:
        """The row, or None."""
        return self.rows.get(row_id)

    def put(self, row_id: str, row: Row) -> None:
        """Add a row, or replace the one that has this id; the new one keeps its place in the order."""
        if row_id in self.rows:
            self._index_new()
            arrival = self._forget(row_id)
            self.rows[row_id] = row
            self._index(row_id, arrival)
        else:
            self.rows[row_id] = row
            self._new.append(row_id)

    def discard(self, row_id: str) -> bool:
        """Remove a row; returns whether it existed."""
        if row_id not in self.rows:
            return False
        self._index_new()
        self._forget(row_id)
        del self.rows[row_id]
        return True

    def page(self, query: Query) -> Page[Row]:
        """One page of a query; a page past the end is empty."""
        self._index_new()
        partition, conditions = self._narrow(query.filters)
        start = (query.page - 1) * query.items_on_page
        if not conditions:
            rows = partition.ordered(query.order, start)
            return Page(list(islice(rows, query.items_on_page)), len(self), len(partition))
        matching = [row for row in partition.ordered(query.order) if self._holds(row, conditions)]
        return Page(matching[start : start + query.items_on_page], len(self), len(matching))

    def _index_new(self) -> None:
        for row_id in self._new:
            self._last_arrival += 1
            self._index(row_id, self._last_arrival)
        self._new.clear()

    def _index(self, row_id: str, arrival: int) -> None:
        row = self.rows[row_id]
        self._arrivals[row_id] = arrival
        for partition in self._partitions_of(row):
            partition.add(arrival, row)

    def _forget(self, row_id: str) -> int:
        """Remove a row from the indexes; returns its place in the order."""
        arrival, row = self._arrivals.pop(row_id), self.rows[row_id]
        for partition in self._partitions_of(row):
            partition.remove(arrival, row)
        part = self._fields[self._partition_by](row)
        if not len(self._parts[part]):
            del self._parts[part]
        return arrival

    def _partitions_of(self, row: Row) -> "tuple[_Partition[Row], _Partition[Row]]":
        key = self._fields[self._partition_by](row)
        part = self._parts.get(key)
        if part is None:
            part = self._parts[key] = _Partition(self._fields)
        return self._whole, part

    def _narrow(self, filters: Iterable[Filter]) -> "tuple[_Partition[Row], list[Filter]]":
        """The smallest partition that holds all candidates, and the conditions that are left to check."""
        partition, conditions = self._whole, []
        for condition in filters:
            if (condition.field, condition.operator) == (self._partition_by, "eq") and partition is self._whole:
                partition = self._parts.get(condition.operand) or _Partition(self._fields)
            else:
                conditions.append(condition)
        return partition, conditions

    def _holds(self, row: Row, conditions: list[Filter]) -> bool:
        return all(OPERATORS[operator](self._fields[field](row), operand) for field, operator, operand in conditions)


class _Partition(Generic[Row]):
    """Rows with their sorted orders. An order is built with its first use, and kept up to date afterwards."""

    def __init__(self, fields: Mapping[str, Getter[Row]]) -> None:
        self._fields = fields
        self.rows: dict[int, Row] = {}
        self._orders: dict[str | None, Any] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def add(self, arrival: int, row: Row) -> None:
        self.rows[arrival] = row
        if not self._orders:
            return
        for field, order in self._orders.items():
            order.add(self._key(field, arrival, row))

    def remove(self, arrival: int, row: Row) -> None:
        del self.rows[arrival]
        for field, order in self._orders.items():
            order.remove(self._key(field, arrival, row))

    def ordered(self, order: tuple[tuple[str, bool], ...], start: int = 0) -> Iterator[Row]:
        """The rows from position `start` on; without an order, in that of their arrival."""
        if len(order) > 1:
            return islice(iter(self._sorted(order)), start, None)
        field, descending = order[0] if order else (None, False)
        index = self._index(field)
        stop = len(index) - start
        keys = index.islice(0, stop, reverse=True) if descending else index.islice(start)
        return (self.rows[arrival] for *_, arrival in keys) if stop > 0 else iter(())

    def _sorted(self, order: tuple[tuple[str, bool], ...]) -> list[Row]:
        rows = list(self.ordered(()))
        for field, descending in reversed(order):
            rows.sort(key=lambda row: _sortable(self._fields[field](row)), reverse=descending)
        return rows

    def _index(self, field: str | None) -> Any:
        if field not in self._orders:
            keys = (self._key(field, arrival, row) for arrival, row in self.rows.items())
            self._orders[field] = SortedList(keys)
        return self._orders[field]

    def _key(self, field: str | None, arrival: int, row: Row) -> tuple[Any, ...]:
        return (arrival,) if field is None else (_sortable(self._fields[field](row)), arrival)


def _sortable(value: Value) -> tuple[bool, Any]:
    return (value is not None, value)
