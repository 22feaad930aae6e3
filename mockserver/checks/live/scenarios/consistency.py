"""Consistency of single responses: figures contain each other, filters divide the whole, lists of names are
complete."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.scenarios.answer_shapes import choices, dotted, lacking, schema_of
from mockserver.checks.live.scenarios.context import Scenario, ScenarioContext
from mockserver.checks.live.scenarios.record_scenarios import response_examples
from mockserver.checks.transport.successes import succeeded
from mockserver.openapi.contract import Parameter
from mockserver.openapi.resources import Call

ATTEMPTS = 2  # somebody else may change the figures in between
FEW = 5  # names that are told
_SPAN = re.compile(r"in_(\d+)_days")


class ConsistencyScenarios:
    """Scenarios of operations that only read."""

    def __init__(self, context: ScenarioContext) -> None:
        self._context, self._collector = context, context.collector

    def scenarios(self) -> Iterator[Scenario]:
        """Names and attempts."""
        for call in self._context.plan.calls:
            if call.method == "GET" and call.record is None and not call.changes:
                response = self._context.surface.properties(call.operation, "2")
                yield f"figures of {call.id}", partial(self._figures, call)
                yield f"examples of {call.id}", partial(self._like_examples, call)
                flags = [one for one in call.operation.parameters_in("query") if one.schema.get("nullable")]
                if response.get("total", {}).get("type") == "integer" and flags:
                    yield f"parts of {call.id}", partial(self._parts, call, flags[0])
                for name, schema in response.items():
                    if schema.get("type") == "array":
                        yield f"names of {call.id}", partial(self._names, call, name)

    def _get(self, call: Call, query: Mapping[str, str] | None = None) -> requests.Response:
        return self._context.send(call, self._context.plan.tenant(call), params=query)

    def _figures(self, call: Call) -> None:
        """A longer span contains the shorter ones, and the total contains them all."""
        response = self._get(call)
        content = _content(response)
        spans = sorted((int(found[1]), value) for name, value in _numbers(content) if (found := _SPAN.fullmatch(name)))
        counts = [count for _, count in spans]
        total = content.get("total") if isinstance(content, dict) else None
        whole = total if isinstance(total, int) else None
        if whole is not None and whole < 0:
            self._broken_promise(
                call, Promise.FIGURES_AGREE, response, "a number of things is negative", "0 or more", cause="negative"
            )
        if counts and (counts != sorted(counts) or (whole is not None and counts[-1] > whole)):
            where, mark = self._collector.locations.of_value(call, "200", ["intervals", 0, f"in_{spans[0][0]}_days"])
            message = "a longer span has less than a shorter one, or more than the total"
            self._broken_promise(
                call, Promise.FIGURES_AGREE, response, message, "growing numbers", where=where, assumption=mark
            )

    def _like_examples(self, call: Call) -> None:
        """A response has what all examples of the contract have."""
        shown = [
            example for example in response_examples(self._context, call, "200").values() if isinstance(example, dict)
        ]
        response = self._get(call)
        content = _content(response)
        if shown and isinstance(content, dict):
            schema = schema_of(self._context.surface, call, "200")
            for path in lacking(self._context.surface.contract, schema, shown, content):
                where, mark = self._collector.locations.of_missing(call, "200", path[:-1], str(path[-1]))
                name = dotted(path)
                message = f"{name} is missing, which the contract's examples have"
                self._broken_promise(
                    call, Promise.EXAMPLES_WORK, response, message, name, where=where, assumption=mark, cause=name
                )

    def _parts(self, call: Call, flag: Parameter) -> None:
        """The totals with a filter set to yes and to no add up to the total without it."""
        for _ in range(ATTEMPTS):
            responses = [self._get(call, query) for query in ({}, {flag.name: "true"}, {flag.name: "false"})]
            everything, *parts = [self._context.value(response, "total") for response in responses]
            if not all(isinstance(part, int) for part in (everything, *parts)) or everything == sum(parts):
                return
        where = self._collector.locations.of_parameter(call, flag.name)
        message = f"{flag.name} true and false don't add up to all"
        self._broken_promise(
            call, Promise.FILTERS_DIVIDE, responses[1], message, f"{everything} in all", got=str(parts), where=where
        )

    def _names(self, call: Call, name: str) -> None:
        """A list of names has each once, and all those that another operation takes."""
        response = self._get(call)
        names = self._context.value(response, name)
        items = self._context.surface.properties(call.operation, "2")[name].get("items", {})
        is_told = any(isinstance(one, dict) and one.get(name) for one in self._shown(call, response))
        if names == [] and is_told and self._context.surface.contract.resolved(items).get("type") == "string":
            self._broken_promise(call, Promise.NAMES_AGREE, response, "no name is listed", "names", cause="none")
        if not isinstance(names, list) or not names or not all(isinstance(one, str) for one in names):
            return
        if len(set(names)) != len(names):
            self._broken_promise(
                call, Promise.NAMES_AGREE, response, "a name is listed twice", "each name once", cause="twice"
            )
        known = max(
            (values for _, values in choices(self._context.surface)),
            key=lambda values: len(values & set(names)),
            default=frozenset[str](),
        )
        missing = sorted(known - set(names))
        if known & set(names) and (new := sorted(set(names) - known)):
            line = f"{call.id} lists {name} that the contract doesn't know: {', '.join(new[:FEW])}"
            self._collector.report.notes.append(self._collector.clean(line))
        if missing and known & set(names):
            message = f"the contract knows names that aren't listed: {', '.join(missing[:FEW])}"
            self._broken_promise(
                call, Promise.NAMES_AGREE, response, message, "all names", severity="medium", cause="missing"
            )

    def _shown(self, call: Call, response: requests.Response) -> list[Any]:
        """What the contract's examples show in place of a response."""
        return list(response_examples(self._context, call, str(response.status_code)).values())

    def _broken_promise(
        self, call: Call, promise: Promise, response: requests.Response, message: str, expected: str, **details: Any
    ) -> None:
        self._collector.broken_promise(call, promise, response, expected=expected, message=message, **details)


def _content(response: requests.Response) -> Any:
    try:
        return response.json() if succeeded(response) else None
    except ValueError:
        return None


def _numbers(value: Any) -> Iterator[tuple[str, int]]:
    """Every whole number in a response, with its name."""
    if isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, int) and not isinstance(item, bool):
                yield name, item
            else:
                yield from _numbers(item)
    elif isinstance(value, list):
        for item in value:
            yield from _numbers(item)
