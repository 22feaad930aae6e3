"""The diagnosis of a request that is signed by Standard Webhooks: right, or else which mistake explains it.

It has the same form as that of Open Loyalty's signature, and knows the same mistakes about bodies.
"""

import hmac
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from mockserver import standard_webhooks
from mockserver.errors import SettingsError
from mockserver.signing import SECRET_PREFIX, same
from mockserver.standard_webhooks import ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER
from mockserver.webhooks.signature_diagnosis.capture import Capture
from mockserver.webhooks.signature_diagnosis.computation import Evidence
from mockserver.webhooks.signature_diagnosis.diagnosis import (
    ALTERNATIVES,
    Diagnosis,
    Explanation,
    HeaderCheck,
    length_check,
    timestamp_check,
)
from mockserver.webhooks.signature_diagnosis.mistakes import MISTAKES, Mistake

NO_PLACE = "http://localhost/"  # no URL is signed
DECODE = "The key is what stands behind `whsec_`, decoded from Base64."
WHOLE = "Sign `{webhook-id}.{webhook-timestamp}.{body}`: the texts of the headers as they are, joined by dots."
FORM = "The header has `v1,` and the HMAC in Base64, not in hex, for each valid key, separated by blanks."


class _Way(NamedTuple):
    """A wrong way to sign, and the signatures that come of it."""

    mistake: Mistake
    signatures: tuple[str, ...]


def is_standard(capture: Capture, *given: str | None) -> bool:
    """Whether a request is signed by Standard Webhooks, or a given signature is of its form."""
    return bool(capture.header(SIGNATURE_HEADER)) or any((text or "").startswith("v1,") for text in given)


def diagnose_standard(
    capture: Capture, secret: str, now: float, old_secrets: Iterable[str] = (), computed: str | None = None
) -> Diagnosis:
    """The diagnosis of a captured request. `computed` is the signature by the receiver's code. Raises SettingsError for
    a secret that is none of Standard Webhooks."""
    key, signature = standard_webhooks.key_of(secret), capture.header(SIGNATURE_HEADER)
    message_id, timestamp = capture.header(ID_HEADER), capture.header(TIMESTAMP_HEADER)
    expected = standard_webhooks.sign(key, standard_webhooks.content(message_id, timestamp, capture.body))
    matches = standard_webhooks.is_among(expected, signature)
    ways = [*_ways(capture, secret, key, tuple(old_secrets))]
    code_is_right = None if computed is None else same(computed, expected)
    return Diagnosis(
        matches,
        tuple(_checks(capture, expected, now, matches=matches)),
        (
            (message_id, ID_HEADER),
            (timestamp, TIMESTAMP_HEADER),
            (f"{len(capture.body)} bytes", "the body as it is, behind a dot, as is the timestamp"),
        ),
        expected,
        explanation=None if matches or not signature else _explained(ways, signature.split(" ")),
        code_is_right=code_is_right,
        of_code=_explained(ways, [computed]) if computed is not None and not code_is_right else None,
    )


def _checks(capture: Capture, expected: str, now: float, *, matches: bool) -> Iterator[HeaderCheck]:
    if signature := capture.header(SIGNATURE_HEADER):
        says = signature if matches else f"captured {signature}, computed {expected}"
        yield HeaderCheck("signature", says, failed=not matches)
    yield timestamp_check(capture.header(TIMESTAMP_HEADER), now, both_ways=True)
    yield HeaderCheck("message id", capture.header(ID_HEADER))
    if length := capture.header("Content-Length"):
        yield length_check(length, len(capture.body))


def _explained(ways: Iterable[_Way], signatures: list[str]) -> Explanation | None:
    """The likeliest mistake that gives one of these signatures, or None."""
    found = [way.mistake for way in ways if any(same(one, given) for one in way.signatures for given in signatures)]
    if not found:
        return None
    first, *others = dict.fromkeys(found)
    return Explanation(first, "", tuple(other.name for other in others)[:ALTERNATIVES])


def _ways(capture: Capture, secret: str, key: bytes, old_secrets: tuple[str, ...]) -> Iterator[_Way]:
    message_id, timestamp, body = capture.header(ID_HEADER), capture.header(TIMESTAMP_HEADER), capture.body
    signed = standard_webhooks.content(message_id, timestamp, body)
    yield _way("key-older", "key", "an older secret", "Put the newest secret into the receiver.",
               *(_by(one, signed) for one in _keys(old_secrets)))  # fmt: skip
    bare = secret.removeprefix(SECRET_PREFIX)
    texts = (bare, SECRET_PREFIX + bare)
    yield _way("key-not-decoded", "key", "the text of the secret as the key", DECODE,
               *(_by(text.encode(), signed) for text in texts))  # fmt: skip
    yield _way("key-empty", "key", "an empty key", "The secret did not reach the code: look at its setting.",
               _by(b"", signed))  # fmt: skip
    stamp = timestamp.encode("utf-8", "replace")
    left_out = (body, b".".join((stamp, body)), b".".join((message_id.encode("utf-8", "replace"), body)))
    yield _way("content-incomplete", "body", "a part left out, as the id or the timestamp", WHOLE,
               *(_by(key, one) for one in left_out))  # fmt: skip
    digest = hmac.digest(key, signed, "sha256")
    written = (digest.hex(), f"v1,{digest.hex()}", b64encode(digest).decode(), f"v1={b64encode(digest).decode()}")
    yield _way("signature-form", "key", "the signature in another form", FORM, *written)
    yield from _of_bodies(capture, key)


def _of_bodies(capture: Capture, key: bytes) -> Iterator[_Way]:
    """What the common mistakes make of the body."""
    evidence = Evidence(capture, NO_PLACE, "", 0.0)
    ids = capture.header(ID_HEADER), capture.header(TIMESTAMP_HEADER)
    for mistake in MISTAKES:
        if mistake.field == "body":
            bodies: list[bytes] = []
            with suppress(ValueError, RecursionError):
                bodies = [body for body in mistake.values(evidence) if body != capture.body]
            yield _Way(mistake, tuple(_by(key, standard_webhooks.content(*ids, body)) for body in bodies))


def _way(name: str, field: str, change: str, advice: str, *signatures: str) -> _Way:
    return _Way(Mistake(name, field, change, lambda _: (), advice), signatures)


def _by(key: bytes, signed: bytes) -> str:
    return standard_webhooks.sign(key, signed)


def _keys(secrets: Iterable[str]) -> Iterator[bytes]:
    for secret in secrets:
        with suppress(SettingsError):
            yield standard_webhooks.key_of(secret)
