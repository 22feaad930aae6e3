"""Records that can't be deleted, if their residue is allowed: members, transactions."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.scenarios.answer_shapes import Path
from mockserver.checks.live.scenarios.context import Scenario, ScenarioContext, inner
from mockserver.checks.live.scenarios.forbidden_bodies import leaves, with_value
from mockserver.checks.live.scenarios.record_scenarios import named_examples
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Call, properties

UNIQUE = "x-unique"  # of a property in our contract: nobody else may have its value, compared in one of these ways
EXACTLY, IGNORING_CASE = "exactly", "ignoring case"


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
        """An example of the contract works. Another body with one of its identifiers is refused; where it has none, the
        same body makes another record."""
        before = self._figure(call)
        body = self._context.fresh(call, body)
        first = self._context.send(call, self._context.plan.tenant(call), json=body)
        one = self._context.record_id(first, str(call.creates))
        if one is None:
            message = "an example of the contract is refused"
            self._collector.broken_promise(
                call, Promise.EXAMPLES_WORK, first, expected="a success, and an id", message=message
            )
            return
        self._echoes(call, body, first)
        self._counts(call, before)
        unique = self._unique(call, body)
        for path, comparison in unique.items():
            self._is_taken(call, body, path, comparison)
        if not unique:
            again = self._context.send(call, self._context.plan.tenant(call), json=body)
            if self._context.record_id(again, str(call.creates)) in (one, None):
                self._broken_promise(call, Promise.IDS_ARE_NEW, again, "the same body isn't taken twice", "another id")

    # ---------------------------------------------------------------- identifiers
    def _unique(self, call: Call, body: Any) -> dict[Path, str]:
        """The places of a body's identifiers, each with how it is compared: those that the contract marks, or else
        those that the response shows beside the id."""
        contract = self._context.surface.contract
        pointers = call.operation.media_types.values()
        marked = {place: how for one in pointers for place, how in unique_places(contract, contract.at(one), body)}
        return marked or {path: EXACTLY for path, _ in leaves(body) if path[-1] in self._shown(call)}

    def _is_taken(self, call: Call, body: Any, path: Path, comparison: str) -> None:
        """Nobody else can have an identifier, nor have it in other case where that makes no difference."""
        value, name = value_at(body, path), str(path[-1])
        spellings = {value: f"the same {name} is taken twice"}
        if comparison == IGNORING_CASE:
            swapped = self._context.ownership.marks.in_other_case(value)
            spellings.setdefault(swapped, f"the same {name} in other case is taken")
        for spelling, message in spellings.items():
            other = with_value(self._context.fresh(call, body), path, spelling)
            response = self._context.send(call, self._context.plan.tenant(call), json=other)
            if response.status_code != requests.codes.bad_request:
                details = {"cause": message}
                self._broken_promise(call, Promise.IDENTIFIERS_ARE_NEW, response, message, "400", **details)
                return

    def _shown(self, call: Call) -> list[str]:
        """The properties of the response beside the id."""
        return [name for name in self._context.surface.properties(call.operation, "2") if name != call.creates]

    def _echoes(self, call: Call, body: Any, response: requests.Response) -> None:
        sent = inner(body, {})
        for name in self._shown(call):
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


def unique_places(
    contract: Contract, schema: Mapping[str, Any], body: Any, at: Path = ()
) -> Iterator[tuple[Path, str]]:
    """The places in a body whose texts nobody else may have, as its schema says, each with how they are compared."""
    for name, declared in properties(contract, schema).items() if isinstance(body, dict) else ():
        if name in body:
            comparison = contract.resolved(declared).get(UNIQUE)
            if comparison and isinstance(body[name], str):
                yield (*at, name), comparison
            yield from unique_places(contract, declared, body[name], (*at, name))


def value_at(body: Any, path: Path) -> Any:
    """The value at a place of a body."""
    for step in path:
        body = body[step]
    return body
