"""The walk along a contract, in step on both sides: logins, the lives of records, what only reads, and refusals.

Nothing on it is left to chance. What it asks next depends on the answers of the mock alone; an answer of live that
leads nowhere ends the life of a record, no more.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from mockserver.checks.drift.ask import MEMBER, Ask, Pair
from mockserver.checks.drift.exchanges import Exchanges
from mockserver.checks.drift.variations import Variations
from mockserver.checks.live.list_reader import ListReader
from mockserver.checks.live.planning.plan import Plan
from mockserver.openapi.declared_answers import declared_status
from mockserver.openapi.resources import Call, Link, Resource
from mockserver.openapi.runtime_expressions import Unavailable, value_of
from mockserver.openapi.shown_bodies import shown_bodies

MOST_LOGINS = 8  # variations of a login on another machine, as there are few logins a minute
Tick = Callable[[str], None]


class PairedWalk:
    """The walk of a run."""

    def __init__(self, planned: Plan, exchanges: Exchanges, tick: Tick) -> None:
        self._planned, self._surface, self._exchanges, self._tick = planned, planned.surface, exchanges, tick
        self._calls = [call for call in planned.calls if not call.account_wide or planned.options.allow_revoke]
        self._spares: dict[str, str] = {}
        self._kept: dict[str, str] = {}  # the record that live doesn't delete, by the operation that created it
        self._followed: set[tuple[str, str, str]] = set()
        self._varied = Variations(planned.surface, exchanges)

    def follow(self) -> None:
        """Ask everything. Raises Stopped."""
        self._look("what is there")
        for call in self._calls:
            if call.issues and call in self._planned.judged:
                self._log_in(call)
        for resource in self._surface.resources:
            if self._can(resource.create):
                self._tick(f"life of a {resource.create.kind}")
                self._live(resource)
        for call in self._calls:
            if call.creates and not self._surface.deletable(call):
                self._stay(call)
        self._look("what is there now")
        for call in self._calls:
            self._tick(f"refusals of {call.id}")
            self._vary(call)
        self._look("what is there at the end")
        for call in self._calls:
            if call.account_wide and call.changes:
                self._ask(call, "everywhere", {})

    def _can(self, call: Call | None) -> bool:
        return call is not None and call in self._calls

    def _ask(self, call: Call, tried: str, record: Mapping[str, str], body: Any = None, **more: Any) -> Pair | None:
        arguments = {**self._planned.tenant(call), **record}
        return self._exchanges.ask(Ask(call, arguments, tried, body=body, **more))

    # ---------------------------------------------------------------- reads
    def _look(self, tried: str) -> None:
        """Call what only reads, and names no record; lists are searched for what is the run's, too."""
        for call in self._calls:
            if call.changes or call.record is not None or call.issues:
                continue
            self._ask(call, tried, {})
            for query in self._own_rows(call):
                self._ask(call, tried, {}, query=query)

    def own_rows(self, call: Call) -> dict[str, str]:
        """The query by which a list shows the run's rows alone; an empty one if there is none."""
        return next(self._own_rows(call), {})

    def _own_rows(self, call: Call) -> Iterator[dict[str, str]]:
        """The queries that find the run's rows, as they come, and in each order."""
        reader, marks = ListReader(self._surface, call), self._exchanges.mock.ownership.marks
        creates = [one.create for one in self._surface.resources if one.list is call]
        names = sorted({name for one in creates for name in marks.searchable(one)})
        search = next((found for name in names if (found := reader.search(name, marks.host))), None)
        if search:
            yield search
            for name in reader.sortable:
                for direction in ("asc", "desc"):
                    yield {**search, **reader.order(name, direction)}
            for page in (1, 2):
                yield {**search, **reader.paging(page, 1), **next(({**reader.order(one, "asc")} for one in names), {})}

    # ---------------------------------------------------------------- logins
    def _log_in(self, call: Call) -> None:
        """A login, and what its links lead to: refreshes, and each used token once more."""
        side = self._exchanges.mock
        session = next((one for one in side.sessions.values() if one.login is call), None)
        if session is None:
            return
        pair = self._ask(call, "a login", {}, session.login_body())
        if pair is not None:
            self._follow_links(pair)

    def _follow_links(self, pair: Pair) -> None:
        """Follow the links of an answer that weren't followed yet; those that delete come last."""
        for link in sorted(self._links(pair), key=lambda one: self._surface.calls[one.target].method == "DELETE"):
            target = self._surface.calls[link.target]
            if not self._can(target) or link.key in self._followed:
                continue
            try:
                values = {name: str(value_of(value, pair.values)) for name, value in link.parameters.items()}
                body = self._shown(target)[0] if link.body is None else value_of(link.body, pair.values)
            except Unavailable:
                continue  # the next answer may have it
            self._followed.add(link.key)
            in_query = {one.name for one in target.operation.parameters_in("query")} & values.keys()
            query = {name: values.pop(name) for name in in_query}
            reached = self._ask(target, f"the link {link.name}", values, body, query=query)
            if reached is not None and target.issues:
                self._ask(target, f"the link {link.name}, once more", values, body, query=query)
            if reached is not None:
                self._follow_links(reached)

    def _links(self, pair: Pair) -> list[Link]:
        call = pair.ask.call
        status = declared_status(call.operation.responses, pair.mock.status)
        return [one for one in self._surface.links if (one.source, one.status) == (call.id, status)]

    # ---------------------------------------------------------------- records
    def _live(self, resource: Resource) -> None:
        """The life of a record of each kind that the contract shows: made, read, changed, listed, and deleted."""
        for body in self._shown(resource.create):
            record = self._created(resource.create, "a new record", body)
            if record is None:
                continue
            named = {resource.parameter: record}
            self._read(resource, named, "a new record")
            self._do_others(resource, named)
            self._update(resource, named)
            self._do_others(resource, named)
            self._end(resource, named)

    def _update(self, resource: Resource, named: Mapping[str, str]) -> None:
        if not self._can(resource.update) or resource.update is None:
            return
        for change in self._shown(resource.update):
            self._ask(resource.update, "an update", named, change)
            self._read(resource, named, "after an update")

    def _do_others(self, resource: Resource, named: Mapping[str, str]) -> None:
        """What else can be done with a record, and that once more."""
        for other in resource.others:
            for tried in ("on a record", "on a record, once more"):
                if self._can(other):
                    self._ask(other, tried, named, self._shown(other)[0])

    def _read(self, resource: Resource, named: Mapping[str, str], tried: str) -> None:
        if self._can(resource.read) and resource.read is not None:
            self._ask(resource.read, tried, named)
        if self._can(resource.list) and resource.list is not None:
            self._ask(resource.list, tried, {}, query=self.own_rows(resource.list))

    def _end(self, resource: Resource, named: Mapping[str, str]) -> None:
        """Delete a record, and see that it is gone for every operation."""
        if not self._can(resource.delete):
            return
        ended = self._ask(resource.delete, "the end of a record", named)
        if ended is None and self._exchanges.upkeep.holds_back(resource.delete):
            self._kept[resource.create.id] = named[resource.parameter]
            self.forget_spares()
            return
        for call in (resource.read, resource.update, *resource.others, resource.delete):
            if self._can(call) and call is not None:
                self._ask(call, "on a record that is gone", named, self._shown(call)[0])

    def _stay(self, call: Call) -> None:
        """Records that can't be deleted: one of each kind that the contract shows, and the same once more."""
        self._tick(f"a {call.kind} that stays")
        for number, body in enumerate(self._shown(call)):
            pair = self._ask(call, "a new record", {}, body)
            if number == 0:
                self._ask(call, "the same once more", {}, body)
            if pair is not None:
                self._follow_links(pair)
            self._look("after a new record")

    def _created(self, call: Call, tried: str, body: Any) -> str | None:
        """The id of a new record in the words of the mock, if both sides have made one."""
        pair = self._ask(call, tried, {}, body)
        record, there = (one.value(call.creates or "") for one in (pair.mock, pair.live)) if pair else (None, None)
        if not isinstance(record, str) or not isinstance(there, str):
            return None
        return record if self._exchanges.known.bind(record, there) else None  # whatever else the answers say

    def spare(self, call: Call) -> str | None:
        """The id of a record for an operation that needs one."""
        resource = next((one for one in self._surface.resources if call.path.startswith(one.delete.path)), None)
        if resource is None or not self._can(resource.create):
            return None
        name = resource.create.id
        if name not in self._spares:
            record = self._created(resource.create, "a record to try on", self._shown(resource.create)[0])
            if record is None:
                return None
            self._spares[name] = record
        return self._spares[name]

    def forget_spares(self) -> None:
        """Try on other records from now on: something may have become of these on one side alone."""
        self._spares = dict(self._kept)

    # ---------------------------------------------------------------- refusals
    def _vary(self, call: Call) -> None:
        """What is wrong, or unusual, at an operation: each is tried on a record that both sides have."""
        bodies = self._shown(call)
        session = next((one for one in self._exchanges.mock.sessions.values() if one.login is call), None)
        if session is not None:
            bodies = [session.login_body()]
        body = max(bodies, key=lambda one: len(repr(one)))
        base = Ask(call, self._planned.tenant(call), "", body=body, query=self.own_rows(call))
        most = MOST_LOGINS if call.issues and not self._planned.options.is_here else None
        for variation in islice(self._varied.of(base), most):
            ask = variation
            if call.record is not None and call.record not in ask.arguments:
                record = self.spare(call)
                if record is None:
                    return
                ask = replace(ask, arguments={**ask.arguments, call.record: record})
            if ask.who == MEMBER and not (self._exchanges.mock.has_member and self._exchanges.live.has_member):
                continue
            pair = self._exchanges.ask(ask)
            if pair is not None and call.changes and (pair.mock.status != pair.live.status or pair.mock.succeeded):
                self.forget_spares()

    def _shown(self, call: Call) -> list[Any]:
        """The bodies that the contract shows for an operation, by examples or by its schema; there is always one, which
        is None where it takes none."""
        bodies = list(shown_bodies(self._surface.contract, call).values())
        return bodies or [{} if call.operation.media_types else None]
