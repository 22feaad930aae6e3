"""The computation of a signature, step by step, and the evidence that it starts from.

`signing` has the right computation in one piece; here inputs and steps are fields, so that `dataclasses.replace` can
put a mistake in the place of each.
"""

import hmac
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

from mockserver.signing import REQUEST_ID_HEADER, SECRET_PREFIX, TIMESTAMP_HEADER, SignedUrl
from mockserver.webhooks.signature_diagnosis.capture import Capture


def as_bytes(text: str) -> bytes:
    """The text in UTF-8; lone surrogates, which JSON can hold, are kept."""
    return text.encode("utf-8", "surrogatepass")


def join(lines: Iterable[bytes]) -> bytes:
    """The lines joined by line feeds, without one at the end."""
    return b"\n".join(lines)


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 of the message, 32 bytes."""
    return hmac.digest(key, message, "sha256")


def hex_sha256(body: bytes) -> bytes:
    """SHA-256 of the body in lower-case hex."""
    return sha256(body).hexdigest().encode()


def with_length(text: str) -> bytes:
    """The line for host or path: its length in bytes, a colon, and the text."""
    return b"%d:%b" % (len(as_bytes(text)), as_bytes(text))


@dataclass(frozen=True, slots=True)
class Computation:
    """The inputs and steps of a signature. The default steps are the right ones."""

    method: str
    host: str
    path: str
    body: bytes
    timestamp: str
    request_id: str
    key: bytes = field(repr=False)
    measure: Callable[[str], bytes] = with_length
    digest: Callable[[bytes], bytes] = hex_sha256
    assemble: Callable[[list[bytes]], bytes] = join
    mac: Callable[[bytes, bytes], bytes] = hmac_sha256
    encode: Callable[[bytes], str] = bytes.hex

    def lines(self) -> list[bytes]:
        """The six lines of the canonical string."""
        address = as_bytes(self.method), self.measure(self.host), self.measure(self.path)
        return [*address, self.digest(self.body), as_bytes(self.timestamp), as_bytes(self.request_id)]

    def signature(self) -> str:
        """The signature as it goes into the header."""
        return self.encode(self.mac(self.key, self.assemble(self.lines())))


@dataclass(frozen=True)
class Evidence:
    """A captured request with the knowledge of its receiver. `url` is the subscribed one, `now` is in Unix seconds.

    Raises ValueError for a URL that isn't one.
    """

    capture: Capture
    url: str
    secret: str = field(repr=False)
    now: float
    old_secrets: tuple[str, ...] = field(default=(), repr=False)
    right: Computation = field(init=False)

    def __post_init__(self) -> None:
        self.url.encode()  # UnicodeEncodeError is a ValueError
        signed_url, key = SignedUrl.of(self.url), as_bytes(self.secret.removeprefix(SECRET_PREFIX))
        stamps = self.capture.header(TIMESTAMP_HEADER), self.capture.header(REQUEST_ID_HEADER)
        right = Computation(self.capture.method, *signed_url, self.capture.body, *stamps, key)
        object.__setattr__(self, "right", right)

    @cached_property
    def _document(self) -> Any:
        try:
            return json.loads(self.capture.body)
        except (ValueError, RecursionError):
            return None

    def member(self, name: str) -> str:
        """The text of a top-level property of the body; empty if there is none."""
        value = self._document.get(name) if isinstance(self._document, dict) else None
        return value if isinstance(value, str) else ""
