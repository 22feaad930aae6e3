"""Hostile JSON: what no JSON is by RFC 8259 is refused, and what JSON is, however odd, breaks nothing.

A body is good but for one text, in whose place `json.dumps` would never write what stands there. Logins get few of
them, as the vendor counts those.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from functools import partial
from typing import Any, NamedTuple

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.scenarios.context import Scenario, ScenarioContext, inner
from mockserver.checks.transport.refusals import refusals
from mockserver.checks.transport.successes import succeeded
from mockserver.openapi.resources import Call, properties

JSON = "application/json"
HOLE = "mockserver-check-hole"
DEPTH = 50_000  # brackets within each other
DATES = ("0001-01-01", "9999-12-31")  # the first and the last that RFC 3339 can write
MOMENTS = (
    "0001-01-01T00:00:00+23:00",
    "9999-12-31T23:59:59-23:00",
    "2016-12-31T23:59:60Z",
)  # beyond, in UTC; and a leap


class Oddity(NamedTuple):
    """What stands in the place of a text: `written` is made of the property's name and of the text, both in JSON.

    `is_json` says whether RFC 8259 knows it, `harms` that a weak host may not survive it, `counts` that even a login is
    tried with it.
    """

    name: str
    written: Callable[[bytes, bytes], bytes]
    is_json: bool = True
    harms: bool = False
    counts: bool = False


CORPUS = (
    Oddity("NaN", lambda _, __: b"NaN", is_json=False, counts=True),
    Oddity("bytes that are no UTF-8", lambda _, text: text[:-1] + b'\xff\xfe\xc3("', is_json=False),
    Oddity("a number beyond all floats", lambda _, __: b"1e400"),
    Oddity("half of a surrogate pair", lambda _, text: text[:-1] + b'\\ud800"', counts=True),
    Oddity("a null character", lambda _, text: text[:-1] + b'\\u0000"'),
    Oddity("a huge integer", lambda _, __: b"9" * 400),
    Oddity("a key twice", lambda name, text: text + b", " + name + b": " + text),
    Oddity(f"{DEPTH} arrays within each other", lambda _, __: b"[" * DEPTH + b"]" * DEPTH, harms=True),
)


class HostileJsonScenarios:
    """Scenarios of each operation that takes JSON, and of each time in queries."""

    def __init__(self, context: ScenarioContext) -> None:
        self._context, self._collector = context, context.collector

    def scenarios(self) -> Iterator[Scenario]:
        """Names and attempts."""
        for call in self._context.plan.calls:
            if JSON in call.operation.media_types:
                yield from (
                    (f"{odd.name} at {call.id}", partial(self._try, call, odd))
                    for odd in CORPUS
                    if self._fits(call, odd)
                )
                yield f"times at the edge at {call.id}", partial(self._extreme_times, call)
            for one in call.operation.parameters_in("query") if not call.changes and call.record is None else ():
                if one.schema.get("format") == "date-time":
                    yield f"times at the edge in {one.name} of {call.id}", partial(self._extreme_query, call, one.name)
                    break

    def _fits(self, call: Call, odd: Oddity) -> bool:
        hostile, here = self._context.plan.policy.hostile, self._context.plan.options.is_here
        is_login = any(session.login is call for session in self._context.sessions.values())
        return (hostile or not odd.harms) and (not call.issues or here or (odd.counts and is_login))

    # ---------------------------------------------------------------- bodies
    def _try(self, call: Call, odd: Oddity) -> None:
        for body in self._bodies(call):
            name = next(iter(_texts(inner(body, {}))), None)
            if name is None:
                return
            text, inner(body, {})[name] = inner(body, {})[name], HOLE
            odd_text = odd.written(json.dumps(name).encode(), json.dumps(text).encode())
            written = json.dumps(body).encode().replace(json.dumps(HOLE).encode(), odd_text)
            self._judge(call, written, odd.name, refused=not odd.is_json)

    def _extreme_times(self, call: Call) -> None:
        """The first and the last moment that can be written, in every place for a date or a time."""
        contract = self._context.surface.contract
        for body in self._bodies(call):
            schema = contract.at(call.operation.media_types[JSON])
            for values in ((DATES[0], MOMENTS[0]), (DATES[1], MOMENTS[1])):
                changed = deepcopy(body)
                if _set_times(contract, schema, changed, *values):
                    self._judge(call, json.dumps(changed).encode(), f"{values[0]} and {values[1]}", refused=False)

    def _extreme_query(self, call: Call, name: str) -> None:
        for moment in MOMENTS[:2]:
            response = self._context.send(call, self._context.plan.tenant(call), params={name: moment})
            self._is_no_server_error(call, response, moment)

    def _bodies(self, call: Call) -> Iterator[Any]:
        """The fullest example, with identifiers that nobody has."""
        body = max(self._context.examples(call), key=lambda example: len(str(example)), default=None)
        if body is not None:
            yield self._context.fresh(call, body)

    def _judge(self, call: Call, body: bytes, what: str, *, refused: bool) -> None:
        arguments = self._context.plan.tenant(call)
        if call.record is not None:
            spare = self._context.substitutes.spare(call, arguments)
            arguments[call.record] = spare or self._context.ownership.unknown_id(call)
        headers = {"Content-Type": JSON} | ({} if call.public else self._context.headers)
        response = self._context.send(call, arguments, headers=headers, data=body)
        self._context.note_denial(call, response, arguments)
        self._is_no_server_error(call, response, what)
        if refused and succeeded(response):
            wanted = next(iter(refusals(call, "400")), "400")
            mark = self._collector.locations.assumptions_of_response(call, wanted)
            details = {"message": f"a body with {what} is accepted, which is no JSON", "assumption": mark}
            self._collector.broken_promise(call, Promise.MALFORMED_BODY, response, expected=wanted, **details)
        self._delete(call, response)

    def _is_no_server_error(self, call: Call, response: Any, what: str) -> None:
        if response.status_code >= 500:  # noqa: PLR2004 (a server's error)
            details = {"message": f"{what} breaks it"}
            self._collector.broken_promise(call, Promise.NOT_A_SERVER_ERROR, response, expected="no 5xx", **details)

    def _delete(self, call: Call, response: Any) -> None:
        """Delete what a body created, if it can be."""
        record = self._context.record_id(response, call.creates) if call.creates else None
        resource = next((one for one in self._context.surface.resources if one.create is call), None)
        if resource is not None and self._context.is_ours(record, call):
            tenant = self._context.plan.tenant(call)
            self._context.ask(resource.delete, self._context.arguments_of(resource, record, tenant))


def _texts(values: Mapping[str, Any]) -> Iterator[str]:
    """The names of texts, those first whose values nothing marks."""
    return iter(sorted((name for name, value in values.items() if isinstance(value, str)), key=_is_address(values)))


def _is_address(values: Mapping[str, Any]) -> Any:
    return lambda name: "://" in values[name] or "@" in values[name]


def _set_times(contract: Any, schema: Mapping[str, Any], body: Any, date: str, moment: str) -> bool:
    """Put a date and a moment in every place of a body that is for one; False if there is none."""
    found = False
    for name, declared in properties(contract, schema).items() if isinstance(body, dict) else ():
        value = {"date": date, "date-time": moment}.get(str(declared.get("format")))
        if value is not None:
            body[name], found = value, True
        elif name in body:
            found = _set_times(contract, declared, body[name], date, moment) or found
    return found
