"""The signature of a caught request: by which key it is, and which other key or way to sign explains one that isn't
right."""

import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from mockserver.checks.sender.deliveries import Caught
from mockserver.signing import (
    ALGORITHM_HEADER,
    REQUEST_ID_HEADER,
    SECRET_PREFIX,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    VERSION_HEADER,
    SignedUrl,
    same,
)

HEADERS = (SIGNATURE_HEADER, ALGORITHM_HEADER, TIMESTAMP_HEADER, REQUEST_ID_HEADER, VERSION_HEADER)


class Reading(NamedTuple):
    """A way to sign that explains a signature, in words, and the assumption that it refutes; "" if it is a plain
    mistake."""

    words: str
    assumption: str = ""


class KnownKey(NamedTuple):
    """A secret that may have signed. `whose` says in words which one it is; "" if it is the one that has to."""

    secret: str
    whose: str = ""


@dataclass(frozen=True)
class _Signed:
    """What a signature is computed of."""

    key: bytes
    method: bytes
    host: bytes
    path: bytes
    body: bytes
    timestamp: bytes
    request_id: bytes
    with_lengths: bool = True
    encode: Callable[[bytes], str] = bytes.hex

    def signature(self) -> str:
        host, path = (b"%d:%s" % (len(one), one) if self.with_lengths else one for one in (self.host, self.path))
        digest = sha256(self.body).hexdigest().encode()
        lines = (self.method, host, path, digest, self.timestamp, self.request_id)
        return self.encode(hmac.digest(self.key, b"\n".join(lines), "sha256"))


def is_signed(request: Caught) -> bool:
    """Whether a request has a signature at all."""
    return bool(request.header(SIGNATURE_HEADER))


def is_by(key: str, request: Caught, url: str) -> bool:
    """Whether a request is signed by this key, as the contract has it, for the subscribed URL."""
    return same(_signed(key, request, url).signature(), request.header(SIGNATURE_HEADER))


def reading(keys: Iterable[KnownKey], request: Caught, url: str) -> Reading | None:
    """What explains a signature that isn't right: another key that is known, or another way to sign, by any of them;
    None if nothing does. Earlier keys go before later ones."""
    given, anew = request.header(SIGNATURE_HEADER), tuple(dict.fromkeys(_written_anew(request.body)))
    for key in keys:
        right = _signed(key.secret, request, url)
        if key.whose and same(right.signature(), given):
            return Reading(f"{key.whose} signs it")
        for said, other in _others(right, key.secret, url, anew):
            if same(other.signature(), given):
                return said._replace(words=f"{said.words}, by {key.whose}") if key.whose else said
    return None


def ways(keys: Iterable[KnownKey], request: Caught, url: str) -> int:
    """How many keys and ways to sign `reading` tries."""
    anew = tuple(dict.fromkeys(_written_anew(request.body)))
    found = (_others(_signed(key.secret, request, url), key.secret, url, anew) for key in keys)
    return sum(1 + sum(1 for _ in others) for others in found)


def _signed(key: str, request: Caught, url: str) -> _Signed:
    host, path = SignedUrl.of(url)
    stamps = (request.header(TIMESTAMP_HEADER), request.header(REQUEST_ID_HEADER))
    texts = (key.removeprefix(SECRET_PREFIX), request.method, host, path)
    secret, method, host_bytes, path_bytes = (_bytes(text) for text in texts)
    timestamp, request_id = (_bytes(text) for text in stamps)
    return _Signed(secret, method, host_bytes, path_bytes, request.body, timestamp, request_id)


def _others(right: _Signed, key: str, url: str, anew: Iterable[bytes]) -> Iterator[tuple[Reading, _Signed]]:
    """Other ways to sign: those that the documents leave open, then mistakes. `anew` are other forms of the body."""
    parts = urlsplit(url)
    bare = key.removeprefix(SECRET_PREFIX)
    with suppress(ValueError):
        spelled = bytes.fromhex(bare)
        yield Reading("the key is the 32 bytes that its text spells in hex", "A44"), replace(right, key=spelled)
    yield Reading("the key keeps its `whsec_`", "A44"), replace(right, key=_bytes(SECRET_PREFIX + bare))
    authority = _bytes(parts.netloc.rpartition("@")[2].lower())
    target = _bytes(parts.path + (f"?{parts.query}" if parts.query else ""))
    yield Reading("the host has its port", "A43"), replace(right, host=authority)
    yield Reading("the path has the query", "A43"), replace(right, path=target)
    yield Reading("host and path have port and query", "A43"), replace(right, host=authority, path=target)
    yield Reading("host and path have no lengths", "A43"), replace(right, with_lengths=False)
    yield Reading("the method is in lower case", "A43"), replace(right, method=right.method.lower())
    yield Reading("the path is decoded", "A60"), replace(right, path=_bytes(unquote(parts.path)))
    yield Reading("it is written in base64"), replace(right, encode=lambda digest: b64encode(digest).decode())
    yield Reading("it is written in capitals"), replace(right, encode=lambda digest: digest.hex().upper())
    for body in anew:
        yield Reading("it signs the JSON written anew, not the bytes that are sent"), replace(right, body=body)


def _written_anew(body: bytes) -> Iterator[bytes]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return
    for separators in ((",", ":"), (", ", ": ")):
        for ascii_only in (True, False):
            for in_order in (False, True):
                text = json.dumps(content, separators=separators, ensure_ascii=ascii_only, sort_keys=in_order)
                yield text.encode("utf-8", "surrogatepass")
    yield json.dumps(content, indent=2).encode()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # an archive may hold half a pair
