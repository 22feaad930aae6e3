"""mockserver.world.memory.list_queries: from query parameters to a query, and to the figures of a list."""

from time import process_time  # noqa: TID251 (that reading takes no time)
from typing import Any

import pytest

from mockserver.openapi.resources import ListForm, Paging, Sorting
from mockserver.storage.resource_records import RecordQuery, fits
from mockserver.world.memory.list_queries import ListQueries

PAGES = Paging("size", "page", "pages", 1, 20)
FIELDS = dict.fromkeys(("name", "createdAt", "tag"), "")
FORM = ListForm("", "", ("items",), {}, PAGES, {"tag": ("tag",)}, Sorting("sort", "order"))


@pytest.mark.parametrize(
    ("query", "offset", "size"),
    [
        ({}, 0, 20),
        ({"page": 3, "size": 5}, 10, 5),
        ({"page": 0, "size": 5}, 0, 5),
        ({"size": -1}, 0, None),
    ],
)
def test_pages(query: dict[str, Any], offset: int, size: int | None) -> None:
    """A page begins where those before it end."""
    assert ListQueries(FORM, FIELDS).of(query) == RecordQuery({}, (), offset, size)


def test_offsets_count_records() -> None:
    """An offset is taken as it is."""
    form = FORM._replace(paging=Paging("limit", "offset", "records", 0))

    assert ListQueries(form, FIELDS).of({"offset": 7, "limit": 2}) == RecordQuery({}, (), 7, 2)


def test_cursors_are_those_that_were_told() -> None:
    """A cursor is the offset that an answer has told; any other text begins at the start."""
    form = FORM._replace(paging=Paging("limit", "cursor", "cursor", 0))

    assert ListQueries(form, FIELDS).of({"cursor": "4", "limit": 2}).offset == 4
    assert ListQueries(form, FIELDS).of({"cursor": "x", "limit": 2}).offset == 0


@pytest.mark.parametrize("counts", ["pages", "records", "cursor"])
@pytest.mark.parametrize("start", [2**63 - 1, "9" * 5000, 3])
def test_parts_are_within_what_storage_counts(counts: str, start: Any) -> None:
    """A part that begins behind all records is empty, however far behind it is."""
    form = FORM._replace(paging=Paging("limit", "start", counts, 0))

    asked = ListQueries(form, FIELDS).of({"start": start, "limit": 2**63 - 1})

    assert asked.offset + (asked.size or 0) < 2**63


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ({"sort": "name"}, ((("name",), False),)),
        ({"sort": "-created_at"}, ((("createdAt",), True),)),
        ({"sort": "name:desc"}, ((("name",), True),)),
        ({"sort": "name", "order": "DESC"}, ((("name",), True),)),
        ({"sort": ["name"], "order": "asc"}, ((("name",), False),)),
        ({"sort": "-tag, name"}, ((("tag",), True), (("name",), False))),
        ({"sort": {"created_at": "desc", "name": "asc"}}, ((("createdAt",), True), (("name",), False))),
        ({"sort": "unknown"}, ()),
        ({"sort": "-tag:asc"}, ((("tag",), True),)),
        ({"sort": " + name"}, ()),
        ({"sort": "name," * 1000 + "-name,tag"}, ((("name",), False), (("tag",), False))),
        ({"sort": " " * 300 + "name:" + " " * 300 + "desc"}, ()),
        ({}, ()),
    ],
)
def test_orders(query: dict[str, Any], order: object) -> None:
    """The usual ways to say by what a list is sorted, and in which direction."""
    assert ListQueries(FORM, FIELDS).of(query).order == order


@pytest.mark.parametrize("unit", ["+", " ", ":", "a ", "\n"])
def test_words_of_any_length_are_read_at_once(unit: str) -> None:
    """A word too long to name a field is none, and takes no time that grows with the square of its length."""
    began = process_time()

    assert ListQueries(FORM, FIELDS).of({"sort": "name" + unit * 100_000 + "x"}).order == ()
    assert process_time() - began < 1


def test_a_list_is_sorted_by_few_fields() -> None:
    """Ten fields are enough, whatever is asked for."""
    names = [f"field{number}" for number in range(100)]

    order = ListQueries(FORM, dict.fromkeys(names, "")).of({"sort": names}).order

    assert order == tuple(((name,), False) for name in names[:10])


def test_a_filter_may_have_many_values() -> None:
    """A list of values is one lookup for each record, whatever the types of both."""
    asked = ListQueries(FORM, FIELDS).of({"tag": [*range(10_000), True, "dog"]})
    began = process_time()

    found = [fits({"tag": tag}, asked) for tag in (7, "7", "dog", ["cat", "dog"], True, None, "cat", [])]
    assert found == [True] * 5 + [False] * 3
    assert not any(fits({"tag": "cat"}, asked) for _ in range(2000))
    assert process_time() - began < 1


def test_bounds_are_those_that_are_asked_for() -> None:
    """A parameter that compares does so with its value, if it is sent."""
    form = FORM._replace(bounds={"rank[lt]": (("rank",), "lt"), "rank[gt]": (("rank",), "gt")})

    assert ListQueries(form, FIELDS).of({"rank[lt]": 3, "rank[gt]": None}).bounds == ((("rank",), "lt", 3),)
