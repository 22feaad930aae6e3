"""List queries: what the query parameters of a list ask for."""

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

from mockserver.openapi.resources import ListForm, Paging, plain
from mockserver.storage.resource_records import RecordQuery, any_of

Query = Mapping[str, Any]
_DESCENDING = ("desc", "-1")
_FARTHEST = 2**53  # that a part of a list may begin, or be long: storage counts in 64 bits
_LONGEST_WORD = 200  # characters of a word that may name a field to sort by
_MOST_FIELDS = 10  # that a list is sorted by


class ListQueries:
    """The queries of one list. `fields` are the names of the fields of its records."""

    def __init__(self, form: ListForm, fields: Mapping[str, str]) -> None:
        self._form = form
        self._fields = {plain(name): name for name in fields}

    def of(self, query: Query) -> RecordQuery:
        """The query of the records that query parameters, by their names, ask for."""
        filters = self._form.filters.items()
        asked = ((place, query[name]) for name, place in filters if query.get(name) is not None)
        equal = {place: any_of(value) if isinstance(value, list) else value for place, value in asked}
        search = str(query.get(self._form.search or "") or "")
        compared = self._form.bounds.items()
        bounds = tuple((*bound, query[name]) for name, bound in compared if query.get(name) is not None)
        return RecordQuery(equal, self._order(query), *_part(self._form.paging, query), search, bounds)

    def _order(self, query: Query) -> tuple[tuple[tuple[str, ...], bool], ...]:
        """The fields to sort by, and whether descending: `name`, `-name`, `name:desc`, `name desc`, or several; or
        an object of fields and directions. Each field counts once."""
        sorting = self._form.sorting
        if sorting is None:
            return ()
        asked = query.get(sorting.field)
        if isinstance(asked, Mapping):
            asked = [f"{name}:{way}" for name, way in asked.items()]
        words = asked if isinstance(asked, list) else str(asked or "").split(",")
        order = str(query.get(sorting.order or "") or "")
        fields: dict[str, bool] = {}
        for word in map(str, words):
            name, way = _name_and_way(word)
            field = self._fields.get(plain(name))
            if field is not None:
                fields.setdefault(field, way == "-" or (way or order).lower().startswith(_DESCENDING))
        return tuple(((field,), descends) for field, descends in islice(fields.items(), _MOST_FIELDS))


def _name_and_way(word: str) -> tuple[str, str]:
    """The name that a word to sort by has, and the direction after or before it."""
    word = word.strip()
    if len(word) > _LONGEST_WORD:
        return "", ""
    name, *ways = re.split(r"[:\s]+", word[1:] if word[:1] in ("+", "-") else word, maxsplit=1)
    return name, "-" if word.startswith("-") else "".join(ways)


def _part(paging: Paging | None, query: Query) -> tuple[int, int | None]:
    """Where the part that is asked for begins, and its size."""
    if paging is None:
        return 0, None
    size = query.get(paging.size or "", paging.otherwise)
    size = min(size, _FARTHEST) if isinstance(size, int) and size >= 0 else None
    start = query.get(paging.start or "")
    if paging.counts == "cursor" and isinstance(start, str) and start.isdecimal():
        start = int(start) if len(start) <= len(str(_FARTHEST)) else _FARTHEST
    if not isinstance(start, int):
        return 0, size
    if paging.counts == "pages":
        start = max(0, start - paging.first) * (size or 0)
    return min(max(0, start), _FARTHEST), size
