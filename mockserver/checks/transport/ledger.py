"""The ledger of a run: a file that names every record that the run may have left on the server, whatever ends the run.

Before a request that may create a record is sent, a line of JSON says so (an intent), and is on the disk; the id of the
record follows with the response. `mockserver sweep` reads the file of a run that was killed, and removes what is left.
It holds no secrets: texts of the server or of a generator are redacted before they are written.
"""

import json
import os
import re
import stat
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from mockserver.checks.transport.file_locks import hold
from mockserver.checks.transport.instance_url import address_of
from mockserver.checks.transport.record_ids import RecordKey
from mockserver.errors import SettingsError

RESERVED = "mockserver-check.invalid"  # the domain of every address that a run makes up
MOST_BYTES = 2**24  # of a ledger; a long run writes less than one million
MOST_INTENTS = 10**9
LONGEST_TEXT = 255  # characters
LONGEST_ARGUMENT = 8192
_OURS = frozenset({"run", "url", "operation", "at", "of"})  # what neither the target nor a generator makes up
Redact = Callable[[str], str]
_ID = re.compile(r"[^\s/\\?#%]+")


@dataclass
class Intent:
    """A request that may create a record. `record` is its id once known, `settled` whether there was a response,
    `kept` whether it can't be deleted, and so counts as gone."""

    number: int
    operation: str
    arguments: Mapping[str, str]
    marked: bool = True
    at: str = ""
    record: str | None = None
    settled: bool = False
    gone: bool = False
    kept: bool = False


@dataclass
class LedgerHistory:
    """The content of a ledger. `run` is the id of the run, part of every mark."""

    run: str
    url: str
    intents: dict[int, Intent]
    foreign: frozenset[RecordKey] = frozenset()

    def was_there(self, creator: str, record: str) -> bool:
        """Whether a record of a kind is older than the run. Where a ledger doesn't tell the kind, it is of each."""
        return not self.foreign.isdisjoint((RecordKey(creator, record), RecordKey("", record)))

    @property
    def contexts(self) -> dict[str, frozenset[str]]:
        """The values of each path parameter, such as the store, with which records were created."""
        found: dict[str, set[str]] = {}
        for intent in self.intents.values():
            for name, value in intent.arguments.items():
                found.setdefault(name, set()).add(value)
        return {name: frozenset(values) for name, values in found.items()}

    @property
    def remaining(self) -> list[Intent]:
        """The records that may still be there: those not known to be gone, and intents without a response."""
        return [one for one in self.intents.values() if not one.gone and (one.record is not None or not one.settled)]


class Ledger:
    """The ledger of one run, open for writing. `redact` takes the secrets out of a text. Threads may share one.

    It goes on with what is in the file, or empties it for a `new` one. Raises SettingsError, and leaves the file as it
    is, if another run writes to it, or has left in it what is still needed.
    """

    def __init__(
        self, path: Path, redact: Redact, new: LedgerHistory | None = None, kept_aside: Path | None = None
    ) -> None:
        self.path, self.redact, self.kept_aside = path, redact, kept_aside
        self._file: IO[str] = path.open("a", encoding="utf-8")
        self._lock = threading.RLock()
        try:
            self.history = self._begin(new)
        except BaseException:
            self._file.close()
            raise

    def _begin(self, new: LedgerHistory | None) -> LedgerHistory:
        """Hold the file; before that, its content may change at any moment."""
        descriptor = self._file.fileno()
        if not hold(descriptor) or not _is_at(self.path, descriptor):
            raise _in_use(self.path)
        if new is None:
            return read(self.path)
        if os.fstat(descriptor).st_size and read(self.path).remaining:
            raise _in_use(self.path)
        self._file.truncate(0)
        return new

    @classmethod
    def create(cls, path: Path, run: str, url: str, redact: Redact = str) -> Self:
        """A new ledger; an older one with records that may still exist is renamed, and `kept_aside` names it.

        Raises SettingsError if there is no place for it, or another run writes to it.
        """
        try:
            _check_that_it_is_free(path)
            aside = _put_aside(path)
            path.parent.mkdir(parents=True, exist_ok=True)
            ledger = cls(path, redact, LedgerHistory(run, url, {}), aside)
        except OSError as error:
            raise SettingsError(f"The ledger {path} can't be written: {error.strerror}.") from error
        ledger._write({"run": run, "url": url}, durable=True)
        return ledger

    @classmethod
    def reopened(cls, path: Path, redact: Redact = str) -> Self:
        """An existing ledger, to go on with. Raises SettingsError if it is none, or a run writes to it."""
        read(path)  # opening would make a file where there is none
        try:
            ledger = cls(path, redact)
        except OSError as error:
            raise SettingsError(f"The ledger {path} can't be written: {error.strerror}.") from error
        ledger._write({})  # the last line may be half of one
        return ledger

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def intend(self, operation: str, arguments: Mapping[str, str], at: str, *, marked: bool) -> Intent:
        """Write down that a record may be created now. On disk when this returns."""
        with self._lock:
            intent = Intent(len(self.history.intents) + 1, operation, dict(arguments), marked, at)
            self.history.intents[intent.number] = intent
        line = {"intent": intent.number, "operation": operation, "arguments": intent.arguments, "at": at}
        self._write(line if marked else {**line, "marked": False}, durable=True)
        return intent

    def made(self, intent: Intent, record: str) -> None:
        """Note that the response named the new record."""
        intent.record, intent.settled = record, True
        self._write({"made": intent.number, "id": record})

    def nothing(self, intent: Intent, status: int) -> None:
        """Note that, by its response, nothing was created."""
        intent.settled = True
        self._write({"nothing": intent.number, "status": status})

    def gone(self, operation: str, arguments: Mapping[str, str], record: str) -> None:
        """Note that the record of this operation and store was deleted and found missing. In another store the same id
        may be another record."""
        made = (operation, arguments, record)
        for intent in self.history.intents.values():
            if not intent.gone and made == (intent.operation, intent.arguments, intent.record):
                intent.gone = True
                self._write({"gone": intent.number})

    def kept(self, intent: Intent) -> None:
        """Note a record that can't be deleted, and that was reported."""
        intent.gone = intent.kept = True
        self._write({"kept": intent.number})

    def foreign(self, creator: str, records: frozenset[str]) -> None:
        """Note the records of a kind that were there before the run: they are never deleted."""
        self.history.foreign |= {RecordKey(creator, record) for record in records}
        self._write({"foreign": sorted(records), "of": creator})

    def _write(self, entry: Mapping[str, Any], *, durable: bool = False) -> None:
        shown = {
            name: value if name in _OURS else _without_secrets(value, self.redact) for name, value in entry.items()
        }
        with self._lock:
            self._file.write("\n" * (not entry) + json.dumps(shown) + "\n")
            self._file.flush()
        if durable:
            os.fsync(self._file.fileno())


def _without_secrets(value: Any, redact: Redact) -> Any:
    """The value of an entry, with its texts redacted."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {name: redact(text) for name, text in value.items()}
    return [redact(text) for text in value] if isinstance(value, list) else value


def _in_use(path: Path) -> SettingsError:
    return SettingsError(
        f"Another run or sweep writes to the ledger {path}. Wait for its end, or give another --ledger."
    )


def _check_that_it_is_free(path: Path) -> None:
    """Raises SettingsError for a ledger that somebody writes to, before anything is done to it."""
    if path.is_file() and not path.is_symlink():
        with path.open("rb") as file:
            if not hold(file.fileno()):
                raise _in_use(path)


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether an open file is still the one at a path: another run may have put it aside."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _put_aside(path: Path) -> Path | None:
    """Rename a ledger that is still needed. Raises SettingsError if what is there is no ledger."""
    if path.is_symlink():
        raise SettingsError(f"The ledger {path} is a link, which is not written through. Remove it, or choose another.")
    if not path.exists() or (path.is_file() and not path.stat().st_size):
        return None
    history = read(path)
    if not history.remaining:
        return None
    endings = chain([""], (f"-{number}" for number in count(2)))
    names = (f"{path.stem}-{history.run}{ending}{path.suffix}" for ending in endings)
    return path.rename(next(aside for name in names if not (aside := path.with_name(name)).exists()))


def read(path: Path) -> LedgerHistory:
    """The content of a ledger, whose last line may be half of one. Raises SettingsError, and says which line is
    wrong."""
    lines = _text(path).split(b"\n")
    try:
        first = _entry(lines[0])
        history = LedgerHistory(_run(first.get("run")), _url(first.get("url")), {})
    except _Wrong as error:
        raise SettingsError(f"{path} is no ledger of `mockserver check live`: in line 1, {error}.") from error
    for number, line in enumerate(lines[1:], start=2):
        try:
            if line.strip() and not _is_half(lines, number):
                _apply(history, _entry(line))
        except _Wrong as error:
            raise SettingsError(
                f"The ledger {path} is damaged: in line {number}, {error}. Nothing was deleted. Take that line out, if "
                f"you know what it was, and look for {history.run}.{RESERVED} in the instance."
            ) from error
    return history


def is_id(text: object) -> bool:
    """Whether a text can be the id of a record: short, visible, and nothing that changes the meaning of a path."""
    short = isinstance(text, str) and 0 < len(text) <= LONGEST_TEXT and text.isprintable()
    return short and bool(_ID.fullmatch(str(text))) and not _is_step(str(text))


def _is_step(text: str) -> bool:
    """Whether a text means another place when it stands in a path: nothing, `.` and `..`."""
    return not text.strip(".")


class _Wrong(ValueError):
    """A line that is wrong, with the reason in words."""


def _text(path: Path) -> bytes:
    """The bytes of a regular file that is small enough."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SettingsError(f"The ledger {path} is no file.")
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"The ledger {path} can't be read: {error.strerror}.") from error
    if len(content) > MOST_BYTES:
        raise SettingsError(f"{path} is too large for a ledger: more than {MOST_BYTES} bytes.")
    return content


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; a pipe would wait for somebody to write."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # Windows has no such flag


def _is_half(lines: Sequence[bytes], number: int) -> bool:
    """Whether a process died while it wrote this line: it is the last one, or was so when the ledger was reopened."""
    following = lines[number] if number < len(lines) else b"{}"
    try:
        _entry(lines[number - 1])
    except _Wrong:
        return following.strip() == b"{}"
    return False


def _entry(line: bytes) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _Wrong("there is no JSON") from error
    if not isinstance(entry, dict):
        raise _Wrong("there is no JSON object")
    return entry


def _run(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{8}", value):
        raise _Wrong("`run` should be eight hexadecimal digits")
    return value


def _url(value: object) -> str:
    try:
        return address_of(str(value))
    except ValueError as error:
        raise _Wrong("`url` should be the address of an instance") from error


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= MOST_INTENTS:
        raise _Wrong("an intent should have a number")
    return value


def _word(value: object, what: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or not value.isprintable():
        raise _Wrong(f"{what} should be a short text")
    return value


def _id(value: object) -> str:
    if not is_id(value):
        raise _Wrong("an id should be a short text without white space, and nothing that has a meaning in a URL")
    return str(value)


def _argument(value: object) -> str:
    """A path parameter: generated ones may be anything, as they are escaped, but a step."""
    if not isinstance(value, str) or len(value) > LONGEST_ARGUMENT or _is_step(value):
        raise _Wrong("an argument should be a text that names something")
    return value


def _intent(entry: Mapping[str, Any]) -> Intent:
    arguments, marked = entry.get("arguments"), entry.get("marked", True)
    if not isinstance(arguments, dict) or not isinstance(marked, bool):
        raise _Wrong("an intent should have arguments")
    named = {_word(name, "an argument"): _argument(value) for name, value in arguments.items()}
    operation, at = _word(entry.get("operation"), "the operation"), _word(entry.get("at", ""), "the time")
    return Intent(_number(entry["intent"]), operation, named, marked, at)


def _apply(history: LedgerHistory, entry: dict[str, Any]) -> None:
    match entry:
        case {"intent": _}:
            intent = _intent(entry)
            if intent.number in history.intents:
                raise _Wrong(f"there is another intent {intent.number}")
            history.intents[intent.number] = intent
        case {"made": number, "id": record}:
            intent = _known(history, number)
            if intent.record is not None:
                raise _Wrong(f"the intent {intent.number} has a record already")
            intent.record, intent.settled = _id(record), True
        case {"nothing": number}:
            _known(history, number).settled = True
        case {"gone": number}:
            _known(history, number).gone = True
        case {"kept": number}:
            intent = _known(history, number)
            intent.gone = intent.kept = True
        case {"foreign": list(records)}:
            creator = _word(entry.get("of", ""), "an operationId")
            history.foreign |= {RecordKey(creator, _word(record, "a foreign id")) for record in records}
        case {} if not entry:
            pass  # here the ledger was reopened
        case _:
            raise _Wrong("there is no entry of a ledger")


def _known(history: LedgerHistory, number: object) -> Intent:
    intent = history.intents.get(_number(number))
    if intent is None:
        raise _Wrong(f"there is no intent {number}")
    return intent
