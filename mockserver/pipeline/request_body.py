"""The request body: read by its media type, parsed, and validated by its schema."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import orjson

from mockserver.errors import BadRequest, UnsupportedMediaType, named
from mockserver.http.messages import MAX_BODY, Request
from mockserver.nesting import is_deeper
from mockserver.openapi.contract import Contract, Operation, Validator
from mockserver.openapi.declared_answers import declared_type
from mockserver.openapi.structure import bare_type
from mockserver.pipeline.forms import FormReader
from mockserver.pipeline.sequences import is_readable, read
from mockserver.pipeline.text_schemas import read_by
from mockserver.violations import Violation

if TYPE_CHECKING:
    from mockserver.pipeline.large_objects import LargeObjectCodec

Parse = Callable[[bytes], Any]
LARGE = 32 * 1024  # bytes; of a larger body only the first violation is reported, as finding all takes too long
DEEPEST = 64  # levels of nesting
FRAME = 8  # more levels for a body that contains other bodies
GRADUAL = 256 * 1024  # bytes; a larger body is read incrementally if `is_incremental`
UNPARSED = object()  # the content of a body whose media type isn't parsed


class BodyReader:
    """Reads the request body of one operation.

    `expected` says whether the operation has a body, `longest` is its limit in bytes. If `is_incremental`, large
    bodies are to be read by `content_incrementally`, so that other requests needn't wait.
    """

    def __init__(
        self, contract: Contract, declared: Operation, longest: int = MAX_BODY, *, is_incremental: bool = False
    ) -> None:
        self._contract = contract
        self._declared = declared
        self._required = declared.body_required
        self.longest = longest
        self.is_incremental = is_incremental and bool(declared.media_types)
        deepest = DEEPEST + FRAME if self.is_incremental else DEEPEST
        self.expected = bool(declared.media_types)
        self._kinds = {
            media_type: (contract.validator(pointer, sent=True), _parser(contract, media_type, pointer, deepest))
            for media_type, pointer in declared.media_types.items()
        }
        self._usual = {media_type.encode(): kind for media_type, kind in self._kinds.items()}

    def content(self, request: Request, text: bytes, problems: list[Violation]) -> Any:
        """The content of a body; violations are added to `problems`. Raises BadRequest or UnsupportedMediaType for a
        body that can't be read."""
        header = request.headers.get(b"content-type", b"")
        if not text and not header and not self._required:
            return None
        if not text and self._required and not self._may_be_empty(header):
            raise BadRequest(message=f"The request has no body, but needs one of the type {' or '.join(self._kinds)}.")
        validator, parse = self._usual.get(header) or self._kind(header)
        content = parse(text)
        if content is not UNPARSED and not validator.is_valid(content):
            find = validator.violations if len(text) <= LARGE else validator.first_violation
            problems += find(content)
        return content

    def check_type(self, request: Request) -> None:
        """Raise UnsupportedMediaType if the header of a body, which isn't known, announces another media type."""
        self._kind(request.headers.get(b"content-type", b""))

    async def content_incrementally(self, request: Request, text: bytes, problems: list[Violation]) -> Any:
        """As `content`, but a large object is read incrementally."""
        if len(text) <= GRADUAL:
            return self.content(request, text, problems)
        header = request.headers.get(b"content-type", b"")
        self._kind(header)
        try:
            return await self._codec.read(text, DEEPEST + FRAME, problems)
        except ValueError as error:
            raise BadRequest(message=str(error)) from error

    @cached_property
    def _codec(self) -> "LargeObjectCodec":
        from mockserver.pipeline.large_objects import LargeObjectCodec

        (pointer,) = self._declared.media_types.values()
        return LargeObjectCodec(self._contract, str(pointer), sent=True)

    def _may_be_empty(self, header: bytes) -> bool:
        """Whether an empty text is a valid body of this media type: a form without fields is, JSON isn't."""
        _, parse = self._kinds.get(bare_type(header.decode("latin-1")), (None, _json))
        return parse not in (_json, _framed_json)

    def _kind(self, header: bytes) -> tuple[Validator, Parse]:
        """Validator and parser of this media type, which may be declared by a range. Raises UnsupportedMediaType."""
        media_type = bare_type(header.decode("latin-1"))
        declared_as = declared_type(self._kinds, media_type)
        if declared_as is not None:
            return self._kinds[declared_as]
        sent = f"not {named(media_type)}" if media_type else "and a Content-Type that says so"
        raise UnsupportedMediaType(hint=f"This operation takes {' or '.join(self._kinds)}, {sent}.")


def checked_json(content: Any) -> Any:
    """A parsed body, if it can be serialised and parsed again without a change. Raises BadRequest otherwise.

    Python's own parser accepts more: NaN, halves of surrogate pairs, integers of any size.
    """
    try:
        if not is_deeper(content, DEEPEST) and orjson.loads(orjson.dumps(content)) == content:
            return content
    except orjson.JSONEncodeError:
        pass
    raise BadRequest(message=f"The body is no JSON, or is nested more than {DEEPEST} levels deep.")


def _parser(contract: Contract, media_type: str, pointer: str | None, deepest: int) -> Parse:
    if is_readable(media_type):
        is_list = read_by(contract, contract.at(pointer)).get("type") == "array"
        return partial(_items if is_list else _item, media_type)
    if media_type.endswith("json") or media_type == "*/*":
        return _json if deepest == DEEPEST else _framed_json
    if media_type == "application/x-www-form-urlencoded":
        return FormReader(contract, pointer).read
    if media_type.startswith("text/"):
        return lambda text: text.decode("utf-8", "replace")
    return lambda _text: UNPARSED


def _items(media_type: str, text: bytes) -> Any:
    """The items of a sequence."""
    try:
        return checked_json(read(media_type, text))
    except ValueError as error:
        raise BadRequest(message=f"The body is no sequence of JSON: {error}.") from error


def _item(media_type: str, text: bytes) -> Any:
    """The only item of a sequence. Several aren't checked: the schema may mean each of them, or all."""
    items = _items(media_type, text)
    return items[0] if len(items) == 1 else UNPARSED


def _framed_json(text: bytes) -> Any:
    return _json(text, DEEPEST + FRAME)


def _json(text: bytes, deepest: int = DEEPEST) -> Any:
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(message=f"The body is not valid JSON: {error}.") from error
    if text.count(b"[") + text.count(b"{") > deepest and is_deeper(content, deepest):
        raise BadRequest(message=f"The body is nested more than {deepest} levels deep.")
    return content
