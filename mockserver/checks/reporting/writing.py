"""The files of a report: a page, JSON, JUnit XML, SARIF, and an HTTP Archive."""

import json
from collections.abc import Iterable
from pathlib import Path

from mockserver.checks.findings.outcome import Outcome
from mockserver.checks.findings.report import Report
from mockserver.checks.reporting import files
from mockserver.checks.reporting.github import step_summary
from mockserver.checks.reporting.har import as_har
from mockserver.checks.reporting.html import as_page
from mockserver.checks.reporting.junit import as_junit
from mockserver.checks.reporting.sarif import as_sarif


def write_reports(outcome: Outcome, folder: Path) -> list[Path]:
    """Write all reports of a run, and return their paths. A run that was interrupted has no archive.

    Raises SettingsError if there is no place for them, as `files.make_folder` does.
    """
    report = outcome.report
    pieces: dict[str, Iterable[str]] = {
        "report.html": [as_page(report)],
        "report.json": [json.dumps(report.as_json(), indent=2)],
        "junit.xml": [as_junit(report)],
        "report.sarif": [json.dumps(as_sarif(report), indent=2)],
    }
    if not report.interrupted:  # who interrupts can't wait
        pieces["exchanges.har"] = as_har(outcome)
    files.make_folder(folder)
    try:
        for name, texts in pieces.items():
            files.write(folder / name, texts)
    except OSError as error:
        raise files.unwritable(folder, error) from error
    return [folder / name for name in pieces]


def add_summary(report: Report, path: str | None) -> None:
    """Add the summary of a step of GitHub Actions to the file that it has for that. Raises SettingsError."""
    if path:
        try:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(step_summary(report))
        except OSError as error:
            raise files.unwritable(Path(path).parent, error) from error
