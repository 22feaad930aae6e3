"""The request body: its media type, its text, its schema."""

from collections.abc import Callable
from typing import Any

import orjson

from mockserver.contract import Contract, Operation, Validator
from mockserver.errors import BadRequest, UnsupportedMediaType
from mockserver.forms import FormReader
from mockserver.messages import Request
from mockserver.violations import Violation

Parse = Callable[[bytes], Any]
LARGE = 32 * 1024  # bytes; of a larger body only the first problem is told, as finding all takes too long
DEEPEST = 64  # levels of nesting
UNPARSED = object()  # a body of a kind whose inside isn't looked at


class BodyReader:
    """Reads the body of one operation."""

    def __init__(self, contract: Contract, declared: Operation) -> None:
        self._contract = contract
        self._required = declared.body_required
        self.expected = bool(declared.media_types)
        self._kinds = {
            media_type: (contract.validator(pointer), _parser(contract, media_type, pointer))
            for media_type, pointer in declared.media_types.items()
        }

    async def read(self, request: Request, problems: list[Violation]) -> Any:
        """The parsed body, with its problems added to `problems`. Raises BadRequest, PayloadTooLarge or
        UnsupportedMediaType if it can't be read at all."""
        if not self._kinds:
            return None
        text = await request.body()
        media_type = request.headers.get(b"content-type", b"").partition(b";")[0].strip().lower().decode("latin-1")
        if not text and not media_type and not self._required:
            return None
        if not text and self._required and not self._may_be_empty(media_type):
            raise BadRequest(message=f"The request has no body, but needs one of the type {' or '.join(self._kinds)}.")
        validator, parse = self._kind(media_type)
        content = parse(text)
        if content is not UNPARSED and not validator.is_valid(content):
            find = validator.violations if len(text) <= LARGE else validator.first_violation
            problems += find(content)
        return content

    def _may_be_empty(self, media_type: str) -> bool:
        """Whether no text at all is a body of this type: a form without fields is, JSON isn't."""
        return media_type in self._kinds and self._kinds[media_type][1] is not _json

    def _kind(self, media_type: str) -> tuple[Validator, Parse]:
        """What reads this media type: declared exactly, or by a range."""
        for name in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
            if name in self._kinds:
                return self._kinds[name]
        raise UnsupportedMediaType


def _parser(contract: Contract, media_type: str, pointer: str | None) -> Parse:
    if media_type.endswith("json") or media_type == "*/*":
        return _json
    if media_type == "application/x-www-form-urlencoded":
        return FormReader(contract, pointer).read
    if media_type.startswith("text/"):
        return lambda text: text.decode("utf-8", "replace")
    return lambda _text: UNPARSED


def _json(text: bytes) -> Any:
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(message=f"The body is not valid JSON: {error}.") from error
    if text.count(b"[") + text.count(b"{") > DEEPEST and _is_deep(content):
        raise BadRequest(message=f"The body is nested more than {DEEPEST} levels deep.")
    return content


def _is_deep(content: Any) -> bool:
    """Whether there is anything below DEEPEST levels."""
    level = [content]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return any(isinstance(inner, dict | list) for inner in level)
