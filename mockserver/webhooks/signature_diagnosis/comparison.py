"""The comparison of a captured request with the attempt that a running mock sent. It needs no secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.errors import MockserverError
from mockserver.escaping import MASK
from mockserver.signing import REQUEST_ID_HEADER
from mockserver.standard_webhooks import SIGNATURE_HEADER
from mockserver.webhooks.signature_diagnosis.capture import Capture, headers_of
from mockserver.webhooks.signature_diagnosis.computation import Evidence
from mockserver.webhooks.signature_diagnosis.diagnosis import canonical_lines, values_of
from mockserver.webhooks.signature_diagnosis.mistakes import MISTAKES

CONTEXT = 24  # bytes shown around the first that differs
SIGNED_HEADERS = ("x-webhook-", "webhook-")


class DeliveryUnknown(MockserverError):
    """No attempt is known to compare with."""


@dataclass(frozen=True, slots=True)
class SentAttempt:
    """One attempt of a delivery, as the mock recorded it. `canonical` is empty for an unsigned one."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    canonical: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A part that arrived differently from how it was sent. `signed` parts break the signature."""

    part: str
    sent: str
    captured: str
    signed: bool = True
    hint: str = ""


def attempts_of(delivery: Mapping[str, Any]) -> list[SentAttempt]:
    """The attempts of a delivery from `GET /_mock/deliveries/{deliveryId}`, oldest first.

    Raises DeliveryUnknown if it is none.
    """
    try:
        return [_sent(attempt) for attempt in delivery["attempts"]]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DeliveryUnknown("The server did not answer with a delivery; is it a mock?") from error


def _sent(attempt: dict[str, Any]) -> SentAttempt:
    request = attempt["request"]
    headers, canonical = headers_of(request["headers"]), attempt.get("canonical") or ()
    lines = canonical.split("\n") if isinstance(canonical, str) else canonical
    return SentAttempt(request["method"], request["url"], headers, request["body"].encode(), tuple(lines))


def attempt_of(attempts: list[SentAttempt], capture: Capture) -> SentAttempt:
    """The attempt with the captured request id, else the last. Raises DeliveryUnknown if nothing was sent yet."""
    if not attempts:
        raise DeliveryUnknown("The mock has not tried to send this delivery yet.")
    wanted = capture.header(REQUEST_ID_HEADER)
    matching = [sent for sent in attempts if sent.headers.get(REQUEST_ID_HEADER.lower()) == wanted]
    return (matching or attempts)[-1]


def compare(sent: SentAttempt, evidence: Evidence) -> list[Difference]:
    """The differences between an attempt and the captured request, part by part and line by line."""
    capture = evidence.capture
    by_standard = SIGNATURE_HEADER in sent.headers  # it signs neither method nor URL
    parts = [
        Difference("method", sent.method, capture.method, signed=not by_standard),
        Difference("URL", sent.url, evidence.url, signed=not by_standard),
    ]
    headers = [
        Difference(name.title(), value, capture.header(name), signed=name.startswith(SIGNED_HEADERS))
        for name, value in sent.headers.items()
        if value != MASK
    ]
    lines = [
        Difference(f"line {number}", line, ours)
        for number, (line, (ours, _)) in enumerate(zip(sent.canonical, canonical_lines(evidence), strict=False), 1)
        if not by_standard
    ]
    return [part for part in (*parts, *headers, *_body(sent.body, evidence), *lines) if part.sent != part.captured]


def _body(sent: bytes, evidence: Evidence) -> list[Difference]:
    captured = evidence.capture.body
    if sent == captured:
        return []
    pairs = enumerate(zip(sent, captured, strict=False))
    at = next((index for index, (one, other) in pairs if one != other), min(len(sent), len(captured)))
    part = f"body from byte {at} (of {len(sent)} sent, {len(captured)} captured)"
    return [Difference(part, _around(sent, at), _around(captured, at), hint=_why(sent, evidence))]


def _around(body: bytes, at: int) -> str:
    return repr(body[max(0, at - CONTEXT) : at + CONTEXT])[1:]


def _why(sent: bytes, evidence: Evidence) -> str:
    """The mistake that turns the captured body into the sent one."""
    of_body = (mistake for mistake in MISTAKES if mistake.field == "body")
    mistake = next((mistake for mistake in of_body if sent in values_of(mistake, evidence)), None)
    return f"the sent one is {mistake.change} ({mistake.name})" if mistake else ""
