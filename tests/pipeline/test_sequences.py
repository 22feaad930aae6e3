"""mockserver.pipeline.sequences: lists of items as texts of sequential media types, and back."""

from typing import Any

import pytest

from mockserver.pipeline.sequences import is_readable, is_sequence, read, written

ITEMS: list[Any] = [{"a": 1}, "b\nc", None]


@pytest.mark.parametrize(
    ("media_type", "text"),
    [
        ("application/jsonl", b'{"a":1}\n"b\\nc"\nnull\n'),
        ("application/x-ndjson", b'{"a":1}\n"b\\nc"\nnull\n'),
        ("application/json-seq", b'\x1e{"a":1}\n\x1e"b\\nc"\n\x1enull\n'),
        ("application/geo+json-seq", b'\x1e{"a":1}\n\x1e"b\\nc"\n\x1enull\n'),
    ],
)
def test_items_are_written_and_read(media_type: str, text: bytes) -> None:
    """A text of items is that of its media type, and says the same items when it is read."""
    assert written(media_type, ITEMS) == text
    assert read(media_type, text) == ITEMS
    assert is_readable(media_type)


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (
            {"event": "added", "data": "a\nb", "id": "7", "retry": 5},
            "event: added\nid: 7\nretry: 5\ndata: a\ndata: b\n\n",
        ),
        ({"data": {"a": 1}}, 'data: {"a":1}\n\n'),
        ({"name": "a"}, 'data: {"name":"a"}\n\n'),
        ("", "data: \n\n"),
        (3, "data: 3\n\n"),
    ],
)
def test_events_have_their_fields(item: Any, text: str) -> None:
    """An item with the fields of an event is one; any other is its data."""
    assert written("text/event-stream", [item]).decode() == text
    assert not is_readable("text/event-stream")


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "application/problem+json"])
def test_other_media_types_are_no_sequences(media_type: str) -> None:
    """A list of JSON is no sequence."""
    assert not is_sequence(media_type)


def test_what_is_no_json_is_told() -> None:
    """A line that can't be read is an error."""
    with pytest.raises(ValueError, match="expected"):
        read("application/jsonl", b'{"a":1}\n{a}\n')
