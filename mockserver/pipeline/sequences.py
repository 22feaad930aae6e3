"""Sequences: media types whose content is a list of items, one after the other, as OpenAPI 3.2 describes them.

JSON lines, JSON text sequences (RFC 7464) and server-sent events. The mock sends all items at once, and ends.
"""

from collections.abc import Mapping
from typing import Any

import orjson

_LINES = frozenset(
    f"application/{prefix}{name}" for prefix in ("", "x-") for name in ("jsonl", "ndjson", "jsonlines", "json-lines")
)
_RECORDS = ("/json-seq", "+json-seq")  # how their names end
_EVENTS = "text/event-stream"
_SEPARATOR = "\x1e"
_FIELDS = ("event", "id", "retry", "data")


def is_sequence(media_type: str) -> bool:
    """Whether a media type, in lower case and without parameters, is that of a sequence."""
    return media_type == _EVENTS or media_type in _LINES or media_type.endswith(_RECORDS)


def written(media_type: str, items: list[Any]) -> bytes:
    """The items as the text of a sequence."""
    if media_type == _EVENTS:
        return "".join(map(_event, items)).encode("utf-8", "replace")
    start = _SEPARATOR if media_type.endswith(_RECORDS) else ""
    return "".join(f"{start}{_json(item)}\n" for item in items).encode("utf-8", "replace")


def read(media_type: str, text: bytes) -> list[Any]:
    """The items of a text of JSON lines or of a JSON text sequence. Raises ValueError if one is no JSON."""
    separator = _SEPARATOR if media_type.endswith(_RECORDS) else "\n"
    pieces = text.decode("utf-8").split(separator)
    return [orjson.loads(piece) for piece in pieces if piece.strip()]


def is_readable(media_type: str) -> bool:
    """Whether a media type is that of a sequence whose items are JSON."""
    return media_type != _EVENTS and is_sequence(media_type)


def _event(item: Any) -> str:
    """A server-sent event: of its fields if the item has any of them, else of the item as its data."""
    fields = item if isinstance(item, Mapping) and not item.keys().isdisjoint(_FIELDS) else {"data": item}
    lines = (
        f"{name}: {line}\n"
        for name in _FIELDS
        if fields.get(name) is not None
        for line in _text(fields[name]).splitlines() or [""]
    )
    return "".join(lines) + "\n"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
