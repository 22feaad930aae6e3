"""The ledger: what a run is about to create, and what it created, on disk before it happens.

JSON lines. An intent is on the disk before its request goes out; the id follows after the answer. Whatever ends the
process, the file says what may have been left behind. There are no secrets in it.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from mockserver.errors import SettingsError


@dataclass
class Intent:
    """A request that may create a record. `record` is its id once known, `settled` whether there was an answer."""

    number: int
    operation: str
    arguments: Mapping[str, str]
    marked: bool = True
    at: str = ""
    record: str | None = None
    settled: bool = False
    gone: bool = False


@dataclass
class History:
    """What a ledger says. `run` is the id of the run, part of every mark."""

    run: str
    url: str
    intents: dict[int, Intent]
    foreign: frozenset[str] = frozenset()

    @property
    def contexts(self) -> dict[str, frozenset[str]]:
        """Where it created: the values of each path parameter, such as the store."""
        found: dict[str, set[str]] = {}
        for intent in self.intents.values():
            for name, value in intent.arguments.items():
                found.setdefault(name, set()).add(value)
        return {name: frozenset(values) for name, values in found.items()}

    @property
    def remaining(self) -> list[Intent]:
        """What may still be there: records that are not known to be gone, and intents without an answer."""
        return [one for one in self.intents.values() if not one.gone and (one.record is not None or not one.settled)]


class Ledger:
    """The ledger of one run, open for writing."""

    def __init__(self, path: Path, history: History, mode: str) -> None:
        self.path, self.history = path, history
        self.kept_aside: Path | None = None
        self._file: IO[str] = path.open(mode, encoding="utf-8")

    @classmethod
    def create(cls, path: Path, run: str, url: str) -> Self:
        """A new ledger; an older one with records that may still exist is renamed, and `kept_aside` names it.

        Raises SettingsError if there is no place for it.
        """
        aside = _put_aside(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            ledger = cls(path, History(run, url, {}), "w")
        except OSError as error:
            raise SettingsError(f"The ledger {path} can't be written: {error.strerror}.") from error
        ledger.kept_aside = aside
        ledger._write({"run": run, "url": url}, durable=True)
        return ledger

    @classmethod
    def reopened(cls, path: Path) -> Self:
        """An existing ledger, to go on with. Raises SettingsError if it is none."""
        ledger = cls(path, read(path), "a")
        ledger._write({})  # the last line may be half of one
        return ledger

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def intend(self, operation: str, arguments: Mapping[str, str], at: str, *, marked: bool) -> Intent:
        """Write down that a record may be created now. On disk when this returns."""
        intent = Intent(len(self.history.intents) + 1, operation, dict(arguments), marked, at)
        self.history.intents[intent.number] = intent
        line = {"intent": intent.number, "operation": operation, "arguments": intent.arguments, "at": at}
        self._write(line if marked else {**line, "marked": False}, durable=True)
        return intent

    def made(self, intent: Intent, record: str) -> None:
        """The answer named the new record."""
        intent.record, intent.settled = record, True
        self._write({"made": intent.number, "id": record})

    def nothing(self, intent: Intent, status: int) -> None:
        """The answer says that nothing was created."""
        intent.settled = True
        self._write({"nothing": intent.number, "status": status})

    def gone(self, record: str) -> None:
        """A record was deleted, and found missing."""
        for intent in self.history.intents.values():
            if intent.record == record and not intent.gone:
                intent.gone = True
                self._write({"gone": record})

    def kept(self, intent: Intent) -> None:
        """A record that can't be deleted, and that somebody was told of."""
        intent.gone = True
        self._write({"kept": intent.number})

    def foreign(self, records: frozenset[str]) -> None:
        """What was there before the run: never to be deleted, whoever names it."""
        self.history.foreign |= records
        self._write({"foreign": sorted(records)})

    def _write(self, entry: Mapping[str, Any], *, durable: bool = False) -> None:
        self._file.write("\n" * (not entry) + json.dumps(entry) + "\n")
        self._file.flush()
        if durable:
            os.fsync(self._file.fileno())


def _put_aside(path: Path) -> Path | None:
    """Rename a ledger that is still needed. Raises SettingsError if what is there is no ledger."""
    if not path.exists() or not path.stat().st_size:
        return None
    history = read(path)
    if not history.remaining:
        return None
    return path.rename(path.with_name(f"{path.stem}-{history.run}{path.suffix}"))


def read(path: Path) -> History:
    """What a ledger says. The last line may be half of one. Raises SettingsError."""
    try:
        entries = list(_entries(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The ledger {path} can't be read: {error}.") from error
    if not entries or "run" not in entries[0]:
        raise SettingsError(f"{path} is no ledger of `mockserver check live`.")
    history = History(entries[0]["run"], entries[0]["url"], {})
    for entry in entries[1:]:
        _apply(history, entry)
    return history


def _entries(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            yield entry


def _apply(history: History, entry: dict[str, Any]) -> None:
    match entry:
        case {"intent": int(number), "operation": operation, "arguments": arguments}:
            marked, at = entry.get("marked", True), entry.get("at", "")
            history.intents[number] = Intent(number, operation, arguments, marked, at)
        case {"made": int(number), "id": record} if number in history.intents:
            history.intents[number].record, history.intents[number].settled = record, True
        case {"nothing": int(number)} if number in history.intents:
            history.intents[number].settled = True
        case {"kept": int(number)} if number in history.intents:
            history.intents[number].gone = True
        case {"gone": record}:
            for intent in history.intents.values():
                intent.gone |= intent.record == record
        case {"foreign": list(records)}:
            history.foreign |= frozenset(records)
        case _:
            pass
