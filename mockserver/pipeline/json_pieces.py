"""Incremental reading and writing of a large JSON object: no piece holds the processor for long.

A text that is read is cut at its own brackets and commas, and the JSON library parses each piece. So exactly that is
accepted which the library accepts.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from mockserver.turns import Turns

PIECE = 32 * 1024  # bytes of a list that are parsed together; more only for a single longer item
LONGEST_VALUE = 8 * 1024 * 1024  # bytes of a value that isn't cut: an item of a list, or a member that is no list

_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_NAME = re.compile(_STRING, re.DOTALL)
_SPACE = re.compile(rb"[ \t\r\n]*+")
_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|' + _STRING + rb")*+[\[\]{}]", re.DOTALL)
_SCALAR = re.compile(rb'(?:[^"\[\]{},]++|' + _STRING + rb")++", re.DOTALL)
_CLOSING = (ord("]"), ord("}"))


class Items(list[Any]):
    """Consecutive items of a list: one piece of it."""


def members(text: bytes, deepest: int, piece: int = PIECE) -> Iterator[tuple[str, Any]]:
    """The members of a JSON object. A list comes as one or more `Items` of about `piece` bytes; an empty one as one.

    Raises ValueError, with a message for the sender, if the text is no JSON object, has a member twice, is nested more
    than `deepest` levels deep, or has a value longer than LONGEST_VALUE. Members may have been yielded before.
    """
    return _Reader(text, deepest, piece).members()


async def written(content: Mapping[str, Any], note: Callable[[str, int, Any], None] | None = None) -> bytes:
    """An object as JSON, while others have their turns. Members that are iterators are written as lists, item by item;
    `note` is told of each: the name of the list, the index, and the item."""
    turns = Turns()
    text = bytearray(b"{")
    for name, value in content.items():
        text += b"%b%b:" % (b"," if len(text) > 1 else b"", orjson.dumps(name))
        if isinstance(value, Iterator):
            text += b"["
            async for index, item in turns.over(enumerate(value)):
                text += b"," if index else b""
                text += orjson.dumps(item)
                if note:
                    note(name, index, item)
            text += b"]"
        else:
            text += orjson.dumps(value)
    return bytes(text + b"}")


class _Reader:
    """A position in the text, and the methods that move it."""

    def __init__(self, text: bytes, deepest: int, piece: int) -> None:
        self._text, self._deepest, self._piece = text, deepest, piece
        self._at = 0
        self._names: set[str] = set()

    def members(self) -> Iterator[tuple[str, Any]]:
        self._pass(b"{")
        while not self._passes(b"}"):
            name = self._name()
            self._pass(b":")
            if self._passes(b"["):
                yield from ((name, items) for items in self._items())
            else:
                yield name, self._read(*self._value(self._deepest - 1))
            self._separate(b"}")
        if self._next():
            raise self._broken("something follows the object")

    def _name(self) -> str:
        if self._next() != b'"':
            raise self._broken("the name of a member is missing")
        begin, limit = self._at, self._at + LONGEST_VALUE
        self._go_on(_NAME.match(self._text, begin, limit), limit)
        name = str(self._read(begin, self._at))
        if name in self._names:
            raise self._broken(f"the member {name} stands twice")
        self._names.add(name)
        return name

    def _items(self) -> Iterator[Items]:
        begin = end = self._at
        is_empty = True
        while not self._passes(b"]"):
            _, end = self._value(self._deepest - 2)
            self._separate(b"]")
            if end - begin >= self._piece:
                yield Items(self._read(begin, end, b"[%b]"))
                begin, is_empty = self._at, False
        if end > begin:
            yield Items(self._read(begin, end, b"[%b]"))
        elif is_empty:
            yield Items()

    def _value(self, levels: int) -> tuple[int, int]:
        """Move behind the next value, of `levels` levels at most. Returns its begin and end."""
        first = self._next()
        begin = self._at
        limit = begin + LONGEST_VALUE
        if first in (b",", b"]", b"}"):
            raise self._broken("a value is missing")
        if first in (b"[", b"{"):
            self._leave(levels, limit)
        else:
            self._go_on(_SCALAR.match(self._text, begin, limit), limit)
            if self._at == limit < len(self._text):
                raise self._too_long()
        return begin, self._at

    def _leave(self, levels: int, limit: int) -> None:
        """Move behind the bracket that closes the one that begins here."""
        depth = 0
        while True:
            self._go_on(_BRACKET.match(self._text, self._at, limit), limit)
            depth += -1 if self._text[self._at - 1] in _CLOSING else 1
            if depth == 0:
                return
            if depth > levels:
                raise ValueError(f"The body is nested more than {self._deepest} levels deep.")

    def _go_on(self, found: re.Match[bytes] | None, limit: int) -> None:
        """Move behind a match. No match means that the value doesn't end before the limit."""
        if found is None:
            raise self._too_long() if limit < len(self._text) else self._broken("it ends too early")
        self._at = found.end()

    def _read(self, begin: int, end: int, frame: bytes = b"%b") -> Any:
        try:
            return orjson.loads(frame % self._text[begin:end])
        except orjson.JSONDecodeError as error:
            raise ValueError(f"The body is not valid JSON: {error} (after byte {begin}).") from error

    # ---------------------------------------------------------------- between values
    def _next(self) -> bytes:
        """The next character that is no space; empty at the end."""
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._text[self._at : self._at + 1]

    def _passes(self, mark: bytes) -> bool:
        """Whether this mark comes next; if so, move behind it."""
        is_there = self._next() == mark
        self._at += is_there
        return is_there

    def _pass(self, mark: bytes) -> None:
        if not self._passes(mark):
            raise self._broken(f"{mark.decode()} is missing")

    def _separate(self, end: bytes) -> None:
        """Move behind a comma if another value follows; stay before the end."""
        if self._next() != end:
            self._pass(b",")
            if self._next() == end:
                raise self._broken("a value is missing")

    def _too_long(self) -> ValueError:
        return ValueError(f"The body has a value of more than {LONGEST_VALUE} bytes (at byte {self._at}).")

    def _broken(self, why: str) -> ValueError:
        return ValueError(f"The body is not valid JSON: {why} (at byte {self._at}).")
