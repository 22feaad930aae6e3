"""List queries: pages don't overlap, sorting sorts, filters filter. Tried on records of the run's own.

Each query is narrowed to those by their mark, so that other people's rows neither help nor disturb. The operators are
the vendor's (vendor-facts §1.2).
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import product
from typing import Any

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.list_reader import ListFilter
from mockserver.checks.live.scenarios.context import Scenario, ScenarioContext
from mockserver.checks.live.scenarios.forbidden_bodies import NO_MOMENTS
from mockserver.checks.live.scenarios.list_pages import ListPages
from mockserver.checks.live.scenarios.list_rows import ROWS, OwnRows, comparable, listed
from mockserver.checks.transport.refusals import refusals
from mockserver.checks.transport.successes import succeeded
from mockserver.openapi.contract import Parameter
from mockserver.openapi.resources import Resource

MOST_ROWS = 25  # that are made to fill a page
ODD = ("%", "'", '"\\', "ž", "")  # what other languages and databases make something of
_MEANINGS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, wanted: comparable(value) == comparable(wanted),
    "like": lambda value, wanted: isinstance(value, str) and str(wanted).lower() in value.lower(),
    "lt": lambda value, wanted: _is_before(value, wanted),  # noqa: PLW0108 (defined below)
    "lte": lambda value, wanted: _is_before(value, wanted) or comparable(value) == comparable(wanted),
    "gt": lambda value, wanted: _is_before(wanted, value),
    "gte": lambda value, wanted: _is_before(wanted, value) or comparable(value) == comparable(wanted),
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
        yield "pages", ListPages(self._own, self._broken_promise).attempt
        yield from ((f"sorted by {name}", partial(self._sorted, name)) for name in self._reader.sortable)
        yield from ((f"filtered by {one.parameter.name}", partial(self._filtered, one)) for one in self._reader.filters)
        yield "sorted by two", self._sorted_by_two
        yield from ((f"no moment in {one.parameter.name}", partial(self._moments, one)) for one in self._timed())
        yield "unknown filter", partial(self._refuses, {"no_such_filter": "1"}, "")
        if self._reader.sort:
            sort = self._reader.sort.name
            yield "unknown field to sort by", partial(self._refuses, self._reader.order("no_such_field", "asc"), sort)
            for name in self._reader.unsortable:
                yield f"unsortable {name}", partial(self._refuses, self._reader.order(name, "asc"), sort)
            for name in self._reader.sortable[:1]:
                yield "sorted sideways", partial(self._refuses, self._reader.order(name, "sideways"), sort)
        yield from ((f"limits of {one.name}", partial(self._limits, one)) for one in self._reader.bounded)
        yield "length of a page", self._default_size
        yield "done", self._own.empty

    # ---------------------------------------------------------------- pages
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
        if not self._own.shows(name):
            return  # that the list doesn't show them, or not so, is told
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
            values = [comparable(row.get(name)) for row in rows]
            if not succeeded(response) or values != sorted(values, reverse=direction == "desc"):
                got = f"{response.status_code}: {listed(row.get(name) for row in rows)}"
                self._unsorted(
                    response, f"sorting by {name} {direction} doesn't sort", (f"{name} {direction}ending", got)
                )
        if self._context.value(response, self._reader.rows_name) is not None and len(rows) < len(self._own.ids):
            seen = self._own.compared(self._own.ids, response, rows, name)
            self._broken_promise(Promise.LIST_SORTS, name, response, "sorting loses rows", seen)

    def _values_of(self, name: str) -> set[str]:
        """The different values of a property in our rows, as texts."""
        return {str(row.get(name)) for row in self._own.ours}

    def _sorted_by_two(self) -> None:
        """Rows that are equal by the first key are in the order of the second."""
        for (first, second), direction in product(self._pairs(), ("asc", "desc")):
            order = {**self._reader.order(first, "asc"), **self._reader.order(second, direction)}
            response, rows = self._query(order)
            expected = sorted(rows, key=lambda row: comparable(row.get(second)), reverse=direction == "desc")
            expected.sort(key=lambda row: comparable(row.get(first)))
            seen = [[row.get(name) for name in (first, second)] for row in rows]
            if seen != [[row.get(name) for name in (first, second)] for row in expected]:
                got = ", ".join(f"{one} {other}" for one, other in seen)
                message = f"sorting by {first} and {second} doesn't sort by both"
                self._unsorted(response, message, (f"{first} ascending, {second} {direction}ending", got))

    def _pairs(self) -> Iterator[tuple[str, str]]:
        """Two properties each: rows are equal by the first, and differ by the second. A time is never the first, as it
        may be shown less exactly than it is sorted."""
        shown = [name for name in self._reader.sortable if self._own.shows(name)]
        for first in shown:
            for second in shown if first in self._own.choices else ():
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
        if meaning is None or not self._own.shows(one.name) or one.parameter.name in self._own.mark:
            return
        for wanted in self._values(one):
            response, rows = self._query({one.parameter.name: wanted})
            target = _typed(wanted, one)
            expected = {
                str(row[self._resource.id_name]) for row in self._own.ours if meaning(row.get(one.name), target)
            }
            if not succeeded(response) or set(self._records(rows)) != expected:
                seen = self._own.compared(sorted(expected), response, rows, one.name)
                message = f"{one.parameter.name} doesn't filter as its operator says"
                self._broken_promise(Promise.LIST_FILTERS, one.parameter.name, response, message, seen)
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
        middle = str(sorted(present, key=comparable)[len(present) // 2])
        if one.parameter.schema.get("format") == "date-time":
            kind, moment = comparable(middle)
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

    def _limits(self, one: Parameter) -> None:
        """A number within its limits is taken, however large, and one beyond them is refused."""
        least, most = one.schema.get("minimum"), one.schema.get("maximum")
        for beyond in ([least - 1] if least is not None else []) + ([most + 1] if most is not None else []):
            self._refuses({one.name: str(beyond)}, one.name)
        for within in filter(None, (most,)):
            response = self._context.send(self._call, self._tenant, params={one.name: str(within)})
            if not succeeded(response):
                message = f"{one.name} is refused where it is as large as it may be"
                seen = ("a list, if an empty one", str(response.status_code))
                self._broken_promise(Promise.POSITIVE_DATA_ACCEPTANCE, one.name, response, message, seen)

    def _refuses(self, query: Mapping[str, str], parameter: str) -> None:
        """A query that the contract doesn't know is refused, so that a misspelt one isn't ignored."""
        if wanted := refusals(self._call, "400"):
            response = self._context.send(self._call, self._tenant, params=query)
            if succeeded(response):
                locations = self._context.collector.locations
                details = (
                    {}
                    if parameter
                    else {
                        "where": locations.of_call(self._call),
                        "assumption": locations.assumptions_of_call(self._call),
                    }
                )
                got = str(response.status_code)
                message = f"{next(iter(query))}={next(iter(query.values()))} is accepted"
                self._broken_promise(Promise.LIST_REFUSES, parameter, response, message, (wanted[0], got), **details)

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
            "assumption": locations.assumptions_of_parameter(self._call, parameter),
        }
        merged = {
            "message": message,
            "got": seen[1],
            "cause": parameter,
            **place,
            **details,
        }
        self._context.collector.broken_promise(self._call, promise, response, expected=seen[0], **merged)


def _is_before(value: Any, other: Any) -> bool:
    """Whether two values of one kind are in order."""
    (kind, first), (other_kind, second) = comparable(value), comparable(other)
    return kind == other_kind and bool(first < second)


def _typed(wanted: str, one: ListFilter) -> Any:
    return wanted == "true" if one.parameter.schema.get("type") == "boolean" else wanted
