"""List queries: what the query parameters of a list ask for, and the figures that its envelope tells."""

from collections.abc import Mapping
from typing import Any

from mockserver.openapi.resources import ListForm, Paging
from mockserver.storage.resource_records import FoundRecords, RecordQuery
from mockserver.world.memory.record_views import put_at

Query = Mapping[str, Any]


def record_query(form: ListForm, query: Query) -> RecordQuery:
    """The query of the records that query parameters, by their names, ask for."""
    equal = {place: query[name] for name, place in form.filters.items() if query.get(name) is not None}
    offset, size = _part(form.paging, query)
    return RecordQuery(equal, _order(form, query), offset, size)


def _part(paging: Paging | None, query: Query) -> tuple[int, int | None]:
    """Where the part that is asked for begins, and its size."""
    if paging is None:
        return 0, None
    size = query.get(paging.size or "", paging.otherwise)
    size = size if isinstance(size, int) and size >= 0 else None
    start = query.get(paging.start or "")
    if not isinstance(start, int):
        return 0, size
    if paging.counts == "pages":
        return max(0, start - paging.first) * (size or 0), size
    return max(0, start), size


def _order(form: ListForm, query: Query) -> tuple[tuple[str, ...], bool] | None:
    """The field to sort by, and whether descending: `name`, `-name`, `name:desc`, `name desc`."""
    sorting = form.sorting
    text = query.get(sorting.field) if sorting else None
    text = text[0] if isinstance(text, list) and text else text
    if sorting is None or not isinstance(text, str) or not text:
        return None
    name, _, way = text.lstrip("+").replace(",", " ").replace(":", " ").partition(" ")
    way = way or str(query.get(sorting.order or "", ""))
    return (name.removeprefix("-"),), name.startswith("-") or way.lower().startswith("desc")


def listed(form: ListForm, frame: Any, rows: list[Any], found: FoundRecords, asked: RecordQuery) -> Any:
    """The body of a list: the rows in their frame, with its figures."""
    body = put_at(frame, form.items, rows)
    size = asked.size or max(1, found.total)
    first = form.paging.first if form.paging else 1
    figures = {
        "total": found.total,
        "count": len(rows),
        "page": asked.offset // size + first,
        "size": size,
        "pages": -(-found.total // size),
        "offset": asked.offset,
        "more": asked.offset + len(rows) < found.total,
    }
    for counted, place in form.totals.items():
        body = put_at(body, place, figures[counted])
    return body
