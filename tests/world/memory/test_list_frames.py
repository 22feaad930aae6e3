"""mockserver.world.memory.list_frames: the envelope of a list, with figures that are right."""

from typing import Any

import pytest

from mockserver.openapi.examples import Examples
from mockserver.openapi.resources import ListForm, Paging
from mockserver.storage.resource_records import FoundRecords, RecordQuery
from mockserver.world.memory.list_frames import ListFrame
from tests.support.contracts_of import INFO, Json
from tests.support.remembering import contract_of

PAGES = Paging("size", "page", "pages", 1, 20)
OFFSETS = PAGES._replace(start="offset", counts="records", first=0)
CURSORS = PAGES._replace(start="cursor", counts="cursor", first=0)
TEXT: Json = {"type": "string"}
NULLABLE: Json = {"type": "string", "nullable": True}


def body(paging: Paging, asked: RecordQuery, fields: Json, required: tuple[str, ...] = ()) -> Any:
    """The body of a list of five records with these fields beside it, each of which counts what it is called like."""
    schema = {"type": "object", "required": [*required], "properties": {"items": {"type": "array"}, **fields}}
    document = {"openapi": "3.0.3", "info": INFO, "paths": {}, "components": {"schemas": {"List": schema}}}
    contract = contract_of(document)
    totals = {name.partition("_")[0]: (name,) for name in fields}
    frame = ListFrame(
        contract, Examples(contract, 1), ListForm("", "/components/schemas/List", ("items",), totals, paging)
    )
    rows = ["a", "b"][: asked.size]
    return frame.around(rows, FoundRecords([], 5), asked, lambda name, value: f"/list?{name}={value}")


def test_figures_are_those_of_the_query() -> None:
    """Total, page, size and whether more follow."""
    whole: Json = {"type": "integer"}
    names = ("total", "count", "page", "size", "pages", "offset", "more")

    found = body(PAGES, RecordQuery(offset=2, size=2), dict.fromkeys(names, whole))
    figures = {"total": 5, "count": 2, "page": 2, "size": 2, "pages": 3, "offset": 2, "more": True}
    assert found == {"items": ["a", "b"], **figures}


@pytest.mark.parametrize(
    ("paging", "field", "told"),
    [
        (PAGES, {"next": TEXT}, "/list?page=3"),
        (PAGES, {"next": {"type": "integer"}}, 3),
        (OFFSETS, {"next": TEXT}, "/list?offset=4"),
        (CURSORS, {"next_cursor": TEXT}, "4"),
        (CURSORS, {"next": {"type": "string", "format": "uri"}}, "/list?cursor=4"),
        (PAGES, {"previous": TEXT}, "/list?page=1"),
    ],
)
def test_neighbours(paging: Paging, field: Json, told: object) -> None:
    """Where the part behind or before begins is told as the field can tell it."""
    (name,) = field

    assert body(paging, RecordQuery(offset=2, size=2), field)[name] == told


def test_the_last_part_has_no_next() -> None:
    """It is null if that is allowed; else it is left out, or empty if it is required."""
    last = RecordQuery(offset=4, size=2)

    assert body(PAGES, last, {"next": NULLABLE})["next"] is None
    assert "next" not in body(PAGES, last, {"next": TEXT})
    assert body(PAGES, last, {"next": TEXT}, ("next",))["next"] == ""
    assert "previous" not in body(PAGES, RecordQuery(size=2), {"previous": TEXT})
