"""Deletion: a deleted record is gone for every operation, and no other record is."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.scenarios.context import Scenario
from mockserver.checks.live.scenarios.effects import Effects
from mockserver.checks.live.scenarios.record_scenarios import GONE, IS_GONE, RecordScenarios
from mockserver.checks.transport.successes import succeeded
from mockserver.openapi.shown_bodies import can_be_made


class DeletionScenarios(RecordScenarios):
    """Scenarios of how the records of one resource end."""

    def scenarios(self) -> Iterator[Scenario]:
        """Names and attempts."""
        body: Any = next(iter(self.context.examples(self.resource.create)), {})
        yield "deleted", partial(self._deleted, body)
        yield "several of a kind", partial(self._siblings, body)

    def _deleted(self, body: Any) -> None:
        _, record = self.create(body)
        if record is None or not self.is_there(record):
            return
        response = self.delete(record)
        if not succeeded(response):
            self.broken_promise(
                self.resource.delete, Promise.DELETE_DELETES, response, "a record can't be deleted", "a success"
            )
            return  # that it is still there only follows
        for call in (self.resource.read, self.resource.update, *self.resource.others, self.resource.delete):
            if call is not None and self.context.can_call(call) and can_be_made(self.context.surface.contract, call):
                example = next(iter(self.context.examples(call)), None)
                after = self.context.send(call, self.arguments_of(record), json=example)
                if after.status_code not in GONE:
                    message = f"after deleting, {call.method} still answers {after.status_code}"
                    severity = "critical" if Effects(self.context, self.resource).tells(after, record) else "medium"
                    self.broken_promise(
                        call, Promise.DELETE_DELETES, after, message, "404", severity=severity, condition=IS_GONE
                    )
        self.is_unlisted(record)

    def _siblings(self, body: Any) -> None:
        """The same body creates another record each time, and deleting one of them leaves the others."""
        made = [self.create(body) for _ in range(3)]
        records = [record for _, record in made if record is not None]
        if len(records) < len(made):
            return  # that one has no id is told
        if len(set(records)) < len(made):
            message = "the same body doesn't make another record each time"
            self.broken_promise(
                self.resource.create, Promise.IDS_ARE_NEW, made[-1][0], message, "three ids", got=str(len(set(records)))
            )
            return
        if not self.is_there(records[0]) or not self.are_ours(*records):
            return
        self.delete(records[1])
        for record in (records[0], records[2]):
            response = self.context.send(self.resource.read, self.arguments_of(record)) if self.resource.read else None
            if response is not None and not succeeded(response):
                message = "deleting one record removed another"
                self.broken_promise(
                    self.resource.delete, Promise.DELETE_DELETES, response, message, "200", severity="critical"
                )
            self.delete(record)
