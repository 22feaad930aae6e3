"""List frames: what stands around the records of a list: an example of the envelope, with figures that are right."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from mockserver.http.messages import Header
from mockserver.openapi.contract import Contract, DeclaredResponse
from mockserver.openapi.declared_answers import declared_response
from mockserver.openapi.examples import Examples
from mockserver.openapi.resources import ListForm, Paging, Place, schemas
from mockserver.storage.resource_records import FoundRecords, RecordQuery, value_at
from mockserver.world.memory.record_views import generated, put_at

TOTALS = frozenset({b"x-total-count", b"x-total", b"x-totalcount", b"total-count"})  # headers of lists
Link = Callable[[str, str], str]  # the address of the same list with another value of a query parameter
Responses = Mapping[str, DeclaredResponse]
_TOKENS = ("cursor", "token")


class ListFrame:
    """The envelope of one list."""

    def __init__(self, contract: Contract, examples: Examples, form: ListForm) -> None:
        self._contract, self._examples, self._form = contract, examples, form
        self._fields = {place: self._field(place) for place in form.totals.values()}

    def bounded(self, query: Mapping[str, Any]) -> Mapping[str, Any]:
        """Query parameters that ask for no larger part than the contract lets a list have."""
        paging, most = self._form.paging, self._most
        if paging is None or paging.size is None or most is None:
            return query
        size = query.get(paging.size, paging.otherwise)
        return {**query, paging.size: min(size, most) if isinstance(size, int) and size >= 0 else most}

    def cut(self, query: RecordQuery) -> RecordQuery:
        """The same of a query that no parameter may have cut."""
        most = self._most
        return query if most is None or (query.size is not None and query.size <= most) else query._replace(size=most)

    def around(self, rows: list[Any], found: FoundRecords, asked: RecordQuery, link: Link, example: Any = None) -> Any:
        """The body of a list: the rows, by their keys if it is an object, else in a frame, which is an example of the
        body, or generated, with right figures."""
        form = self._form
        if form.key:
            return {str(value_at(row, form.key)): row for row in rows}
        if not form.items:
            return rows
        body = put_at(self._example if example is None else example, form.items, rows)
        counted = _figures(form.paging, len(rows), found, asked)
        for name, place in form.totals.items():
            if name in counted:
                body = put_at(body, place, counted[name])
            else:
                start = _start(form.paging, found, asked, is_next=name == "next")
                body = self._with_neighbour(body, place, start, link)
        return body

    def links(self, found: FoundRecords, asked: RecordQuery, link: Link) -> str:
        """Where the parts behind and before begin, as a header `Link` says it (RFC 8288); empty if there are none."""
        paging = self._form.paging
        name = None if paging is None else paging.start
        starts = [(one, _start(paging, found, asked, is_next=one == "next")) for one in ("next", "prev")]
        told = [f'<{link(name, str(start))}>; rel="{one}"' for one, start in starts if name and start is not None]
        return ", ".join(told)

    def _with_neighbour(self, body: Any, place: Place, start: int | None, link: Link) -> Any:
        """The body with where the part before or behind begins; null, or nothing, if there is none."""
        _, schema, is_required = self._fields[place]
        if start is not None:
            return put_at(body, place, self._told(place, start, link))
        if self._contract.validator(schema).is_valid(None):
            return put_at(body, place, None)
        return put_at(body, place, "") if is_required else _without(body, place)

    def _told(self, place: Place, start: int, link: Link) -> Any:
        """How a field tells where a part begins: by a number, a cursor or a link."""
        paging, (kinds, schema, _) = self._form.paging, self._fields[place]
        if kinds == {"integer"}:
            return start
        declared = schemas.followed(self._contract, str(schema))[0]
        is_link = declared.get("format") in ("uri", "url", "uri-reference")
        if paging is None or paging.start is None or any(word in place[-1].lower() for word in _TOKENS):
            return str(start)
        return str(start) if paging.counts == "cursor" and not is_link else link(paging.start, str(start))

    @cached_property
    def _most(self) -> int | None:
        """How many rows a list may have; None for any number."""
        _, pointer, _ = self._field(self._form.items)
        parts = schemas.parts(self._contract, pointer) if pointer else ()
        found = [part["maxItems"] for part, _ in parts if isinstance(part.get("maxItems"), int)]
        return min(found, default=None)

    @cached_property
    def _example(self) -> Mapping[str, Any]:
        return generated(self._examples, "", self._form.whole)

    def _field(self, place: Place) -> tuple[frozenset[str], str | None, bool]:
        """The types of the field at a place, the pointer to its schema, and whether it is required."""
        pointer, is_required = self._form.whole, False
        for step in place:
            declared = schemas.fields(self._contract, pointer)
            if step not in declared:
                return frozenset(), None, False
            is_required = step in schemas.required(self._contract, pointer)
            pointer = declared[step]
        return schemas.kinds(self._contract, pointer), pointer, is_required


def linked(headers: list[Header], responses: Responses, status: int, links: str) -> list[Header]:
    """The headers of a list, with these links if its response declares `Link`. Without links it is left out, unless it
    has to be there."""
    declared = declared_response(responses, status)
    own = {name.lower(): header for name, header in declared.headers.items()} if declared else {}
    if "link" not in own:
        return headers
    kept = [one for one in headers if one[0] != b"link" or (own["link"].required and not links)]
    return [*kept, (b"link", links.encode())] if links else kept


def _figures(paging: Paging | None, shown: int, found: FoundRecords, asked: RecordQuery) -> dict[str, Any]:
    """The figures about a part of a list, by what they count."""
    size = asked.size or max(1, found.total)
    return {
        "total": found.total,
        "all": found.total if found.all is None else found.all,
        "count": shown,
        "page": asked.offset // size + (paging.first if paging else 1),
        "size": size,
        "pages": -(-found.total // size),
        "offset": asked.offset,
        "more": asked.offset + shown < found.total,
    }


def _start(paging: Paging | None, found: FoundRecords, asked: RecordQuery, *, is_next: bool) -> int | None:
    """Where the part behind or before begins, as the paging parameter says it; None if there is none."""
    if not asked.size or paging is None:
        return None
    offset = asked.offset + (asked.size if is_next else -asked.size)
    if offset >= found.total or (not is_next and asked.offset == 0):
        return None
    return offset // asked.size + paging.first if paging.counts == "pages" else max(0, offset)


def _without(body: Any, place: Place) -> Any:
    """A copy of a body without the field at a place."""
    if not isinstance(body, Mapping) or place[0] not in body:
        return body
    if len(place) == 1:
        return {name: value for name, value in body.items() if name != place[0]}
    return {**body, place[0]: _without(body[place[0]], place[1:])}
