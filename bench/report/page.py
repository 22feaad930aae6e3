"""Results: written row by row as JSON, so that nothing is lost when a later row fails, then told in Markdown."""

import json
import os
import platform
import re
import statistics
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.contestants.roster import FLOOR, Contestant
from bench.report.plot import draw
from bench.report.targets import ratio, targets
from bench.rows.rounds import Figures
from bench.shared.load import CONNECTIONS
from bench.shared.table import Table, spread
from bench.shared.work import Row

ROOT = Path(__file__).parents[2]
LOADS, TABLES = "loads", "tables"


@dataclass(frozen=True, slots=True)
class Setting:
    """How a run was made: on what, with what, and by whom."""

    machine: Mapping[str, str]
    contestants: Sequence[Contestant]
    missing: Mapping[str, str]  # contestants that couldn't be had, and why
    rounds: int
    seconds: float


class Results:
    """The results of a run, in a folder: `raw/` with JSON, `side-by-side.md`, `side-by-side.svg`."""

    def __init__(self, folder: Path, rows: Iterable[Row]) -> None:
        self._folder = folder
        self._works = {row.name: row.work for row in rows}
        self.loads: dict[str, dict[str, Figures]] = {}
        self.tables: dict[str, Table] = {}
        self.failed: dict[str, str] = {}

    def add_load(self, row: str, figures: dict[str, Figures]) -> None:
        """Keep a row of load."""
        self.loads[row] = figures
        self._write(row, {LOADS: {name: asdict(found) for name, found in figures.items()}})

    def add_table(self, row: str, table: Table) -> None:
        """Keep another row."""
        self.tables[row] = table
        self._write(row, {TABLES: asdict(table)})

    def render(self, setting: Setting) -> Path:
        """Write what can be read by people; the path of the page."""
        self._write("machine", {"machine": dict(setting.machine), "missing": dict(setting.missing)})
        page = self._folder / "side-by-side.md"
        page.write_text(_clean("\n".join(self._page(setting))), encoding="utf-8")
        (self._folder / "side-by-side.svg").write_text(draw(self.loads, self._works), encoding="utf-8")
        return page

    def _write(self, name: str, content: Any) -> None:
        path = self._folder / "raw" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_clean(json.dumps(content, indent=1, ensure_ascii=False)) + "\n", encoding="utf-8")

    def _page(self, setting: Setting) -> Iterable[str]:
        yield from _introduction(setting)
        yield from self._targets()
        yield from self._summary()
        for row, figures in self.loads.items():
            yield from _load(row, self._works[row], figures, self.loads)
        for table in self.tables.values():
            yield from ["", f"## {table.title}", "", *_table(table.columns, table.rows), "", *table.notes]
        if self.failed:
            yield from ["", "## Not measured", "", *(f"- {row}: {reason}" for row, reason in self.failed.items())]
        yield from _configuration(setting)

    def _targets(self) -> Iterable[str]:
        figures: dict[str, float] = {}
        for table in self.tables.values():
            figures |= table.figures
        found = targets(self.loads, figures)
        shown = [
            [t.text, f"{t.sign} {t.bound:g}", "" if t.figure is None else f"{t.figure:.2f}", t.verdict] for t in found
        ]
        return ["", "## Targets", "", *_table(["what", "target", "figure", "verdict"], shown)]

    def _summary(self) -> Iterable[str]:
        """All rows of load in one table."""
        names = list(dict.fromkeys(name for figures in self.loads.values() for name in figures))
        rows = [[name, *(_cell(row, name, self.loads) for row in self.loads)] for name in names]
        title = f"## Answers a second at the maximum, and in brackets how many times those of {FLOOR}"
        return [
            "",
            title,
            "",
            *_table(["contestant", *self.loads], rows),
            "",
            "† see the remark below.",
            "",
            "![](side-by-side.svg)",
        ]


def machine() -> dict[str, str]:
    """What was measured on, without what would name it."""
    cpu = re.findall(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text("utf-8"))
    memory = re.findall(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text("utf-8"))
    versions = {
        name: _said([name, flag]) for name, flag in (("node", "--version"), ("java", "-version"), ("wrk", "-v"))
    }
    return {
        "CPU": f"{cpu[0] if cpu else platform.machine()}, {os.cpu_count()} cores",
        "memory": f"{int(memory[0]) / 1e6:.0f} GB",
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "Python": platform.python_version(),
        **versions,
        "load before": f"{os.getloadavg()[0]:.2f}",
    }


def _introduction(setting: Setting) -> list[str]:
    told = ", ".join(f"{name} {value}" for name, value in setting.machine.items())
    return [
        "# Measured side by side",
        "",
        f"From one run of `make bench`: {setting.rounds} interleaved rounds of {setting.seconds:g} s, servers on one",
        f"core, the load generator on the other, {CONNECTIONS} kept connections. Figures are medians; ratios are",
        "medians of those of the rounds. [README.md](../README.md) says how to read them.",
        "",
        f"Machine: {told}.",
    ]


def _load(row: str, work: str, figures: Mapping[str, Figures], loads: Mapping[str, Mapping[str, Figures]]) -> list[str]:
    columns = ["contestant", "median/s", "least-most", f"x {FLOOR}", "CPU µs", "p50 ms", "p99 ms", "remark"]
    shown = []
    for name, found in figures.items():
        beside = ratio(loads, row, name, FLOOR)
        rates = [f"{statistics.median(found.rates):.0f}", spread(found.rates)] if found.rates else ["", ""]
        costs = [f"{statistics.median(each):.1f}" if each else "" for each in (found.cpu, found.p50, found.p99)]
        remark = f"left out: {found.reason}" if found.reason else ", ".join(found.remarks)
        shown.append([name, *rates, f"{beside:.2f}" if beside else "", *costs, remark])
    return [
        "",
        f"## {row}: {work}",
        "",
        "CPU time is that of the server for an answer; latency is at half of the own maximum.",
        "",
        *_table(columns, shown),
    ]


def _cell(row: str, name: str, loads: Mapping[str, Mapping[str, Figures]]) -> str:
    found = loads[row].get(name)
    if found is None or not found.rates:
        return ""
    beside = ratio(loads, row, name, FLOOR)
    return f"{statistics.median(found.rates):,.0f}{f' ({beside:.2f})' if beside else ''}{' †' if found.remarks else ''}"


def _configuration(setting: Setting) -> Iterable[str]:
    rows = [[c.name, c.version, c.settings, f"`{_command(c)}`"] for c in setting.contestants]
    yield from ["", "## Configuration", "", *_table(["contestant", "version", "settings", "command"], rows)]
    if setting.missing:
        yield from ["", "Not to be had:", *(f"- {name}: {reason}" for name, reason in setting.missing.items())]


def _command(contestant: Contestant) -> str:
    """The command as one would type it."""
    words = [Path(word).name if word.endswith("/python") else word for word in contestant.command]
    return " ".join(words).replace("{port}", "PORT")


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [columns, ["---"] * len(columns), *rows]
    return [f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines]


def _clean(text: str) -> str:
    """Without the paths of this machine."""
    return text.replace(f"{ROOT}/", "").replace(str(ROOT), ".").replace(str(Path.home()), "~")


def _said(command: list[str]) -> str:
    """The version in what a program says of itself."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "not there"
    return next(iter(re.findall(r"\d+(?:\.\d+)+", done.stdout + done.stderr)), "unknown")
