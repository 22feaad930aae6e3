"""Requests that somebody else captured: an HTTP Archive, or one request as raw HTTP, as `verify-signature` reads it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from mockserver.checks.findings.sender_promises import SenderPromise
from mockserver.checks.sender.deliveries import (
    CREATED_AT,
    DATA,
    EVENT_NAME,
    MESSAGE_ID,
    REQUEST_ID,
    STORE_CODE,
    Caught,
    CaughtSubscription,
    Role,
)
from mockserver.checks.sender.observations import Observation
from mockserver.checks.sender.signatures import KnownKey, is_by, is_signed, reading
from mockserver.checks.transport.archived_bodies import sent_body
from mockserver.checks.transport.archives import CutArchive, archive_entries
from mockserver.checks.transport.ledger import RESERVED
from mockserver.errors import SettingsError
from mockserver.signing import SignedUrl
from mockserver.standard_webhooks import ID_HEADER

MOST_BYTES = 2**28  # of a file
_HEADS = (b"\r\n\r\n", b"\n\n")


def read(path: Path) -> list[Caught]:
    """The requests in a file. Raises SettingsError if there are none that can be read."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path} can't be read: {error.strerror}.") from error
    if len(content) > MOST_BYTES:
        raise SettingsError(f"{path} is too large: more than {MOST_BYTES} bytes.")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _from_archive(path)
    return [_from_http(path, content)]


# ---------------------------------------------------------------- an HTTP Archive
def _from_archive(path: Path) -> list[Caught]:
    try:
        found = [_entry(number, entry) for number, entry in enumerate(archive_entries(path), start=1)]
    except CutArchive as error:
        raise SettingsError(f"{path} {error}.") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SettingsError(f"{path} is no HTTP Archive (HAR): {type(error).__name__} {error}.") from error
    deliveries = [one for one in found if one.method != "GET" and _is_delivery(one)]
    if not deliveries:
        raise SettingsError(
            f"{path} has no delivery among {len(found)} requests: none has an `eventName` in its body, or a header "
            f"`{ID_HEADER}`."
        )
    return deliveries


def _is_delivery(one: Caught) -> bool:
    return isinstance(one.member(EVENT_NAME), str) or bool(one.header(ID_HEADER))


def _entry(number: int, entry: Mapping[str, Any]) -> Caught:
    request = entry["request"]
    headers = tuple((str(one["name"]), str(one["value"])) for one in request.get("headers", ()))
    body, url = sent_body(request), str(request["url"])
    status = (entry.get("response") or {}).get("status") or 0
    method, at = str(request["method"]), _moment(entry)
    caught = Caught(number, url, method, url, headers, body.content, float(number), at, int(status))
    if body.lacks and caught.header(ID_HEADER):
        raise SettingsError(
            f"The body of entry {number} {body.lacks}, so nobody can judge its signature. Capture it with its body."
        )
    return caught


def _moment(entry: Mapping[str, Any]) -> float:
    """When a request came, in Unix seconds; 0 if that isn't known."""
    try:
        return datetime.fromisoformat(str(entry.get("startedDateTime"))).timestamp()
    except (ValueError, OverflowError):
        return 0.0


# ---------------------------------------------------------------- raw HTTP
def _from_http(path: Path, content: bytes) -> Caught:
    head, empty, body = next((parts for end in _HEADS if (parts := content.partition(end))[1]), (b"", b"", b""))
    lines = head.decode("latin-1").splitlines()
    words = lines[0].split(" ") if lines else []
    has_request_line = len(words) > 1 and not words[0].endswith(":")
    headers = tuple(_headers(lines[has_request_line:]))
    if not (empty and headers):
        raise SettingsError(f"{path} is neither an HTTP Archive nor a request: header lines, an empty line, the body.")
    if any(name.lower() == "transfer-encoding" and "chunked" in value.lower() for name, value in headers):
        raise SettingsError(f"The request in {path} comes in chunks. Capture it with its body joined.")
    method, target = (words[0], words[1]) if has_request_line else ("POST", "")
    return Caught(1, target, method, target, headers, body)


def _headers(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, colon, value = line.partition(":")
        if colon and name.strip():
            yield name.strip(), value.strip()


# ---------------------------------------------------------------- who subscribed
def subscriptions(
    requests: list[Caught], url: str | None, keys: tuple[str, ...]
) -> list[tuple[CaughtSubscription, list[int]]]:
    """A subscription for each event, store and URL that requests are of, with their numbers; `keys` are the secrets.
    Raises SettingsError if they may have signed for a URL that nobody can sign for."""
    found: dict[tuple[str, str, str], tuple[CaughtSubscription, list[int]]] = {}
    for one in requests:
        event, store = str(one.member(EVENT_NAME)), str(one.member(STORE_CODE))
        target = (url or _url(one)) if not keys else _signed_url(one, url)
        known = CaughtSubscription(Role.CAPTURED, event, store, one.token, target, keys=list(keys))
        found.setdefault((event, store, target), (known, []))[1].append(one.number)
    return list(found.values())


def _url(one: Caught) -> str:
    """The URL that a request was for, as far as it tells."""
    return one.target if "://" in one.target else f"https://{one.header('Host')}{one.target}"


def _signed_url(one: Caught, url: str | None) -> str:
    """The URL that a request was signed for. Raises SettingsError if it is none."""
    target = url or _url(one)
    try:
        SignedUrl.of(target)
    except ValueError as error:
        whose = "--catcher-url" if url else f"The URL of request {one.number}"
        advice = "Give" if url else "Give, as --catcher-url,"
        raise SettingsError(
            f"{whose} is not an absolute http or https URL, so no signature can be judged. {advice} the one that was "
            "subscribed, like https://crm.example.com/open-loyalty."
        ) from error
    return target


def forget_keys(of_requests: list[tuple[CaughtSubscription, list[Caught]]]) -> int:
    """Take the secrets from subscriptions of a run whose own keys nobody was told: those to its catcher, of which no
    request is explained by any secret that was given. Returns how many requests that concerns."""
    number = 0
    for subscription, requests in of_requests:
        keys = [KnownKey(key) for key in subscription.keys]
        if not keys or f".{RESERVED}/" not in subscription.url:
            continue
        if not any(_explains(key, one, subscription.url) for key in keys for one in requests):
            subscription.keys, number = [], number + len(requests)
    return number


def _explains(key: KnownKey, request: Caught, url: str) -> bool:
    return is_signed(request) and (is_by(key.secret, request, url) or reading([key], request, url) is not None)


# ---------------------------------------------------------------- several of them
def sequences(requests: list[Caught]) -> Iterator[Observation]:
    """What requests with one message id to one URL say of the promises: they are attempts of one delivery."""
    of_message: dict[tuple[str, str], list[Caught]] = {}
    for one in requests:
        if isinstance(message_id := one.member(MESSAGE_ID), str):
            of_message.setdefault((_url(one), message_id), []).append(one)
    for first, *more in of_message.values():
        for again in more:
            yield from _again(first, again)


def _again(first: Caught, again: Caught) -> Iterator[Observation]:
    event = str(first.member(EVENT_NAME))

    def seen(promise: SenderPromise, wrong: str, expected: str, *claims: str) -> Observation:
        return Observation(promise, event, again, wrong=wrong, expected=expected, claims=claims)

    changed = [name for name in (EVENT_NAME, CREATED_AT, DATA) if first.member(name) != again.member(name)]
    wrong = f"it has the messageId of another one, and another {' and '.join(changed)}" if changed else ""
    yield seen(SenderPromise.REPEAT_IS_THE_SAME, wrong, "the same event, or another messageId", "A49")
    wrong = "the repeat has the requestId of the first attempt"
    same_request = first.member(REQUEST_ID) == again.member(REQUEST_ID)
    yield seen(SenderPromise.REQUEST_ID_NEW, wrong if same_request else "", "a new one")
    if first.status:
        wrong = f"it was answered with {first.status}, and came again" if first.succeeded else ""
        yield seen(SenderPromise.NO_REPEAT_AFTER_SUCCESS, wrong, "no repeat")
