"""Renewal of secrets: an operation that issues another secret issues a new one, as often as its limit allows."""

from collections.abc import Iterator
from functools import partial

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.scenarios.context import Scenario
from mockserver.checks.live.scenarios.record_scenarios import RecordScenarios
from mockserver.checks.transport.successes import succeeded
from mockserver.openapi.resources import Call


class SecretRenewalScenarios(RecordScenarios):
    """Scenarios of the operations on one resource that issue another secret for a record."""

    def scenarios(self) -> Iterator[Scenario]:
        """Names and attempts."""
        for other in self.resource.others:
            if self.context.can_call(other) and self.secret:
                yield other.kind, partial(self._renewed, other)

    def _renewed(self, call: Call) -> None:
        """An operation that issues another secret issues a new one; the limit that it declares holds; without a secret
        there is nothing to renew."""
        for body in self.context.examples(self.resource.create):
            created, record = self.create(body)
            if record is None:
                continue
            has_secret = self.context.value(created, str(self.secret)) is not None
            response = self.context.send(call, self.arguments_of(record))
            if has_secret and not succeeded(response):
                if self.is_there(record):
                    message = "a secret can't be renewed"
                    self.broken_promise(call, Promise.RENEWING_WORKS, response, message, "a success")
            elif has_secret:
                self.note_secret(call, response)
                self._is_limited(call, record)
            elif succeeded(response):
                mark = self.collector.locations.assumptions_of_call(call)
                self.broken_promise(
                    call,
                    Promise.RENEWING_WORKS,
                    response,
                    "a secret that doesn't exist is renewed",
                    "400",
                    assumption=mark,
                )
            self.delete(record)

    def _is_limited(self, call: Call, record: str) -> None:
        if "429" in call.operation.responses:
            again = self.context.send(call, self.arguments_of(record))
            if again.status_code != requests.codes.too_many_requests:
                mark = self.collector.locations.assumptions_of_response(call, "429")
                message = "the limit that the contract declares doesn't hold"
                self.broken_promise(call, Promise.LIMIT_HOLDS, again, message, "429 with Retry-After", assumption=mark)
