"""mockserver.world.memory.list_queries: from query parameters to a query, and to the figures of a list."""

from typing import Any

import pytest

from mockserver.openapi.resources import ListForm, Paging, Sorting
from mockserver.storage.resource_records import FoundRecords, RecordQuery
from mockserver.world.memory.list_queries import ListQueries, listed

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


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ({"sort": "name"}, ((("name",), False),)),
        ({"sort": "-created_at"}, ((("createdAt",), True),)),
        ({"sort": "name:desc"}, ((("name",), True),)),
        ({"sort": "name", "order": "DESC"}, ((("name",), True),)),
        ({"sort": ["name"], "order": "asc"}, ((("name",), False),)),
        ({"sort": "-tag, name"}, ((("tag",), True), (("name",), False))),
        ({"sort": "unknown"}, ()),
        ({}, ()),
    ],
)
def test_orders(query: dict[str, Any], order: object) -> None:
    """The usual ways to say by what a list is sorted, and in which direction."""
    assert ListQueries(FORM, FIELDS).of(query).order == order


def test_figures_stand_where_the_contract_has_them() -> None:
    """Total, page, size and whether more follow are those of the query."""
    places = {name: ("meta", name) for name in ("total", "count", "page", "size", "pages", "offset", "more")}
    form = FORM._replace(totals=places)

    body = listed(form, {"links": {}}, ["a", "b"], FoundRecords([], 5), RecordQuery(offset=2, size=2))
    figures = {"total": 5, "count": 2, "page": 2, "size": 2, "pages": 3, "offset": 2, "more": True}
    assert body == {"links": {}, "items": ["a", "b"], "meta": figures}
