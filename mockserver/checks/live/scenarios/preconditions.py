"""Preconditions of a run: that a record can be deleted is seen on one, before many are made."""

from collections.abc import Iterator
from typing import Any

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.list_reader import ListReader
from mockserver.checks.live.scenarios.context import Scenario
from mockserver.checks.live.scenarios.effects import Effects
from mockserver.checks.live.scenarios.record_scenarios import GONE, IS_GONE, RecordScenarios
from mockserver.checks.transport.record_ids import RecordKey, id_text
from mockserver.checks.transport.successes import denies, succeeded


class PreconditionScenarios(RecordScenarios):
    """The scenario that comes before all others about records of one resource."""

    def scenarios(self) -> Iterator[Scenario]:
        """Name and attempt, where something that follows would create records."""
        resource, context = self.resource, self.context
        related = (call for call in context.plan.calls if call.path.startswith(resource.create.path))
        if not context.plan.policy.read_only and any(call is not resource.list for call in related):
            yield "can be deleted", self._can_be_deleted

    def _can_be_deleted(self) -> None:
        """Where a record stays, no other is made: the run reads, and changes the one."""
        created = self.context.send(self.resource.create, self.tenant, json=self._example())
        record = self.context.record_id(created, self.resource.id_name)
        if self.context.is_ours(record, self.resource.create):
            doubt = self._why_it_is_not_ours(record)
            if doubt and self._is_gone(record):
                return  # what isn't there can't stay; that creating is lost is told later
            if not doubt:  # now, as nothing else is made beside it: some lists lack what was made last
                self.is_listed(record, {}, None)
            if reason := doubt or self._why_it_stays(record):
                self._hold_back(record, reason)
        elif succeeded(created) and not self._is_found():
            self._hold_back("", f"the answer to creating has no {self.resource.id_name}, and no list shows the record")

    def _example(self) -> Any:
        return next(iter(self.context.examples(self.resource.create)), {})

    def _is_found(self) -> bool:
        """Whether a list shows a record of this run, so that a sweep finds it."""
        call = self.resource.list
        if call is None or not self.context.can_call(call):
            return False
        reader, marks = ListReader(self.context.surface, call), self.context.ownership.marks

        def shows() -> bool:
            response = self.context.send(call, self.tenant, params=self.search(call))
            return any(marks.is_on(row) for row in reader.rows(response))

        return self.context.seconds_until(call, shows) is not None

    def _hold_back(self, record: str, reason: str) -> None:
        """Make no more records of this kind, and say so."""
        create = self.resource.create
        self.context.ownership.undeletable[create.id] = record
        changing = (create, self.resource.delete, self.resource.update, *self.resource.others)
        self.collector.held_back |= {call.id for call in changing if call is not None}
        untried = f"{create.id}, {self.resource.delete.id} and their links weren't judged"
        message = f"{reason}, so no more than one was made, and {untried}"
        self.collector.not_judged(f"a {create.kind} can't be deleted", message)

    def _why_it_is_not_ours(self, record: str) -> str:
        """The reason why a record that creating has answered may be somebody else's, in words; empty if it is ours."""
        context = self.context
        return context.ownership.prove(RecordKey(self.resource.create.id, record), context.ask, context.pause)

    def _why_it_stays(self, record: str) -> str:
        """The reason why a record is still there after deleting it, in words; empty if it is gone."""
        delete, read = self.resource.delete, self.resource.read
        response = self.context.ask(delete, self.arguments_of(record))
        if response.status_code == requests.codes.forbidden:
            return "the account may not delete (403)"
        if not succeeded(response) and not self._is_gone(record):  # a 404 may come from who doesn't let it through
            self.broken_promise(
                delete, Promise.DELETE_DELETES, response, "a record can't be deleted", "a success", severity="critical"
            )
            return f"deleting answers {response.status_code}"
        after = None if read is None else self.context.ask(read, self.arguments_of(record))
        if after is None or denies(after):
            return ""  # whether another status than 404 is right is told later
        again = self.context.ask(delete, self.arguments_of(record))
        if again.status_code in GONE:
            return ""  # only reading still shows it
        is_shown = Effects(self.context, self.resource).tells(after, record)
        what = "the record is still there" if is_shown else "so does whatever names the record afterwards"
        details = {"severity": "critical" if is_shown else "medium", "condition": IS_GONE}
        message = f"deleting answers a success, and {what}"
        self.broken_promise(delete, Promise.DELETE_DELETES, again, message, "404", **details)
        return f"it is {'still there' if is_shown else 'answered as if it were there'} afterwards"

    def _is_gone(self, record: str) -> bool:
        """Whether reading says that a record is gone, and no list shows it; False if nothing reads it. Who reads by
        another name than its id says so of every record."""
        read = self.resource.read
        if read is None:
            return False
        return self.context.ask(read, self.arguments_of(record)).status_code in GONE and not self._is_listed(record)

    def _is_listed(self, record: str) -> bool:
        """Whether a list shows a record."""
        call = self.resource.list
        if call is None or not self.context.can_call(call):
            return False
        reader = ListReader(self.context.surface, call)
        query = {**self.search(call), **reader.newest_first, **reader.paging(1, reader.largest_page)}
        rows = reader.rows(self.context.ask(call, self.tenant, query))
        return any(id_text(row.get(self.resource.id_name)) == record for row in rows)
