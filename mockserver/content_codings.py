"""Content codings: bodies as they were before they were compressed, up to a length."""

import zlib

GZIP, DEFLATE, RAW_DEFLATE = 31, 15, -15  # window sizes, as zlib tells the formats apart
_WINDOWS = {"gzip": (GZIP,), "x-gzip": (GZIP,), "deflate": (DEFLATE, RAW_DEFLATE)}  # some servers send it raw
MOST_CODINGS = 3  # one on the other


class CannotDecode(Exception):
    """A body can't be decoded, or becomes too long; the message says why, as the end of a sentence."""


class DecodedTooLong(CannotDecode):
    """A body becomes too long."""


class EndsTooEarly(CannotDecode):
    """A part of a body is missing."""


def decoded_body(body: bytes, codings: str, longest: int) -> bytes:
    """A body without its content codings, `longest` bytes at most. `codings` is the value of `Content-Encoding`.

    Raises CannotDecode.
    """
    applied = [coding for part in codings.split(",") if (coding := part.strip().lower()) not in ("", "identity")]
    if len(applied) > MOST_CODINGS:
        raise CannotDecode("it is encoded too often")
    for coding in reversed(applied):
        if coding not in _WINDOWS:
            raise CannotDecode(f"it is encoded by {coding[:40]}")
        body = _inflated(body, coding, longest)
    return body


def _inflated(body: bytes, coding: str, longest: int) -> bytes:
    for window in _WINDOWS[coding]:
        inflater = zlib.decompressobj(window)
        try:
            plain = inflater.decompress(body, longest + 1)
        except zlib.error:
            continue
        if len(plain) > longest:
            raise DecodedTooLong(f"it is longer than {longest} bytes once it is decoded")
        if not inflater.eof and body:
            raise EndsTooEarly(f"its {coding} ends too early")
        return plain
    raise CannotDecode(f"it is no {coding}")
