"""The signature once more, in steps of which each can be done wrongly.

`signing` is the right way in one piece; here are its inputs and its steps as fields, for `dataclasses.replace`.
"""

import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from mockserver.signing import SECRET_PREFIX, Target

Patch = dict[str, Any]  # fields of Computation, and what a mistake makes of them


def join(lines: Iterable[bytes]) -> bytes:
    """The lines joined by line feeds, without one at the end."""
    return b"\n".join(lines)


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 of the message, 32 bytes."""
    return hmac.digest(key, message, "sha256")


def length_in_bytes(text: str) -> str:
    """What stands before host and path."""
    return f"{len(as_bytes(text))}:"


def as_bytes(text: str) -> bytes:
    """UTF-8; lone surrogates, which JSON can hold, are kept."""
    return text.encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class Computation:
    """What a signature is computed from, and how. The defaults are the right way."""

    method: str
    host: str
    path: str
    content: bytes  # the line for the body: its hash
    timestamp: str
    request_id: str
    key: bytes
    length: Callable[[str], str] = length_in_bytes
    assemble: Callable[[list[bytes]], bytes] = join
    mac: Callable[[bytes, bytes], bytes] = hmac_sha256
    encode: Callable[[bytes], str] = bytes.hex

    @classmethod
    def of(cls, method: str, target: Target, body: bytes, stamps: tuple[str, str], secret: str) -> "Computation":
        """The right way; `stamps` are timestamp and request id, as the headers have them."""
        key = as_bytes(secret.removeprefix(SECRET_PREFIX))
        return cls(method, target.host, target.path, hashed(body), *stamps, key)

    def lines(self) -> list[bytes]:
        """The lines of the canonical string."""
        host, path = self.length(self.host) + self.host, self.length(self.path) + self.path
        texts = [as_bytes(text) for text in (self.method, host, path, self.timestamp, self.request_id)]
        return [*texts[:3], self.content, *texts[3:]]

    def signature(self) -> str:
        """The signature as it goes into the header."""
        return self.encode(self.mac(self.key, self.assemble(self.lines())))


def hashed(body: bytes) -> bytes:
    """The line for a body."""
    return sha256(body).hexdigest().encode()
