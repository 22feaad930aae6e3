"""List queries: what the query parameters of a list ask for."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.openapi.resources import ListForm, Paging
from mockserver.storage.resource_records import RecordQuery

Query = Mapping[str, Any]
_DESCENDING = ("desc", "-1")


class ListQueries:
    """The queries of one list. `fields` are the names of the fields of its records."""

    def __init__(self, form: ListForm, fields: Mapping[str, str]) -> None:
        self._form = form
        self._fields = {_plain(name): name for name in fields}

    def of(self, query: Query) -> RecordQuery:
        """The query of the records that query parameters, by their names, ask for."""
        filters = self._form.filters.items()
        equal = {place: query[name] for name, place in filters if query.get(name) is not None}
        search = str(query.get(self._form.search or "") or "")
        compared = self._form.bounds.items()
        bounds = tuple((*bound, query[name]) for name, bound in compared if query.get(name) is not None)
        return RecordQuery(equal, tuple(self._order(query)), *_part(self._form.paging, query), search, bounds)

    def _order(self, query: Query) -> Iterator[tuple[tuple[str, ...], bool]]:
        """The fields to sort by, and whether descending: `name`, `-name`, `name:desc`, `name desc`, or several; or
        an object of fields and directions."""
        sorting = self._form.sorting
        if sorting is None:
            return
        asked = query.get(sorting.field)
        if isinstance(asked, Mapping):
            asked = [f"{name}:{way}" for name, way in asked.items()]
        words = asked if isinstance(asked, list) else str(asked or "").split(",")
        order = str(query.get(sorting.order or "") or "")
        for word in words:
            name, way = re.fullmatch(r"\s*[+-]?([^:\s]*)[:\s]*(.*?)\s*", str(word), re.DOTALL).groups()  # type: ignore[union-attr]
            field = self._fields.get(_plain(name))
            if field is not None:
                descends = str(word).strip().startswith("-") or (way or order).lower().startswith(_DESCENDING)
                yield (field,), descends


def _part(paging: Paging | None, query: Query) -> tuple[int, int | None]:
    """Where the part that is asked for begins, and its size."""
    if paging is None:
        return 0, None
    size = query.get(paging.size or "", paging.otherwise)
    size = size if isinstance(size, int) and size >= 0 else None
    start = query.get(paging.start or "")
    if paging.counts == "cursor" and str(start).isdecimal():
        return int(str(start)), size
    if not isinstance(start, int):
        return 0, size
    if paging.counts == "pages":
        return max(0, start - paging.first) * (size or 0), size
    return max(0, start), size


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
