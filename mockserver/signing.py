"""The HMAC signature of a delivery (vendor-facts §5.1): pure, over bytes and integers.

    POST
    {length of host}:{host}
    {length of path}:{path}
    {SHA-256 of the body, hex}
    {timestamp}
    {request id}

is the canonical string, joined by line feeds and without one at the end. Its HMAC-SHA256 under the secret without
`whsec_` is the signature (assumptions A43 to A46).
"""

import hmac
import re
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple, Self, TypedDict, Unpack
from urllib.parse import urlsplit

SECRET_DIGITS = 64  # behind the prefix
ALGORITHM = "hmac-sha256"
SECRET_PREFIX = "whsec_"  # noqa: S105 (vendor-facts §5.1)
TOLERANCE = 300  # seconds

SIGNATURE_HEADER = "X-Webhook-Signature"
ALGORITHM_HEADER = "X-Webhook-Signature-Algorithm"
TIMESTAMP_HEADER = "X-Webhook-Timestamp"
REQUEST_ID_HEADER = "X-Webhook-Request-Id"
VERSION_HEADER = "X-Webhook-Signature-Version"

_NUMBER = re.compile(r"[0-9]{1,15}")


class Scheme(StrEnum):
    """The ways to sign: as Open Loyalty does, by Standard Webhooks, or not at all."""

    VENDOR = "vendor"
    STANDARD_WEBHOOKS = "standard-webhooks"
    NONE = "none"

    @classmethod
    def chosen(cls, name: str | None, *, is_ours: bool) -> "Scheme":
        """The way of this name; without one that of the contract: Open Loyalty's way is its own, and no other
        contract means it."""
        if name is not None:
            return cls(name)
        return cls.VENDOR if is_ours else cls.STANDARD_WEBHOOKS


class SignedUrl(NamedTuple):
    """The signed parts of a URL. Parse it once where many deliveries go to the same."""

    host: str
    path: str

    @classmethod
    def of(cls, url: str) -> Self:
        """Host and path of an absolute http or https URL (assumption A60).

        The host is in lower case, without port and user name; that of an IPv6 address keeps its brackets. The path is
        as written, without query and fragment; an empty one is `/`. Raises ValueError if there is no such host.
        """
        parts = urlsplit(url)
        authority = parts.netloc.rpartition("@")[2].lower()
        host = authority[: authority.find("]") + 1] if authority.startswith("[") else authority.partition(":")[0]
        if parts.scheme not in ("http", "https") or not host:
            raise ValueError(f"{url!r} is not an absolute http or https URL")
        return cls(host, parts.path or "/")


class Signed(TypedDict):
    """The values that a signature covers. `timestamp` is in Unix seconds, `body` is as it is sent."""

    method: str
    url: str | SignedUrl
    body: bytes
    timestamp: int
    request_id: str


class Refusal(StrEnum):
    """The reasons why a receiver has to refuse a request."""

    UNSIGNED = "a signature header is missing"
    ALGORITHM = "the algorithm is not hmac-sha256"
    TIMESTAMP = "the timestamp is not in Unix seconds"
    STALE = "the timestamp is more than 5 minutes old"
    AHEAD = "the timestamp is more than 5 minutes ahead"
    MISMATCH = "the signature does not match"


def canonical(method: str, url: str | SignedUrl, body: bytes, timestamp: int | str, request_id: str) -> bytes:
    """The canonical string; a timestamp that is a text stands in it as it is. Lengths count bytes. Raises ValueError as
    `SignedUrl.of` does."""
    signed_url = SignedUrl.of(url) if isinstance(url, str) else url
    lines = (
        method,
        _with_length(signed_url.host),
        _with_length(signed_url.path),
        sha256(body).hexdigest(),
        str(timestamp),
        request_id,
    )
    return "\n".join(lines).encode()


def sign(secret: str, canonical: bytes) -> str:
    """The signature in lower-case hex. The secret may come with or without its prefix `whsec_`."""
    return hmac.digest(secret.removeprefix(SECRET_PREFIX).encode(), canonical, "sha256").hex()


def signature_headers(secret: str, version: int, **signed: Unpack[Signed]) -> list[tuple[str, str]]:
    """The five headers of a signed delivery. `version` counts the keys of the subscription from 1."""
    return [
        (SIGNATURE_HEADER, sign(secret, canonical(**signed))),
        (ALGORITHM_HEADER, ALGORITHM),
        (TIMESTAMP_HEADER, str(signed["timestamp"])),
        (REQUEST_ID_HEADER, signed["request_id"]),
        (VERSION_HEADER, str(version)),
    ]


def same(given: str, expected: str) -> bool:
    """Whether two secrets or signatures are equal, compared in constant time.

    A Python string may hold surrogates, which UTF-8 can't, hence `surrogatepass`.
    """
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass"))


def verify(secret: str, headers: Mapping[str, str], body: bytes, url: str | SignedUrl, now: float) -> Refusal | None:
    """The reason to refuse a POST request, or None if it is authentic and at most 5 minutes old.

    `url` is the subscribed one, `now` is in Unix seconds, the case of header names doesn't count. A timestamp that is
    ahead of `now` is no reason (vendor-facts §5.1 names old ones only). Raises ValueError as `SignedUrl.of` does.
    """
    named = {name.lower(): value for name, value in headers.items()}
    signature, timestamp, request_id = (
        named.get(name.lower(), "") for name in (SIGNATURE_HEADER, TIMESTAMP_HEADER, REQUEST_ID_HEADER)
    )
    if not (signature and timestamp and request_id):
        return Refusal.UNSIGNED
    if named.get(ALGORITHM_HEADER.lower(), ALGORITHM) != ALGORITHM:
        return Refusal.ALGORITHM
    if not _NUMBER.fullmatch(timestamp):
        return Refusal.TIMESTAMP
    if now - int(timestamp) > TOLERANCE:
        return Refusal.STALE
    expected = sign(secret, canonical("POST", url, body, int(timestamp), request_id))
    return None if same(signature, expected) else Refusal.MISMATCH


def _with_length(text: str) -> str:
    return f"{len(text) if text.isascii() else len(text.encode())}:{text}"
