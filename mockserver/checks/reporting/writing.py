"""The files of a report: a page, JSON, JUnit XML, SARIF, bodies that lines of it name, and an HTTP Archive."""

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
    """Write all reports of a run, and return their paths. The archive, which can be large, is the last: who interrupts
    while it is written goes without, and what was there of an earlier run goes, too.

    Raises SettingsError if there is no place for them, as `files.make_folder` does.
    """
    report = outcome.report
    pieces: dict[str, Iterable[str | bytes]] = {
        "report.html": [as_page(report)],
        "report.json": [json.dumps(report.as_json(), indent=2)],
        "junit.xml": [as_junit(report)],
        "report.sarif": [json.dumps(as_sarif(report), indent=2)],
        **{name: [body] for name, body in outcome.bodies.items()},
    }
    files.make_folder(folder)
    try:
        for name, parts in pieces.items():
            files.write(folder / name, parts)
        archive = _archive(outcome, folder / "exchanges.har")
    except OSError as error:
        raise files.unwritable(folder, error) from error
    return [*(folder / name for name in pieces), *archive]


def _archive(outcome: Outcome, path: Path) -> list[Path]:
    """Write the archive; returns its path, or nothing if somebody doesn't wait for it."""
    try:
        path.unlink(missing_ok=True)
        files.write(path, as_har(outcome))
    except KeyboardInterrupt:
        return []
    return [path]


def add_summary(report: Report, path: str | None) -> None:
    """Add the summary of a step of GitHub Actions to the file that it has for that. Raises SettingsError."""
    if path:
        try:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(step_summary(report))
        except OSError as error:
            raise files.unwritable(Path(path).parent, error) from error
