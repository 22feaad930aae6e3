"""The progress of a run, for who watches: on a terminal a table that is drawn anew in its place, else a few lines."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from mockserver.checks.transport.rate_limiting import MINUTE, MonotonicTime
from mockserver.escaping import visible

WIDEST = 79  # columns: a terminal has 80
INTERRUPT = "^C"  # what a terminal adds to the last line; it would lose count of the lines if that were too long
NARROWEST = 48  # columns in which the table can be read; below there is one line
A_SECOND = 4  # drawings
PAUSE = 10.0  # seconds between two lines where nothing can be drawn anew
STAGES = {"logging in": "start", "looking at what is there": "start", "fuzzing": "fuzzing", "sweeping": "sweep"}
SCENARIOS = "scenarios"  # the stage of anything else


class Figures(NamedTuple):
    """The figures of a run so far: requests that were sent, and findings."""

    requests: int = 0
    findings: int = 0


@dataclass
class _Row:
    """A stage, and what came of it. The run may come back to it."""

    stage: str
    requests: int = 0
    findings: int = 0
    seconds: float = 0.0


class Progress:
    """What a run is doing, stage by stage. The run calls `tick` with each thing that it begins, and `watch` with what
    tells its figures; other threads may read them. `planned` is the number of requests that is expected; `told` is
    called after each tick."""

    def __init__(self, planned: int, now: Callable[[], float] | None = None) -> None:
        self.planned = planned
        self._now = now or MonotonicTime().now
        self._figures: Callable[[], Figures] = Figures
        self._began = self._since = self._now()
        self._before = Figures()
        self._rows: dict[str, _Row] = {}
        self._stage, self.doing = "", "starting"
        self.told: Callable[[], None] = lambda: None
        self._lock = threading.Lock()

    def watch(self, figures: Callable[[], Figures]) -> None:
        """Ask for the figures here from now on."""
        self._figures = figures

    def tick(self, words: str) -> None:
        """Take note of what the run begins, such as `fuzzing: coverage POST /pets`."""
        with self._lock:
            self._count()
            self._stage, self.doing = STAGES.get(words.partition(": ")[0], SCENARIOS), words
            self._rows.setdefault(self._stage, _Row(self._stage))
        self.told()

    @property
    def stage(self) -> str:
        """The stage that the run is in; empty before the first."""
        return self._stage

    @property
    def rows(self) -> list[_Row]:
        """The stages so far, in the order in which they began."""
        with self._lock:
            self._count()
            return list(self._rows.values())

    @property
    def total(self) -> _Row:
        """All stages."""
        return _Row("all", *self._figures(), self._now() - self._began)

    def _count(self) -> None:
        """Add what came since the last time to the stage."""
        figures, now = self._figures(), self._now()
        if row := self._rows.get(self._stage):
            row.requests += figures.requests - self._before.requests
            row.findings += figures.findings - self._before.findings
            row.seconds += now - self._since
        self._before, self._since = figures, now

    def line(self) -> str:
        """The progress in a line."""
        total = self.total
        of = f" of about {self.planned}" if self.planned else ""
        findings = f"{total.findings or 'no'} finding{'s' * (total.findings != 1)}"
        what = "request" if (self.planned or total.requests) == 1 else "requests"
        return f"[{clock_face(total.seconds)}] {total.requests}{of} {what}, {findings}; {self.doing}"


@contextmanager
def shown(progress: Progress, console: Console) -> Iterator[Progress]:
    """Show progress until the end of the context."""
    if console.quiet:
        yield progress
    elif console.is_interactive and console.file.isatty():  # a log is none, even if it is asked for colours
        with _drawing(progress, console):
            yield progress
    else:
        progress.told = _Lines(progress, console).tell
        yield progress


class _Drawing:
    """What is drawn each time anew, as wide as the terminal is at that moment."""

    def __init__(self, progress: Progress, console: Console) -> None:
        self._progress, self._console = progress, console

    def __rich__(self) -> "Table | Text":
        width = min(self._console.width, WIDEST) - len(INTERRUPT)
        if width >= NARROWEST:
            return _table(self._progress, width)
        line = Text(visible(self._progress.line()))
        line.truncate(max(width, 1), overflow="ellipsis")
        return line


def _drawing(progress: Progress, console: Console) -> Live:
    return Live(
        _Drawing(progress, console), console=console, refresh_per_second=A_SECOND, transient=True, redirect_stdout=False
    )


def _table(progress: Progress, width: int) -> Table:
    grid = Table.grid(expand=False)
    grid.add_column(width=width, no_wrap=True, overflow="ellipsis")
    table = Table(box=None, padding=(0, 2, 0, 0), width=width, header_style="dim")
    table.add_column("stage", ratio=1, no_wrap=True)
    for name in ("requests", "findings", "time"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in progress.rows:
        style = "bold" if row.stage == progress.stage else ""
        table.add_row(row.stage, str(row.requests), _findings(row.findings), clock_face(row.seconds), style=style)
    total = progress.total
    of = f"{total.requests} of ~{progress.planned}" if progress.planned else str(total.requests)
    bar = ProgressBar(max(progress.planned, total.requests, 1), total.requests)
    table.add_row(bar, of, _findings(total.findings), clock_face(total.seconds))
    grid.add_row(table)
    grid.add_row(Text(visible(progress.doing), style="dim"))
    return grid


class _Lines:
    """Progress in lines that stay: one for each stage, and one more every PAUSE seconds."""

    def __init__(self, progress: Progress, console: Console) -> None:
        self._progress, self._console = progress, console
        self._said, self._at = "", 0.0

    def tell(self) -> None:
        """Say what the run does, if it is time to."""
        seconds = self._progress.total.seconds
        if self._progress.stage != self._said or seconds - self._at >= PAUSE:
            self._said, self._at = self._progress.stage, seconds
            self._console.print(Text(visible(f"{self._said}: {self._progress.line()}")), soft_wrap=True)


def _findings(number: int) -> Text:
    return Text(str(number), style="red" if number else "")


def clock_face(seconds: float) -> str:
    """Minutes and seconds, such as 1:05."""
    minutes, rest = divmod(int(seconds), int(MINUTE))
    return f"{minutes}:{rest:02}"
