"""The diagnosis of a captured request: whether it is authentic and fresh, or else the mistake that explains it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from mockserver.signing import (
    ALGORITHM,
    ALGORITHM_HEADER,
    REQUEST_ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    TOLERANCE,
    VERSION_HEADER,
    same,
)
from mockserver.webhooks.signature_diagnosis.computation import Evidence
from mockserver.webhooks.signature_diagnosis.mistakes import MISTAKES, Mistake

SHOWN = frozenset({"host", "path", "timestamp", "request_id"})  # the key isn't
ALTERNATIVES = 3

_SECONDS = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class HeaderCheck:
    """The check of one header. `failed` makes a receiver refuse the request; a remark doesn't."""

    name: str
    says: str
    failed: bool = False
    remark: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """The mistake that gives a signature, its value, and the names of other mistakes that give the same.

    `value` is empty where none may be shown, as for a key.
    """

    mistake: Mistake
    value: str = ""
    alternatives: tuple[str, ...] = ()

    @property
    def change(self) -> str:
        """The end of the sentence "it matches with …"."""
        shown = f" ({self.mistake.field.replace('_', ' ')} `{self.value}`)" if self.mistake.field in SHOWN else ""
        return self.mistake.change + shown


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The result for a captured request. `canonical` has each line with its source, `expected` is their signature.

    `explanation` is for a captured signature that doesn't match, `of_code` for the value that a receiver's code
    computed; each is None where there is nothing to explain, or nothing was found.
    """

    matches: bool
    checks: tuple[HeaderCheck, ...]
    canonical: tuple[tuple[str, str], ...]
    expected: str
    explanation: Explanation | None = None
    code_is_right: bool | None = None
    of_code: Explanation | None = None

    @property
    def accepted(self) -> bool:
        """Whether the request is authentic and fresh, and the receiver's code, if it was asked about, right."""
        return not any(check.failed for check in self.checks) and self.code_is_right is not False


def diagnose(evidence: Evidence, computed: str | None = None, secret_version: int | None = None) -> Diagnosis:
    """The diagnosis of a captured request.

    `computed` is the signature by the receiver's code, `secret_version` the number of the receiver's secret.
    """
    expected, signature = evidence.right.signature(), evidence.capture.header(SIGNATURE_HEADER)
    matches = same(signature, expected)
    code_is_right = None if computed is None else same(computed, expected)
    return Diagnosis(
        matches,
        tuple(_checks(evidence, expected, secret_version)),
        canonical_lines(evidence),
        expected,
        explanation=None if matches or not signature else explain(evidence, signature),
        code_is_right=code_is_right,
        of_code=explain(evidence, computed) if computed is not None and not code_is_right else None,
    )


def explain(evidence: Evidence, signature: str) -> Explanation | None:
    """The likeliest mistake that gives this signature, or None.

    For a captured signature that doesn't match, it is a change to what was captured; for a value that a receiver's
    code computed from a good request, it is what the code does wrong. Signatures are compared in constant time.
    """
    found = [
        (mistake, value)
        for mistake in MISTAKES
        for value in values_of(mistake, evidence)
        if same(replace(evidence.right, **{mistake.field: value}).signature(), signature)
    ]
    if not found:
        return None
    (mistake, value), *others = found
    names = dict.fromkeys(other.name for other, _ in others if other is not mistake)
    return Explanation(mistake, value if mistake.field in SHOWN else "", tuple(names)[:ALTERNATIVES])


def values_of(mistake: Mistake, evidence: Evidence) -> list[Any]:
    """The wrong values that a mistake puts into its field."""
    right = getattr(evidence.right, mistake.field)
    try:
        return [value for value in mistake.values(evidence) if value != right]
    except (ValueError, RecursionError):  # JSON that can just be read may be nested too deeply to be written
        return []


def canonical_lines(evidence: Evidence) -> tuple[tuple[str, str], ...]:
    """The lines of the canonical string, each with its source."""
    made_of = (
        "method",
        "length in bytes, and host of the URL",
        "length in bytes, and path of the URL",
        f"SHA-256 of the body, {len(evidence.capture.body)} bytes",
        TIMESTAMP_HEADER,
        REQUEST_ID_HEADER,
    )
    lines = (line.decode("utf-8", "backslashreplace") for line in evidence.right.lines())
    return tuple(zip(lines, made_of, strict=True))


def _checks(evidence: Evidence, expected: str, secret_version: int | None) -> Iterator[HeaderCheck]:
    capture = evidence.capture
    if signature := capture.header(SIGNATURE_HEADER):
        yield _signature(signature, expected)
    if algorithm := capture.header(ALGORITHM_HEADER):
        wrong = algorithm != ALGORITHM
        yield HeaderCheck("algorithm", f"{algorithm}; it has to be {ALGORITHM}" if wrong else algorithm, failed=wrong)
    yield timestamp_check(capture.header(TIMESTAMP_HEADER), evidence.now)
    yield _request_id(capture.header(REQUEST_ID_HEADER), evidence.member("requestId"))
    if version := capture.header(VERSION_HEADER):
        yield _version(version, secret_version)
    if length := capture.header("Content-Length"):
        yield length_check(length, len(capture.body))


def _signature(signature: str, expected: str) -> HeaderCheck:
    if same(signature, expected):
        return HeaderCheck("signature", signature)
    return HeaderCheck("signature", f"captured {signature}, computed {expected}", failed=True)


def timestamp_check(timestamp: str, now: float, *, both_ways: bool = False) -> HeaderCheck:
    """The check of a timestamp: refused if it is too old, and, `both_ways`, if it is as much ahead."""
    if not _SECONDS.fullmatch(timestamp):
        return HeaderCheck("timestamp", f"{timestamp}; it has to be in Unix seconds", failed=True)
    age = int(now) - int(timestamp)
    says = f"{timestamp}, {_duration(abs(age))} {'old' if age >= 0 else 'ahead'}"
    if age > TOLERANCE or (both_ways and age < -TOLERANCE):
        return HeaderCheck(
            "timestamp", f"{says}; more than 5 minutes are refused (--at judges another moment)", failed=True
        )
    return HeaderCheck("timestamp", says, remark=age < -TOLERANCE)


def _duration(seconds: int) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _request_id(header: str, of_body: str) -> HeaderCheck:
    if of_body and of_body != header:
        return HeaderCheck("request id", f"{header}; the body has {of_body}, one of them was changed", remark=True)
    return HeaderCheck("request id", header)


def _version(header: str, wanted: int | None) -> HeaderCheck:
    if wanted is not None and header != str(wanted):
        says = f"signed with key {header}, your secret is key {wanted}: use the one that the last rotation returned"
        return HeaderCheck("key version", says, remark=True)
    return HeaderCheck("key version", header)


def length_check(declared: str, length: int) -> HeaderCheck:
    """The check of the declared length of a body."""
    if declared != str(length):
        says = (
            f"Content-Length is {declared}, but the captured body has {length} bytes: it is not the one that was sent"
        )
        return HeaderCheck("body", says, remark=True)
    return HeaderCheck("body", f"{length} bytes, as Content-Length says")
