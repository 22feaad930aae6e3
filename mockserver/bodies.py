"""The request body: its media type, its text, its schema."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

import orjson

from mockserver.contract import Contract, Operation, Validator
from mockserver.errors import BadRequest, UnsupportedMediaType
from mockserver.messages import Request
from mockserver.parameters import typed
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
            media_type: (contract.validator(pointer, sent=True), _parser(contract, media_type, pointer))
            for media_type, pointer in declared.media_types.items()
        }
        self._usual = {media_type.encode(): kind for media_type, kind in self._kinds.items()}

    async def read(self, request: Request, problems: list[Violation]) -> Any:
        """The parsed body, with its problems added to `problems`. Raises BadRequest, PayloadTooLarge or
        UnsupportedMediaType if it can't be read at all."""
        if not self._kinds:
            return None
        text = await request.body()
        header = request.headers.get(b"content-type", b"")
        if not text and not header and not self._required:
            return None
        if not text and self._required:
            raise BadRequest(message=f"The request has no body, but needs one of the type {' or '.join(self._kinds)}.")
        validator, parse = self._usual.get(header) or self._kind(header)
        content = parse(text)
        if content is not UNPARSED and not validator.is_valid(content):
            find = validator.violations if len(text) <= LARGE else validator.first_violation
            problems += find(content)
        return content

    def _kind(self, header: bytes) -> tuple[Validator, Parse]:
        """What reads this media type: declared exactly, or by a range."""
        media_type = header.partition(b";")[0].strip().lower().decode("latin-1")
        for name in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
            if name in self._kinds:
                return self._kinds[name]
        raise UnsupportedMediaType


def _parser(contract: Contract, media_type: str, pointer: str) -> Parse:
    if media_type.endswith("json") or media_type == "*/*":
        return _json
    if media_type == "application/x-www-form-urlencoded":
        properties = contract.resolved(contract.at(pointer)).get("properties", {})
        return lambda text: _form(contract, properties, text)
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


def _form(contract: Contract, properties: Mapping[str, Any], text: bytes) -> dict[str, Any]:
    """The fields of a form by name, each of the type that its property has."""
    try:
        fields = parse_qs(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError as error:
        raise BadRequest(message=f"The form can't be read: {error}.") from error
    return {name: _field(contract, properties.get(name, {}), values) for name, values in fields.items()}


def _field(contract: Contract, declared: Mapping[str, Any], values: list[str]) -> Any:
    schema = contract.resolved(declared)
    if schema.get("type") == "array":
        items = contract.resolved(schema.get("items", {}))
        return [typed(value, items) for value in values]
    return typed(values[-1], schema)
