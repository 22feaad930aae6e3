"""Rows of a list that are the run's own: they differ wherever it is theirs to differ, and a query finds just them."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import requests

from mockserver.checks.live.list_reader import ListReader
from mockserver.checks.live.scenarios.context import ScenarioContext, inner
from mockserver.checks.live.scenarios.record_scenarios import report_lag
from mockserver.checks.transport.ledger import is_id
from mockserver.checks.transport.record_ids import RecordKey, id_text
from mockserver.checks.transport.successes import succeeded
from mockserver.openapi.resources import Resource, properties

ROWS = 5
ORDER = (2, 4, 0, 3, 1)  # in which they are made, so that no sort could be mistaken for it
LATER = 2  # of them are made anew, to have another time than the others
NEXT_SECOND = 1.1  # seconds: times of records are compared to the second
Row = dict[str, Any]
Page = tuple[requests.Response, list[Row]]


class OwnRows:
    """The rows of one list that scenarios make, and the queries that find them."""

    def __init__(self, context: ScenarioContext, resource: Resource, tenant: Mapping[str, str]) -> None:
        if resource.list is None:
            raise ValueError("a resource without a list")
        self.context, self.resource, self.tenant, self.call = context, resource, dict(tenant), resource.list
        self.reader = ListReader(context.surface, self.call)
        self.ids: list[str] = []
        self._others: list[str] = []
        self._ours: list[Row] | None = None
        self._misshown = set[str]()

    @cached_property
    def mark(self) -> dict[str, str]:
        """The query for rows of this run."""
        marks = self.context.ownership.marks
        names = sorted(marks.searchable(self.resource.create))
        queries = (self.reader.search(name, marks.host + "/list") for name in names)
        return next((query for query in queries if query), {})

    def query(self, query: Mapping[str, str]) -> Page:
        """The response to a query among rows of this run, and its rows."""
        params = {**self.mark, **self.reader.paging(1, self.reader.largest_page), **query}
        response = self.context.send(self.call, self.tenant, params=params)
        return response, self.reader.rows(response)

    def records(self, rows: list[Row]) -> list[str]:
        """The ids of rows."""
        return [str(row.get(self.resource.id_name)) for row in rows]

    def compared(
        self, expected: Iterable[str], response: requests.Response, rows: list[Row], name: str = ""
    ) -> tuple[str, str]:
        """What was expected, and what came, in words: ids, each with the value of a property if one is named."""
        values = {str(row.get(self.resource.id_name)): row.get(name) for row in (*self.ours, *rows)}

        def told(records: Iterable[str]) -> str:
            shown = [f"{record} ({values.get(record)})" if name else record for record in records]
            return f"{len(shown)} row{'s' * (len(shown) > 1)}: {listed(shown)}" if shown else "no row"

        return told(expected), f"{response.status_code}, {told(self.records(rows))}"

    @property
    def ours(self) -> list[Row]:
        """The rows of these scenarios, as the list shows them without sorting or filters; none if some are missing."""
        if self._ours is None:
            response, rows = self.query({})
            self._misshown = self.reader.misshown(response)
            found = [row for row in rows if id_text(row.get(self.resource.id_name)) in self.ids]
            self._ours = found if len(found) == len(self.ids) else []
        return self._ours

    def shows(self, name: str) -> bool:
        """Whether the rows show a property as the contract says. If not, that is told, and what depends on the property
        can't be judged."""
        is_shown = bool(self.ours) and name not in self._misshown
        if self.ours and not is_shown:
            kind, left_out = self.resource.create.kind, self.context.collector.report.left_out
            line = f"sorting {kind}s by {name}, and filtering: the list doesn't show it as the contract says"
            left_out += [line] * (line not in left_out)
        return is_shown

    def is_there(self, record: str) -> bool:
        """Whether a record can be read; also if nothing reads it."""
        read = self.resource.read
        if read is None or not self.context.can_call(read):
            return True
        return succeeded(self.context.send(read, self.context.arguments_of(self.resource, record, self.tenant)))

    # ---------------------------------------------------------------- making and deleting
    def fill(self) -> None:
        """Make rows, and wait until the list has them."""
        for position in ORDER:
            self.add(position)
        outsider = self.context.make(self.resource.create, self.tenant)  # one that our queries don't describe
        self._others += [outsider] if outsider else []
        seconds = self.context.seconds_until(self.call, self._has_all)
        report_lag(self.context, self.call, seconds, self._last)

    def _has_all(self) -> bool:
        self._last, rows = self.query({})
        return not succeeded(self._last) or set(self.ids) <= set(self.records(rows))

    def add(self, position: int) -> None:
        """Make a row; those next to each other share values, where there is a choice of them."""
        doubled = self.context.doubled
        response = self.context.send(self.resource.create, self.tenant, json=self._body(position))
        record = self.context.record_id(response, self.resource.id_name)
        if is_id(record):
            self.ids.append(str(record))
        if self.context.doubled > doubled:
            self._delete_twins()

    def _delete_twins(self) -> None:
        """Delete the rows of this run that nobody knows: a gateway lost the answers to creating them. As in a sweep,
        a record is read before, and shows whose it is."""
        ownership, read = self.context.ownership, self.resource.read
        for record in self.records(self.query({})[1]):
            key = RecordKey(self.resource.create.id, record)
            if read is None or not is_id(record) or key in ownership.foreign or key in ownership.records:
                continue
            shown = self.context.ask(read, self.context.arguments_of(self.resource, record, self.tenant))
            if succeeded(shown) and ownership.marks.is_on(self.context.content(shown)):
                ownership.adopt(self.resource.create, self.tenant, record)
                self._delete(record)

    def spread(self) -> None:
        """Make some of the rows anew, a second later than the others."""
        self.context.pause(NEXT_SECOND)
        for record, position in zip(self.ids[-LATER:], ORDER[-LATER:], strict=False):
            self.ids.remove(record)  # first, as the answer to deleting it may be lost
            if self._delete(record):
                self.add(position)
            else:
                self.ids.append(record)
        self.context.seconds_until(self.call, self._has_all)
        self._ours = None

    def empty(self) -> None:
        """Delete all of them."""
        for record in (*self.ids, *self._others):
            self._delete(record)

    def _delete(self, record: str) -> bool:
        arguments = self.context.arguments_of(self.resource, record, self.tenant)
        return succeeded(self.context.send(self.resource.delete, arguments))

    def _body(self, position: int) -> Any:
        body: Any = deepcopy(next(iter(self.context.examples(self.resource.create)), {}))
        values = inner(body, self.reader.row)
        marks = self.context.ownership.marks
        for name, choices in self.choices.items():
            values[name] = choices[position // 2 * (len(choices) - 1) // 2]  # some rows share a value
        for name in marks.searchable(self.resource.create):
            values[name] = f"https://{marks.host}/list/{'cadbe'[position]}"
        return body

    @cached_property
    def choices(self) -> dict[str, list[Any]]:
        """Properties with a choice of values that rows show and creating takes."""
        contract = self.context.surface.contract
        found: dict[str, Mapping[str, Any]] = {}
        for pointer in self.resource.create.operation.media_types.values():
            outer = properties(contract, contract.at(pointer))
            found |= outer if len(outer) != 1 else properties(contract, next(iter(outer.values())))
        several = {name: sorted(one["enum"]) for name, one in found.items() if len(one.get("enum", ())) >= ROWS}
        return {name: choices for name, choices in several.items() if name in self.reader.row}


def comparable(value: Any) -> tuple[str, Any]:
    """A value with its kind, so that any two can be put in order: a target may answer anything. Times are times,
    whatever their offset."""
    if isinstance(value, int | float):
        return "number", value
    if isinstance(value, str) and len(value) >= len("2026-01-15T10:30:00Z") and value[10:11] in "Tt":
        with suppress(ValueError):
            moment = datetime.fromisoformat(value)
            return "time", moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return ("text", value) if isinstance(value, str) else ("", str(value))


def listed(values: Iterable[Any]) -> str:
    """Values with commas between them; `none` if there are none."""
    return ", ".join(str(value) for value in values) or "none"
