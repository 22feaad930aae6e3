"""The results of runs in a folder: each row is written as JSON when it is done, so that nothing is lost when a later
one fails, and a later run may measure some rows anew."""

import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.contestants.roster import Contestant
from bench.rows.rounds import Figures
from bench.shared.table import Table

ROOT = Path(__file__).parents[2]
LOADS = ("GET", "LIST", "POST", "BAD", "LOGIN", "CREATE")
TABLES = ("TIME", "START", "MEM", "GROW", "FAN", "FUZZ", "FOREIGN", "REPLICAS")  # TIME is how long CREATE takes
SETTING = "setting"  # the file beside those of the rows


@dataclass(frozen=True, slots=True)
class Run:
    """The run that a row is from: what was measured, when, and how long."""

    commit: str
    day: str
    rounds: int
    seconds: float
    shrink: int = 1

    def told(self) -> str:
        """In words."""
        shrunk = f", numbers divided by {self.shrink}: a trial" if self.shrink > 1 else ""
        rounds = f"{self.rounds} interleaved round{'s' if self.rounds > 1 else ''} of {self.seconds:g} s"
        return f"commit {self.commit}, {self.day}, {rounds}{shrunk}"


class Results:
    """What there is in a folder: `loads` and `tables` by row, in the order in which they are told, and `runs`."""

    def __init__(self, folder: Path, run: Run) -> None:
        self.folder = folder
        self._raw = folder / "raw"
        self._run = run
        self._kept: dict[str, Any] = {row: kept for row in (*LOADS, *TABLES) if (kept := self._read(row))}
        self.failed: dict[str, str] = {}

    @property
    def loads(self) -> dict[str, dict[str, Figures]]:
        """The rows of load: figures by contestant."""
        able = {row: self._kept[row]["load"] for row in LOADS if row in self._kept}
        return {row: {name: Figures(**figures) for name, figures in load.items()} for row, load in able.items()}

    @property
    def tables(self) -> dict[str, Table]:
        """The other rows."""
        return {row: Table(**self._kept[row]["table"]) for row in TABLES if row in self._kept}

    @property
    def runs(self) -> dict[str, Run]:
        """The run that each row is from."""
        return {row: Run(**kept["run"]) for row, kept in self._kept.items()}

    @property
    def setting(self) -> dict[str, Any]:
        """What was last said by `set_up`."""
        return self._read(SETTING) or {}

    def forget(self) -> None:
        """Forget all rows, as a run begins that measures all."""
        for row in self._kept:
            self._path(row).unlink()
        self._kept = {}

    def set_up(self, machine: Mapping[str, str], contestants: Iterable[Contestant], missing: Mapping[str, str]) -> None:
        """Keep what the run is made on, and with whom. Contestants of earlier runs stay, as their figures do."""
        configured = {one.name: [one.version, one.settings, _command(one)] for one in contestants}
        before = self.setting.get("contestants", {}) if self._kept else {}
        setting = {"machine": dict(machine), "contestants": before | configured, "missing": dict(missing)}
        self._write(SETTING, setting)

    def add_load(self, row: str, figures: Mapping[str, Figures]) -> None:
        """Keep a row of load."""
        self._add(row, "load", {name: asdict(found) for name, found in figures.items()})

    def add_table(self, row: str, table: Table) -> None:
        """Keep another row."""
        self._add(row, "table", asdict(table))

    def fail(self, row: str, reason: str) -> None:
        """Note why a row has no figures; those of an earlier run go, as they say nothing of this one."""
        self.failed[row] = reason
        if self._kept.pop(row, None):
            self._path(row).unlink()

    def _add(self, row: str, kind: str, content: Any) -> None:
        self._kept[row] = {"run": asdict(self._run), kind: content}
        self._write(row, self._kept[row])

    def _path(self, name: str) -> Path:
        return self._raw / f"{name}.json"

    def _read(self, name: str) -> Any:
        """What a file of ours has; None if there is none, or one of an older form."""
        path = self._path(name)
        found = json.loads(path.read_text("utf-8")) if path.exists() else None
        return found if found and (name == SETTING or "run" in found) else None

    def _write(self, name: str, content: Any) -> None:
        self._raw.mkdir(parents=True, exist_ok=True)
        text = json.dumps(content, indent=1, ensure_ascii=False)
        self._path(name).write_text(without_paths(text) + "\n", encoding="utf-8")


def commit() -> str:
    """The commit that is measured, with a mark if the checkout has changes."""
    command = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return "unknown"
    return done.stdout.strip() or "unknown"


def without_paths(text: str) -> str:
    """A text without the paths of this machine."""
    return text.replace(f"{ROOT}/", "").replace(str(ROOT), ".").replace(str(Path.home()), "~")


def _command(contestant: Contestant) -> str:
    """The command as one would type it."""
    words = [Path(word).name if word.endswith("/python") else word for word in contestant.command]
    return " ".join(words).replace("{port}", "PORT")
