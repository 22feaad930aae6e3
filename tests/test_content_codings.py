"""mockserver.content_codings: bodies before they were compressed."""

import gzip
import zlib

import pytest

from mockserver.content_codings import CannotDecode, decoded_body

TEXT = b'{"a": 1}' * 100
RAW = zlib.compressobj(wbits=-15)
LONGEST = len(TEXT)


def _gzipped(text: bytes) -> bytes:
    """The same at any time, as tests are named by it."""
    return gzip.compress(text, mtime=0)


@pytest.mark.parametrize(
    ("body", "codings"),
    [
        (TEXT, ""),
        (TEXT, "identity"),
        (_gzipped(TEXT), "gzip"),
        (_gzipped(TEXT), " X-GZip "),
        (zlib.compress(TEXT), "deflate"),
        (RAW.compress(TEXT) + RAW.flush(), "deflate"),
        (_gzipped(zlib.compress(TEXT)), "deflate, gzip"),
    ],
)
def test_known_codings_are_undone(body: bytes, codings: str) -> None:
    """All codings are undone, the last one first; a length that is just allowed is."""
    assert decoded_body(body, codings, LONGEST) == TEXT


@pytest.mark.parametrize(
    ("body", "codings", "why"),
    [
        (TEXT, "br", "encoded by br"),
        (TEXT, "gzip", "no gzip"),
        (_gzipped(TEXT)[:-9], "gzip", "ends too early"),
        (_gzipped(TEXT + b"1"), "gzip", "longer than 800 bytes"),
        (_gzipped(bytes(10_000_000)), "gzip", "longer than 800 bytes"),
        (TEXT, "gzip, gzip, gzip, gzip", "too often"),
    ],
)
def test_what_cant_be_undone_is_told(body: bytes, codings: str, why: str) -> None:
    """Unknown codings, broken bodies and those that grow too large are told, and never held in memory."""
    with pytest.raises(CannotDecode, match=why):
        decoded_body(body, codings, LONGEST)
