"""Entries are read as browsers and tools write them."""

import gzip
from base64 import b64encode
from typing import Any

import pytest

from mockserver.checks.recording.entries import Entry, entry_of
from mockserver.checks.transport.archived_bodies import CUT, ENCODED, NOT_RECORDED, TOO_DEEP
from tests.checks.recording.archive import named

JSON = named([("content-type", "application/json")])


def _entry(content: Any = None, headers: Any = JSON, **given: Any) -> Entry:
    request = {"method": "get", "url": "https://a.example.com/v1/pets"} | given.pop("request", {})
    response = {"status": 200, "headers": headers, "content": content} | given.pop("response", {})
    found = entry_of(7, "", {"request": request, "response": response} | given)
    assert found is not None
    return found


def test_headers_of_http2_are_read_without_its_own() -> None:
    """Chrome writes `:authority`; names are compared in lower case."""
    entry = _entry(request={"headers": named([(":authority", "a"), ("X-AUTH-TOKEN", "k")])})
    assert (entry.headers, entry.method, entry.place) == ((("x-auth-token", "k"),), "GET", "entry 7")


@pytest.mark.parametrize(
    ("content", "lacks"),
    [
        (None, NOT_RECORDED),
        ({"size": 12, "mimeType": "application/json"}, NOT_RECORDED),  # Chrome has forgotten it
        ({"size": 12, "text": ""}, NOT_RECORDED),
        ({"size": 40_000, "text": '{"a": "x'}, CUT),  # Firefox cuts
        ({"text": "[" * 400 + "]" * 400}, TOO_DEEP),
        ({"text": "no base64!", "encoding": "base64"}, "is no base64"),
    ],
)
def test_bodies_that_are_not_there_have_a_reason(content: Any, lacks: str) -> None:
    """They are told, and not judged."""
    assert _entry(content).parsed.lacks == lacks


def test_an_empty_text_is_no_body_where_one_was_on_the_wire() -> None:
    """Firefox writes one for what a page may not read."""
    empty = {"text": "", "size": 0}
    assert _entry(empty).parsed.wrong
    assert _entry(empty, response={"bodySize": 12}).answer.lacks == NOT_RECORDED
    assert _entry(empty, [*JSON, *named([("content-length", "12")])]).answer.lacks == NOT_RECORDED


def test_bodies_are_decoded() -> None:
    """Base64, and what a proxy kept as it was on the wire; a whole text is judged, whatever its size says."""
    packed = b64encode(gzip.compress(b'{"a": 1}')).decode()
    headers = [*JSON, *named([("content-encoding", "gzip")])]
    assert _entry({"text": b64encode(b'{"a": 1}').decode(), "encoding": "base64"}).parsed.value == {"a": 1}
    assert _entry({"text": packed, "encoding": "base64"}, headers).parsed.value == {"a": 1}
    assert _entry({"text": '{"a": 1}', "size": 900}, headers).parsed.value == {"a": 1}
    brotli = [*JSON, *named([("content-encoding", "br")])]
    assert (
        _entry({"text": b64encode(b"\x0b\x02\x80\xff").decode(), "encoding": "base64"}, brotli).parsed.lacks == ENCODED
    )


def test_a_bomb_is_not_unpacked() -> None:
    """Beyond the most that is judged."""
    packed = b64encode(gzip.compress(bytes(2**27))).decode()
    headers = [*JSON, *named([("content-encoding", "gzip")])]
    assert "MiB" in _entry({"text": packed, "encoding": "base64"}, headers).answer.lacks


def test_forms_may_come_as_parameters() -> None:
    """As the format allows; a body that was sent and isn't there is told."""
    form = {"postData": {"mimeType": "x", "params": named([("a b", "1"), ("c", "ä")])}}
    assert _entry(request=form).sent.content == b"a+b=1&c=%C3%A4"
    assert _entry(request={"postData": {"mimeType": "x"}}).sent.lacks == NOT_RECORDED
    assert _entry(request={"bodySize": 12}).sent.lacks == NOT_RECORDED
    assert _entry(request={"bodySize": 0}).sent == (b"", "")


@pytest.mark.parametrize("status", [0, -1, "200", None, 99, 600, True, 200.5])
def test_no_status_is_no_answer(status: Any) -> None:
    """Aborted and blocked requests have 0; other things nobody can mean."""
    assert _entry(response={"status": status}).status == 0


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("HTTPS://A.example.com:443/x", "https://a.example.com"),
        ("http://me:secret@localhost:80/x", "http://localhost"),
        ("http://[::1]:8181/", "http://[::1]:8181"),
        ("data:text/plain,x", ""),
        ("http://[::1/x", ""),
        ("https://a.example.com:99999/", ""),
        ("chrome-extension://abc/x", ""),
    ],
)
def test_origins_have_one_spelling(url: str, origin: str) -> None:
    """Without user names, with the port only where it isn't the usual one; none for what is no URL of HTTP."""
    assert _entry(request={"url": url}).origin == origin


@pytest.mark.parametrize(
    "found", [None, 3, [], {}, {"request": []}, {"request": {"url": 5, "method": "GET"}}, {"request": {"url": "a"}}]
)
def test_no_request_is_no_entry(found: Any) -> None:
    """Whatever stands there."""
    assert entry_of(1, "", found) is None


def test_hostile_entries_are_read() -> None:
    """Types that the format doesn't have, half a pair of surrogates, and paths that are no text."""
    content = {"size": "x", "mimeType": 4, "text": '"\ud800"'}
    entry = _entry(content, headers="x", request={"url": "http://a/\ud800%ff", "headers": 3, "postData": [1]})
    assert (entry.media_type, entry.path, bool(entry.parsed.wrong)) == ("", "/%3F%ff", True)


@pytest.mark.parametrize(
    ("media_type", "is_json"),
    [("Application/JSON; charset=utf-8", True), ("application/a+json", True), ("application/x-ndjson", False)],
)
def test_json_is_one_text(media_type: str, is_json: bool) -> None:  # noqa: FBT001 (pytest's)
    """A sequence of texts isn't read as one, which it is not."""
    assert _entry(headers=named([("content-type", media_type)])).is_json is is_json
