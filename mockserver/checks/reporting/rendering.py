"""A report for people: on the terminal, and as files."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from mockserver import __version__
from mockserver.checks.findings.report import Finding, Report, Verdict
from mockserver.checks.live.fuzzing import har_entries
from mockserver.checks.live.planning.options import Options
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.live.run import Outcome, sweep_line
from mockserver.checks.reporting import files
from mockserver.checks.reporting.junit import as_junit
from mockserver.escaping import screen, visible

_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
_WORDS = {
    Verdict.PASS: ("green", "inside the contract"),
    Verdict.FINDINGS: ("red", "outside the contract"),
    Verdict.NOT_JUDGED: ("yellow", "could not judge"),
    Verdict.INTERRUPTED: ("yellow", "interrupted"),
}
MOST_LINES = 12


class Screen:
    """The terminal. `quiet` leaves stdout to something else and says nothing on stderr either."""

    def __init__(self, *, quiet: bool) -> None:
        self._console = screen(stderr=True, quiet=quiet)
        self._out = screen(quiet=quiet)

    def plan(self, plan: Plan) -> None:
        """What would be sent."""
        options = plan.options
        self._print(f"Plan for {options.url}", "bold")
        self._print(f"  operations  {len(plan.calls)}: {', '.join(call.id for call in plan.calls)}")
        self._print(f"  writes      {', '.join(plan.writes) or 'none'} (own records only)")
        for line in plan.left_out:
            self._print(f"  left out    {line}")
        rate = f"{options.requests_a_second:g} a second" if options.requests_a_second else "as fast as it answers"
        self._print(f"  requests    about {plan.requests}, {rate}: about {_minutes(plan.seconds)}")
        self._print(f"  ledger      {options.ledger_path}")

    @contextmanager
    def progress(self) -> Iterator[Callable[[str], None]]:
        """A line that says what is being done."""
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
        with Progress(*columns, console=self._console, transient=True) as bar:
            task = bar.add_task("starting")
            yield lambda words: bar.update(task, description=visible(words))

    def report(self, outcome: Outcome, files: list[Path], options: Options) -> None:
        """What came out."""
        report = outcome.report
        for finding in report.findings:
            self._finding(finding)
        self._list("not judged", report.not_judged)
        self._list("residue", report.residue)
        self._list("left out", report.left_out)
        self._list("note", report.notes)
        style, words = _WORDS[report.verdict]
        self._print(f"{report.url} is {words}." if "judge" not in words else f"{words}.", f"bold {style}")
        self._print(summary(report))
        if report.unfinished:
            self._print(f"Finish the sweep: {sweep_line(options.ledger_path, options.url)}")
        self._print(f"reports: {', '.join(str(path) for path in files)}")

    def _finding(self, finding: Finding) -> None:
        title = headline(finding)
        self._print(f"{finding.severity:8} {title}", _STYLES.get(finding.severity, ""))
        for name, text in (
            ("expected", finding.expected),
            ("got", finding.got),
            ("contract", finding.where),
            ("hint", finding.hint),
            ("accepted", finding.accepted),
            ("try", finding.curl),
        ):
            if text:
                self._print(f"         {name:9} {text}")
        self._print(f"         id {finding.id}, seen {finding.count} times")

    def _print(self, line: str, style: str = "") -> None:
        """A line with nothing in it that could steer the terminal."""
        self._out.print(Text(visible(line, kept="\n"), style=style))

    def _list(self, name: str, lines: list[str]) -> None:
        for line in lines[:MOST_LINES]:
            self._print(f"{name:11} {line}")
        if len(lines) > MOST_LINES:
            self._out.print(Text(f"{name:11} … and {len(lines) - MOST_LINES} more"))


def headline(finding: Finding) -> str:
    """A finding in one line."""
    what = f"{finding.method} {finding.path}: {finding.message}"
    return (
        f"assumption {finding.assumption} refuted: the instance does otherwise: {what}" if finding.assumption else what
    )


def summary(report: Report) -> str:
    """The figures of a run in one line."""
    gate = report.gate
    return (
        f"run {report.run}, seed {report.seed}: {report.cases} cases and {report.requests} requests in "
        f"{report.seconds:.0f} s; operations {gate.get('operations', '-')}, links {gate.get('links', '-')}, "
        f"past authentication {gate.get('pastAuth', 0):.0%}"
    )


def write(outcome: Outcome, folder: Path) -> list[Path]:
    """Write the reports as a page, JSON, JUnit, and HAR (every exchange of the fuzzing); returns the files.

    Raises SettingsError if there is no place for them, as `files.make_folder` does.
    """
    content = outcome.as_json()
    pieces: dict[str, Iterable[str]] = {
        "report.html": [as_page(content)],
        "report.json": [json.dumps(content, indent=2)],
        "junit.xml": [as_junit(outcome.report)],
    }
    if not outcome.report.interrupted:  # who interrupts can't wait
        pieces["exchanges.har"] = as_har(outcome)
    files.make_folder(folder)
    try:
        for name, texts in pieces.items():
            files.write(folder / name, texts)
    except OSError as error:
        raise files.unwritable(folder, error) from error
    return [folder / name for name in pieces]


def as_har(outcome: Outcome) -> Iterator[str]:
    """The recordings as an HTTP Archive, without secrets; piece by piece, as it can be large."""
    creator = {"name": "mockserver check live", "version": __version__}
    opening = json.dumps({"log": {"version": "1.2", "creator": creator, "entries": []}})
    head, foot = opening[: opening.rindex("]")], opening[opening.rindex("]") :]
    yield head
    separator = ""
    for recording in outcome.recordings:
        for entry in har_entries(recording):
            yield separator + json.dumps(outcome.secrets.clean(entry))
            separator = ",\n"
    yield foot


def as_page(content: dict[str, Any]) -> str:
    """One page of HTML that needs nothing else."""
    template = resources.files("mockserver.checks.reporting").joinpath("page.html").read_text("utf-8")
    return template.replace("/*DATA*/", json.dumps(content).replace("<", "\\u003c"))


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"  # noqa: PLR2004 (two minutes)
