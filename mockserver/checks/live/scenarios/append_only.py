"""Records that can't be deleted, where their residue was allowed: members, transactions."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.scenarios.context import Bench, inner
from mockserver.checks.live.scenarios.record_steps import named_examples
from mockserver.openapi.resources import Call


class Residue:
    """Stories about creating what stays."""

    def __init__(self, bench: Bench) -> None:
        self._bench, self._judge = bench, bench.judge

    def stories(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Names and attempts."""
        for call in self._bench.plan.calls:
            if call.creates and not self._bench.surface.deletable(call):
                for name, body in named_examples(self._bench, call):
                    yield f"{call.kind} {name}", partial(self._created, call, body)

    def _created(self, call: Call, body: Any) -> None:
        """An example works, and once more: what the answer echoes identifies, and must be new; else there are two."""
        before = self._figure(call)
        body = self._bench.fresh(call, body)
        first = self._bench.send(call, self._bench.plan.tenant(call), json=body)
        one = self._bench.value(first, str(call.creates))
        if one is None:
            message = "an example of the contract is refused"
            self._judge.broken(call, Promise.EXAMPLES_WORK, first, expected="a success, and an id", message=message)
            return
        self._echoes(call, body, first)
        self._counts(call, before)
        again = self._bench.send(call, self._bench.plan.tenant(call), json=body)
        if self._identifiers(call) and again.status_code != requests.codes.bad_request:
            self._broken(call, Promise.IDENTIFIERS_ARE_NEW, again, "the same identifier is taken twice", "400")
        elif not self._identifiers(call) and self._bench.value(again, str(call.creates)) in (one, None):
            self._broken(call, Promise.IDS_ARE_NEW, again, "the same body isn't taken twice", "another id")

    def _identifiers(self, call: Call) -> list[str]:
        """What the answer tells beside the id."""
        return [name for name in self._bench.surface.properties(call.operation, "2") if name != call.creates]

    def _echoes(self, call: Call, body: Any, answer: requests.Response) -> None:
        sent = inner(body, {})
        for name in self._identifiers(call):
            got = self._bench.value(answer, name)
            if name in sent and got != sent[name]:
                where, mark = self._judge.places.of_value(call, str(answer.status_code), [name])
                message = f"{name} isn't what was sent"
                self._broken(
                    call,
                    Promise.READS_BACK,
                    answer,
                    message,
                    repr(sent[name]),
                    got=repr(got),
                    where=where,
                    assumption=mark,
                )

    # ---------------------------------------------------------------- figures
    def _figure(self, call: Call) -> int | None:
        """How many there are, by an operation named after them that tells a total."""
        for one in self._bench.plan.calls:
            if one.kind == f"{call.kind}s" and one.method == "GET" and one.record is None:
                total = self._bench.value(self._bench.send(one, self._bench.plan.tenant(one)), "total")
                return total if isinstance(total, int) else None
        return None

    def _counts(self, call: Call, before: int | None) -> None:
        after = self._figure(call)
        if before is not None and after is not None and after <= before:
            counter = next(one for one in self._bench.plan.calls if one.kind == f"{call.kind}s")
            answer = self._bench.send(counter, self._bench.plan.tenant(counter))
            self._broken(
                counter, Promise.FIGURES_AGREE, answer, f"a new {call.kind} isn't counted", f"more than {before}"
            )

    def _broken(
        self, call: Call, promise: Promise, answer: requests.Response, message: str, expected: str, **details: Any
    ) -> None:
        details.setdefault("assumption", self._judge.places.assumption_of_call(call))
        self._judge.broken(call, promise, answer, expected=expected, message=message, **details)
