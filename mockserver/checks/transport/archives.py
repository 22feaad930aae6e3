"""HTTP Archives (HAR) that somebody else made, read entry by entry: a file may be as large as a disk has room for, and
memory holds one entry.

Nothing is known of what is in them. Whatever has another type than the format says is as if it weren't there.
"""

from collections.abc import Iterator
from json import JSONDecodeError
from json.decoder import JSONDecoder
from pathlib import Path
from typing import Any, TextIO

from mockserver.errors import SettingsError

CHUNK = 2**20  # characters that are read at once
MOST_ENTRY = 2**27  # characters of an entry
MOST_BYTES = 2**31  # of a file
_SPACE = " \t\r\n"
_IS_NONE = "is no HTTP Archive (HAR): {}. A browser saves one from its network panel, `check live` as exchanges.har."


class CutArchive(Exception):
    """The file ends, or is no JSON any more, in the middle of its entries."""


def archive_entries(path: Path) -> Iterator[Any]:
    """The entries of an archive, one after the other. Raises SettingsError for a file that is none, and CutArchive
    behind the last entry that could be read."""
    try:
        _check_size(path)
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            yield from _Reader(path, file).entries()
    except OSError as error:
        raise SettingsError(f"{path} can't be read: {error.strerror}.") from error


def _check_size(path: Path) -> None:
    if path.exists() and not path.is_file():
        raise SettingsError(f"{path} can't be read: it is no file. It is read twice, so a pipe won't do.")
    if path.stat().st_size > MOST_BYTES:
        raise SettingsError(f"{path} is too large: more than {MOST_BYTES >> 20} MiB. Save it in parts.")


class _Reader:
    """Reads the JSON of an archive through a window that holds what isn't yet read."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self._path, self._file = path, file
        self._window, self._at, self._ended = "", 0, False
        self._decoder = JSONDecoder()

    def entries(self) -> Iterator[Any]:
        """The entries. The objects above them may have their members in any order."""
        if not self._enter("{", "log") or not self._enter("{", "entries") or self._next() != "[":
            raise self._none("there is no list at log.entries")
        self._at += 1
        number = 0
        while (char := self._next()) != "]":
            if number:
                self._expect(char, ",", number)
            number += 1
            yield self._entry(number)

    def _entry(self, number: int) -> Any:
        try:
            return self._value()
        except _OddValueError as error:
            raise CutArchive(f"breaks off in entry {number}: {error}") from error

    def _expect(self, char: str, wanted: str, number: int) -> None:
        if char != wanted:
            raise CutArchive(f"breaks off behind entry {number}")
        self._at += 1

    def _enter(self, bracket: str, name: str) -> bool:
        """Go into an object, to the value of a member; False if there is none."""
        if self._next() != bracket:
            return False
        self._at += 1
        while self._next() not in ("}", ""):
            key = self._told()
            if self._next() != ":":
                raise self._none("it is no JSON")
            self._at += 1
            if key == name:
                return True
            self._told()
            if self._next() == ",":
                self._at += 1
        return False

    def _told(self) -> Any:
        try:
            return self._value()
        except _OddValueError as error:
            raise self._none(f"it is no JSON: {error}") from error

    def _value(self) -> Any:
        """The value that begins here. Raises _OddValueError."""
        self._next()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._window, self._at)
            except RecursionError as error:
                raise _OddValueError("it is nested too deep") from error
            except ValueError as error:  # also of a number with too many digits
                if self._ended or not isinstance(error, JSONDecodeError):
                    said = error.msg if isinstance(error, JSONDecodeError) else "a number has too many digits"
                    raise _OddValueError(said) from error
            else:
                if end < len(self._window) or self._ended:  # else it may go on
                    self._at = end
                    return value
            if len(self._window) - self._at > MOST_ENTRY:
                raise _OddValueError(f"it has more than {MOST_ENTRY >> 20} million characters, or is no JSON")
            self._read(max(CHUNK, len(self._window) - self._at))  # twice as much, or it would take long

    def _next(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self._at < len(self._window):
                if self._window[self._at] not in _SPACE:
                    return self._window[self._at]
                self._at += 1
            if self._ended:
                return ""
            self._read(CHUNK)

    def _read(self, size: int) -> None:
        more = self._file.read(size)
        self._ended = not more
        self._window, self._at = self._window[self._at :] + more, 0

    def _none(self, why: str) -> SettingsError:
        return SettingsError(f"{self._path} {_IS_NONE.format(why)}")


class _OddValueError(ValueError):
    """A value that can't be read."""


# ---------------------------------------------------------------- what is in an entry
def mapping(value: Any) -> dict[str, Any]:
    """The object; an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:
    """The list; an empty one in place of anything else."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """The text; an empty one in place of anything else."""
    return value if isinstance(value, str) else ""


def pairs(value: Any) -> list[tuple[str, str]]:
    """Names and values, as headers and parameters are written."""
    found = [(text(mapping(one).get("name")), text(mapping(one).get("value"))) for one in listed(value)]
    return [(name, content) for name, content in found if name]


def whole(value: Any, otherwise: int = -1) -> int:
    """The integer; another one in place of anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise
