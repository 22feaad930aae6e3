"""Updating a record: it shows at once, keeps what it can't change, replaces the rest, and issues a secret only where it
switches that on."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import partial
from typing import Any

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.findings.source_locations import mark_of
from mockserver.checks.live.scenarios.context import Scenario, inner
from mockserver.checks.live.scenarios.creation import lengthened
from mockserver.checks.live.scenarios.record_scenarios import RecordScenarios, named_examples
from mockserver.checks.transport.successes import succeeded
from mockserver.openapi.resources import Call


class UpdateScenarios(RecordScenarios):
    """Scenarios of updating records of one resource."""

    def scenarios(self) -> Iterator[Scenario]:
        """Names and attempts."""
        return (
            (name, partial(self._updated, body, start)) for name, body, start, is_first in self._pairs() if is_first
        )

    def more_scenarios(self) -> Iterator[Scenario]:
        """Names and attempts that update other records in the same ways."""
        return (
            (name, partial(self._updated, body, start)) for name, body, start, is_first in self._pairs() if not is_first
        )

    def _pairs(self) -> Iterator[tuple[str, Any, Any, bool]]:
        """Each update of a record that is like each of the examples, by name; the first of each comes first, and they
        take turns."""
        update, starts = self.resource.update, named_examples(self.context, self.resource.create)
        if update is None or not self.context.can_call(update, self.resource.read):
            return
        updates = [(f"updated by {name}", body) for name, body in named_examples(self.context, update)]
        updates += [(f"updated with {words}", body) for words, body in self._switched(update)]
        for number, (words, body) in enumerate(updates):
            for place, (name, start) in enumerate(starts):
                yield f"{words}, once {name}", body, start, place == number % len(starts)

    def _switched(self, update: Call) -> Iterator[tuple[str, Any]]:
        """The first example with each switch on, and off, and with more in its lists."""
        for name, body in named_examples(self.context, update)[:1]:
            yield f"more than {name}", lengthened(self.context.surface.contract, update, body)
            for flag in self._flags:
                for value in (True, False):
                    changed = deepcopy(body)
                    inner(changed, self.shown)[flag] = value
                    yield f"{flag} {value}", changed

    @property
    def _flags(self) -> list[str]:
        return [name for name, schema in self.shown.items() if schema.get("type") == "boolean" and name in self._taken]

    def _updated(self, body: Any, start: Any) -> None:
        """An update shows at once, keeps what it can't change, and issues a secret only where it switches that on."""
        _, record = self.create(start)
        before = self.read(record) if record else None
        _, other = self.create(start)
        bystander = self.read(other) if other else None
        if record is None or before is None or other is None or bystander is None or not self.are_ours(record, other):
            return
        self._update(record, body, before)
        self._untouched(other, bystander)
        self.delete(record)
        self.delete(other)

    def _untouched(self, other: str, bystander: requests.Response) -> None:
        after = self.read(other)
        if after is not None and self.differ(bystander, after) and self.resource.update is not None:
            message = "updating one record changes another"
            self.broken_promise(
                self.resource.update, Promise.UPDATE_KEEPS, after, message, bystander.text, severity="critical"
            )

    def _update(self, record: str, body: Any, before: requests.Response) -> None:
        update = self.resource.update
        if update is None:
            return
        response = self.context.send(update, self.arguments_of(record), json=body)
        if not succeeded(response):
            self.broken_promise(
                update, Promise.EXAMPLES_WORK, response, "an example of the contract is refused", "a success"
            )
            return
        after = self.read(record)
        if after is None:
            return
        self.reads_back(body, after, "what was sent when updating")
        self._stays(before, after)
        self._empties(body, after)
        self._keeps_switches(body, before, after)
        self._issues(response, before, after)

    def _stays(self, before: requests.Response, after: requests.Response) -> None:
        """A property that updating doesn't accept stays as it was."""
        update, taken = self.resource.update, self._taken
        for name in self.shown:
            old, new = self.context.value(before, name), self.context.value(after, name)
            if update is not None and name not in taken and old != new:
                message = f"an update changes {name}, which it doesn't take"
                self.broken_promise(update, Promise.UPDATE_KEEPS, after, message, repr(old), got=repr(new))

    def _empties(self, body: Any, after: requests.Response) -> None:
        """A list that a PUT leaves out is empty afterwards: it replaces the whole."""
        update = self.resource.update
        for name, schema in self._taken.items():
            if (
                update is not None
                and name in self.shown
                and schema.get("type") == "array"
                and name not in inner(body, self.shown)
            ):
                got = self.context.value(after, name)
                if got not in ([], None):
                    mark = mark_of(schema)
                    message = f"{name} was left out of a PUT, and is still there"
                    self.broken_promise(
                        update, Promise.UPDATE_REPLACES, after, message, "[]", got=repr(got), assumption=mark
                    )

    def _keeps_switches(self, body: Any, before: requests.Response, after: requests.Response) -> None:
        """A switch that an update could take, but leaves out, stays as it is."""
        update, sent = self.resource.update, inner(body, self.shown)
        branch = self.branch(update, sent)
        for flag in self._flags:
            old, new = self.context.value(before, flag), self.context.value(after, flag)
            if update is not None and flag in branch and flag not in sent and old != new and old is not None:
                mark = self.collector.locations.assumptions_of_call(update)
                message = f"an update that leaves {flag} out changes it"
                self.broken_promise(
                    update, Promise.UPDATE_KEEPS, after, message, repr(old), got=repr(new), assumption=mark
                )

    @property
    def _taken(self) -> dict[str, Mapping[str, Any]]:
        """The properties that updating accepts."""
        return self.takes(self.resource.update)

    def _issues(self, response: requests.Response, before: requests.Response, after: requests.Response) -> None:
        """The response has a secret if a switch was turned on, and only then."""
        update = self.resource.update
        if update is None or self.secret is None:
            return
        issuing = [
            code for code in update.operation.responses if code.startswith("2") and self._secret_in(update, code)
        ]
        if not issuing or not self._flags:
            return
        if (
            str(response.status_code) in issuing
            and self.secret in self._needed(update) - self.context.content(response).keys()
        ):
            return  # which breaks its schema
        switched = any(self.context.value(after, flag) and not self.context.value(before, flag) for flag in self._flags)
        if switched != (str(response.status_code) in issuing):
            mark = self.collector.locations.assumptions_of_response(update, issuing[0])
            where = self.collector.locations.of_response(update, issuing[0])
            words = (
                "switches signing on, but shows no secret" if switched else "shows a secret, but switched nothing on"
            )
            expected = issuing[0] if switched else "another success"
            self.broken_promise(
                update,
                Promise.SECRET_WHEN_ISSUED,
                response,
                f"an update {words}",
                expected,
                where=where,
                assumption=mark,
            )
        elif switched:
            self.note_secret(update, response)

    def _secret_in(self, call: Call, status: str) -> bool:
        return self.secret in self.context.surface.properties(call.operation, status)
