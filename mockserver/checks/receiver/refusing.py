"""Checks of what a receiver has to refuse."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from mockserver.checks.findings.receiver_promises import ReceiverPromise as P
from mockserver.checks.receiver.hook_request import HookRequest
from mockserver.checks.receiver.payloads import Json
from mockserver.checks.receiver.trial import Trial, as_bytes
from mockserver.signing import SECRET_DIGITS, SECRET_PREFIX, SignedUrl

SIX_MINUTES = 360.0
LARGE = 5 * 1024 * 1024  # bytes
NOT_IMPLEMENTED = 501  # what servers answer to a method that nobody handles
FORGED = "an event that another key has signed"
MOST_BROKEN = 8  # bodies of an event without envelope that its schema forbids
NOTHING_VERIFIED = "no forged request is refused: is the signature verified at all?"


# ---------------------------------------------------------------- signatures
def tampered_body(trial: Trial) -> None:
    """A body that was changed after signing: a value, and a blank at its end."""
    request = trial.signed(trial.event())
    trial.refuses(P.TAMPERED_BODY, tampered(request))
    request = trial.signed(trial.event())
    longer = replace(request, body=request.body + b" ", what="an event with a blank that was added after signing")
    trial.refuses(P.TAMPERED_BODY, longer)


def tampered(request: HookRequest) -> HookRequest:
    """The request with one value of its body changed."""
    changed = as_bytes(json.loads(request.body) | {"createdAt": "2020-01-01T00:00:00+00:00"})
    return replace(request, body=changed, what="an event that was changed after signing")


def unsigned(trial: Trial) -> None:
    """Requests that lack one of the signature headers, or all of them."""
    for name in trial.signer.names:
        trial.refuses(P.UNSIGNED, trial.signed(trial.event()).without(f"an event without {name}", name))
    trial.refuses(P.UNSIGNED, _without_signature(trial))


def _without_signature(trial: Trial) -> HookRequest:
    return trial.signed(trial.event()).without("an event without a signature", *trial.signer.names)


def other_key(trial: Trial) -> None:
    """Events that other keys have signed: one made up, and the empty one, which a missing setting leaves. Where both
    are accepted, and one without a signature, too, nothing is verified: that is one finding."""
    replies = [trial.courier.send(one) for one in (forged(trial), _by_empty_key(trial))]
    if all(reply.accepts for reply in replies) and trial.courier.send(_without_signature(trial)).accepts:
        trial.verifies_nothing = True
        garbage = replace(trial.signed(b"not json"), method="PUT").as_type("text/plain")
        trial.takes_anything = trial.courier.send(garbage).accepts
        trial.fail(P.OTHER_KEY, replies[0], "a 4xx", NOTHING_VERIFIED)
        return
    for reply in replies:
        trial.holds(P.OTHER_KEY, reply, "a 4xx", good=reply.refuses)


def _by_empty_key(trial: Trial) -> HookRequest:
    empty = trial.signer.by(SECRET_PREFIX)
    event = trial.event()
    request = empty.request(as_bytes(event), trial.id_of(event), trial.clock.now(), trial.event_name)
    right = trial.signed(event).signature
    return replace(request, what="an event that the empty key has signed", signature=right)


def forged(trial: Trial, body: bytes | None = None) -> HookRequest:
    """A request that nobody who knows the secret has signed."""
    secret = SECRET_PREFIX + trial.ids.secret(SECRET_DIGITS)
    event = trial.event()
    content = as_bytes(event) if body is None else body
    request = trial.signer.by(secret).request(content, trial.id_of(event), trial.clock.now(), trial.event_name)
    return replace(request, what=FORGED, signature=trial.signed(content).signature if body is None else "")


def old_key(trial: Trial) -> None:
    """Events that the keys of before a rotation have signed."""
    if not trial.options.old_secrets:
        trial.card.not_judged(P.OLD_KEY, "MOCKSERVER_OLD_WEBHOOK_SECRETS names no secret of before", asked=False)
        return
    trial.accepts(P.OLD_KEY, trial.signed(trial.event(), "an event that the new key has signed"))
    for secret in trial.options.old_secrets:
        event = trial.event()
        signer = trial.signer.by(secret)
        request = signer.request(as_bytes(event), trial.id_of(event), trial.clock.now(), trial.event_name)
        trial.refuses(P.OLD_KEY, replace(request, what="an event that an old key has signed"))


def other_algorithm(trial: Trial) -> None:
    """Events under the names of other algorithms, signed by them or not."""
    for name, digest, what in (
        ("hmac-sha512", "", "an event that names another algorithm"),
        ("hmac-sha512", "sha512", "an event that is signed by HMAC-SHA512"),
        ("hmac-sha1", "sha1", "an event that is signed by HMAC-SHA1"),
        ("hmac-md5", "md5", "an event that is signed by HMAC-MD5"),
    ):
        trial.refuses(P.OTHER_ALGORITHM, trial.signer.with_algorithm(trial.signed(trial.event()), name, digest, what))
    request = trial.signed(trial.event())
    none = trial.signer.with_algorithm(request, "none", "", "an event that names the algorithm none")
    trial.refuses(P.OTHER_ALGORITHM, none.with_signature(""))


def malformed_signature(trial: Trial) -> None:
    """Signatures that are none."""
    for signature, what in trial.signer.malformed():
        request = trial.signed(trial.event())
        trial.refuses(P.MALFORMED_SIGNATURE, replace(request.with_signature(signature), what=what))


def whole_signature(trial: Trial) -> None:
    """Parts of a right signature, and more than it; and a right one among several."""
    for spoil, what in trial.signer.listed():
        request = trial.signed(trial.event())
        trial.accepts(P.WHOLE_SIGNATURE, replace(request.with_signature(spoil(request.signature)), what=what))
    for spoil, what in trial.signer.spoilt():
        request = trial.signed(trial.event())
        trial.refuses(P.WHOLE_SIGNATURE, replace(request.with_signature(spoil(request.signature)), what=what))


# ---------------------------------------------------------------- time and ids
def malformed_timestamp(trial: Trial) -> None:
    """Timestamps that are none, not signed and signed."""
    header = trial.signer.names.timestamp
    for timestamp, what in (
        ("", "an empty timestamp"),
        ("yesterday", "a timestamp that is a word"),
        ("2026-01-15T10:30:00Z", "a timestamp that is a date"),
    ):
        request = trial.signed(trial.event())
        spoilt = request.with_headers(request.headers | {header: timestamp})
        trial.refuses(P.MALFORMED_TIMESTAMP, replace(spoilt, what=what))
        if timestamp:
            signed = trial.signer.with_timestamp(trial.signed(trial.event()), timestamp, f"{what}, signed")
            trial.refuses(P.MALFORMED_TIMESTAMP, signed)
    request = trial.signed(trial.event())
    spoilt = request.with_headers(request.headers | {header: "9" * 30})
    trial.refuses(P.MALFORMED_TIMESTAMP, replace(spoilt, what="a timestamp of thirty digits"))


def time_window(trial: Trial) -> None:
    """Events that were signed six minutes ago, and for six minutes from now."""
    trial.refuses(P.STALE, trial.signed(trial.event(), "an event signed six minutes ago", ahead=-SIX_MINUTES))
    trial.refuses(P.AHEAD, trial.signed(trial.event(), "an event signed for six minutes from now", ahead=SIX_MINUTES))


def signed_headers(trial: Trial) -> None:
    """Timestamp and request id that were changed after signing."""
    _, stamp, request_id = trial.signer.names
    request = trial.signed(trial.event())
    later = str(int(request.headers[stamp]) + 1)
    changed = request.with_headers(request.headers | {stamp: later})
    trial.refuses(P.SIGNED_TIMESTAMP, replace(changed, what="an event whose timestamp was changed after signing"))
    request = trial.signed(trial.event())
    changed = request.with_headers(request.headers | {request_id: trial.ids.uuid()})
    trial.refuses(P.SIGNED_REQUEST_ID, replace(changed, what="an event whose request id was changed after signing"))


# ---------------------------------------------------------------- bodies
def verifies_first(trial: Trial) -> None:
    """Forged requests with bodies that no parser likes: whoever verifies first can't tell them from others."""
    usual = trial.courier.send(forged(trial))
    if not usual.refuses:
        trial.card.not_judged(P.VERIFIES_FIRST, "forged events are not refused, so this says nothing", asked=False)
        return
    expected = f"a {usual.status}, as for any forged event"
    for what, body in _odd_bodies():
        request = replace(forged(trial, body), what=f"a forged request with {what}")
        reply = trial.courier.send(request)
        trial.holds(P.VERIFIES_FIRST, reply, expected, good=reply.status == usual.status)


def _odd_bodies() -> Iterator[tuple[str, bytes]]:
    yield "a body that is no JSON", b"not json"
    yield "a body that is an empty object", b"{}"
    yield "a body that is no UTF-8", b'{"messageId": "\xff\xfe"}'
    yield "brackets ten thousand deep", b"[" * 10_000


def against_schema(trial: Trial) -> None:
    """Bodies that are signed, but that the contract forbids."""
    if trial.payloads.has_envelope(trial.event_name):
        broken = _broken_bodies(trial.event)
    else:
        broken = _bodies_without_envelope(trial)
    for what, body in broken:
        trial.refuses(P.AGAINST_SCHEMA, trial.signed(body, what))


def _bodies_without_envelope(trial: Trial) -> Iterator[tuple[str, bytes]]:
    """Bodies that the schema of the event forbids, whatever it is."""
    yield "a signed body that is no JSON", b"not json"
    whole = trial.event()
    others: list[tuple[str, Any]] = [("that is a list", []), ("that is a text", "text")]
    others += [(f"without {name}", {key: whole[key] for key in whole if key != name}) for name in whole]
    broken = [(what, one) for what, one in others if not trial.payloads.fits(trial.event_name, one)]
    for what, one in broken[:MOST_BROKEN]:
        yield f"a signed body {what}", as_bytes(one)


def _broken_bodies(event: Callable[[], Json]) -> Iterator[tuple[str, bytes]]:
    """Each has a messageId of its own, if it has one: nobody may take it for the repeat of another."""
    yield "a signed body that is no JSON", b"not json"
    yield "a signed body that is a list", b"[]"
    yield "a signed body that is a text", b'"CustomerRegistered"'
    for name in ("data", "messageId", "eventName"):
        whole = event()
        yield f"a signed event without {name}", as_bytes({key: whole[key] for key in whole if key != name})
    yield "a signed event whose data is null", as_bytes(event() | {"data": None})
    yield "a signed event whose data is a text", as_bytes(event() | {"data": "data"})
    yield "a signed event whose messageId is a list", as_bytes(event() | {"messageId": []})


def only_post(trial: Trial) -> None:
    """A signed event by other methods. Where they are answered with 501, nobody handles them."""
    own = trial.payloads.method(trial.event_name)
    for method in (one for one in ("GET", "PUT", "DELETE") if one != own):
        request = replace(trial.signed(trial.event(), f"{method} with an event"), method=method)
        reply, change = trial.effects.around(lambda one=request: trial.courier.send(one))  # type: ignore[misc]
        good = reply.refuses or reply.status == NOT_IMPLEMENTED
        if trial.holds(P.ONLY_POST, reply, "a 4xx", good=good) and trial.effects.can_be_seen:
            trial.has_effect(P.ONLY_POST, request, change, 0, f"{method} is refused, and has an effect")


def only_json(trial: Trial) -> None:
    """Events that are declared as something else; and one with a charset, which is JSON all the same."""
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        trial.refuses(P.ONLY_JSON, trial.signed(trial.event(), f"an event sent as {kind}").as_type(kind))
    request = trial.signed(trial.event(), "an event as JSON with a charset")
    trial.accepts(P.ONLY_JSON, request.as_type("application/json; charset=utf-8"))


def large_body(trial: Trial) -> None:
    """A signed event of 5 MB."""
    if not trial.options.is_hostile:
        trial.card.not_judged(P.LARGE_BODY, "5 MB are sent with --hostile, or to this machine", asked=False)
        return
    event = trial.event() | {"filling": "x" * LARGE}
    reply = trial.courier.send(trial.signed(event, "a signed event of 5 MB"))
    hung_up = not reply.status and not reply.is_late
    trial.holds(P.LARGE_BODY, reply, "a 4xx", good=reply.refuses or hung_up)


def no_redirect(trial: Trial) -> None:
    """An event to the URL, and to the one with, or without, a slash at its end."""
    for url in (trial.options.url, _with_or_without_slash(trial.options.url)):
        signed = trial.signer.signed if url == trial.options.url else SignedUrl.of(url)
        event = trial.event()
        signer = trial.signer.at(url, signed)
        request = signer.request(as_bytes(event), trial.id_of(event), trial.clock.now(), trial.event_name)
        other = "an event to the URL" + (" with or without its slash" if url != trial.options.url else "")
        reply = trial.courier.send(replace(request, what=other))
        trial.holds(P.NO_REDIRECT, reply, "no 3xx", good=bool(reply.status) and reply.status // 100 != 3)  # noqa: PLR2004


def _with_or_without_slash(url: str) -> str:
    """The URL with a slash at the end of its path if it has none, else without it; an empty path has no other form."""
    parts = urlsplit(url)
    path = parts.path.removesuffix("/") if parts.path.endswith("/") and parts.path != "/" else f"{parts.path}/"
    return urlunsplit(parts._replace(path="/" if parts.path in ("", "/") else path))
