"""The lines, the HMAC and how it is written: what only code gets wrong, never a captured request."""

import hmac
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from hashlib import sha1, sha256, sha512

from mockserver.verification.case import Case, Mistake
from mockserver.verification.computation import Patch, as_bytes, hmac_sha256, join

LINES = "Join the six lines by one line feed each, the character and not a backslash and an n, with none at the end."
LENGTHS = "Host and path have their length in bytes and a colon before them, as in `11:example.com`."
MAC = "Use HMAC-SHA256: the secret's text is the key, the canonical string is the message."
WRITTEN = "The signature is the HMAC in lower-case hex, 64 characters, without a prefix."
OTHERS = "This is how other vendors sign. Open Loyalty signs six lines; see docs/webhook-signatures.md."
SEPARATORS = (b"", b" ", b",", b";", b".", b":", b"|", b"&")
PREFIXES = ("sha256=", "sha256:", "hmac-sha256=", "v1=", "v1,")
METHOD, HOST, PATH, CONTENT, TIMESTAMP, REQUEST_ID = range(6)


def _always(field: str, *values: object) -> Callable[[Case], Iterable[Patch]]:
    """The same in each case."""
    return lambda _: [{field: value} for value in values]


def _joined_by(separator: bytes) -> Callable[[list[bytes]], bytes]:
    return separator.join


def _without(index: int) -> Callable[[list[bytes]], bytes]:
    return lambda lines: join(line for number, line in enumerate(lines) if number != index)


def _swapped(first: int, second: int) -> Callable[[list[bytes]], bytes]:
    def assemble(lines: list[bytes]) -> bytes:
        order = list(range(len(lines)))
        order[first], order[second] = second, first
        return join(lines[index] for index in order)

    return assemble


def _of_others(case: Case) -> list[Patch]:
    """The body alone, as GitHub does; `timestamp.body`, as Stripe does; `id.timestamp.body`, of Standard Webhooks."""
    body = case.captured.body
    return [
        {"assemble": lambda _: body},
        {"assemble": lambda lines: lines[TIMESTAMP] + b"." + body},
        {"assemble": lambda lines: b".".join((lines[REQUEST_ID], lines[TIMESTAMP], body))},
    ]


def _hmac_by(algorithm: str) -> Callable[[bytes, bytes], bytes]:
    return lambda key, message: hmac.digest(key, message, algorithm)


def _base64(mac: bytes) -> str:
    return b64encode(mac).decode()


def _base64_for_urls(mac: bytes) -> str:
    return urlsafe_b64encode(mac).decode()


def _unpadded(encode: Callable[[bytes], str]) -> Callable[[bytes], str]:
    return lambda mac: encode(mac).rstrip("=")


def _base64_of_hex(mac: bytes) -> str:
    return _base64(as_bytes(mac.hex()))


def _prefixed(prefix: str, encode: Callable[[bytes], str]) -> Callable[[bytes], str]:
    return lambda mac: prefix + encode(mac)


def _upper(mac: bytes) -> str:
    return mac.hex().upper()


CODE: tuple[Mistake, ...] = (
    Mistake(
        "lines-newline-at-end",
        "a newline at the end of the canonical string",
        LINES,
        _always("assemble", lambda lines: join(lines) + b"\n", lambda lines: b"\r\n".join(lines) + b"\r\n"),
        by_sender=True,
    ),
    Mistake("lines-crlf", "the lines joined by CRLF", LINES, _always("assemble", _joined_by(b"\r\n")), by_sender=True),
    Mistake(
        "lines-literal-newline",
        "a backslash and an n between the lines",
        f"In PHP write \"\\n\", not '\\n'. {LINES}",
        _always("assemble", _joined_by(rb"\n")),
        by_sender=True,
    ),
    Mistake(
        "lines-separator",
        "something else than a line feed between the lines",
        LINES,
        _always("assemble", *map(_joined_by, SEPARATORS)),
        by_sender=True,
    ),
    Mistake(
        "lines-omitted",
        "one of the six lines left out",
        "The lines are method, host, path, body hash, timestamp and request id.",
        _always("assemble", *map(_without, range(6))),
        by_sender=True,
    ),
    Mistake(
        "lines-order",
        "two of the six lines in each other's place",
        "The order is method, host, path, body hash, timestamp, request id.",
        _always("assemble", *(_swapped(first, second) for first in range(6) for second in range(first + 1, 6))),
        by_sender=True,
    ),
    Mistake("scheme-of-others", "the body alone, or with a dot before it, signed", OTHERS, _of_others, by_sender=True),
    Mistake(
        "lengths-omitted",
        "no lengths before host and path",
        LENGTHS,
        _always("length", lambda _: "", lambda _: ":"),
        by_sender=True,
    ),
    Mistake(
        "lengths-in-characters",
        "lengths that count characters",
        LENGTHS,
        _always("length", lambda text: f"{len(text)}:"),
        by_sender=True,
    ),
    Mistake(
        "lengths-written-otherwise",
        "lengths in hex, or without the colon",
        LENGTHS,
        _always("length", lambda text: f"{len(text):x}:", lambda text: f"{len(text)}", lambda text: f"{len(text)} "),
        by_sender=True,
    ),
    Mistake(
        "mac-swapped",
        "key and message in each other's place",
        f"Look at the order of the arguments. {MAC}",
        _always("mac", lambda key, message: hmac_sha256(message, key)),
        by_sender=True,
    ),
    Mistake(
        "mac-algorithm",
        "another hash than SHA-256 in the HMAC",
        MAC,
        _always("mac", *map(_hmac_by, ("sha1", "sha512", "sha384", "md5"))),
        by_sender=True,
    ),
    Mistake(
        "mac-plain-hash",
        "a plain hash in place of the HMAC",
        MAC,
        _always(
            "mac",
            lambda key, message: sha256(key + message).digest(),
            lambda key, message: sha256(message + key).digest(),
            lambda _, message: sha256(message).digest(),
            lambda _, message: sha1(message, usedforsecurity=False).digest(),
            lambda _, message: sha512(message).digest(),
        ),
        by_sender=True,
    ),
    Mistake("signature-upper-case", "the signature in upper case", WRITTEN, _always("encode", _upper), by_sender=True),
    Mistake(
        "signature-base64",
        "the signature in Base64",
        WRITTEN,
        _always(
            "encode",
            _base64,
            _base64_for_urls,
            _unpadded(_base64),
            _unpadded(_base64_for_urls),
            _base64_of_hex,
        ),
        by_sender=True,
    ),
    Mistake(
        "signature-prefixed",
        "a prefix before the signature",
        WRITTEN,
        _always("encode", *(_prefixed(text, encode) for text in PREFIXES for encode in (bytes.hex, _base64))),
        by_sender=True,
    ),
)
