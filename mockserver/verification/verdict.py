"""The judgement of a captured request: what was checked, and why it fails."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

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
from mockserver.verification.case import Case
from mockserver.verification.diagnosis import Explanation, explain

_SECONDS = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `failed` makes a receiver refuse the request; a remark doesn't."""

    name: str
    says: str
    failed: bool = False
    remark: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out. `canonical` has each line with what it is made of, `expected` is the signature of it.

    `explanation` is for a captured signature that doesn't match, `of_code` for the value that a receiver's code
    computed; each is None where there is nothing to explain, or nothing was found.
    """

    matches: bool
    checks: tuple[Check, ...]
    canonical: tuple[tuple[str, str], ...]
    expected: str
    explanation: Explanation | None = None
    code_is_right: bool | None = None
    of_code: Explanation | None = None

    @property
    def accepted(self) -> bool:
        """Whether the request is authentic and fresh, and the receiver's code, if it was asked about, right."""
        return not any(check.failed for check in self.checks) and self.code_is_right is not False


def judge(case: Case, computed: str | None = None, secret_version: int | None = None) -> Verdict:
    """Check a captured request, and explain a failure.

    `computed` is what the receiver's code made of it, `secret_version` the number of the key that `case.secret` is.
    """
    expected, signature = case.base.signature(), case.captured.header(SIGNATURE_HEADER)
    matches = same(signature, expected)
    code_is_right = None if computed is None else same(computed, expected)
    return Verdict(
        matches,
        tuple(_checks(case, expected, secret_version)),
        canonical_lines(case),
        expected,
        explanation=None if matches or not signature else explain(case, signature),
        code_is_right=code_is_right,
        of_code=explain(case, computed) if computed is not None and not code_is_right else None,
    )


def canonical_lines(case: Case) -> tuple[tuple[str, str], ...]:
    """Each line of the canonical string with what it is made of."""
    made_of = (
        "method",
        "length in bytes, and host of the URL",
        "length in bytes, and path of the URL",
        f"SHA-256 of the body, {len(case.captured.body)} bytes",
        TIMESTAMP_HEADER,
        REQUEST_ID_HEADER,
    )
    lines = (line.decode("utf-8", "backslashreplace") for line in case.base.lines())
    return tuple(zip(lines, made_of, strict=True))


def _checks(case: Case, expected: str, secret_version: int | None) -> Iterator[Check]:
    captured = case.captured
    if signature := captured.header(SIGNATURE_HEADER):
        yield _signature(signature, expected)
    if algorithm := captured.header(ALGORITHM_HEADER):
        wrong = algorithm != ALGORITHM
        yield Check("algorithm", f"{algorithm}; it has to be {ALGORITHM}" if wrong else algorithm, failed=wrong)
    yield _timestamp(captured.header(TIMESTAMP_HEADER), case.now)
    yield _request_id(captured.header(REQUEST_ID_HEADER), case.member("requestId"))
    if version := captured.header(VERSION_HEADER):
        yield _version(version, secret_version)
    if length := captured.header("Content-Length"):
        yield _length(length, len(captured.body))


def _signature(signature: str, expected: str) -> Check:
    if same(signature, expected):
        return Check("signature", signature)
    return Check("signature", f"captured {signature}, computed {expected}", failed=True)


def _timestamp(timestamp: str, now: float) -> Check:
    if not _SECONDS.fullmatch(timestamp):
        return Check("timestamp", f"{timestamp}; it has to be in Unix seconds", failed=True)
    age = int(now) - int(timestamp)
    says = f"{timestamp}, {_duration(abs(age))} {'old' if age >= 0 else 'ahead'}"
    if age > TOLERANCE:
        return Check("timestamp", f"{says}; more than 5 minutes are refused (--at judges another moment)", failed=True)
    return Check("timestamp", says, remark=age < -TOLERANCE)


def _duration(seconds: int) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _request_id(header: str, of_body: str) -> Check:
    if of_body and of_body != header:
        return Check("request id", f"{header}; the body has {of_body}, one of them was changed", remark=True)
    return Check("request id", header)


def _version(header: str, wanted: int | None) -> Check:
    if wanted is not None and header != str(wanted):
        says = f"signed with key {header}, your secret is key {wanted}: use the one that the last rotation returned"
        return Check("key version", says, remark=True)
    return Check("key version", header)


def _length(declared: str, length: int) -> Check:
    if declared != str(length):
        says = (
            f"Content-Length is {declared}, but the captured body has {length} bytes: it is not the one that was sent"
        )
        return Check("body", says, remark=True)
    return Check("body", f"{length} bytes, as Content-Length says")
