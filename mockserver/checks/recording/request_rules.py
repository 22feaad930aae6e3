"""Rules about recorded requests: what was accepted is what the contract allows.

A request that leaves the contract and was refused says nothing: that is how it has to be. One that was accepted shows
that contract and instance differ. Of one without an answer only the client is known to be wrong.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from mockserver.archive_words import is_placeholder
from mockserver.checks.findings.assumptions import refuted
from mockserver.checks.findings.promises import Promised
from mockserver.checks.findings.recording_promises import RecordingPromise
from mockserver.checks.findings.source_locations import Assumptions, SourceLocations
from mockserver.checks.recording import words
from mockserver.checks.recording.base_urls import CallPlace
from mockserver.checks.recording.deviations import Deviation
from mockserver.checks.recording.entries import Entry
from mockserver.checks.recording.parameter_values import TextReader, fields_of
from mockserver.checks.recording.unread_json import why_unread
from mockserver.checks.wording import joined
from mockserver.openapi.contract import Contract, Parameter
from mockserver.openapi.declared_answers import declared_type
from mockserver.openapi.resources import Call
from mockserver.openapi.structure import bare_type, is_json_type
from mockserver.violations import Violation

MOST = 20  # violations of one request
FORM = "application/x-www-form-urlencoded"
_FIRST_ERROR = 300
_OF_EVERY_REQUEST = frozenset({"accept", "authorization", "content-type"})  # headers that OpenAPI has elsewhere
Note = Callable[[str], None]


class _Request(NamedTuple):
    """A request of an operation, with what is in its query, and where it belongs."""

    call: Call
    entry: Entry
    place: CallPlace
    fields: Mapping[str, list[str]]

    @property
    def blame(self) -> str:
        """Who has to change: the contract, as the instance takes it; the client, if nobody knows what it takes."""
        return "contract" if self.entry.status else "client"


class _Seen(NamedTuple):
    """A violation in a request: what is said of it, its place in the contract, and what was there in words."""

    message: str
    violation: Violation
    where: str
    marks: Assumptions
    cause: str
    told: str = ""


class RecordedRequestRules:
    """The rules about the requests of one contract."""

    def __init__(self, contract: Contract, locations: SourceLocations) -> None:
        self._contract, self._locations, self._texts = contract, locations, TextReader(contract)
        self._known: dict[str, tuple[set[str], tuple[str, ...], bool]] = {}
        self._in_query = frozenset(
            scheme["name"]
            for name in contract.document.get("components", {}).get("securitySchemes", {})
            if (scheme := contract.security_scheme(name)).get("type") == "apiKey" and scheme.get("in") == "query"
        )

    def judge(self, place: CallPlace, entry: Entry, note: Note) -> Iterator[Deviation]:
        """How a request leaves the contract; what can't be judged of it is noted."""
        if place.call is None or not (is_accepted(entry.status) or not entry.status):
            return
        query = entry.address.query if entry.address else ""
        request = _Request(place.call, entry, place, fields_of(query))
        yield from self._parameters(request)
        yield from self._body(request, note)

    # ---------------------------------------------------------------- parameters
    def _parameters(self, request: _Request) -> Iterator[Deviation]:
        for parameter in request.call.operation.parameters:
            found = self._of_parameter(request, parameter)
            for violation in found[:1]:
                seen = _Seen(
                    f"{parameter.location} parameter {parameter.name}: {words.said(violation)}",
                    violation,
                    self._locations.of_parameter(request.call, parameter.name),
                    self._locations.assumptions_of_parameter(request.call, parameter.name),
                    f"{parameter.location} {parameter.name} {violation.keyword}",
                )
                yield _deviation(request, RecordingPromise.ACCEPTED_PARAMETERS, seen)
        for name in self.unknown(request.call, request.fields):
            if self._is_closed(request.call):
                message = f"query parameter {words.named(name)}: isn't declared"
                seen = _Seen(
                    message,
                    Violation((name,), "additionalProperties", message, ""),
                    self._locations.of_call(request.call),
                    self._locations.assumptions_of_call(request.call),
                    f"query {words.named(name)} additionalProperties",
                )
                yield _deviation(request, RecordingPromise.ACCEPTED_PARAMETERS, seen)

    def beyond(self, call: Call, fields: Mapping[str, Any]) -> list[str]:
        """The fields of a query that the contract neither has nor forbids."""
        unknown = self.unknown(call, fields)
        return [] if unknown and self._is_closed(call) else unknown

    def _is_closed(self, call: Call) -> bool:
        """Whether an assumption says that fields that nobody declares are refused."""
        marks = self._locations.assumptions_of_call(call)
        return refuted(marks, RecordingPromise.ACCEPTED_PARAMETERS, {"additionalProperties"}) is not None

    def unknown(self, call: Call, fields: Mapping[str, Any]) -> list[str]:
        """The fields of a query that the contract doesn't have."""
        if not fields:
            return []
        if call.id not in self._known:
            self._known[call.id] = self._known_fields(call)
        known, deep, is_open = self._known[call.id]
        return [] if is_open else [name for name in fields if name not in known and not name.startswith(deep)]

    def _known_fields(self, call: Call) -> tuple[set[str], tuple[str, ...], bool]:
        """The fields of a query that are declared, the beginnings of others, and whether there may be any."""
        declared = call.operation.parameters_in("query")
        spread = [self._texts.properties(one.schema) for one in declared if self._is_spread(one)]
        known = {one.name for one in declared} | self._in_query | {name for properties in spread for name in properties}
        deep = tuple(f"{one.name}[" for one in declared if one.style == "deepObject")
        return known, deep, not all(spread)

    def _is_spread(self, parameter: Parameter) -> bool:
        """Whether its properties are fields of the query."""
        is_apart = parameter.location == "query" and parameter.style == "form" and parameter.explode
        return is_apart and "object" in self._texts.kinds(parameter.schema)

    def _of_parameter(self, request: _Request, parameter: Parameter) -> list[Violation]:
        name, entry = parameter.name, request.entry
        if parameter.location == "path":
            value = dict(request.place.arguments).get(name, "")
            return [] if is_placeholder(value) else self._texts.of_parameter(parameter, [value])
        if parameter.location == "header":
            if name.lower() in _OF_EVERY_REQUEST:
                return []
            texts = [value for key, value in entry.headers if key == name.lower()]
            return self._checked(parameter, texts)
        if parameter.location == "query":
            return self._of_query(parameter, request.fields)
        return []  # cookies: browsers leave them out

    def _of_query(self, parameter: Parameter, fields: Mapping[str, list[str]]) -> list[Violation]:
        if parameter.style == "deepObject":
            members = _members(parameter.name, fields)
            if any(isinstance(one, dict) for one in members.values()):
                return []  # deeper than OpenAPI says anything of
            return self._of_members(parameter, members)
        if self._is_spread(parameter):
            known = self._texts.properties(parameter.schema)
            spread = {name: texts for name, texts in fields.items() if name in known}
            return self._of_members(parameter, spread)
        return self._checked(parameter, fields.get(parameter.name, []))

    def _of_members(self, parameter: Parameter, members: Mapping[str, list[str]]) -> list[Violation]:
        if not members:
            return _missing(parameter)
        found, seen = self._texts.of_object(parameter, members), {name: texts[-1] for name, texts in members.items()}
        return [one for one in found if words.is_judged(words.at(seen, one.path), one.keyword)]

    def _checked(self, parameter: Parameter, texts: list[str]) -> list[Violation]:
        if not texts:
            return _missing(parameter)
        if any(map(is_placeholder, texts)):
            return []
        return self._texts.of_parameter(parameter, texts)

    # ---------------------------------------------------------------- body
    def _body(self, request: _Request, note: Note) -> Iterator[Deviation]:
        call, body = request.call, request.entry.sent
        if not call.operation.media_types:
            return
        if body.lacks and not body.content:
            note(body.lacks)
        elif not body.content:
            if call.operation.body_required:
                yield self._missing_body(request)
        else:
            yield from self._of_content(request, note)

    def _of_content(self, request: _Request, note: Note) -> Iterator[Deviation]:
        declared = request.call.operation.media_types
        kind = bare_type(request.entry.header("content-type"))
        known = declared_type(declared, kind)
        if kind and known is None:
            yield self._of_type(request, kind)
            return
        pointer = declared.get(known or next(iter(declared)))
        if pointer is None or not (is_json_type(kind) or kind == FORM or (not kind and known is None)):
            return
        parsed = request.entry.parsed_sent
        if kind == FORM:
            value = self._texts.of_form(pointer, fields_of(request.entry.sent.content.decode("utf-8", "replace")))
        elif parsed.lacks or parsed.wrong:
            lacks = parsed.lacks or why_unread(request.entry.sent.content)
            note(lacks or "judged")
            if kind and not lacks:
                yield self._no_json(request, known or "", parsed.wrong)
            return
        else:
            value = parsed.value
        note("judged")
        yield from self._of_values(request, known or "", pointer, value)

    def _of_values(self, request: _Request, kind: str, pointer: str, value: Any) -> Iterator[Deviation]:
        validator = self._contract.validator(pointer, sent=True)
        if validator.is_valid(value):
            return
        for violation in validator.violations(value)[:MOST]:
            seen = words.at(value, violation.path)
            if not words.is_judged(seen, violation.keyword):
                continue
            where, marks = self._locations.of_sent(request.call, kind, violation.path)
            steps = [words.named(step) for step in violation.path if isinstance(step, str)]
            message = f"{words.place(violation.path) or 'the body'}: {words.said(violation)}"
            cause, told = " ".join(["body", *steps, violation.keyword]), _described(seen, violation)
            yield _deviation(
                request, RecordingPromise.ACCEPTED_BODY, _Seen(message, violation, where, marks, cause, told)
            )

    def _missing_body(self, request: _Request) -> Deviation:
        where, _ = self._locations.of_sent(request.call, "", ())
        return Deviation(
            RecordingPromise.ACCEPTED_BODY,
            f"the body is missing, and the request {_came_to(request)}",
            expected=joined(request.call.operation.media_types),
            seen="no body",
            where=where,
            severity=_severity(request),
            cause=f"body missing{_unanswered(request)}",
            blame=request.blame,
        )

    def _of_type(self, request: _Request, kind: str) -> Deviation:
        shown = words.media_type(kind)
        where, marks = self._locations.of_sent(request.call, "", ())
        return Deviation(
            RecordingPromise.ACCEPTED_MEDIA_TYPE,
            f"a body of the type {shown} {_came_to(request)}",
            expected=joined(request.call.operation.media_types),
            seen=shown,
            where=where,
            severity=_severity(request),
            cause=f"type {shown}{_unanswered(request)}",
            assumption=refuted(marks, RecordingPromise.ACCEPTED_MEDIA_TYPE, ()),
            blame=request.blame,
        )

    def _no_json(self, request: _Request, kind: str, wrong: str) -> Deviation:
        where, _ = self._locations.of_sent(request.call, kind, ())
        return Deviation(
            RecordingPromise.ACCEPTED_BODY,
            f"a body that is no JSON {_came_to(request)}",
            expected="JSON, as its Content-Type says",
            seen=wrong,
            where=where,
            severity=_severity(request),
            cause=f"body no JSON{_unanswered(request)}",
            blame=request.blame,
        )


def is_accepted(status: int) -> bool:
    """Whether an answer says that a request was taken."""
    return HTTPStatus.OK <= status < _FIRST_ERROR or status == HTTPStatus.NOT_MODIFIED


def _deviation(request: _Request, promise: Promised, seen: _Seen) -> Deviation:
    is_missing = seen.violation.keyword == "required"
    return Deviation(
        promise,
        f"{seen.message}, and the request {_came_to(request)}",
        expected="the value" if is_missing else words.wanted(seen.violation),
        seen=seen.told,
        where=seen.where,
        severity=_severity(request),
        cause=f"{seen.cause}{_unanswered(request)}",
        assumption=refuted(seen.marks, promise, {seen.violation.keyword}) if request.entry.status else None,
        blame=request.blame,
    )


def _described(value: Any, violation: Violation) -> str:
    if violation.keyword == "required":
        return ""
    return "a secret" if words.is_hidden(violation.path) else words.described(value, violation.keyword)


def _came_to(request: _Request) -> str:
    return "was accepted" if request.entry.status else "was sent, and has no answer"


def _unanswered(request: _Request) -> str:
    return "" if request.entry.status else " unanswered"


def _severity(request: _Request) -> str:
    return "medium" if request.entry.status else "low"


def _missing(parameter: Parameter) -> list[Violation]:
    return [Violation((parameter.name,), "required", "is missing", "")] if parameter.required else []


def _members(name: str, fields: Mapping[str, list[str]]) -> dict[str, Any]:
    """The members of an object that is spread over fields: their texts, or objects for what lies deeper."""
    found: defaultdict[str, Any] = defaultdict(list)
    for field, texts in fields.items():
        if field.startswith(f"{name}[") and field.endswith("]"):
            member, deeper, _ = field[len(name) + 1 : -1].partition("][")
            found[member] = {} if deeper else texts
    return dict(found)
