"""Preconditions of a run: that a record can be deleted is seen on one, before many are made."""

from collections.abc import Iterator

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.scenarios.context import Scenario
from mockserver.checks.live.scenarios.record_scenarios import GONE, IS_GONE, RecordScenarios


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
        create = self.resource.create
        record = self.context.make(create, self.tenant)
        if record is None:
            return
        response = self.context.ask(self.resource.delete, self.arguments_of(record))
        if reason := self._why_it_stays(record, response):
            self.context.ownership.undeletable[create.id] = record
            changing = (create, self.resource.delete, self.resource.update, *self.resource.others)
            self.collector.held_back |= {call.id for call in changing if call is not None}
            untried = f"{create.id}, {self.resource.delete.id} and their links weren't judged"
            message = f"{reason}, so no more than one was made, and {untried}"
            self.collector.not_judged(f"a {create.kind} can't be deleted", message)

    def _why_it_stays(self, record: str, response: requests.Response) -> str:
        """The reason why a record is still there after deleting it, in words; empty if it is gone."""
        delete, read = self.resource.delete, self.resource.read
        if response.status_code == requests.codes.forbidden:
            return "the account may not delete (403)"
        if not response.ok and not self._is_gone(record):  # a 404 may come from who doesn't let it through
            self.broken_promise(
                delete, Promise.DELETE_DELETES, response, "a record can't be deleted", "a success", severity="critical"
            )
            return f"deleting answers {response.status_code}"
        if read is None or self._is_gone(record):
            return ""
        again = self.context.ask(delete, self.arguments_of(record))
        if again.status_code in GONE:
            return ""  # only reading still shows it
        message = "deleting answers a success, and the record is still there"
        details = {"severity": "critical", "condition": IS_GONE}
        self.broken_promise(delete, Promise.DELETE_DELETES, again, message, "404", **details)
        return "it is still there afterwards"

    def _is_gone(self, record: str) -> bool:
        """Whether reading says that a record is gone; False if nothing reads it."""
        read = self.resource.read
        if read is None:
            return False
        return self.context.ask(read, self.arguments_of(record)).status_code in GONE
