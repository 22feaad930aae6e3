"""Redaction: no text that a run writes or prints shows a secret, neither as it is nor in the usual encodings.

Secrets are the credentials of the run, and what the server calls one, such as a token. A text is looked through as it
stands and with its escapes undone (JSON, percent, HTML, shell), one within the other up to seven deep; a secret that is
found is replaced in the text itself. In base64 it is found wherever it begins, the credentials of the run also in
base64 of base64. Hexadecimal digits are looked for as they are. Letter case makes no difference but within base64.

Names of properties stay as they are, unless they are long and no words: they belong to the contract or to the server,
and a secret that happens to be called `token` must not make a report unreadable.
"""

import re
import sys
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from html import unescape
from typing import Any

from mockserver.checks.transport.secret_forms import cores, either, in_bytes
from mockserver.checks.transport.session import NAMES, SECRET, Credentials

SHORTEST = 6  # characters; what is shorter is found everywhere, so it counts only as a whole value
LONGEST = 16_384  # characters of a secret that are looked for: a target can call anything one
LONG = 16  # characters; a secret that has as many and is no word is hidden as a property name, too
SMALLEST = 64  # characters that a secret counts at least
MOST = 2**21  # characters of all secrets; those of a thousand logins are half of that
MOST_COOKIES = 100  # that a host hands out
MOST_READINGS = 8  # of a text, itself included: seven escapes within each other
PREFIX = 5  # characters by which a secret is found before it is compared
_JSON = (
    r"(?:\\x[0-9A-Fa-f]{2})+|\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}"
    r"|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\."
)
_PERCENT = r"(?:%[0-9A-Fa-f]{2})+"
_HTML = r"&\#[0-9]{1,7};|&\#[xX][0-9A-Fa-f]{1,6};|&[A-Za-z]{2,8};"
_SHELL = r"""'"'"'"""
_ESCAPES = [re.compile(kind, re.DOTALL) for kind in (_JSON, _PERCENT, _HTML)]  # each by itself,
_ESCAPE = re.compile(f"{_JSON}|{_PERCENT}|{_HTML}|{_SHELL}", re.DOTALL)  # and one within the other
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}  # after a backslash
_PAIR = 12  # characters of two `\uXXXX` that are one character


class _Folding(dict[int, int]):  # for `translate`: letters in lower case; places stay, so only where that is one
    def __missing__(self, code: int) -> int:
        lower = chr(code).lower()
        self[code] = ord(lower) if len(lower) == 1 else code
        return self[code]


_WAYS = str.maketrans("+-_", "  /")  # what forms and base64 write in two ways
_FOLDED = _Folding(_WAYS)
_WORD = re.compile(r"(?:[^\W\d_]|_(?!_)){1,24}|\d+")
_SHAPES = {
    "$OL_TOKEN": re.compile(r"(?<![A-Za-z])eyJ[\w-]*(?:\.[\w-]*){0,2}"),  # also where a report has cut it
    "$OL_SECRET": re.compile(r"whsec_\w+"),
}
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]")
_IN_JSON = re.compile(r'\\*"\s*:')
_CUT = re.compile(r"…|\.\.\.")
Span = tuple[int, int]


class MatchScope(Enum):
    """The scope in which a secret is looked for: anywhere, as a whole value only, or as a part of base64."""

    ANYWHERE = auto()
    VALUE = auto()
    BASE64 = auto()


@dataclass(frozen=True)
class Needle:
    """A form in which a secret is looked for: the placeholder that replaces it, its scope, and how it is written."""

    placeholder: str
    where: MatchScope
    form: str


@dataclass
class _Reading:
    """A decoded text with a map of offsets into its source: `there` for each place `here`."""

    text: str
    here: list[int] = field(default_factory=lambda: [0])
    there: list[int] = field(default_factory=lambda: [0])

    def source(self, position: int) -> int:
        """The place from which the character at a position came."""
        index = bisect_right(self.here, position) - 1
        return self.there[index] + position - self.here[index]


class Secrets:
    """Secret values, and the placeholders that are shown in their place.

    A secret is hidden wherever it stands. But one that is shorter than SHORTEST, a number, or a word, such as
    `password`, counts only as a whole value: between quotes, in a form, as a header. Words are parts of names and
    sentences, too, and hiding them there would reveal the secret. A user name that is a word, such as `admin`, is no
    secret. Threads may share one.
    """

    def __init__(self, credentials: Credentials) -> None:
        self._needles: dict[str, Needle] = {}
        self._lengths: dict[str, list[int]] = {}  # of the needles that begin so, the long ones first
        self._pattern, self._sorted, self._known = re.compile("(?!)"), list[str](), 0
        self._left, self._cookies_left = MOST, MOST_COOKIES
        self._lock = threading.RLock()
        for placeholder, value in credentials.placeholders().items():
            if placeholder not in NAMES or not value.isalpha():
                self.add(value, placeholder)
                self._add_twice(value, placeholder)
        for name, secret in credentials.pairs():
            self._add_base64(f"{name}:{secret}", "$OL_PASSWORD")
        for placeholder, value in credentials.parts():
            self.add(value, placeholder)

    def add(self, value: str, placeholder: str) -> None:
        """Hide this value from now on; of one that is longer than LONGEST, its beginning. Nothing is added once
        `are_full`."""
        with self._lock:
            self._add(value[:LONGEST], placeholder)

    def add_cookie(self, value: str) -> None:
        """Hide this value, too, if it is long and no word. A host may hand out one with each answer: those of the first
        answers stand for all, as no request ever carries one."""
        with self._lock:
            if len(value) >= LONG and not _WORD.fullmatch(value) and self._cookies_left:
                self._cookies_left -= value.translate(_FOLDED) not in self._needles
                self._add(value, SECRET)

    def _add(self, value: str, placeholder: str) -> None:
        if not value or self.are_full or value.translate(_FOLDED) in self._needles:
            return
        self._left -= max(len(value), SMALLEST)
        for chain in _readings(value):
            read = chain[-1].text  # its end may be read with what follows; in other case it may be longer
            for form in (read, read.rstrip("\\"), read.upper(), read.lower()):
                self._keep(form, placeholder, _where(form))
        if len(value) >= SHORTEST:
            self._add_base64(value, placeholder)
            digits = value.encode("utf-8", "surrogatepass").hex()
            self._keep(digits, placeholder, MatchScope.ANYWHERE)

    @property
    def are_full(self) -> bool:
        """Whether there are so many secrets that no other one can be hidden."""
        return self._left <= 0

    def redact(self, text: str) -> str:
        """The text without secrets."""
        with self._lock:
            return _replaced(text, self._spans(text))

    def clean(self, content: Any) -> Any:
        """A JSON value without secrets; of its keys only those change that hold a long one."""
        if isinstance(content, str):
            return self.redact(content)
        if isinstance(content, Mapping):
            return {self._clean_key(key): self.clean(value) for key, value in content.items()}
        if isinstance(content, list | tuple):
            return [self.clean(value) for value in content]
        return content

    def _clean_key(self, key: str) -> str:
        if len(key) < LONG:
            return key
        with self._lock:
            return _replaced(key, [one for one in self._spans(key) if _is_telling(key, one[0])])

    # ---------------------------------------------------------------- what is looked for
    def _keep(self, form: str, placeholder: str, where: MatchScope) -> None:
        folded = form.translate(_FOLDED)
        if folded and folded not in self._needles:
            self._needles[folded] = Needle(placeholder, where, form)
            known = self._lengths.setdefault(folded[:PREFIX], [])
            if len(folded) not in known:
                known.append(len(folded))
                known.sort(reverse=True)

    def _add_base64(self, value: str, placeholder: str) -> None:
        for content in in_bytes(value):
            for core in cores(content):
                if len(core) >= SHORTEST:
                    self._keep(core, placeholder, MatchScope.BASE64)

    def _add_twice(self, value: str, placeholder: str) -> None:
        """Look for base64 of base64, too, in either alphabet."""
        inner = {core for core in cores(value[:LONGEST].encode("utf-8", "surrogatepass")) if len(core) >= SHORTEST}
        inner |= {core.replace("+", "-").replace("/", "_") for core in inner}
        for core in inner:
            self._add_base64(core, placeholder)

    def _compiled(self) -> re.Pattern[str]:
        """The pattern of the beginnings of all needles. Requests may add some during a search."""
        if len(self._needles) != self._known:
            needles = sorted(self._needles)
            self._pattern, self._known = re.compile(either(sorted({one[:PREFIX] for one in needles}))), len(needles)
            self._sorted = [
                one for one in needles if self._needles[one].where in (MatchScope.ANYWHERE, MatchScope.BASE64)
            ]
        return self._pattern

    # ---------------------------------------------------------------- what is found
    def _spans(self, text: str) -> list[tuple[Span, str]]:
        """The spans of secrets in a text with their placeholders, in order; none overlaps another."""
        found: list[tuple[Span, str]] = []
        keys: set[Span] = set()
        for chain in _readings(text):
            read = chain[-1].text
            for span, placeholder in self._matches(read):
                place = _traced(span, chain)
                if _is_key(read, span) and not _is_telling(read, span):
                    keys.add(place)
                else:
                    found.append((place, placeholder))
        return _apart([one for one in found if one[0] not in keys])

    def _matches(self, text: str) -> Iterator[tuple[Span, str]]:
        for placeholder, shape in _SHAPES.items():
            yield from ((found.span(), placeholder) for found in shape.finditer(text))
        if not self._lengths:
            return
        folded, pattern, at = text.translate(_FOLDED), self._compiled(), 0
        while found := pattern.search(folded, at):
            start = found.start()
            at = start + 1
            if match := self._longest(text, folded, start, found[0]):
                yield match
                at = match[0][1]

    def _longest(self, text: str, folded: str, start: int, prefix: str) -> tuple[Span, str] | None:
        """The longest needle that begins here, or what a report has left of one."""
        for length in self._lengths_of(prefix):
            needle = self._needles.get(folded[start : start + length])
            if needle is not None and _counts(needle.where, text, start, start + length):
                return _whole(needle, text, start, start + length), needle.placeholder
        return self._cut(text, folded, start, prefix)

    def _lengths_of(self, prefix: str) -> Iterator[int]:
        """The lengths of the needles that may begin with a prefix, including needles that are shorter than it."""
        for size in range(len(prefix), 0, -1):
            yield from self._lengths.get(prefix[:size], ())

    def _cut(self, text: str, folded: str, start: int, prefix: str) -> tuple[Span, str] | None:
        """A beginning of a secret at which the text ends, or was cut; a short one in other letter case is none."""
        longest = max(self._lengths.get(prefix, (0,)))
        end = _CUT.search(folded, start, start + longest + 1)
        rest = folded[start : end.start() if end else len(folded)]
        if not SHORTEST <= len(rest) < longest:
            return None
        following = self._sorted[(at := bisect_left(self._sorted, rest)) : at + 1]
        if not following or not following[0].startswith(rest):
            return None
        needle, found = self._needles[following[0]], (start, start + len(rest))
        is_same = text[slice(*found)].translate(_WAYS) == needle.form[: len(rest)].translate(_WAYS)
        return (found, needle.placeholder) if is_same or len(rest) >= LONG else None


# ---------------------------------------------------------------- readings
def _readings(text: str) -> Iterator[list[_Reading]]:
    """The text, and what comes out as its escapes are undone, again and again; with the readings on the way to each."""
    first = _Reading(text)
    yield [first]
    if not _ESCAPE.search(text):
        return
    present = [kind for kind in _ESCAPES if kind.search(text)]
    for escape in (_ESCAPE, *(present if len(present) > 1 else ())):
        chain = [first]
        while len(chain) < MOST_READINGS and (following := _undone(chain[-1].text, escape)).text != chain[-1].text:
            chain.append(following)
            yield chain


def _undone(text: str, escape: re.Pattern[str]) -> _Reading:
    """A text with these escapes undone once."""
    reading, pieces, at, length = _Reading(""), list[str](), 0, 0
    for found in escape.finditer(text):
        pieces.append(text[at : found.start()])
        length += found.start() - at
        at = found.start()
        for char, width in _meaning(found[0]):
            pieces.append(char)
            length, at = length + 1, at + width
            reading.here.append(length)
            reading.there.append(at)
    reading.text = "".join([*pieces, text[at:]])
    return reading


def _meaning(escape: str) -> Iterator[tuple[str, int]]:
    """The characters for which an escape stands, and how many of its own each takes."""
    if len(escape) == 2:  # noqa: PLR2004 (a backslash and one character)
        yield _LETTERS.get(escape[1], escape[1]), 2
    elif escape.startswith(("%", "\\x")):
        yield from _from_bytes(escape, 3 if escape[0] == "%" else 4)
    elif escape[0] == "&":
        meant = unescape(escape)
        yield from [(meant, len(escape))] if len(meant) == 1 else ((char, 1) for char in escape)
    elif escape[0] == "'":
        yield "'", len(escape)
    elif len(escape) == _PAIR:
        yield bytes.fromhex(escape[2:6] + escape[8:]).decode("utf-16-be"), _PAIR
    else:
        code = int.from_bytes(bytes.fromhex(escape[2:]))
        yield chr(code) if code <= sys.maxunicode else "\ufffd", len(escape)


def _from_bytes(escape: str, width: int) -> Iterator[tuple[str, int]]:
    """The characters of escaped bytes, `width` characters each: UTF-8, or else Latin-1."""
    content = bytes(int(escape[at + width - 2 : at + width], 16) for at in range(0, len(escape), width))
    for char in content.decode("utf-8", "surrogateescape"):
        code = ord(char)
        lone = 0xDC80 <= code <= 0xDCFF  # noqa: PLR2004 (what surrogateescape makes of a byte that isn't UTF-8)
        yield (chr(code - 0xDC00), width) if lone else (char, width * len(char.encode()))


def _traced(span: Span, chain: list[_Reading]) -> Span:
    """The span in the first reading from which a span of the last one came."""
    start, end = span
    for reading in reversed(chain[1:]):
        start, end = reading.source(start), reading.source(end)
    return start, end


# ---------------------------------------------------------------- places
def _replaced(text: str, spans: list[tuple[Span, str]]) -> str:
    """A text with placeholders at these places."""
    if not spans:
        return text
    pieces, at = list[str](), 0
    for (start, end), placeholder in spans:
        pieces += [text[at:start], placeholder]
        at = end
    return "".join([*pieces, text[at:]])


def _is_telling(text: str, span: Span) -> bool:
    """Whether what stands there is too long, and too odd, to be a name that only happens to be a secret."""
    return span[1] - span[0] >= LONG and not _WORD.fullmatch(text, *span)


def _where(form: str) -> MatchScope:
    """The scope of a secret that has this form."""
    return MatchScope.VALUE if len(form) < SHORTEST or _WORD.fullmatch(form) else MatchScope.ANYWHERE


def _counts(where: MatchScope, text: str, start: int, end: int) -> bool:
    """Whether a match counts here, given its scope."""
    if where is not MatchScope.VALUE:
        return True
    before, after = text[max(start - 2, 0) : start], text[end : end + 1]
    begins = before[-1:] in ("", '"', "'", "=", ">") or before == ": "
    return begins and after in ("", '"', "'", "&", "<", "\\", "\r", "\n")


def _whole(needle: Needle, text: str, start: int, end: int) -> Span:
    """The span to hide: in base64 the characters beside it hold bits of the secret, too."""
    if needle.where is MatchScope.BASE64:
        start -= bool(start and _BASE64.match(text[start - 1]))
        end += bool(end < len(text) and _BASE64.match(text[end]))
    return start, end


def _is_key(text: str, span: Span) -> bool:
    """Whether a property name stands there, in JSON or in a form."""
    before, end = text[max(span[0] - 1, 0) : span[0]], span[1]
    in_json = before == '"' and _IN_JSON.match(text, end) is not None
    in_form = before in ("", "?", "&") and text[end : end + 1] == "=" and _WORD.fullmatch(text[span[0] : end])
    return in_json or bool(in_form)


def _apart(found: list[tuple[Span, str]]) -> list[tuple[Span, str]]:
    """Spans that overlap become one."""
    apart: list[tuple[Span, str]] = []
    for (start, end), placeholder in sorted(found, key=lambda one: (one[0][0], -one[0][1])):
        if apart and start < apart[-1][0][1]:
            (first, last), shown = apart[-1]
            apart[-1] = ((first, max(last, end)), shown)
        elif end > start:
            apart.append(((start, end), placeholder))
    return apart
