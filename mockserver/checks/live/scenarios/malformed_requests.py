"""Malformed requests: bodies that are no JSON, are forbidden, huge or declared as something else; and undeclared
methods."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import requests

from mockserver.checks.findings.causes import shared_key
from mockserver.checks.findings.promises import Promise
from mockserver.checks.findings.step import IMPLICIT
from mockserver.checks.live.scenarios.context import Scenario, ScenarioContext
from mockserver.checks.live.scenarios.forbidden_bodies import spoiled, values_of_other_kinds
from mockserver.checks.transport.refusals import refusals
from mockserver.checks.transport.successes import succeeded
from mockserver.checks.wording import joined
from mockserver.openapi.contract import Parameter
from mockserver.openapi.resources import SAFE, Call
from mockserver.violations import dotted

JSON = "application/json"
HUGE = 2**21  # bytes
NO_ID = WORD = "mockserver-check"
NO_WORDS = ("integer", "number", "boolean")
UNDECLARED = "PATCH"  # by most contracts
ELSEWHERE = (401, 403, 429)  # who looks at credentials, or counts, may do so before methods


class MalformedRequestScenarios:
    """Scenarios of each operation that takes a body, and of the methods of each path."""

    def __init__(self, context: ScenarioContext) -> None:
        self._context, self._collector = context, context.collector

    def scenarios(self) -> Iterator[Scenario]:
        """Names and attempts."""
        for call in self._context.plan.calls:
            if not call.issues:
                yield from self._of_body(call)
            yield from self._of_query(call)
            if call.record is not None and not call.changes:
                yield f"an id that can't be one at {call.id}", partial(self._no_id, call)
            if not call.changes and self._context.plan.policy.hostile:
                yield f"allowed methods of {call.path}", partial(self._allowed, call)

    def more_scenarios(self) -> Iterator[Scenario]:
        """Names and attempts at logins and refreshes, of which a host takes only so many a minute."""
        for call in self._context.plan.calls:
            if call.issues:
                yield from self._of_body(call)

    def _of_query(self, call: Call) -> Iterator[Scenario]:
        """A word in place of each number, truth or choice that a query may have."""
        if call.changes or call.record is not None or not refusals(call, "400"):
            return  # where a record is named, what is refused may be that there is none
        for parameter in call.operation.parameters_in("query"):
            if parameter.schema.get("type") in NO_WORDS or "enum" in parameter.schema:
                yield f"a word as {parameter.name} at {call.id}", partial(self._word, call, parameter)

    def _word(self, call: Call, parameter: Parameter) -> None:
        response = self._context.send(call, self._context.plan.tenant(call), params={parameter.name: WORD})
        if succeeded(response):
            locations = self._collector.locations
            details = {
                "message": f"{parameter.name}={WORD} is accepted",
                "where": locations.of_parameter(call, parameter.name),
                "assumption": locations.assumptions_of_parameter(call, parameter.name),
                "cause": parameter.name,
            }
            wanted = refusals(call, "400")[0]
            self._collector.broken_promise(call, Promise.LIST_REFUSES, response, expected=wanted, **details)

    def _of_body(self, call: Call) -> Iterator[Scenario]:
        if JSON not in call.operation.media_types:
            return
        yield f"no JSON at {call.id}", partial(self._no_json, call)
        yield f"problems at {call.id}", partial(self._problems, call)
        yield from (
            (f"{call.id} {words}", partial(self._forbidden, call, words, body))
            for words, body in self._forbidden_bodies(call)
        )
        if "415" in call.operation.responses:
            yield f"another type at {call.id}", partial(self._other_type, call)
        if "413" in call.operation.responses and self._context.plan.policy.hostile:
            yield f"a huge body at {call.id}", partial(self._huge, call)

    def _send(self, call: Call, body: bytes, media_type: str) -> requests.Response:
        arguments = self._context.plan.tenant(call)
        if call.record is not None:
            arguments[call.record] = self._context.substitutes.spare(
                call, arguments
            ) or self._context.ownership.unknown_id(call)
        headers = {"Content-Type": media_type} | ({} if call.public else self._context.headers)
        response = self._context.send(call, arguments, headers=headers, data=body)
        self._context.note_denial(call, response, arguments)
        return response

    def _no_json(self, call: Call) -> None:
        response = self._send(call, b'{"no json', JSON)
        wanted = refusals(call, "400")
        if wanted and str(response.status_code) not in wanted:
            mark = self._collector.locations.assumptions_of_response(call, wanted[0])
            details = {"message": "a body that is no JSON isn't refused", "assumption": mark}
            self._collector.broken_promise(call, Promise.MALFORMED_BODY, response, expected=wanted[0], **details)
        elif missing := self._lacking(call) & self._told(response):
            message = "a body that is no JSON is taken for an empty one"
            details = {"message": message, "severity": "low", "cause": "taken for an empty one"}
            expected = f"no problem at {', '.join(sorted(missing))}, as nothing was read"
            self._collector.broken_promise(call, Promise.MALFORMED_BODY, response, expected=expected, **details)

    def _lacking(self, call: Call) -> set[str]:
        """The places of the problems that an empty body has."""
        validator = self._context.surface.contract.validator(call.operation.media_types[JSON], sent=True)
        return {dotted(one.path) for one in validator.violations({})} - {""}

    def _told(self, response: requests.Response) -> set[str]:
        """The places of the problems that a refusal tells."""
        refused = response.status_code == requests.codes.bad_request
        listed = self._context.content(response).get("errors") if refused else None
        return {str(one.get("path")) for one in listed if isinstance(one, dict)} if isinstance(listed, list) else set()

    def _forbidden_bodies(self, call: Call) -> Iterator[tuple[str, Any]]:
        """The bodies that the contract forbids, made from its examples, mostly the fullest of each alternative."""
        contract, pointer = self._context.surface.contract, call.operation.media_types[JSON]
        examples = self._context.examples(call)
        resource = next((one for one in self._context.surface.resources if one.update is call), None)
        creating = self._context.examples(resource.create)[:1] if resource else []
        yield from spoiled(contract, pointer, examples, f"{self._context.ownership.marks.prefix}odd", creating)
        yield from values_of_other_kinds(contract, pointer, examples)

    def _forbidden(self, call: Call, words: str, body: Any) -> None:
        fresh = self._context.fresh(call, body)
        if self._context.surface.contract.validator(call.operation.media_types[JSON], sent=True).is_valid(fresh):
            return  # an identifier that nobody has took the place of what was wrong
        response = self._send(call, json.dumps(fresh).encode(), JSON)
        taken_for_wrong = call.public and response.status_code == requests.codes.unauthorized
        if succeeded(response) or (taken_for_wrong and refusals(call, "400")):
            wanted = next(iter(refusals(call, "400")), "400")
            mark = self._collector.locations.assumptions_of_response(call, wanted)
            said = "accepted" if succeeded(response) else "a 401, as if a credential were wrong"
            details: dict[str, Any] = {"message": f"a body {words} is {said}", "assumption": mark}
            details |= {} if succeeded(response) else {"severity": "medium"}
            self._collector.broken_promise(call, Promise.FORBIDDEN_BODY, response, expected=wanted, **details)

    def _other_type(self, call: Call) -> None:
        """A body that would be good, declared as a form."""
        body = json.dumps(self._context.fresh(call, next(iter(self._context.examples(call)), {}))).encode()
        response = self._send(call, body, "application/x-www-form-urlencoded")
        if response.status_code != requests.codes.unsupported_media_type:
            mark = self._collector.locations.assumptions_of_response(call, "415")
            details = {"message": "a body that isn't declared as JSON isn't refused", "assumption": mark}
            self._collector.broken_promise(call, Promise.MEDIA_TYPE, response, expected="415", **details)

    def _huge(self, call: Call) -> None:
        """A body of two megabytes is refused for its size, and breaks nothing. Only a 400 that tells what an empty body
        lacks shows that it was read."""
        response = self._send(call, b"{" + b" " * HUGE + b"}", JSON)
        is_read = bool(self._lacking(call) & self._told(response))
        if succeeded(response) or is_read or response.status_code >= requests.codes.server_error:
            mark = self._collector.locations.assumptions_of_response(call, "413")
            message = (
                "a huge empty body is read, and refused for what it lacks"
                if is_read
                else "a huge empty body is accepted"
            )
            details = {"message": message, "assumption": mark, "severity": "low" if is_read else "high"}
            self._collector.broken_promise(call, Promise.HUGE_BODY, response, expected="413", **details)

    def _problems(self, call: Call) -> None:
        """A refusal names the place of the problem, if the contract's response has a property for it."""
        errors = self._context.surface.properties(call.operation, "400").get("errors", {})
        validator = self._context.surface.contract.validator(call.operation.media_types[JSON], sent=True)
        found = validator.violations({})
        if errors.get("type") != "array" or not found:
            return
        response = self._send(call, b"{}", JSON)
        refused = response.status_code == requests.codes.bad_request
        wanted = dotted(found[0].path)
        listed = refused and isinstance(self._context.content(response).get("errors"), list)
        if listed and self._is_as_declared(call, response) and wanted not in self._told(response):
            where, mark = self._collector.locations.of_value(call, "400", ["errors"])
            mark = mark or self._collector.locations.assumptions_of_response(call, "400")
            details = {"where": where, "assumption": mark, "message": "a problem isn't told, or not where it is"}
            self._collector.broken_promise(
                call, Promise.PROBLEMS_TOLD, response, expected=f"a problem at {wanted}", **details
            )

    def _is_as_declared(self, call: Call, response: requests.Response) -> bool:
        """Whether the body of a refusal is as its schema says: what is wrong with one that isn't is told already."""
        declared = call.operation.responses.get(str(response.status_code))
        pointer = declared.media_types.get(JSON) if declared else None
        content = self._context.content(response)
        return pointer is None or self._context.surface.contract.validator(pointer).is_valid(content)

    def _no_id(self, call: Call) -> None:
        """What no id is like breaks nothing, which is seen from the response alone."""
        self._context.send(call, {**self._context.plan.tenant(call), str(call.record): NO_ID})

    def _allowed(self, call: Call) -> None:
        """A method that isn't declared is a 405 as the contract says, whose `Allow` has those that are, and safe
        methods that it names aren't answered with one."""
        if UNDECLARED in self._declared(call):
            return
        arguments, elsewhere = self._context.plan.tenant(call), set(ELSEWHERE)
        if call.record is not None:
            spare = self._context.substitutes.spare(call, arguments)
            arguments[call.record] = spare or self._context.ownership.unknown_id(call)
            elsewhere |= set() if spare else {requests.codes.not_found}
        refusal = self._context.send(call, arguments, method=UNDECLARED)
        if refusal.status_code == requests.codes.method_not_allowed:
            if "405" in call.operation.responses:
                self._context.keep_response(call, refusal)  # no fuzzed method is held against a schema
            self._names_methods(call, arguments, refusal)
        elif refusal.status_code not in elsewhere:
            self._is_no_405(call, refusal)

    def _is_no_405(self, call: Call, response: requests.Response) -> None:
        if "405" in call.operation.responses:
            message = f"{UNDECLARED}, which isn't declared, isn't refused with a 405"
            self._breaks(call, Promise.UNSUPPORTED_METHOD, response, "405", message)

    def _breaks(self, call: Call, promise: Promise, response: requests.Response, expected: str, message: str) -> None:
        where = self._collector.locations.of_response(call, str(response.status_code))
        shared = shared_key(call, promise, response.status_code, "")  # fuzzing finds the same
        details = {"message": message, "severity": "medium", "where": where, "shared": shared}
        self._collector.broken_promise(call, promise, response, expected=expected, **details)

    def _names_methods(self, call: Call, arguments: dict[str, str], refusal: requests.Response) -> None:
        named = {method.strip().upper() for method in refusal.headers.get("Allow", "").split(",")} - {""}
        declared = self._declared(call)
        if named and (lacking := declared - named - IMPLICIT):
            expected, message = f"Allow: {', '.join(sorted(declared))}", f"`Allow` lacks {joined(sorted(lacking))}"
            self._breaks(call, Promise.ALLOW_HEADER_CONFORMANCE, refusal, expected, message)
        for method in SAFE & named:
            response = self._context.send(call, arguments, method=method)
            if response.status_code == requests.codes.method_not_allowed:
                message = f"{method} is refused, although `Allow` names it"
                self._collector.broken_promise(
                    call, Promise.ALLOW_IS_TRUE, response, expected="no 405", message=message, cause=method
                )

    def _declared(self, call: Call) -> set[str]:
        """The methods that the contract declares for a path."""
        return {one.method for one in self._context.surface.calls.values() if one.path == call.path}
