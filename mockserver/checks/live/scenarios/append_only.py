"""Records that can't be deleted, if their residue is allowed: members, transactions."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.scenarios.context import Scenario, ScenarioContext, inner
from mockserver.checks.live.scenarios.record_scenarios import named_examples
from mockserver.openapi.resources import Call


class AppendOnlyScenarios:
    """Scenarios of creating records that stay."""

    def __init__(self, context: ScenarioContext) -> None:
        self._context, self._collector = context, context.collector

    def scenarios(self) -> Iterator[Scenario]:
        """Names and attempts."""
        for call in self._context.plan.calls:
            if call.creates and not self._context.surface.deletable(call):
                for name, body in named_examples(self._context, call):
                    yield f"{call.kind} {name}", partial(self._created, call, body)

    def _created(self, call: Call, body: Any) -> None:
        """An example of the contract works. Sent again, it is refused if the response shows an identifier; else it
        makes another record."""
        before = self._figure(call)
        body = self._context.fresh(call, body)
        first = self._context.send(call, self._context.plan.tenant(call), json=body)
        one = self._context.value(first, str(call.creates))
        if one is None:
            message = "an example of the contract is refused"
            self._collector.broken_promise(
                call, Promise.EXAMPLES_WORK, first, expected="a success, and an id", message=message
            )
            return
        self._echoes(call, body, first)
        self._counts(call, before)
        again = self._context.send(call, self._context.plan.tenant(call), json=body)
        if self._identifiers(call) and again.status_code != requests.codes.bad_request:
            self._broken_promise(call, Promise.IDENTIFIERS_ARE_NEW, again, "the same identifier is taken twice", "400")
        elif not self._identifiers(call) and self._context.value(again, str(call.creates)) in (one, None):
            self._broken_promise(call, Promise.IDS_ARE_NEW, again, "the same body isn't taken twice", "another id")

    def _identifiers(self, call: Call) -> list[str]:
        """The properties of the response beside the id."""
        return [name for name in self._context.surface.properties(call.operation, "2") if name != call.creates]

    def _echoes(self, call: Call, body: Any, response: requests.Response) -> None:
        sent = inner(body, {})
        for name in self._identifiers(call):
            got = self._context.value(response, name)
            if name in sent and got != sent[name]:
                where, mark = self._collector.locations.of_value(call, str(response.status_code), [name])
                message = f"{name} isn't what was sent"
                self._broken_promise(
                    call,
                    Promise.READS_BACK,
                    response,
                    message,
                    repr(sent[name]),
                    got=repr(got),
                    where=where,
                    assumption=mark,
                )

    # ---------------------------------------------------------------- figures
    def _figure(self, call: Call) -> int | None:
        """The number of such records, by an operation that is named after them and has a total; None if there is
        none."""
        for one in self._context.plan.calls:
            if one.kind == f"{call.kind}s" and one.method == "GET" and one.record is None:
                total = self._context.value(self._context.send(one, self._context.plan.tenant(one)), "total")
                return total if isinstance(total, int) else None
        return None

    def _counts(self, call: Call, before: int | None) -> None:
        after = self._figure(call)
        if before is not None and after is not None and after <= before:
            counter = next(one for one in self._context.plan.calls if one.kind == f"{call.kind}s")
            response = self._context.send(counter, self._context.plan.tenant(counter))
            self._broken_promise(
                counter, Promise.FIGURES_AGREE, response, f"a new {call.kind} isn't counted", f"more than {before}"
            )

    def _broken_promise(
        self, call: Call, promise: Promise, response: requests.Response, message: str, expected: str, **details: Any
    ) -> None:
        details.setdefault("assumption", self._collector.locations.assumptions_of_call(call))
        self._collector.broken_promise(call, promise, response, expected=expected, message=message, **details)
