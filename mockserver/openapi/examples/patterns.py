"""Generated texts that match the patterns of a contract.

OpenAPI's patterns are ECMA-262 regular expressions. They are parsed here rather than by a library: those for Python use
the private parser of `re`, whose dialect differs (`\\p{L}`, `\\cA`, `\\u{1F600}`), and are no longer maintained.
Look-arounds, anchors and word boundaries are parsed, but not generated: a text that doesn't match is discarded.
"""

import re
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random  # noqa: TID251 (handed in, with its seed, never made here)

import jsonschema_rs

from mockserver.openapi import expressions
from mockserver.openapi.examples.budget import LONGEST, Budget

TRIES = 60
_MOST = 1_000  # repetitions of a part without a bound
_MOST_IN_CLASS = 20_000  # characters that one class lists
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
_LOOK_AROUND, _NOT_NUMBERED, _NAMED = re.compile(r"\?(<?[=!])"), re.compile(r"\?:"), re.compile(r"\?P?<(\w+)>")
_BACKREFERENCE, _RANGE = re.compile(r"k<(\w+)>|([1-9])"), re.compile(r"-[^\]]")
_HEX = re.compile(r"u\{([0-9A-Fa-f]+)\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})")
_PROPERTY = re.compile(r"[pP]\{(?:\w+=)?(\w+)\}")


@dataclass(slots=True)
class _Draft:
    """An unfinished text. It should become `target` characters long, and must if `eager` and the pattern allow it."""

    chance: Random
    budget: Budget
    target: int
    eager: bool
    readable: bool
    characters: list[str] = field(default_factory=list)
    groups: dict[str, str] = field(default_factory=dict)
    left: int = LONGEST

    def wants_more(self) -> bool:
        """Whether to repeat an optional part once more."""
        return len(self.characters) < self.target and (self.eager or self.chance.random() < _OFTEN)

    def write(self, text: str) -> None:
        """Add to the text, and count that."""
        self.spend(len(text))
        self.characters.extend(text)

    def spend(self, amount: int) -> None:
        """Charge characters or steps before they are made.

        Raises ValueError if this text has too many, BudgetExceeded if the whole value has.
        """
        self.left -= amount
        if self.left < 0:
            raise ValueError("the pattern asks for too long a text")
        self.budget.spend(amount)


_Writer = Callable[[_Draft], None]


def sample(
    patterns: Sequence[str],
    chance: Random,
    shortest: int = 0,
    longest: int | None = None,
    budget: Budget | None = None,
) -> str:
    """A text of this length that matches all patterns, each anywhere in it (JSON Schema).

    Raises ValueError if a pattern can't be read, or no such text is found in `TRIES` tries; BudgetExceeded if the
    budget ends.
    """
    budget = budget or Budget()
    in_order = sorted(patterns, key=lambda pattern: pattern.endswith("$") - pattern.startswith("^"))
    writers = [_read(pattern, budget) for pattern in in_order]
    roof = shortest + 12 if longest is None else min(longest, shortest + 12)
    for attempt in range(TRIES):
        target = chance.randint(min(max(shortest, _WORTH_READING if attempt < TRIES / 2 else 0), roof), roof)
        draft = _Draft(chance, budget, target, eager=attempt % 2 == 1, readable=attempt % 4 in (0, 1))
        for writer in writers if attempt % 3 else [writers[attempt % len(writers)]]:
            writer(draft)
        text = _padded(draft, shortest, in_front=attempt % 5 == 0)
        if (longest is None or len(text) <= longest) and matches(patterns, text, budget):
            return text
    raise ValueError(f"no text of {shortest} to {longest} characters found for {' and '.join(patterns)}")


def matches(patterns: Sequence[str], text: str, budget: Budget | None = None) -> bool:
    """Whether a text matches all patterns, by the validator itself.

    Raises ValueError for a pattern that it can't compile, and BudgetExceeded.
    """
    budget = budget or Budget()
    for pattern in patterns:
        _refuse_too_long(pattern)
        budget.spend_on_reading(pattern)
        budget.spend(len(text) + 1)
    return all(_validator(pattern).is_valid(text) for pattern in patterns)


def _padded(draft: _Draft, shortest: int, *, in_front: bool) -> str:
    missing = max(0, shortest - len(draft.characters))
    draft.spend(missing)
    text, padding = "".join(draft.characters), "".join(draft.chance.choices(string.ascii_lowercase, k=missing))
    return padding + text if in_front else text + padding


def _read(pattern: str, budget: Budget) -> _Writer:
    _refuse_too_long(pattern)
    budget.spend_on_reading(pattern)
    return _compiled(pattern)


def _refuse_too_long(pattern: str) -> None:
    if len(pattern) > expressions.LONGEST:
        raise ValueError(f"a pattern has more than {expressions.LONGEST} characters")


@lru_cache(maxsize=128)
def _validator(pattern: str) -> jsonschema_rs.Draft4Validator:
    return jsonschema_rs.Draft4Validator({"pattern": pattern}, pattern_options=expressions.OPTIONS)


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> _Writer:
    reader = _Reader(pattern)
    writer = reader.alternatives()
    if not reader.is_at_end():
        raise ValueError(f"the pattern {pattern} can't be read to its end")
    return writer


class _Reader:
    """A parser of patterns, which returns functions that write matching texts."""

    def __init__(self, pattern: str) -> None:
        self._pattern, self._at = pattern, 0
        self._groups = 0

    def is_at_end(self) -> bool:
        """Whether the whole pattern was parsed."""
        return self._at >= len(self._pattern)

    def alternatives(self) -> _Writer:
        """The writer of one of the alternatives that are separated by `|`."""
        options = [self._sequence()]
        while self._take("|"):
            options.append(self._sequence())
        return lambda draft: draft.chance.choice(options)(draft)

    def _sequence(self) -> _Writer:
        parts: list[_Writer] = []
        while not self.is_at_end() and self._pattern[self._at] not in "|)":
            parts.append(self._repeated(self._atom()))

        def write(draft: _Draft) -> None:
            draft.spend(1 + len(parts))
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
                draft.spend(1)
                part(draft)

        return write

    def _bounds(self) -> tuple[int, int] | None:
        for sign, bounds in {"*": (0, _MOST), "+": (1, _MOST), "?": (0, 1)}.items():
            if self._take(sign):
                return bounds
        if not (found := self._found(_BOUNDS)):
            return None
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
        if self._found(_LOOK_AROUND):
            obeyed = False
        elif not self._found(_NOT_NUMBERED):
            self._groups += 1
            name = str(self._groups)
        found = self._found(_NAMED) if name else None
        alias = found[1] if found else name
        inner = self.alternatives()
        if not self._take(")"):
            raise ValueError("a group of the pattern isn't closed")
        return _remembered(inner, (name, alias)) if obeyed else _nothing

    def _escaped(self) -> _Writer:
        if found := self._found(_BACKREFERENCE):
            return lambda draft: draft.write(draft.groups.get(found[1] or found[2], ""))
        if self._take("b") or self._take("B"):
            return _nothing
        return _one_of(self._set())

    def _class(self) -> str:
        negated = self._take("^")
        members = ""
        while not self._take("]"):
            members += self._range()
            if len(members) > _MOST_IN_CLASS:
                raise ValueError("a class of the pattern lists too many characters")
        return _without(members) if negated else members

    def _range(self) -> str:
        first = self._member()
        if len(first) > 1 or not self._found(_RANGE, and_pass=1):
            return first
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
        """The characters of an escape."""
        if found := self._found(_HEX):
            return chr(int(found[found.lastindex or 1], 16))
        if found := self._found(_PROPERTY):
            return _property(found[0][0], found[1])
        character = self._next()
        if character == "c":
            return chr(ord(self._next()) % 32)
        if character in "DWS":
            return _without(_CLASSES[character.lower()])
        return _CLASSES.get(character) or _CONTROLS.get(character, character)

    def _next(self) -> str:
        if self.is_at_end():
            raise ValueError("the pattern ends too early")
        self._at += 1
        return self._pattern[self._at - 1]

    def _take(self, sign: str) -> bool:
        taken = self._pattern.startswith(sign, self._at)
        self._at += len(sign) if taken else 0
        return taken

    def _found(self, form: re.Pattern[str], and_pass: int | None = None) -> re.Match[str] | None:
        """The match of a form at the current position, which moves behind it, or by `and_pass` characters."""
        found = form.match(self._pattern, self._at)
        if found:
            self._at = found.end() if and_pass is None else self._at + and_pass
        return found


def _nothing(_: _Draft) -> None:
    """Write nothing, for anchors and look-arounds."""


def _one_of(characters: str) -> _Writer:
    readable = "".join(character for character in characters if character in _READABLE) or characters
    if not characters:
        raise ValueError("no character fits a class of the pattern")
    return lambda draft: draft.write(draft.chance.choice(readable if draft.readable else characters))


def _remembered(inner: _Writer, names: Sequence[str]) -> _Writer:
    def write(draft: _Draft) -> None:
        start = len(draft.characters)
        inner(draft)
        draft.spend(len(draft.characters) - start)
        draft.groups |= dict.fromkeys(names, "".join(draft.characters[start:]))

    return write if any(names) else inner


def _without(characters: str) -> str:
    return "".join(sorted(set(_PRINTABLE) - set(characters))) or "é"


def _property(sign: str, category: str) -> str:
    """The ASCII characters of a Unicode category; letters if it is unknown."""
    characters = _CATEGORIES.get(category) or _CATEGORIES.get(category[:1], string.ascii_letters)
    return characters if sign == "p" else _without(characters)
