"""List queries: pages don't overlap, sorting sorts, filters filter. Tried on records of the run's own.

Each query is narrowed to those by their mark, so that other people's rows neither help nor disturb. The operators are
the vendor's (vendor-facts §1.2).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from itertools import product
from typing import Any

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.list_reader import ListFilter
from mockserver.checks.live.scenarios.context import Scenario, ScenarioContext
from mockserver.checks.live.scenarios.forbidden_bodies import NO_MOMENTS
from mockserver.checks.live.scenarios.list_rows import ROWS, OwnRows, Page
from mockserver.openapi.resources import Resource

MOST_ROWS = 25  # that are made to fill a page
FIRST_PAGE = 2  # rows
ODD = ("%", "'", '"\\', "ž", "")  # what other languages and databases make something of
_MEANINGS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, wanted: _comparable(value) == _comparable(wanted),
    "like": lambda value, wanted: isinstance(value, str) and str(wanted).lower() in value.lower(),
    "lt": lambda value, wanted: _is_before(value, wanted),  # noqa: PLW0108 (defined below)
    "lte": lambda value, wanted: _is_before(value, wanted) or _comparable(value) == _comparable(wanted),
    "gt": lambda value, wanted: _is_before(wanted, value),
    "gte": lambda value, wanted: _is_before(wanted, value) or _comparable(value) == _comparable(wanted),
    "hasValue": lambda value, _: value is not None,
    "notHasValue": lambda value, _: value is None,
}


class ListScenarios:
    """Scenarios of the list of one resource, in one store."""

    def __init__(self, context: ScenarioContext, resource: Resource, tenant: Mapping[str, str]) -> None:
        self._context, self._resource, self._tenant = context, resource, dict(tenant)
        self._own = OwnRows(context, resource, tenant)
        self._call, self._reader = self._own.call, self._own.reader
        self._query, self._records = self._own.query, self._own.records

    def scenarios(self) -> Iterator[Scenario]:
        """Names and attempts."""
        if not self._context.can_call(self._call) or not self._own.mark:
            return
        yield "rows", self._own.fill
        yield "pages", self._pages
        yield from ((f"sorted by {name}", partial(self._sorted, name)) for name in self._reader.sortable)
        yield from ((f"filtered by {one.parameter.name}", partial(self._filtered, one)) for one in self._reader.filters)
        yield "sorted by two", self._sorted_by_two
        yield from ((f"no moment in {one.parameter.name}", partial(self._moments, one)) for one in self._timed())
        yield "unknown filter", partial(self._refuses, {"no_such_filter": "1"}, "")
        if self._reader.sort:
            sort = self._reader.sort.name
            yield "unknown field to sort by", partial(self._refuses, self._reader.order("no_such_field", "asc"), sort)
            for name in self._reader.sortable[:1]:
                yield "sorted sideways", partial(self._refuses, self._reader.order(name, "sideways"), sort)
        yield "length of a page", self._default_size
        yield "done", self._own.empty

    # ---------------------------------------------------------------- pages
    def _pages(self) -> None:
        reader = self._reader
        response, rows = self._query({})
        if sorted(self._records(rows)) != sorted(self._own.ids):
            name = next(iter(self._own.mark))
            message = f"{name} doesn't find exactly the rows that it describes"
            seen = (f"{len(self._own.ids)} rows", f"{len(rows)} rows")
            self._broken_promise(Promise.LIST_FILTERS, name, response, message, seen)
        if not reader.page or not reader.size or len(self._own.ids) < ROWS:
            return
        order = reader.order(reader.sortable[-1], "asc") if reader.sortable else {}
        pages = [self._query({**order, **reader.paging(page, FIRST_PAGE)}) for page in range(1, 5)]
        self._sizes(pages, reader.size.name)
        self._each_row_once(pages, reader.page.name)
        self._totals(pages[0][0], len(rows))

    def _sizes(self, pages: list[Page], name: str) -> None:
        sizes = [len(rows) for _, rows in pages]
        if sizes != [2, 2, 1, 0]:
            seen = ("2, 2, 1 and 0 rows", f"pages of {', '.join(map(str, sizes))} rows")
            self._broken_promise(
                Promise.LIST_PAGES, name, pages[0][0], "5 rows make other pages than they should", seen
            )

    def _each_row_once(self, pages: list[Page], name: str) -> None:
        last = pages[-1][0]
        if not last.ok:
            seen = ("an empty list", "no list")
            self._broken_promise(Promise.LIST_PAGES, name, last, "a page past the end is refused", seen)
        records = [record for _, rows in pages for record in self._records(rows)]
        if len(set(records)) != len(records) or set(records) != set(self._own.ids):
            seen = ("each row once", f"{len(set(records))} of {len(self._own.ids)} rows")
            self._broken_promise(Promise.LIST_PAGES, name, pages[1][0], "sorted pages repeat or miss rows", seen)

    def _totals(self, response: requests.Response, rows: int) -> None:
        total = self._context.value(response, "total")
        if isinstance(total, dict) and not total.get("estimated"):
            filtered, everything = total.get("filtered"), total.get("all")
            if filtered != rows or (isinstance(everything, int) and everything <= rows):
                where, mark = self._context.collector.locations.of_value(self._call, "200", ["total", "filtered"])
                self._broken_promise(
                    Promise.LIST_COUNTS,
                    "",
                    response,
                    "the totals don't count the rows",
                    (f"filtered {rows}", str(total)),
                    where=where,
                    assumption=mark,
                )

    def _default_size(self) -> None:
        """Without a size, a page has as many rows as the contract says."""
        size = self._reader.size
        if size is not None and size.schema.get("default", MOST_ROWS) < MOST_ROWS:
            for position in range(len(self._own.ids), size.schema["default"] + 1):
                self._own.add(position % ROWS)
            response = self._context.send(self._call, self._tenant)
            if len(self._reader.rows(response)) > size.schema["default"]:
                got = f"{len(self._reader.rows(response))} rows"
                self._broken_promise(
                    Promise.LIST_PAGES,
                    size.name,
                    response,
                    "a page is longer than it should be",
                    (f"at most {size.schema['default']} rows", got),
                )

    # ---------------------------------------------------------------- sorting
    def _sorted(self, name: str) -> None:
        if len(self._values_of(name)) == 1:
            if self._reader.row.get(name, {}).get("format") == "date-time":
                self._own.spread()
            if len(self._values_of(name)) == 1:
                kind = self._resource.create.kind
                line = f"sorting {kind}s by {name}: all rows of the run have the same value"
                self._context.collector.report.left_out.append(line)
                return
        for direction in ("asc", "desc"):
            response, rows = self._query(self._reader.order(name, direction))
            values = [_comparable(row.get(name)) for row in rows]
            if not response.ok or values != sorted(values, reverse=direction == "desc"):
                got = f"{response.status_code}: {', '.join(str(row.get(name)) for row in rows)}"
                self._unsorted(
                    response, f"sorting by {name} {direction} doesn't sort", (f"{name} {direction}ending", got)
                )
        if self._context.value(response, self._reader.rows_name) is not None and len(rows) < len(self._own.ids):
            seen = (f"{len(self._own.ids)} rows", f"{len(rows)} rows")
            self._broken_promise(Promise.LIST_SORTS, name, response, "sorting loses rows", seen)

    def _values_of(self, name: str) -> set[str]:
        """The different values of a property in our rows, as texts."""
        return {str(row.get(name)) for row in self._own.ours}

    def _sorted_by_two(self) -> None:
        """Rows that are equal by the first key are in the order of the second."""
        for (first, second), direction in product(self._pairs(), ("asc", "desc")):
            order = {**self._reader.order(first, "asc"), **self._reader.order(second, direction)}
            response, rows = self._query(order)
            expected = sorted(rows, key=lambda row: _comparable(row.get(second)), reverse=direction == "desc")
            expected.sort(key=lambda row: _comparable(row.get(first)))
            seen = [[row.get(name) for name in (first, second)] for row in rows]
            if seen != [[row.get(name) for name in (first, second)] for row in expected]:
                got = ", ".join(f"{one} {other}" for one, other in seen)
                message = f"sorting by {first} and {second} doesn't sort by both"
                self._unsorted(response, message, (f"{first} ascending, {second} {direction}ending", got))

    def _pairs(self) -> Iterator[tuple[str, str]]:
        """Two properties each: rows are equal by the first, and differ by the second. A time is never the first, as it
        may be shown less exactly than it is sorted."""
        for first in self._reader.sortable:
            for second in self._reader.sortable if first in self._own.choices else ():
                ties: dict[str, set[str]] = {}
                for row in self._own.ours:
                    ties.setdefault(str(row.get(first)), set()).add(str(row.get(second)))
                if first != second and any(len(values) > 1 for values in ties.values()):
                    yield first, second

    def _unsorted(self, response: requests.Response, message: str, seen: tuple[str, str]) -> None:
        sort = self._reader.sort.name if self._reader.sort else ""
        self._broken_promise(Promise.LIST_SORTS, sort, response, message, seen)

    # ---------------------------------------------------------------- filters
    def _filtered(self, one: ListFilter) -> None:
        meaning = _MEANINGS.get(one.operator)
        if meaning is None or not self._own.ours or one.parameter.name in self._own.mark:
            return
        for wanted in self._values(one):
            response, rows = self._query({one.parameter.name: wanted})
            target = _typed(wanted, one)
            expected = {
                str(row[self._resource.id_name]) for row in self._own.ours if meaning(row.get(one.name), target)
            }
            if not response.ok or set(self._records(rows)) != expected:
                got = f"{response.status_code}, {len(rows)} of {len(self._own.ours)} rows"
                message = f"{one.parameter.name} doesn't filter as its operator says"
                self._broken_promise(
                    Promise.LIST_FILTERS,
                    one.parameter.name,
                    response,
                    message,
                    (f"{len(expected)} of {len(self._own.ours)} rows", got),
                )
                return

    def _values(self, one: ListFilter) -> list[str]:
        """Values that divide our rows: one that some have, and one that none has."""
        present = [row[one.name] for row in self._own.ours if row.get(one.name) is not None]
        if one.operator in ("hasValue", "notHasValue"):
            return [""]
        if one.parameter.schema.get("type") == "boolean":
            return ["true", "false"]
        if not present:
            return []
        middle = str(sorted(present, key=_comparable)[len(present) // 2])
        if one.parameter.schema.get("format") == "date-time":
            kind, moment = _comparable(middle)
            own = [moment.isoformat()] if kind == "time" else []
            return [*own, "2001-01-01T00:00:00+00:00", "2101-01-01T00:00:00+00:00"]
        if one.operator == "like":
            return [middle[1:-1].upper(), "no row has this", *ODD]
        return [middle, middle.swapcase(), middle[:-1], *ODD]

    def _timed(self) -> list[ListFilter]:
        """One filter by a time, of those that there are."""
        return [one for one in self._reader.filters if one.parameter.schema.get("format") == "date-time"][:1]

    def _moments(self, one: ListFilter) -> None:
        for text in NO_MOMENTS:
            self._refuses({one.parameter.name: text}, one.parameter.name)

    def _refuses(self, query: Mapping[str, str], parameter: str) -> None:
        """A query that the contract doesn't know is refused, so that a misspelt one isn't ignored."""
        if "400" in self._call.operation.responses:
            response = self._context.send(self._call, self._tenant, params=query)
            if response.ok:
                locations = self._context.collector.locations
                details = (
                    {}
                    if parameter
                    else {
                        "where": locations.of_call(self._call),
                        "assumption": locations.assumption_of_call(self._call),
                    }
                )
                message = f"{next(iter(query))}={next(iter(query.values()))} is accepted"
                self._broken_promise(
                    Promise.LIST_REFUSES, parameter, response, message, ("400", str(response.status_code)), **details
                )

    def _broken_promise(
        self,
        promise: Promise,
        parameter: str,
        response: requests.Response,
        message: str,
        seen: tuple[str, str],
        **details: Any,
    ) -> None:
        """A promise that isn't kept, at a parameter; `seen` is what was expected, and what came."""
        locations = self._context.collector.locations
        place = {
            "where": locations.of_parameter(self._call, parameter),
            "assumption": locations.assumption_of_parameter(self._call, parameter),
        }
        merged = {
            "message": message,
            "got": seen[1],
            "cause": parameter,
            **place,
            **details,
        }
        self._context.collector.broken_promise(self._call, promise, response, expected=seen[0], **merged)


def _comparable(value: Any) -> tuple[str, Any]:
    """A value with its kind, so that any two can be put in order: a target may answer anything. Times are times,
    whatever their offset."""
    if isinstance(value, int | float):
        return "number", value
    if isinstance(value, str) and len(value) >= len("2026-01-15T10:30:00Z") and value[10:11] in "Tt":
        with suppress(ValueError):
            moment = datetime.fromisoformat(value)
            return "time", moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return ("text", value) if isinstance(value, str) else ("", str(value))


def _is_before(value: Any, other: Any) -> bool:
    """Whether two values of one kind are in order."""
    (kind, first), (other_kind, second) = _comparable(value), _comparable(other)
    return kind == other_kind and bool(first < second)


def _typed(wanted: str, one: ListFilter) -> Any:
    return wanted == "true" if one.parameter.schema.get("type") == "boolean" else wanted
