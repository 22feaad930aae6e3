"""List operations as the contract describes them: pages, filters and sorting; and reading a list to its end."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import requests

from mockserver.checks.transport.operation_client import OperationClient
from mockserver.checks.transport.successes import succeeded
from mockserver.openapi.contract import Parameter
from mockserver.openapi.resources import Call, Surface, properties

MOST_PAGES = 400
NEWEST_PAGES = 4  # of a list that is looked at, and needn't be read to its end
MOST_READINGS = 3  # of a list that counts more rows than it shows
_FILTER = re.compile(r"(\w+)(?:\[(\w+)\])?")


@dataclass(frozen=True)
class ListFilter:
    """A query parameter that filters by a property: `url[like]` is the operator `like` on `url`."""

    parameter: Parameter
    name: str
    operator: str


class ListReader:
    """A reader of one list operation. `rows_name` is the property of the response that holds the rows, empty if
    the response is a list of them."""

    def __init__(self, surface: Surface, call: Call) -> None:
        self.call, self._surface = call, surface
        response = surface.properties(call.operation, "2")
        arrays = [name for name, schema in response.items() if schema.get("type") == "array"]
        self.rows_name = arrays[0] if arrays else ""
        items = response[self.rows_name].get("items", {}) if arrays else surface.items(call.operation, "2")
        self.row = properties(surface.contract, items)
        self.page = self._integer("page", "number")
        self.size = self._integer("perpage", "itemsonpage", "limit", "size", "pagesize")
        self.offset = None if self.page else self._integer("offset", "skip")
        self.sort = next((one for one in self._query if one.style == "deepObject"), None)

    @property
    def _query(self) -> list[Parameter]:
        return self.call.operation.parameters_in("query")

    def _integer(self, *names: str) -> Parameter | None:
        plain = {
            re.sub(r"[^a-z]", "", one.name.lower()): one for one in self._query if one.schema.get("type") == "integer"
        }
        return next((plain[name] for name in names if name in plain), None)

    @property
    def filters(self) -> list[ListFilter]:
        """The filters by properties that rows have."""
        matched = ((one, _FILTER.fullmatch(one.name)) for one in self._query)
        return [ListFilter(one, found[1], found[2] or "eq") for one, found in matched if found and found[1] in self.row]

    @property
    def sortable(self) -> list[str]:
        """The properties by which rows can be sorted."""
        return list(properties(self._surface.contract, self.sort.schema)) if self.sort else []

    @property
    def unsortable(self) -> list[str]:
        """The properties of rows by which they can't be sorted; none if the contract names none that can."""
        return [name for name in self.row if name not in self.sortable] if self.sortable else []

    @property
    def bounded(self) -> list[Parameter]:
        """The whole numbers of the query that have a limit."""
        whole = (one for one in self._query if one.schema.get("type") == "integer")
        return [one for one in whole if one.schema.keys() & {"minimum", "maximum"}]

    @property
    def newest_first(self) -> dict[str, str]:
        """The query that shows the newest rows first, where rows have a time and can be sorted by it; else empty."""
        return self.order(self._time, "desc") if self._time else {}

    @property
    def _time(self) -> str:
        """The property by which rows can be sorted by time; empty if there is none."""
        contract = self._surface.contract
        choices = properties(contract, self.sort.schema) if self.sort else {}
        times = (name for name in choices if self.row.get(name, {}).get("format") == "date-time")
        is_order = (name for name in times if "desc" in contract.resolved(choices[name]).get("enum", ()))
        return next(is_order, "")  # others may be filters

    def are_newest_first(self, rows: Sequence[Mapping[str, Any]]) -> bool:
        """Whether rows show that they are sorted by time."""
        times = [row.get(self._time) for row in rows]
        shown = [time for time in times if isinstance(time, str)]
        return bool(shown) and shown == sorted(shown, reverse=True) and len(shown) == len(times)

    def order(self, name: str, direction: str) -> dict[str, str]:
        """The query that sorts."""
        return {f"{self.sort.name}[{name}]": direction} if self.sort else {}

    @property
    def is_paged(self) -> bool:
        """Whether there are pages to ask for."""
        return bool(self.page or self.offset)

    def paging(self, page: int, size: int) -> dict[str, str]:
        """The query for one page, counted from 1."""
        named = ((self.page, page), (self.size, size), (self.offset, (page - 1) * size))
        return {parameter.name: str(value) for parameter, value in named if parameter}

    @property
    def largest_page(self) -> int:
        """The number of rows that a page may hold."""
        return int(self.size.schema.get("maximum", 50)) if self.size else 50

    def rows(self, response: requests.Response) -> list[dict[str, Any]]:
        """The rows of a response; none if it has another shape."""
        return [row for row in self._listed(response) or [] if isinstance(row, dict)]

    def misshown(self, response: requests.Response) -> set[str]:
        """The properties that rows of a success lack, or don't show as the contract says."""
        return {str(path[2]) for path in self._wrong(response) if len(path) > 2}  # noqa: PLR2004 (rows, a row, property)

    def hides_rows(self, response: requests.Response, id_name: str) -> bool:
        """Whether a success doesn't show its rows, or not which they are, as the contract says: what it lists can't be
        judged then."""
        return (self.rows_name,) in self._wrong(response) or id_name in self.misshown(response)

    def _wrong(self, response: requests.Response) -> set[tuple[str | int, ...]]:
        """The places in the rows of a success that aren't as the contract says."""
        declared = self.call.operation.responses.get(str(response.status_code))
        pointer = next(iter(declared.media_types.values()), None) if declared and succeeded(response) else None
        try:
            found = self._surface.contract.validator(pointer).violations(response.json()) if pointer else ()
        except ValueError:
            found = ()
        return {one.path for one in found if one.path[:1] == (self.rows_name,)}

    def _listed(self, response: requests.Response) -> list[Any] | None:
        """The array of rows in a response; None if it has another shape, or isn't a success."""
        try:
            content = response.json() if succeeded(response) else None
        except ValueError:
            content = None
        rows = content.get(self.rows_name) if isinstance(content, dict) else content
        return rows if isinstance(rows, list) else None

    def total(self, response: requests.Response) -> dict[str, Any]:
        """The totals of a response; empty if it has none, or only estimates."""
        try:
            content = response.json() if succeeded(response) else None
        except ValueError:
            content = None
        total = content.get("total") if isinstance(content, dict) else None
        return total if isinstance(total, dict) and not total.get("estimated") else {}

    def search(self, name: str, text: str) -> dict[str, str]:
        """The query for rows whose property contains a text, where the contract has one."""
        like = next((one for one in self.filters if (one.name, one.operator) == (name, "like")), None)
        return {like.parameter.name: text} if like else {}

    def search_any(self, texts: Mapping[str, str]) -> dict[str, str]:
        """The query for rows one of whose properties contains its text: the first that the contract has."""
        return next(filter(None, (self.search(name, text) for name, text in texts.items())), {})

    def everything(  # noqa: PLR0913 (all that a request is made of)
        self,
        client: OperationClient,
        arguments: Mapping[str, str],
        headers: Mapping[str, str],
        query: Mapping[str, str],
        *,
        is_proof: bool = False,
        most: int = MOST_PAGES,
    ) -> Iterator[dict[str, Any]]:
        """All rows, page by page, the newest first where the list can be sorted so: rows that have no order may repeat,
        or be missed. Ends where a page has nothing new, or all rows that the list itself counts were seen: a page that
        isn't full isn't the last one where a host has smaller pages than it was asked for. At `most` so many pages are
        read.

        Where the end is a proof that there is no more, raises HTTPError for whatever proves nothing: each answer that
        isn't a success with rows, but a 404, as no store has no rows, unless pages before it counted more rows; a list
        that doesn't end on so many pages; and one that counts more rows than it shows, however often it is read.
        """

        def ask(params: Mapping[str, str]) -> requests.Response:
            return client.send(self.call, arguments, headers=dict(headers), params=params)

        return _Reading(self, ask, query, most, is_proof=is_proof).rows()

    def check_that_it_proves(self, response: requests.Response) -> None:
        """Raises HTTPError for an answer that doesn't show which rows there are."""
        said = f"{self.call.method} {self.call.path} answered {response.status_code}"
        if not succeeded(response) and response.status_code != requests.codes.not_found:
            raise requests.HTTPError(said, response=response)
        if succeeded(response) and self._listed(response) is None:
            raise requests.HTTPError(f"{said} without a list of rows", response=response)


class _Reading:
    """One list that is read to its end: the rows that were seen, and how many are lacking that the list counts."""

    def __init__(
        self,
        reader: ListReader,
        ask: Callable[[Mapping[str, str]], requests.Response],
        query: Mapping[str, str],
        most: int,
        *,
        is_proof: bool,
    ) -> None:
        self._reader, self._ask, self._query, self._most, self._is_proof = reader, ask, query, most, is_proof
        self._order = reader.newest_first
        self._seen: set[int] = set()  # the texts of the rows may be large
        self._counted = 0

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each row once. Where rows are lacking that a proof needs, the list is read once more: others may have changed
        it meanwhile."""
        for _ in range(MOST_READINGS if self._is_proof else 1):
            yield from self._once()
            if not self._lacks:
                return
        if self._is_proof:
            self._prove_nothing(f"shows {len(self._seen)} of the {self._counted} rows that it counts")

    def _once(self) -> Iterator[dict[str, Any]]:
        before: set[int] = set()
        for page in range(1, self._most + 1):
            response = self._page(page)
            shown = {hash(str(row)): row for row in self._reader.rows(response)}
            new = {key: row for key, row in shown.items() if key not in self._seen}
            yield from new.values()
            self._seen |= new.keys()
            counted = self._reader.total(response).get("filtered")
            self._counted = counted if isinstance(counted, int) else self._counted
            is_over = not shown or shown.keys() == before or not (new or self._lacks)
            is_last = len(shown) < self._reader.largest_page and isinstance(counted, int) and not self._lacks
            if is_over or is_last or not self._reader.is_paged:
                return
            before = set(shown)
        if self._is_proof:
            self._prove_nothing(f"has no end within {self._most} pages")

    @property
    def _lacks(self) -> bool:
        """Whether the list counts rows that it hasn't shown."""
        return self._counted > len(self._seen)

    def _page(self, page: int) -> requests.Response:
        """A page; without an order from the first one on if that is refused."""
        paging = self._reader.paging(page, self._reader.largest_page)
        response = self._ask({**self._order, **self._query, **paging})
        if page == 1 and self._order and not succeeded(response):
            self._order = {}
            response = self._ask({**self._query, **paging})
        if self._is_proof:
            self._reader.check_that_it_proves(response)
        return response

    def _prove_nothing(self, why: str) -> NoReturn:
        raise requests.HTTPError(f"{self._reader.call.method} {self._reader.call.path} {why}")
