"""Rules about recorded answers: status, media type, headers and body are as the operation declares them."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any, NamedTuple

from mockserver.archive_words import is_placeholder
from mockserver.checks.findings import causes
from mockserver.checks.findings.assumptions import refuted
from mockserver.checks.findings.promises import Promise
from mockserver.checks.findings.source_locations import SourceLocations
from mockserver.checks.recording import words
from mockserver.checks.recording.deviations import Deviation
from mockserver.checks.recording.entries import Entry
from mockserver.checks.recording.parameter_values import TextReader
from mockserver.checks.recording.unread_json import why_unread
from mockserver.checks.transport.gateway_failures import GATEWAY
from mockserver.checks.transport.pages import reads_as_page
from mockserver.checks.wording import joined
from mockserver.openapi.contract import Contract, DeclaredResponse
from mockserver.openapi.declared_answers import DEFAULT, declared_status, declared_type
from mockserver.openapi.resources import Call
from mockserver.violations import Violation

MOST = 20  # violations of one answer
LARGE = 32_768  # bytes; of a larger body one violation is looked for
BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
FIRST_ERROR = 500
_LEFT_OUT = frozenset({"set-cookie", "set-cookie2"})  # by Chrome
Note = Callable[[str], None]


class _Answer(NamedTuple):
    """An answer with what is declared for it, under the key `status`."""

    call: Call
    entry: Entry
    status: str
    declared: DeclaredResponse


class AnswerRules:
    """The rules about the answers of one contract."""

    def __init__(self, contract: Contract, locations: SourceLocations) -> None:
        self._contract, self._locations, self._texts = contract, locations, TextReader(contract)

    def judge(self, call: Call, entry: Entry, note: Note) -> Iterator[Deviation]:
        """How an answer leaves the contract; what can't be judged of it is noted."""
        if entry.status == HTTPStatus.NOT_MODIFIED and "304" not in call.operation.responses:
            note("304")
            return
        key = declared_status(call.operation.responses, entry.status)
        if key is None or (entry.status >= FIRST_ERROR and key == DEFAULT):
            yield self._of_status(call, entry)
            return
        answer = _Answer(call, entry, key, call.operation.responses[key])
        if _is_of_another_type(answer):
            yield self._of_type(answer)  # the first thing that is wrong is told
            return
        yield from self._headers(answer)
        yield from self._body(answer, note)

    # ---------------------------------------------------------------- status
    def _of_status(self, call: Call, entry: Entry) -> Deviation:
        status, kind = entry.status, entry.media_type
        promise = causes.first_wrong(call, status, kind) or Promise.STATUS_CODE_CONFORMANCE
        is_error = promise == Promise.NOT_A_SERVER_ERROR
        declared = joined(call.operation.responses)
        return Deviation(
            promise,
            f"Server error: {status}" if is_error else f"Undocumented status code: {status}",
            expected="no 5xx" if is_error else declared or "a declared status",
            seen=words.media_type(kind) if kind else "",
            where=self._locations.of_response(call, str(status)),
            severity="critical" if is_error else "medium",
            cause=f"{'Server error' if is_error else 'Undocumented status code'} {status}",
            shared=causes.shared_key(call, promise, status, kind),
            blame=_blame(entry),
        )

    # ---------------------------------------------------------------- headers
    def _headers(self, answer: _Answer) -> Iterator[Deviation]:
        for name, header in answer.declared.headers.items():
            value = answer.entry.answer_header(name.lower())
            if name.lower() in _LEFT_OUT or is_placeholder(value):
                continue
            if value is None:
                if header.required:
                    yield self._of_header(answer, name, "is missing", "the header", "")
                continue
            found = self._texts.violations(header.pointer, header.schema, value)
            if found:
                seen = words.described(value, found[0].keyword)
                yield self._of_header(answer, name, words.said(found[0]), words.wanted(found[0]), seen)

    def _of_header(self, answer: _Answer, name: str, said: str, expected: str, seen: str) -> Deviation:
        call, status = answer.call, str(answer.entry.status)
        marks = self._locations.assumptions_of_response(call, answer.status)
        return Deviation(
            Promise.RESPONSE_HEADERS_CONFORMANCE,
            f"{status}, header {name}: {said}",
            expected=expected,
            seen=seen,
            lacks="" if seen else "that header",
            where=self._locations.of_response(call, answer.status),
            cause=f"{status} {name} {'malformed' if seen else 'missing'}",
            assumption=refuted(marks, Promise.RESPONSE_HEADERS_CONFORMANCE, {status}),
        )

    # ---------------------------------------------------------------- media type and body
    def _body(self, answer: _Answer, note: Note) -> Iterator[Deviation]:
        entry, declared = answer.entry, answer.declared.media_types
        if not _has_body(answer):
            return
        pointer = declared.get(declared_type(declared, entry.media_type) or "")
        if not entry.media_type:
            note("has no media type in the recording")
        if pointer is None or not entry.is_json:
            return
        parsed = entry.parsed
        lacks = parsed.lacks or (parsed.wrong and why_unread(entry.answer.content))
        if lacks:
            note(lacks)
        elif parsed.wrong:
            yield self._no_json(answer, parsed.wrong)
        else:
            note("judged")
            yield from self._of_values(answer, pointer, parsed.value)

    def _of_type(self, answer: _Answer) -> Deviation:
        call, entry = answer.call, answer.entry
        return Deviation(
            Promise.CONTENT_TYPE_CONFORMANCE,
            f"Undocumented Content-Type of a {entry.status}: {words.media_type(entry.media_type)}",
            expected=joined(answer.declared.media_types),
            seen=words.media_type(entry.media_type),
            where=self._locations.of_response(call, answer.status),
            severity="medium",
            shared=causes.shared_key(
                call, Promise.CONTENT_TYPE_CONFORMANCE, entry.status, words.media_type(entry.media_type)
            ),
            blame=_blame(entry),
        )

    def _no_json(self, answer: _Answer, wrong: str) -> Deviation:
        call, entry = answer.call, answer.entry
        return Deviation(
            Promise.RESPONSE_SCHEMA_CONFORMANCE,
            f"The body of a {entry.status} is no JSON",
            expected="JSON, as its Content-Type says",
            seen=wrong if entry.answer.content else "an empty body",
            where=self._locations.of_response(call, answer.status),
            cause=f"{entry.status} no JSON",
            blame=_blame(entry),
        )

    def _of_values(self, answer: _Answer, pointer: str, value: Any) -> Iterator[Deviation]:
        validator = self._contract.validator(pointer)
        if validator.is_valid(value):
            return
        is_large = len(answer.entry.answer.content) > LARGE
        found = validator.first_violation(value) if is_large else validator.violations(value)
        for violation in found[:MOST]:
            seen = words.at(value, violation.path)
            if words.is_judged(seen, violation.keyword):
                yield self._of_value(answer, violation, seen)

    def _of_value(self, answer: _Answer, violation: Violation, value: Any) -> Deviation:
        call, path, keyword = answer.call, violation.path, violation.keyword
        where, marks = self._where(answer, violation)
        schema = self._locations.schema_of_value(call, answer.status, path)
        status = str(answer.entry.status)
        steps = [words.named(step) for step in path if isinstance(step, str)]
        return Deviation(
            Promise.RESPONSE_SCHEMA_CONFORMANCE,
            f"Response violates schema: {words.place(path) or 'the body'}: {words.said(violation)}",
            expected="the field" if keyword == "required" else words.wanted(violation),
            seen=_seen(value, violation),
            lacks="that field" if keyword == "required" else "",
            where=where,
            cause=" ".join([status, *steps, keyword]),
            shared=f"{schema} {keyword}" if schema else "",
            assumption=refuted(marks, Promise.RESPONSE_SCHEMA_CONFORMANCE, (status, keyword)),
            value=_listed(value, violation),
        )

    def _where(self, answer: _Answer, violation: Violation) -> tuple[str, tuple[str, ...]]:
        call, status, path = answer.call, answer.status, violation.path
        if violation.keyword == "required" and path and isinstance(path[-1], str):
            return self._locations.of_missing(call, status, path[:-1], path[-1])
        return self._locations.of_value(call, status, path)


def _has_body(answer: _Answer) -> bool:
    return answer.entry.method != "HEAD" and answer.entry.status not in BODILESS and bool(answer.declared.media_types)


def _is_of_another_type(answer: _Answer) -> bool:
    kind = answer.entry.media_type
    return bool(kind) and _has_body(answer) and declared_type(answer.declared.media_types, kind) is None


def _seen(value: Any, violation: Violation) -> str:
    if violation.keyword == "required":
        return ""
    return "a secret" if words.is_hidden(violation.path) else words.described(value, violation.keyword)


def _listed(value: Any, violation: Violation) -> str:
    """A value that an enumeration doesn't have, behind its field; empty if it is none that can be shown."""
    if violation.keyword != "enum" or not isinstance(value, str) or words.named(value) != value:
        return ""
    return "" if words.is_hidden(violation.path) else f"{words.place(violation.path)}={value}"


def _blame(entry: Entry) -> str:
    """The gateway, if it fails, or shows a page as a success or a refusal."""
    is_page = reads_as_page(entry.media_type, entry.answer.content)
    in_the_way = is_page and (entry.status < 300 or entry.status == HTTPStatus.FORBIDDEN)  # noqa: PLR2004 (a success)
    return "gateway" if entry.status in GATEWAY or in_the_way else "instance"
