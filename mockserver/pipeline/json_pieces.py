"""A large JSON object, read piece by piece: no piece holds the processor for long.

The text is cut where its own brackets and commas say so, and every piece is read by the JSON library by itself. So what
is accepted is what the library accepts.
"""

import re
from collections.abc import Iterator
from typing import Any

import orjson

PIECE = 32 * 1024  # bytes of a list that are read together, and more only where a single item is longer
LONGEST_VALUE = 8 * 1024 * 1024  # bytes of a value that isn't cut: an item of a list, or a member that is none

_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_NAME = re.compile(_STRING, re.DOTALL)
_SPACE = re.compile(rb"[ \t\r\n]*+")
_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|' + _STRING + rb")*+[\[\]{}]", re.DOTALL)
_SCALAR = re.compile(rb'(?:[^"\[\]{},]++|' + _STRING + rb")++", re.DOTALL)
_CLOSING = (ord("]"), ord("}"))


class Items(list[Any]):
    """Some items of a list, in their order."""


def members(text: bytes, deepest: int, piece: int = PIECE) -> Iterator[tuple[str, Any]]:
    """The members of a JSON object. One that is a list comes as `Items`, about `piece` bytes at a time, and once if it
    is empty.

    Raises ValueError, with words for the sender, if it is no JSON object, if a member stands twice, if it is nested
    more than `deepest` levels deep, or if a value is longer than LONGEST_VALUE. By then, something may have been given.
    """
    return _Reader(text, deepest, piece).members()


class _Reader:
    """Stands at a place of the text."""

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
        """Go to the end of the value that comes next, which may have so many levels; where it begins and ends."""
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
        """Go to where the brackets that begin here are closed."""
        depth = 0
        while True:
            self._go_on(_BRACKET.match(self._text, self._at, limit), limit)
            depth += -1 if self._text[self._at - 1] in _CLOSING else 1
            if depth == 0:
                return
            if depth > levels:
                raise ValueError(f"The body is nested more than {self._deepest} levels deep.")

    def _go_on(self, found: re.Match[bytes] | None, limit: int) -> None:
        """Go to the end of what was found. Where nothing was, what has begun doesn't end before the limit."""
        if found is None:
            raise self._too_long() if limit < len(self._text) else self._broken("it ends too early")
        self._at = found.end()

    def _read(self, begin: int, end: int, frame: bytes = b"%b") -> Any:
        try:
            return orjson.loads(frame % self._text[begin:end])
        except orjson.JSONDecodeError as error:
            raise ValueError(f"The body is not valid JSON: {error} (after byte {begin}).") from error

    # ---------------------------------------------------------------- what stands between values
    def _next(self) -> bytes:
        """The character that comes next, spaces apart; nothing at the end."""
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._text[self._at : self._at + 1]

    def _passes(self, mark: bytes) -> bool:
        """Whether this mark comes next; then it is behind us."""
        is_there = self._next() == mark
        self._at += is_there
        return is_there

    def _pass(self, mark: bytes) -> None:
        if not self._passes(mark):
            raise self._broken(f"{mark.decode()} is missing")

    def _separate(self, end: bytes) -> None:
        """A comma and another value follow, or the end, which is left for who waits for it."""
        if self._next() != end:
            self._pass(b",")
            if self._next() == end:
                raise self._broken("a value is missing")

    def _too_long(self) -> ValueError:
        return ValueError(f"The body has a value of more than {LONGEST_VALUE} bytes (at byte {self._at}).")

    def _broken(self, why: str) -> ValueError:
        return ValueError(f"The body is not valid JSON: {why} (at byte {self._at}).")
