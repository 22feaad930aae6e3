"""State files: what a mock starts with. A file is a description that a person wrote, or a snapshot."""

from collections.abc import Iterator
from pathlib import Path
from stat import S_ISREG
from typing import Any, Protocol

from mockserver.errors import BadRequest, ContractError, SettingsError
from mockserver.openapi.contract import Contract
from mockserver.openapi.loading import Source
from mockserver.storage.model import AnyRecord, Json, from_json
from mockserver.storage.snapshots import KINDS
from mockserver.violations import Violation, dotted
from mockserver.world.described_state import Describable, add_described

LARGEST = 64 * 1024 * 1024  # bytes of a file, as of a snapshot
MOST_VALUES = 2_000_000  # keys and values of a file
MOST_SHOWN = 10  # problems of one


class Restorable(Describable, Protocol):
    """What a state file is applied to: a world."""

    async def restore(self, snapshot: Json) -> None:
        """Replace the state by a snapshot."""


class StateFile:
    """A state file that was read, and has the form of a description or snapshot (control.yaml). Raises SettingsError,
    which names the line, if it can't be used."""

    def __init__(self, path: Path, *, is_ours: bool = True) -> None:
        """`is_ours` says whether it is for the contract of Open Loyalty. For another one, a description may be the
        lists of records alone, as in the file of json-server."""
        try:
            self._source = Source(str(path), _read(path), MOST_VALUES)
        except OSError as error:
            raise SettingsError(f"The state file {path} can't be read: {error.strerror}.") from None
        except ContractError as error:
            raise SettingsError(str(error)) from None
        self.content: Any = {} if self._source.content is None else self._source.content
        self.is_snapshot = isinstance(self.content, dict) and "version" in self.content
        self._is_flat = not is_ours and not self.is_snapshot and _is_flat(self.content)
        if self._is_flat:
            self.content = _in_records(self.content)
        schema = "Snapshot" if self.is_snapshot else "StateDescription"
        self._refuse(
            Contract.of_control().validator(f"/components/schemas/{schema}", sent=True).violations(self.content)
        )

    async def apply(self, world: Restorable) -> None:
        """Put the state into a world: a snapshot in place of all that is there, a description beside it. The clock of a
        snapshot counts only if it was frozen. Raises SettingsError, and changes nothing, if something doesn't fit."""
        try:
            if self.is_snapshot:
                await world.restore(_with_running_clock(self.content))
            else:
                await add_described(world, self.content, anew=True)
        except BadRequest as error:
            self._refuse(list(error.violations))
            raise SettingsError(f"The state file can't be used: {error.message}") from None

    async def apply_to_store(self, world: Restorable, store_code: str) -> None:
        """Put what the file says of a store into that store, which is empty. Raises SettingsError."""
        try:
            if self.is_snapshot:
                await world.state.add_all(list(self._records_of(store_code)))
            else:
                await world.state.add_all(world.initial_member(store_code))
            if not self.is_snapshot and world.contract.is_ours:
                await add_described(world, self._described_of(store_code, world.settings.stores[0]))
        except BadRequest as error:
            self._refuse(list(error.violations))

    def _records_of(self, store_code: str) -> Iterator[AnyRecord]:
        for name, kind in KINDS.items():
            yield from (from_json(kind, row) for row in self.content[name] if row["storeCode"] == store_code)

    def _described_of(self, store_code: str, first: str) -> Json:
        names = ("members", "transactions", "subscriptions")
        return {
            name: [row for row in self.content.get(name, ()) if row.get("storeCode", first) == store_code]
            for name in names
        }

    def _refuse(self, problems: list[Violation]) -> None:
        if problems:
            if self._is_flat:  # then the file has no such step
                problems = [one._replace(path=one.path[one.path[:1] == ("records",) :]) for one in problems]
            lines = [f"{self._source.at(*one.path)}: {_explained(one)}" for one in problems[:MOST_SHOWN]]
            more = [f"… and {len(problems) - MOST_SHOWN} more"] if len(problems) > MOST_SHOWN else []
            raise SettingsError(f"The state file can't be used: {'; '.join([*lines, *more])}")


def _is_flat(content: Any) -> bool:
    """Whether a description has its lists of records at its top, by the names of their resources."""
    return isinstance(content, dict) and not isinstance(content.get("records"), dict)


def _in_records(content: dict[str, Any]) -> dict[str, Any]:
    """The same description, with its lists below `records`."""
    clock = {name: value for name, value in content.items() if name == "clock" and isinstance(value, dict)}
    return {"records": {name: value for name, value in content.items() if name not in clock}, **clock}


def _read(path: Path) -> bytes:
    """The content of a regular file. Raises OSError, and SettingsError for anything else, and for a huge file."""
    status = path.stat()  # a pipe would have to be waited for
    if not S_ISREG(status.st_mode):
        raise SettingsError(f"The state file {path} is no file.")
    if status.st_size > LARGEST:
        raise SettingsError(f"The state file {path} has more than {LARGEST // 2**20} MiB.")
    return path.read_bytes()


def _with_running_clock(snapshot: dict[str, Any]) -> dict[str, Any]:
    if snapshot.get("clock", {}).get("frozen"):
        return snapshot
    return {key: value for key, value in snapshot.items() if key != "clock"}


def _explained(problem: Violation) -> str:
    detail = (problem.parameters or {}).get("detail")
    path = dotted(problem.path)
    return f"{path + ': ' if path else ''}{problem.message}{f' {detail}' if detail else ''}"
