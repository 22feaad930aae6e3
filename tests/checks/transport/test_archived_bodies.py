"""mockserver.checks.transport.archived_bodies: bodies as browsers, proxies and our own archives have them."""

import zlib
from base64 import b64encode
from typing import Any

import pytest

from mockserver.archive_words import Why, beginning, left_out
from mockserver.checks.transport.archived_bodies import (
    BROKEN_BASE64,
    CUT,
    HIDDEN,
    NOT_RECORDED,
    TOO_DEEP,
    ArchivedBody,
    answer_body,
    parsed,
    sent_body,
)
from mockserver.escaping import MASK

LEFT_OUT = "was left out, as it is no text"


@pytest.mark.parametrize(
    ("request_", "lacks"),
    [
        ({}, ""),
        ({"bodySize": 5}, NOT_RECORDED),
        ({"bodySize": 5, "postData": {"text": ""}}, NOT_RECORDED),
        ({"bodySize": 0, "postData": {"text": ""}}, ""),
        ({"postData": {"mimeType": "a/b"} | left_out(Why.NO_TEXT)}, LEFT_OUT),
        ({"postData": {"text": ""} | left_out(Why.NO_TEXT)}, LEFT_OUT),
        ({"postData": {"text": "ab"} | beginning(5)}, CUT),
        ({"postData": {"text": MASK}}, HIDDEN),
        ({"postData": {"text": "!", "encoding": "base64"}}, BROKEN_BASE64),
    ],
)
def test_bodies_of_requests_that_lack_something(request_: dict[str, Any], lacks: str) -> None:
    """A body that isn't there isn't an empty one: whoever recorded it may have left it out."""
    assert sent_body(request_).lacks == lacks


def test_any_text_is_bytes() -> None:
    """Also that of a file that is no UTF-8, and half a pair of surrogates."""
    found = [sent_body({"postData": {"text": text}}).content for text in ("\u00e4", "\udcff", "\ud800")]
    assert found == [b"\xc3\xa4", b"\xff", b"\xed\xa0\x80"]


def test_bodies_of_answers_that_lack_something() -> None:
    """As those of requests; a compressed one is unpacked by any coding that is known."""
    packed = {"text": b64encode(zlib.compress(b'{"a": 1}')).decode(), "encoding": "base64"}
    deflated = {"content-encoding": "deflate"}
    assert answer_body({"content": left_out(Why.NO_TEXT)}, {}).lacks == LEFT_OUT
    assert answer_body({"content": {"text": MASK}}, {}).lacks == HIDDEN
    assert answer_body({"content": packed}, deflated).content == b'{"a": 1}'
    assert answer_body({"content": packed | {"text": packed["text"][:12]}}, deflated).lacks == CUT


def test_bodies_are_read_as_json() -> None:
    """What is none is wrong, what can't be judged is neither right nor wrong."""
    assert parsed(ArchivedBody(b"[1]")) == ([1], "", "")
    assert parsed(ArchivedBody(b"[1")).wrong
    assert parsed(ArchivedBody(b"[" * 101 + b"]" * 101)).lacks == TOO_DEEP
    assert parsed(ArchivedBody(b"[1", CUT)) == (None, "", CUT)
