"""The signature of Standard Webhooks 1.0.0 (www.standardwebhooks.com): pure, over bytes and integers.

`{webhook-id}.{webhook-timestamp}.{body}` is signed by HMAC-SHA256 under the key that the secret has in Base64 behind
`whsec_`. The header has one signature for each key that is valid, `v1,` and Base64, separated by blanks.
"""

import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping

from mockserver import signing
from mockserver.errors import SettingsError
from mockserver.signing import SECRET_PREFIX, TOLERANCE, Refusal, Scheme, same

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"
HEADERS = (ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER)
VERSION = "v1"
SHORTEST_KEY, LONGEST_KEY = 24, 64  # bytes, as the specification asks for

_NUMBER = re.compile(r"[0-9]{1,15}")


def decoded(secret: str) -> bytes:
    """What a secret has in Base64, with or without its prefix, and with or without padding, as libraries have it.
    Raises ValueError for what is no Base64."""
    text = secret.removeprefix(SECRET_PREFIX)
    return b64decode(text + "=" * (-len(text) % 4), validate=True)


def key_of(secret: str) -> bytes:
    """The key in a secret, which may come with or without its prefix `whsec_`. Raises SettingsError if it has none."""
    try:
        key = decoded(secret)
    except ValueError:
        raise SettingsError(
            "The secret is none of Standard Webhooks: behind `whsec_` it has to be Base64. Make one: "
            "echo whsec_$(openssl rand -base64 32)"
        ) from None
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise SettingsError(
            f"The secret is none of Standard Webhooks: its key has {len(key)} bytes, and needs {SHORTEST_KEY} to "
            f"{LONGEST_KEY}. Make one: echo whsec_$(openssl rand -base64 32)"
        )
    return key


def secret_of(key: bytes) -> str:
    """The secret that a key is told by."""
    return SECRET_PREFIX + b64encode(key).decode()


def content(message_id: str, timestamp: int | str, body: bytes) -> bytes:
    """What is signed."""
    return f"{message_id}.{timestamp}.".encode("utf-8", "surrogatepass") + body


def sign(key: bytes, signed: bytes) -> str:
    """The signature by a key, with its version."""
    return f"{VERSION},{b64encode(hmac.digest(key, signed, 'sha256')).decode()}"


def signature_headers(secret: str, message_id: str, timestamp: int | str, body: bytes) -> list[tuple[str, str]]:
    """The three headers of a signed delivery. Raises SettingsError as `key_of` does."""
    signature = sign(key_of(secret), content(message_id, timestamp, body))
    return [(ID_HEADER, message_id), (TIMESTAMP_HEADER, str(timestamp)), (SIGNATURE_HEADER, signature)]


def is_among(signature: str, header: str) -> bool:
    """Whether a header has this signature, compared in constant time; it may have several."""
    return any(same(one, signature) for one in header.split(" "))


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> Refusal | None:
    """The reason to refuse a request, or None if it is authentic, and sent at most 5 minutes from `now` (Unix seconds).

    The case of header names doesn't count. Raises SettingsError as `key_of` does.
    """
    named = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp, signature = (named.get(name, "") for name in HEADERS)
    if not (message_id and timestamp and signature):
        return Refusal.UNSIGNED
    if not _NUMBER.fullmatch(timestamp):
        return Refusal.TIMESTAMP
    if abs(now - int(timestamp)) > TOLERANCE:
        return Refusal.STALE if now > int(timestamp) else Refusal.AHEAD
    expected = sign(key_of(secret), content(message_id, timestamp, body))
    return None if is_among(expected, signature) else Refusal.MISMATCH


def verdict(  # noqa: PLR0913, PLR0917 (all that a receiver knows)
    scheme: Scheme, secret: str, headers: Mapping[str, str], body: bytes, url: str, now: float
) -> Refusal | None:
    """The reason of a receiver to refuse a request that is signed by this scheme; None if there is none. Raises
    SettingsError for a secret that the scheme can't use."""
    if scheme is Scheme.STANDARD_WEBHOOKS:
        return verify(secret, headers, body, now)
    return None if scheme is Scheme.NONE else signing.verify(secret, headers, body, url, now)
