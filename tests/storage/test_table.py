"""mockserver.storage.table: filters, sorting and paging, compared with the same done to a plain list."""

import operator
import random  # noqa: TID251 (made-up rows and queries, the same in every run)
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count, product
from typing import Any

import pytest

from mockserver.storage.table import OPERATORS, Filter, Query, Table


@dataclass(frozen=True)
class Row:
    """A row with ties, gaps and all types that a table sorts by."""

    row_id: str
    kind: str
    size: float | None
    name: str | None
    flag: bool


FIELDS: dict[str, Callable[[Row], Any]] = {
    "kind": lambda row: row.kind,
    "size": lambda row: row.size,
    "name": lambda row: row.name,
    "flag": lambda row: row.flag,
}
KINDS = ("A", "B", "C")
NAMES = (None, "", "straße", "STRASSE", "Anna", "hannah")
COMPARISONS = {"lt": "lt", "lte": "le", "gt": "gt", "gte": "ge"}
OPERATORS_OF = {
    "kind": ("eq", "like", "hasValue"),
    "size": ("eq", "hasValue", "notHasValue", "lt", "lte", "gt", "gte"),
    "name": ("eq", "like", "hasValue", "notHasValue", "lt", "gte"),
    "flag": ("eq",),
}


class Naive:
    """What a table promises, in the plainest way: rows in a dict, which keeps a replaced row in its place."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}

    def matching(self, filters: tuple[Filter, ...]) -> list[Row]:
        """The rows that pass all filters."""
        return [row for row in self.rows.values() if all(_passes(FIELDS[f.field](row), f) for f in filters)]

    def sorted(self, query: Query) -> list[Row]:
        """All rows that pass, in their order; rows that the order doesn't tell apart, as they came."""
        rows = self.matching(query.filters)
        for field, descending in reversed(query.order):
            rows.sort(key=lambda row: _rank(FIELDS[field](row)), reverse=descending)
        return rows


def _passes(value: Any, condition: Filter) -> bool:
    match condition.operator:
        case "hasValue":
            return value is not None
        case "notHasValue":
            return value is None
        case "eq":
            return bool(value == condition.operand)
        case "like":
            return value is not None and condition.operand.casefold() in value.casefold()
        case comparison:
            return value is not None and bool(getattr(operator, COMPARISONS[comparison])(value, condition.operand))


def _rank(value: Any) -> tuple[Any, ...]:
    return (0,) if value is None else (1, value)


def _ranks(rows: list[Row], query: Query) -> list[tuple[Any, ...]]:
    return [tuple(_rank(FIELDS[field](row)) for field, _ in query.order) for row in rows]


class Chance:
    """Made-up rows, queries and changes."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 (not a secret)

    def row(self) -> Row:
        """A row of which the table may have the id already."""
        pick = self._random.choice
        row_id = f"r{self._random.randrange(60)}"
        return Row(row_id, pick(KINDS), pick([None, -1, 0, 1.5, 2, 3]), pick(NAMES), pick([True, False]))

    def query(self) -> Query:
        """A query with up to three filters and sort keys; some pages lie past the end."""
        filters = tuple(self._filter() for _ in range(self._random.randrange(4)))
        order = self._random.sample(sorted(FIELDS), self._random.randrange(4))
        directed = tuple((field, self._random.random() < 0.5) for field in order)
        return Query(filters, directed, self._random.randint(1, 5), self._random.randint(1, 20))

    def _filter(self) -> Filter:
        field = self._random.choice([*FIELDS, "kind", "kind"])
        return Filter(field, self._random.choice(OPERATORS_OF[field]), self._operand(field))

    def _operand(self, field: str) -> Any:
        choices = {"kind": (*KINDS, "a", "D"), "size": (-1, 0, 1, 2), "name": ("", "ss", "ANN", "Anna"), "flag": (0, 1)}
        return self._random.choice(choices[field])

    def change(self, table: Table[Row], naive: Naive) -> None:
        """Put or discard one row, in both."""
        row = self.row()
        if self._random.random() < 0.25:
            assert table.discard(row.row_id) is (naive.rows.pop(row.row_id, None) is not None)
        else:
            table.put(row.row_id, row)
            naive.rows[row.row_id] = row


def _filled(seed: int) -> tuple[Chance, Table[Row], Naive]:
    chance, table, naive = Chance(seed), Table(FIELDS, "kind"), Naive()
    for _ in range(100):
        chance.change(table, naive)
    return chance, table, naive


@pytest.mark.parametrize("seed", range(8))
def test_page_is_what_a_plain_list_gives(seed: int) -> None:
    """A page has the rows, in the order and with the counts, that filtering, sorting and slicing a list would give."""
    chance, table, naive = _filled(seed)

    for query in (chance.query() for _ in range(100)):
        chance.change(table, naive)
        page, expected = table.page(query), naive.sorted(query)
        start = (query.page - 1) * query.items_on_page
        window = expected[start : start + query.items_on_page]
        assert _ranks(page.rows, query) == _ranks(window, query), query
        assert query.order or page.rows == window, query
        assert (page.total, page.filtered) == (len(naive.rows), len(expected)), query


@pytest.mark.parametrize("seed", range(8))
def test_pages_show_each_row_once(seed: int) -> None:
    """Who turns all pages sees every row that passes the filters once, however many rows tie."""
    chance, table, naive = _filled(seed)

    for query in (chance.query() for _ in range(30)):
        pages = (table.page(Query(query.filters, query.order, page, 7)).rows for page in count(1))
        seen = [row for rows in iter(pages.__next__, []) for row in rows]
        expected = naive.matching(query.filters)
        assert sorted(row.row_id for row in seen) == sorted(row.row_id for row in expected), query


@pytest.mark.parametrize("seed", range(3))
def test_rows_are_kept_by_id(seed: int) -> None:
    """A table is as long as it has ids, gives the latest row of each, and goes through them as they came."""
    _, table, naive = _filled(seed)

    assert len(table) == len(naive.rows)
    assert list(table) == list(naive.rows.values())
    assert [table.get(f"r{n}") for n in range(60)] == [naive.rows.get(f"r{n}") for n in range(60)]


def test_every_operator_is_tried() -> None:
    """No operator escapes the comparison."""
    assert {operator for operators in OPERATORS_OF.values() for operator in operators} == set(OPERATORS)


@pytest.mark.parametrize("order", [(), (("size", True),), (("size", False), ("name", True))])
@pytest.mark.parametrize("filters", [(), (Filter("kind", "eq", "A"),), (Filter("name", "like", "a"),)])
def test_page_past_the_end_is_empty(filters: tuple[Filter, ...], order: tuple[tuple[str, bool], ...]) -> None:
    """Far past the end, a page is empty, and the counts are what they are on every page."""
    _, table, naive = _filled(1)

    page = table.page(Query(filters, order, page=2**31 - 1, items_on_page=50))

    assert (page.rows, page.total, page.filtered) == ([], len(naive.rows), len(naive.matching(filters)))


def test_replaced_row_moves_between_partitions() -> None:
    """A row that is replaced is found by its new values only, and keeps its place."""
    table: Table[Row] = Table(FIELDS, "kind")
    for row_id, kind in (("1", "A"), ("2", "A"), ("3", "B")):
        table.put(row_id, Row(row_id, kind, 1, None, flag=True))

    table.put("1", Row("1", "B", 2, None, flag=True))

    by_kind = {kind: [row.row_id for row in table.page(_of_kind(kind)).rows] for kind in "AB"}
    assert by_kind == {"A": ["2"], "B": ["1", "3"]}


def test_emptied_table_starts_anew() -> None:
    """A table whose rows are all discarded is empty in every view, and can be filled again."""
    table: Table[Row] = Table(FIELDS, "kind")
    row = Row("1", "A", 1, None, flag=True)
    for _ in range(2):
        table.put("1", row)
        assert table.page(_of_kind("A")).rows == [row]
        assert table.discard("1")

    assert not table.discard("1")
    assert (list(table), table.page(Query()).rows, table.page(_of_kind("A")).rows) == ([], [], [])


def _table_of(rows: int) -> Table[Row]:
    table: Table[Row] = Table(FIELDS, "kind")
    for n in range(rows):
        table.put(str(n), Row(str(n), KINDS[n % 3], n % 7, None, flag=True))
    return table


def _calls(act: Callable[[], object]) -> int:
    """How many calls an action makes: of getters, and of everything else that it does once per row."""
    events: list[str] = []
    profiler = sys.getprofile()
    sys.setprofile(lambda _frame, event, _: events.append(event))
    try:
        act()
    finally:
        sys.setprofile(profiler)
    return len(events)


SLACK = 200  # calls; a scan of three thousand rows makes ten times as many
INDEXED = [
    Query(),
    Query(order=(("size", False),)),
    Query(order=(("size", True),), page=2),
    Query((Filter("kind", "eq", "A"),)),
    Query((Filter("kind", "eq", "A"),), (("size", True),)),
]


@pytest.mark.parametrize("query", INDEXED)
def test_page_from_an_index_looks_at_no_other_row(query: Query) -> None:
    """A page from an index costs about the same at thirty rows and at three thousand, once the index is there."""
    few, many = _table_of(30), _table_of(3000)
    for table in (few, many):
        table.page(query)

    costs = [_calls(lambda: few.page(query)), _calls(lambda: many.page(query))]

    assert costs[1] < costs[0] + SLACK


def test_change_of_an_indexed_row_looks_at_no_other_row() -> None:
    """Replacing and discarding a row costs about the same at thirty rows and at three thousand, indexes included."""
    few, many = _table_of(30), _table_of(3000)
    for table, query in product((few, many), INDEXED):
        table.page(query)

    row = Row("7", "B", 5, None, flag=True)
    puts = [_calls(lambda: few.put("7", row)), _calls(lambda: many.put("7", row))]
    discards = [_calls(lambda: few.discard("7")), _calls(lambda: many.discard("7"))]

    assert puts[1] < puts[0] + SLACK
    assert discards[1] < discards[0] + SLACK


def test_query_without_parameters_is_the_first_page() -> None:
    """No parameters mean the first ten rows, unfiltered, as they came."""
    assert Query.from_parameters({}, convert={}) == Query((), (), 1, 10)


def test_query_reads_list_parameters() -> None:
    """Filters, order and page are read from the API's parameters; a field without operator is compared for equality."""
    parameters = {"url": "x", "url[like]": "y", "_orderBy": {"a": "desc", "b": "asc"}, "_page": 3, "_itemsOnPage": 50}

    query = Query.from_parameters(parameters, convert={})

    filters = (Filter("url", "eq", "x"), Filter("url", "like", "y"))
    assert query == Query(filters, (("a", True), ("b", False)), 3, 50)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("size", Filter("size", "eq", 7.0)),
        ("size[gte]", Filter("size", "gte", 7.0)),
        ("size[hasValue]", Filter("size", "hasValue", "7")),
        ("size[notHasValue]", Filter("size", "notHasValue", "7")),
        ("name[lt]", Filter("name", "lt", "7")),
    ],
)
def test_query_converts_what_is_compared(name: str, expected: Filter) -> None:
    """The text of a field is converted to what the table compares, but not where its presence alone counts."""
    assert Query.from_parameters({name: "7"}, convert={"size": float}).filters == (expected,)


def _of_kind(kind: str) -> Query:
    return Query((Filter("kind", "eq", kind),))
