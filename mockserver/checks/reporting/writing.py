"""The files of a report: a page, JSON, JUnit XML, and an HTTP Archive."""

import json
from collections.abc import Iterable
from pathlib import Path

from mockserver.checks.findings.outcome import Outcome
from mockserver.checks.reporting import files
from mockserver.checks.reporting.har import as_har
from mockserver.checks.reporting.html import as_page
from mockserver.checks.reporting.junit import as_junit


def write_reports(outcome: Outcome, folder: Path) -> list[Path]:
    """Write all reports of a run, and return their paths. A run that was interrupted has no archive.

    Raises SettingsError if there is no place for them, as `files.make_folder` does.
    """
    report = outcome.report
    pieces: dict[str, Iterable[str]] = {
        "report.html": [as_page(report)],
        "report.json": [json.dumps(report.as_json(), indent=2)],
        "junit.xml": [as_junit(report)],
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
