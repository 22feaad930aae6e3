"""The end of a report: what a baseline knows, and what is new since an earlier run."""

from pathlib import Path

from mockserver.checks.findings.baseline import accepted, expired
from mockserver.checks.findings.comparison import Tried, compared
from mockserver.checks.findings.report import Report


def conclude(report: Report, baseline: str | None, compare: str | None, now: float, tried: Tried | None = None) -> None:
    """Mark the findings that a baseline knows, and compare them with an earlier report; `tried` is all that this run
    has tried, at which operation, if a scorecard doesn't say it. Raises SettingsError."""
    if baseline:
        path = Path(baseline)
        known = accepted(path, now)
        report.accept(known)
        report.note_baseline(known, expired(path, now))
    if compare:
        report.compared = compared(report, Path(compare), tried).as_json()
