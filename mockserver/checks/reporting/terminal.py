"""A report on the terminal, with colours where it has them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rich.text import Text

from mockserver.checks.findings.report import Finding, Report, Verdict
from mockserver.checks.findings.scorecard import Mark, Score
from mockserver.checks.reporting.github import annotations
from mockserver.checks.reporting.lines import assumptions, coverage, headline, judged, left_out, standing, summary
from mockserver.checks.reporting.progress import Progress, shown
from mockserver.escaping import screen, visible

_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
_WORDS = {
    Verdict.PASS: ("green", "inside the contract"),
    Verdict.FINDINGS: ("red", "outside the contract"),
    Verdict.NOT_JUDGED: ("yellow", "could not judge"),
    Verdict.INTERRUPTED: ("yellow", "interrupted"),
}
_MARKS = {Mark.PASSED: ("✓", "green"), Mark.FAILED: ("✗", "red"), Mark.NOT_JUDGED: ("-", "dim")}
_MORE = " (report.html shows it)"
MOST_LINES = 12
MOST_ALIKE = 7  # lines of a scorecard with the same reason


class TerminalReport:
    """The terminal of a run: stdout for the plan and the report, stderr for progress. `quiet` keeps both silent."""

    def __init__(self, *, quiet: bool) -> None:
        self._console = screen(stderr=True, quiet=quiet, soft_wrap=False)
        self._out = screen(quiet=quiet)

    def announce(self, title: str, lines: Iterable[str]) -> None:
        """Show a title and the lines below it, such as the plan of a run."""
        self._print(title, "bold")
        for line in lines:
            self._print(f"  {line}")

    @contextmanager
    def progress(self, planned: int) -> Iterator[Progress]:
        """Show how far a run has come, of so many requests that are expected."""
        with shown(Progress(planned), self._console) as progress:
            yield progress

    def show(self, report: Report, files: Iterable[Path], sweep: str) -> None:
        """Show a report and its files: findings, verdict, and what else there is to know. `sweep` is the command
        that removes what an unfinished run left behind."""
        for finding in report.findings:
            self._finding(finding)
        for score in _without_repeats(report.scorecard):
            self._score(score)
        style, _ = _WORDS[report.verdict]
        self._print(judged(report, _WORDS[standing(report)][1]), f"bold {style}")
        if figures := summary(report):
            self._print(figures)
        if share := coverage(report):
            self._print(f"of the contract was seen: {share}")
        self._compared(report)
        self._list("assumptions", assumptions(report))
        self._list("not judged", report.not_judged)
        self._list("residue", report.residue)
        self._list("left out", [left_out(report.left_out)] if report.left_out else [])
        self._list("note", [f"{note.partition(chr(10))[0]}{_MORE if chr(10) in note else ''}" for note in report.notes])
        if report.unfinished:
            self._print(f"Finish the sweep: {sweep}")
        self._print(f"reports: {', '.join(str(path) for path in files)}")

    def annotate(self, report: Report) -> None:
        """Show a report as annotations of GitHub Actions."""
        for line in annotations(report):
            self._print(line)

    def _finding(self, finding: Finding) -> None:
        title = headline(finding)
        self._print(f"{finding.severity:8} {title}", _STYLES.get(finding.severity, ""))
        for name, text in (
            ("expected", finding.expected),
            ("got", finding.got),
            ("also at", ", ".join(place for place in finding.operations if place != finding.operation)),
            ("contract", finding.where),
            ("blame", finding.blame if finding.blame not in ("instance", "receiver") else ""),
            ("hint", finding.hint),
            ("accepted", finding.accepted),
            ("try", finding.curl),
            ("again", finding.again),
        ):
            if text:
                self._print(f"         {name:9} {text}")
        self._print(f"         id {finding.id}, seen {'once' if finding.count == 1 else f'{finding.count} times'}")

    def _score(self, score: Score) -> None:
        """Show a line of a scorecard; below it why it isn't judged. What failed stands above, with its request."""
        mark, style = _MARKS[score.mark]
        self._print(f"{mark} {score.mark.replace('-', ' '):11} {score.check:22} {score.says}", style)
        if score.reason:
            self._print(f"{'':37}{score.reason}", "dim")

    def _compared(self, report: Report) -> None:
        if report.compared:
            new, gone, still = (len(report.compared[name]) for name in ("new", "gone", "still"))
            unasked = len(report.compared.get("unasked", ()))
            more = f", {unasked} not asked again" if unasked else ""
            self._print(f"since run {report.compared['run']}: {new} new, {gone} gone, {still} still there{more}")

    def _print(self, line: str, style: str = "") -> None:
        """Print a line with nothing in it that could control the terminal."""
        self._out.print(Text(visible(line, kept="\n"), style=style))

    def _list(self, name: str, lines: list[str]) -> None:
        for line in lines[:MOST_LINES]:
            self._print(f"{name:11} {line}")
        if len(lines) > MOST_LINES:
            self._out.print(Text(f"{name:11} … and {len(lines) - MOST_LINES} more"))


def _without_repeats(scores: Sequence[Score]) -> Iterator[Score]:
    """The lines of a scorecard, with one in place of many that have the same reason."""
    alike, told = Counter(score.reason for score in scores if score.reason), set[str]()
    for score in scores:
        if (number := alike[score.reason]) <= MOST_ALIKE:
            yield score
        elif score.reason not in told:
            told.add(score.reason)
            yield replace(score, check=f"{number} checks", says="report.html names them.")
