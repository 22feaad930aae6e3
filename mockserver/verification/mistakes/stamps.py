"""Timestamp and request id: both are signed as the headers have them."""

from collections.abc import Iterable

from mockserver.clock import moment, timestamp
from mockserver.verification.case import NO_JSON, Case, Mistake
from mockserver.verification.computation import Patch

SENT = "Take the text of X-Webhook-Timestamp as it is; don't compute a time of your own."
ID = "Take the text of X-Webhook-Request-Id as it is. It changes with each attempt; `messageId` doesn't."
NEAR = 60  # seconds around the sending in which a receiver may have looked at its clock
LAST_MOMENT = 253_402_300_799  # the end of 9999, beyond which there are no dates


def _timestamps(*texts: str) -> list[Patch]:
    return [{"timestamp": text} for text in texts if text]


def _sent_at(case: Case) -> int | None:
    """The timestamp in seconds, if it is one."""
    text = case.base.timestamp
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None  # noqa: PLR2004 (digits)


def _in_other_units(case: Case) -> list[Patch]:
    sent_at = _sent_at(case)
    if sent_at is None:
        return []
    units = (1_000, 1_000_000, 1_000_000_000)
    return _timestamps(*(str(sent_at * unit) for unit in units), *(str(sent_at // unit) for unit in units))


def _with_fraction(case: Case) -> list[Patch]:
    sent_at = _sent_at(case)
    return [] if sent_at is None else _timestamps(f"{sent_at}.0", f"{sent_at}.000000")


def _as_date(case: Case) -> list[Patch]:
    sent_at = _sent_at(case)
    if sent_at is None or sent_at > LAST_MOMENT:
        return []
    text = timestamp(sent_at)
    return _timestamps(text, text.replace("+00:00", "Z"), text.replace("+00:00", ".000Z"), text.replace("+00:00", ""))


def _of_body(case: Case) -> list[Patch]:
    created_at = case.member("createdAt")
    try:
        return _timestamps(created_at, str(int(moment(created_at))))
    except ValueError:
        return _timestamps(created_at)


def _of_own_clock(case: Case) -> list[Patch]:
    sent_at, now = _sent_at(case), int(case.now)
    around = range(sent_at - NEAR // 6, sent_at + NEAR) if sent_at is not None else range(0)
    return _timestamps(*map(str, {*around, *range(now - 5, now + 6)}))


def _ids(ids: Iterable[str]) -> list[Patch]:
    return [{"request_id": text} for text in ids]


def _of_message(case: Case) -> list[Patch]:
    return _ids(text for name in ("messageId", "id", "eventId") if (text := case.member(name)))


def _of_envelope(case: Case) -> list[Patch]:
    headers = ("X-Request-Id", "X-Correlation-Id", "X-Amzn-Trace-Id")
    return _ids(text for text in (case.member("requestId"), *map(case.captured.header, headers)) if text)


def _rewritten(case: Case) -> list[Patch]:
    text = case.base.request_id
    return _ids((text.upper(), text.lower(), text.replace("-", ""), text.strip()))


def _of_data(case: Case) -> list[Patch]:
    """Any other id at the top of the event's data."""
    data = case.document.get("data") if case.document is not NO_JSON and isinstance(case.document, dict) else None
    return _ids(text for text in data.values() if isinstance(text, str)) if isinstance(data, dict) else []


STAMPS: tuple[Mistake, ...] = (
    Mistake(
        "timestamp-unit",
        "the timestamp in another unit than seconds",
        f"The timestamp is in seconds; JavaScript's `Date.now()` and Java's clock give milliseconds. {SENT}",
        _in_other_units,
    ),
    Mistake("timestamp-fraction", "a fraction behind the seconds of the timestamp", SENT, _with_fraction),
    Mistake("timestamp-date", "the timestamp written as a date", SENT, _as_date),
    Mistake("timestamp-of-body", "`createdAt` of the body as the timestamp", SENT, _of_body),
    Mistake("timestamp-own-clock", "the time of the receiver's clock as the timestamp", SENT, _of_own_clock),
    Mistake("timestamp-missing", "an empty timestamp", SENT, lambda _: [{"timestamp": ""}]),
    Mistake("request-id-of-message", "`messageId` of the body as the request id", ID, _of_message),
    Mistake("request-id-of-request", "another request id that the request names", ID, _of_envelope),
    Mistake("request-id-rewritten", "the request id in another case, or without hyphens", ID, _rewritten),
    Mistake("request-id-of-data", "another text of the event as the request id", ID, _of_data),
    Mistake("request-id-missing", "an empty request id", ID, lambda _: _ids([""])),
)
