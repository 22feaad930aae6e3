"""Texts that match a pattern of the contract.

OpenAPI's patterns are ECMA-262 regular expressions. They are read here rather than by a library: those for Python go
through the private parser of `re`, whose dialect is another one (`\\p{L}`, `\\cA`, `\\u{1F600}`), and are no longer
kept. Look-arounds, anchors and word boundaries are read, but not obeyed: a text that misses them is thrown away.
"""

import re
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random  # noqa: TID251 (handed in, with its seed, never made here)

import jsonschema_rs

TRIES = 60
_MOST = 1_000  # repetitions of what has no bound of its own
_STEPS = 20_000  # repetitions in one text
_OFTEN = 0.8
_WORTH_READING = 4  # characters
_DIGITS, _WORD, _SPACE = string.digits, string.ascii_letters + string.digits + "_", " \t\n\r"
_PRINTABLE = string.ascii_letters + string.digits + string.punctuation + " "
_READABLE = frozenset(string.ascii_lowercase + string.digits)
_CLASSES = {"d": _DIGITS, "w": _WORD, "s": _SPACE}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_CATEGORIES = {"Lu": string.ascii_uppercase, "Ll": string.ascii_lowercase, "L": string.ascii_letters, "N": _DIGITS}
_CATEGORIES |= {"P": "!#%&*,-./:;?@", "S": "$+<=>", "Z": " "}
_BOUNDS = re.compile(r"\{(\d+)(,?)(\d*)\}")
_HEX = re.compile(r"u\{([0-9A-Fa-f]+)\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})")
_PROPERTY = re.compile(r"[pP]\{(?:\w+=)?(\w+)\}")


@dataclass(slots=True)
class _Draft:
    """A text in the making. It is meant to become `target` characters long; `eager` says whether by all means."""

    chance: Random
    target: int
    eager: bool
    readable: bool
    characters: list[str] = field(default_factory=list)
    groups: dict[str, str] = field(default_factory=dict)
    steps: int = 0

    def wants_more(self) -> bool:
        """Whether to repeat once more what may be repeated."""
        return len(self.characters) < self.target and (self.eager or self.chance.random() < _OFTEN)

    def step(self) -> None:
        """Count a repetition. Raises ValueError if the pattern asks for too many."""
        self.steps += 1
        if self.steps > _STEPS:
            raise ValueError("the pattern asks for too long a text")


_Writer = Callable[[_Draft], None]


def sample(patterns: Sequence[str], chance: Random, shortest: int = 0, longest: int | None = None) -> str:
    """A text of the length asked for that matches all of the patterns, each anywhere in it, as JSON Schema has it.

    Raises ValueError if a pattern can't be read, or no such text is found in `TRIES` tries.
    """
    in_order = sorted(patterns, key=lambda pattern: pattern.endswith("$") - pattern.startswith("^"))
    writers = [_compiled(pattern) for pattern in in_order]
    roof = shortest + 12 if longest is None else min(longest, shortest + 12)
    for attempt in range(TRIES):
        target = chance.randint(min(max(shortest, _WORTH_READING if attempt < TRIES / 2 else 0), roof), roof)
        draft = _Draft(chance, target, eager=attempt % 2 == 1, readable=attempt % 4 in (0, 1))
        for writer in writers if attempt % 3 else [writers[attempt % len(writers)]]:
            writer(draft)
        text = "".join(draft.characters)
        padding = "".join(chance.choices(string.ascii_lowercase, k=shortest - len(text)))
        text = padding + text if attempt % 5 == 0 else text + padding
        if (longest is None or len(text) <= longest) and matches(patterns, text):
            return text
    raise ValueError(f"no text of {shortest} to {longest} characters found for {' and '.join(patterns)}")


def matches(patterns: Sequence[str], text: str) -> bool:
    """Whether the text matches all the patterns, by the validator's own reading. Raises ValueError if it reads none."""
    return all(_judge(pattern).is_valid(text) for pattern in patterns)


@lru_cache(maxsize=512)
def _judge(pattern: str) -> jsonschema_rs.Draft4Validator:
    return jsonschema_rs.Draft4Validator({"pattern": pattern})


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> _Writer:
    reader = _Reader(pattern)
    writer = reader.alternatives()
    if reader.rest:
        raise ValueError(f"the pattern {pattern} can't be read at {reader.rest!r}")
    return writer


class _Reader:
    """Reads a pattern from left to right, and gives what writes texts for it."""

    def __init__(self, pattern: str) -> None:
        self.rest = pattern
        self._groups = 0

    def alternatives(self) -> _Writer:
        options = [self._sequence()]
        while self._take("|"):
            options.append(self._sequence())
        return lambda draft: draft.chance.choice(options)(draft)

    def _sequence(self) -> _Writer:
        parts: list[_Writer] = []
        while self.rest and self.rest[0] not in "|)":
            parts.append(self._repeated(self._atom()))

        def write(draft: _Draft) -> None:
            for part in parts:
                part(draft)

        return write

    def _repeated(self, part: _Writer) -> _Writer:
        bounds = self._bounds()
        if bounds is None:
            return part
        self._take("?")  # lazy or not, the texts are the same
        low, high = bounds

        def write(draft: _Draft) -> None:
            for count in range(high):
                if count >= low and not draft.wants_more():
                    break
                draft.step()
                part(draft)

        return write

    def _bounds(self) -> tuple[int, int] | None:
        for sign, bounds in {"*": (0, _MOST), "+": (1, _MOST), "?": (0, 1)}.items():
            if self._take(sign):
                return bounds
        if not (found := _BOUNDS.match(self.rest)):
            return None
        self.rest = self.rest[found.end() :]
        low = int(found[1])
        return low, int(found[3] or max(low, _MOST)) if found[2] else low

    def _atom(self) -> _Writer:
        character = self._next()
        match character:
            case "^" | "$":
                return _nothing
            case "(":
                return self._group()
            case "[":
                return _one_of(self._class())
            case ".":
                return _one_of(_PRINTABLE)
            case "\\":
                return self._escaped()
            case _:
                return _one_of(character)

    def _group(self) -> _Writer:
        obeyed, name = True, ""
        if found := re.match(r"\?(<?[=!])", self.rest):
            obeyed = False
        elif not (found := re.match(r"\?:", self.rest)):
            found = re.match(r"\?P?<(\w+)>", self.rest)
            self._groups += 1
            name = str(self._groups)
        alias = found[1] if found and name else name
        self.rest = self.rest[found.end() if found else 0 :]
        inner = self.alternatives()
        if not self._take(")"):
            raise ValueError("a group of the pattern isn't closed")
        return _remembered(inner, (name, alias)) if obeyed else _nothing

    def _escaped(self) -> _Writer:
        if found := re.match(r"k<(\w+)>|([1-9])", self.rest):
            self.rest = self.rest[found.end() :]
            return lambda draft: draft.characters.extend(draft.groups.get(found[1] or found[2], ""))
        if self.rest[:1] in ("b", "B"):
            self._next()
            return _nothing
        return _one_of(self._set())

    def _class(self) -> str:
        negated = self._take("^")
        members = ""
        while not self._take("]"):
            members += self._range()
        return _without(members) if negated else members

    def _range(self) -> str:
        first = self._member()
        if len(first) > 1 or not re.match(r"-[^\]]", self.rest):
            return first
        self._next()
        last = self._member()
        if len(last) > 1:
            return first + "-" + last
        return "".join(map(chr, range(ord(first), min(ord(last), ord(first) + _MOST) + 1)))

    def _member(self) -> str:
        character = self._next()
        if character != "\\":
            return character
        if self._take("b"):
            return "\b"
        return self._set()

    def _set(self) -> str:
        """The characters that an escape stands for."""
        if found := _HEX.match(self.rest):
            self.rest = self.rest[found.end() :]
            return chr(int(found[found.lastindex or 1], 16))
        if found := _PROPERTY.match(self.rest):
            self.rest = self.rest[found.end() :]
            return _property(found[0][0], found[1])
        character = self._next()
        if character == "c":
            return chr(ord(self._next()) % 32)
        if character in "DWS":
            return _without(_CLASSES[character.lower()])
        return _CLASSES.get(character) or _CONTROLS.get(character, character)

    def _next(self) -> str:
        if not self.rest:
            raise ValueError("the pattern ends too early")
        character, self.rest = self.rest[0], self.rest[1:]
        return character

    def _take(self, sign: str) -> bool:
        taken = self.rest.startswith(sign)
        self.rest = self.rest[len(sign) :] if taken else self.rest
        return taken


def _nothing(_: _Draft) -> None:
    """Anchors and look-arounds write nothing."""


def _one_of(characters: str) -> _Writer:
    readable = "".join(character for character in characters if character in _READABLE) or characters
    if not characters:
        raise ValueError("no character fits a class of the pattern")
    return lambda draft: draft.characters.append(draft.chance.choice(readable if draft.readable else characters))


def _remembered(inner: _Writer, names: Sequence[str]) -> _Writer:
    def write(draft: _Draft) -> None:
        start = len(draft.characters)
        inner(draft)
        draft.groups |= dict.fromkeys(names, "".join(draft.characters[start:]))

    return write if any(names) else inner


def _without(characters: str) -> str:
    return "".join(sorted(set(_PRINTABLE) - set(characters))) or "é"


def _property(sign: str, category: str) -> str:
    """Letters, unless the name of a Unicode category says otherwise; ASCII is enough for an example."""
    characters = _CATEGORIES.get(category) or _CATEGORIES.get(category[:1], string.ascii_letters)
    return characters if sign == "p" else _without(characters)
