"""Findings that a person can use, made from failed checks, broken promises and lost responses."""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import requests

from mockserver.checks.findings import causes
from mockserver.checks.findings.assumptions import refuted
from mockserver.checks.findings.baseline import accepted, expired
from mockserver.checks.findings.breach import Breach
from mockserver.checks.findings.promises import Promise
from mockserver.checks.findings.report import Finding, Report, shortened
from mockserver.checks.findings.source_locations import Assumptions, SourceLocations
from mockserver.checks.findings.step import Condition
from mockserver.checks.transport import shell_lines
from mockserver.checks.transport.exchange_bounds import NoHttp, TooLarge
from mockserver.checks.transport.gateway_failures import GATEWAY
from mockserver.checks.transport.pages import is_page, reads_as_page
from mockserver.checks.transport.recording import Recording
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.wording import joined
from mockserver.clock import Clock
from mockserver.openapi.resources import Call
from mockserver.openapi.structure import bare_type

MOST_READ = 65_536  # characters of a text that is shown: redacted first, then shortened, or a secret could be cut
MOST_MESSAGE = 300  # characters
_REQUIRED = re.compile(r'("(?:[^"\\]|\\.)*") is a required property')  # as jsonschema-rs says it
NO_MEDIA_TYPE = "Missing Content-Type header"  # as Schemathesis calls it
_WRONG = {  # what is wrong with a response, in the words of Schemathesis: title, severity, what was expected
    Promise.NOT_A_SERVER_ERROR: ("Server error", "critical", "no 5xx"),
    Promise.STATUS_CODE_CONFORMANCE: ("Undocumented status code", "medium", "a declared status"),
    Promise.CONTENT_TYPE_CONFORMANCE: ("Undocumented Content-Type", "medium", "a declared media type"),
}


class FindingCollector:
    """The findings of a run: each is completed with its place in the contract, cleaned of secrets, and added to the
    report. `denied` holds the operations that the run's own account may not call, `held_back` those that it doesn't
    call any more, as it couldn't clean up after them; `recording` knows the requests."""

    def __init__(
        self, report: Report, locations: SourceLocations, secrets: Secrets, recording: Recording | None = None
    ) -> None:
        self.report, self.locations, self._secrets = report, locations, secrets
        self.recording = Recording() if recording is None else recording
        self.denied: set[str] = set()
        self.held_back: set[str] = set()

    def fuzzing_failure(self, call: Call, check: Promise, failure: Any, recorder: Any, case_id: str) -> None:
        """Add a failed check of Schemathesis."""
        judged = failure.case_id or case_id
        interaction = recorder.interactions.get(judged) or recorder.interactions.get(case_id)
        response = interaction.response if interaction else None
        chain = [recorder.interactions[case.id] for case in _chain(recorder, judged, failure)]
        lines = [self._recorded(one.request) for one in chain]
        sent = [one.response.request for one in chain if one.response is not None]
        text = response.text_lossy() if response and response.content else ""
        media_type = next(iter(response.headers.get("content-type", ())), "") if response else ""
        request = interaction.request if interaction else None
        seen = _Seen(response.status_code if response else 0, media_type, text, "\n".join(lines), _traits(request))
        self._failed(call, check, failure, seen, sent)

    def response_failure(self, call: Call, check: Promise, failure: Any, response: requests.Response) -> None:
        """Add a failed check of Schemathesis on a response to one of our own requests."""
        media_type, line = response.headers.get("content-type", ""), self.curl(response.request)
        seen = _Seen(response.status_code, media_type, response.text, line, _traits(response.request))
        self._failed(call, check, failure, seen, [response.request])

    def _failed(self, call: Call, check: Promise, failure: Any, seen: "_Seen", sent: Iterable[Any]) -> None:
        if failure.title == NO_MEDIA_TYPE:
            check = Promise.CONTENT_TYPE_CONFORMANCE  # whichever check comes upon it
        if causes.follows(check, causes.first_wrong(call, seen.status, seen.kind), seen.status):
            return  # the first thing that is wrong is told
        if seen.status == requests.codes.too_many_requests and "429" not in call.operation.responses:
            return  # the instance was asked too often, and that says nothing else
        status = str(seen.status or "")
        where, marks = self._place(call, check, failure, status)
        keyword = _keyword(failure)
        self.add(
            self._finding(
                call,
                check,
                message=self._message(failure),
                severity=causes.severity_of(check, failure.severity.value, seen.status),
                expected=_expected(check, failure),
                got=_got(status, seen.text),
                curl=seen.curl,
                where=where,
                assumption=refuted(marks, check, (status, keyword)),
                cause=_cause(failure, status),
                shared=self._shared(call, check, failure, seen),
                blame=_blame(seen.status, is_page=reads_as_page(seen.kind, seen.text.encode("utf-8", "replace"))),
                traits=seen.traits,
                condition=_condition(check, failure, status),
                **self._origin(*sent),
            )
        )

    def _shared(self, call: Call, check: Promise, failure: Any, seen: "_Seen") -> str:
        """The key of a failure that operations share, as the same part of the contract is broken; empty if it isn't."""
        status, part, detail = str(seen.status), "", _keyword(failure)
        if check == Promise.RESPONSE_SCHEMA_CONFORMANCE:
            part = self.locations.schema_of_value(call, status, _path(failure))
        elif check == Promise.RESPONSE_HEADERS_CONFORMANCE:
            part, detail = self.locations.shared_response(call, status), _cause(failure, status)
        return f"{part} {detail}" if part else causes.shared_key(call, check, seen.status, seen.kind)

    def _finding(self, call: Call, promise: Promise, **fields: Any) -> Finding:
        """A finding at an operation, with the hint of the promise that is broken."""
        return Finding(promise, call.id, call.method, call.path, hint=promise.hint, **fields)

    def _origin(self, *sent: Any) -> dict[str, Any]:
        """The fields of a finding that say from which requests it comes."""
        numbers = [number for one in sent if (number := self.recording.number_of(one)) is not None]
        scenario = self.recording.exchange(numbers[-1]).scenario if numbers else self.recording.scenario
        return {"scenario": scenario, "exchanges": tuple(numbers)}

    def broken_promise(self, call: Call, promise: Promise, response: requests.Response | None, **told: Any) -> None:
        """Add a finding for a promise that a response breaks; `told` are the fields of a Breach.

        An undeclared 429 says nothing of it. Of a response that is wrong in itself, such as a 5xx, that is told.
        """
        breach = Breach(**told)
        if call.id in self.denied:
            return  # the report names it
        if _of(response)[0] == requests.codes.too_many_requests and "429" not in call.operation.responses:
            self.not_judged(call.id, f"{breach.message}, but the answer is a 429")
            return
        first = _wrong_in_itself(call, promise, response)
        if first is None:
            self._breached(call, promise, response, breach)
        else:
            message = breach.message if first == promise else _WRONG[first][0]
            self._breached(call, first, response, self._breach_of(call, first, response, message))

    def _breach_of(self, call: Call, first: Promise, response: requests.Response | None, message: str) -> Breach:
        """What is told of a response that is wrong in itself, whatever was tried."""
        (status, kind), (title, severity, expected) = _of(response), _WRONG[first]
        return Breach(
            message,
            expected,
            severity=severity,
            cause=f"{title} {status}",
            shared=causes.shared_key(call, first, status, kind),
            where=self.locations.of_response(call, str(status)),
        )

    def _breached(self, call: Call, promise: Promise, response: requests.Response | None, breach: Breach) -> None:
        status, _ = _of(response)
        got = breach.got or ("" if response is None else _got(str(status), response.text))
        seen = {str(status), f"{status // 100}xx", breach.cause, got}
        given, sent = breach.condition, breach.seen_in or ([] if response is None else [response])
        origin = self._origin(*(one.request for one in sent))
        if breach.exchanges:
            origin = {"scenario": breach.scenario, "exchanges": breach.exchanges}
        self.add(
            self._finding(
                call,
                promise,
                message=breach.message,
                severity=breach.severity,
                expected=breach.expected,
                got=got,
                curl=breach.curl or self.curl(getattr(response, "request", None)),
                where=breach.where or self.locations.of_call(call),
                assumption=refuted(breach.assumption or (), promise, seen),
                cause=breach.cause,
                shared=breach.shared,
                blame=_blame(status, is_page=response is not None and is_page(response)),
                condition=given.if_broken_by(status) if given else Condition.named(breach.expected, status),
                **origin,
            )
        )

    def lost_response(self, call: Call, error: requests.RequestException, timeout: float) -> bool:
        """Add a finding for a response that is late, breaks off, is too large or no HTTP. Returns False, and adds
        nothing, for any other error."""
        lost = _lost(error, timeout)
        if lost is None:
            return False
        check, message, expected = lost
        self.add(
            self._finding(
                call,
                check,
                message=message,
                expected=expected,
                curl=self.curl(error.request),
                where=self.locations.of_call(call),
                **self._origin(error.request),
            )
        )
        return True

    def conclude(self, baseline: Path | None) -> None:
        """Make one finding of those that have one cause, when all were added, and mark those that a baseline knows.

        What is known is marked first, so that it stands for nothing that isn't. Raises SettingsError for a baseline.
        """
        now = Clock().now()
        known, over = (accepted(baseline, now), expired(baseline, now)) if baseline else ({}, {})
        self.report.accept(known)
        self._merge()
        self.report.accept(known)
        self.report.note_baseline(known, over)

    def _merge(self) -> None:
        calls = self.locations.calls
        wide = {self.locations.of_call(call) for call in calls}
        wide |= {
            self.locations.of_response(call, status) for call in calls for status in ("", *call.operation.responses)
        }
        self.report.regroup(partial(causes.merged, wide=wide))

    def not_judged(self, label: str, message: str) -> None:
        """Add a line about something that kept an operation from being judged."""
        said = self.clean(f"{label}: {' '.join(message[:MOST_READ].split())}")
        if (short := shortened(said, MOST_MESSAGE)) not in self.report.not_judged:
            self.report.not_judged.append(short)

    def add(self, finding: Finding) -> None:
        """Add a finding, cleaned of secrets and shortened."""
        clean = finding.cleaned(self.clean)
        shown = replace(
            clean,
            message=shortened(clean.message, MOST_MESSAGE),
            expected=shortened(clean.expected),
            got=shortened(clean.got),
            cause=shortened(clean.cause),
            curl=self._secrets.redact(finding.curl),
        )
        self.report.add(shown)

    def clean(self, text: str) -> str:
        """The beginning of a text, without secrets."""
        return self._secrets.redact(text[:MOST_READ])

    def curl(self, request: Any) -> str:
        """A request as a line to paste."""
        if not isinstance(request, requests.PreparedRequest):
            return ""
        return shell_lines.curl(
            str(request.method), str(request.url), request.headers, request.body, self._secrets.redact
        )

    def _recorded(self, request: Any) -> str:
        headers = {name: values[0] for name, values in request.headers.items()}
        return shell_lines.curl(request.method, request.uri, headers, request.body, self._secrets.redact)

    def _message(self, failure: Any) -> str:
        said = getattr(failure, "validation_message", "") or failure.message.strip().partition("\n")[0]
        path = "".join(
            f"[{step}]" if isinstance(step, int) else f".{step}" for step in getattr(failure, "instance_path", ())
        )
        return ": ".join(filter(None, (failure.title, path.removeprefix("."), said)))

    def _place(self, call: Call, check: Promise, failure: Any, status: str) -> tuple[str, Assumptions]:
        if check == Promise.RESPONSE_SCHEMA_CONFORMANCE:
            name, path = _missing(failure), list(getattr(failure, "instance_path", ()))
            if name is not None:
                return self.locations.of_missing(call, status, path, name)
            return self.locations.of_value(call, status, path)
        if status in call.operation.responses and check.startswith(("response_", "content_")):
            return self.locations.of_response(call, status), self.locations.assumptions_of_response(call, status)
        return self.locations.of_response(call, status) if status else self.locations.of_call(call), ()


class _Seen(NamedTuple):
    """What a failed check saw: the response, and the request as a line to paste and by what is odd about it."""

    status: int
    media_type: str
    text: str
    curl: str
    traits: frozenset[str]

    @property
    def kind(self) -> str:
        """The media type without parameters."""
        return bare_type(self.media_type)


def _chain(recorder: Any, case_id: str, failure: Any) -> list[Any]:
    """The cases that lead to a failure, oldest first."""
    cases = recorder.iter_chain_cases(case_id=case_id, related_case_ids=failure.related_case_ids())
    return [case for case in cases if case.id in recorder.interactions]


def _condition(check: Promise, failure: Any, status: str) -> Condition | None:
    """The condition that is looked at when a generated case is sent anew; None if that is for the contract to say."""
    forbidden = {
        Promise.NOT_A_SERVER_ERROR: ("5xx",),
        Promise.USE_AFTER_FREE: ("2xx", "3xx"),
        Promise.IGNORED_AUTH: ("2xx", "3xx"),
        Promise.ENSURE_RESOURCE_AVAILABILITY: (status,),
    }
    if check in forbidden:
        return Condition(forbidden=forbidden[check])
    if check == Promise.UNSUPPORTED_METHOD:
        return Condition(allowed=("405",), methods=())
    if check == Promise.ALLOW_HEADER_CONFORMANCE:
        named = {method.strip().upper() for method in failure.allow_header.split(",")}
        methods = (named | set(failure.missing_methods)) - set(failure.undocumented_methods)
        return Condition(methods=tuple(sorted(methods)))
    allowed = getattr(failure, "allowed_statuses", None) or getattr(failure, "expected_statuses", None)
    return Condition(allowed=tuple(str(one).lower() for one in allowed)) if allowed else None


def _lost(error: requests.RequestException, timeout: float) -> tuple[Promise, str, str] | None:
    """Check, message and expectation for a response that was lost; None if the error says nothing about the
    instance."""
    match error:
        case requests.Timeout():
            return Promise.ANSWERS_IN_TIME, "no answer in time", f"a whole answer within {timeout:g} seconds"
        case requests.exceptions.ChunkedEncodingError():
            return Promise.ANSWERS_IN_FULL, "the answer breaks off", "the whole body"
        case requests.exceptions.ContentDecodingError():
            return Promise.ANSWERS_IN_FULL, "the body isn't encoded as the answer says", "what `Content-Encoding` names"
        case TooLarge():
            return Promise.ANSWERS_IN_BOUNDS, "the answer is too large", f"not {error}"
        case NoHttp() | requests.exceptions.InvalidHeader():
            return Promise.ANSWERS_IN_HTTP, "the answer is no HTTP", "an answer of HTTP/1.1"
        case _:
            return None


def _expected(check: Promise, failure: Any) -> str:
    for name in ("defined_status_codes", "allowed_statuses", "expected_statuses", "defined_content_types"):
        if values := getattr(failure, name, None):
            return joined(str(value) for value in values)
    if check == Promise.RESPONSE_SCHEMA_CONFORMANCE:
        return "a body as the schema says"
    return "a 4xx" if check == Promise.NEGATIVE_DATA_REJECTION else ""


def _got(status: str, body: str) -> str:
    return f"{status} {body[:MOST_READ]}".strip()


def _blame(status: int, *, is_page: bool) -> str:
    """Who has to change: the gateway, if it fails, or shows a page as a success or a refusal."""
    in_the_way = is_page and (status < 300 or status == requests.codes.forbidden)  # noqa: PLR2004 (a success)
    return "gateway" if status in GATEWAY or in_the_way else "instance"


def _wrong_in_itself(call: Call, promise: Promise, response: requests.Response | None) -> Promise | None:
    """What is wrong with a response whatever was tried, where that is told in place of a promise; None if it isn't. For
    the answer to another method than the operation's, nothing but a 5xx: the contract declares none."""
    if response is None:
        return None
    status, kind = _of(response)
    if getattr(response.request, "method", call.method) != call.method and status < 500:  # noqa: PLR2004 (no 5xx)
        return None
    first = causes.first_wrong(call, status, kind)
    follows = first == promise or causes.follows(promise, first, status)
    return first if follows or is_page(response) else None  # a page says nothing else


def _of(response: requests.Response | None) -> tuple[int, str]:
    """Status and media type of a response; 0 and nothing if there is none."""
    return (0, "") if response is None else (response.status_code, bare_type(response.headers.get("content-type", "")))


def _traits(request: Any) -> frozenset[str]:
    """What is odd about the texts of a request."""
    if request is None:
        return frozenset()
    address = getattr(request, "uri", None) or getattr(request, "url", "")
    return causes.traits(causes.texts_of([address, dict(request.headers), request.body]))


def _path(failure: Any) -> list[str | int]:
    """The path in a body to what a schema doesn't allow: to the property that is missing, where one is."""
    missing = _missing(failure)
    return [*getattr(failure, "instance_path", ()), *([] if missing is None else [missing])]


def _keyword(failure: Any) -> str:
    return next((str(step) for step in reversed(getattr(failure, "schema_path", ())) if not isinstance(step, int)), "")


def _missing(failure: Any) -> str | None:
    """The property that a body lacks, if that is what failed."""
    found = _REQUIRED.match(getattr(failure, "validation_message", "") or "")
    return json.loads(found[1]) if found else None


def _cause(failure: Any, status: str) -> str:
    """The key by which failures are grouped: kind, status, and the place in the body without its indices."""
    path = [str(step) for step in _path(failure) if not isinstance(step, int)]
    keyword = [_keyword(failure)]
    detail = str(getattr(failure, "missing_headers", "") or getattr(failure, "header_name", ""))
    return " ".join(filter(None, [failure.title, status, *path, *keyword, detail]))
