"""The files of a report."""

from pathlib import Path

import pytest

from mockserver.checks.findings.outcome import Outcome
from mockserver.checks.findings.report import Report
from mockserver.checks.reporting.writing import write_reports
from mockserver.errors import SettingsError


def test_an_interrupted_run_has_no_archive(tmp_path: Path) -> None:
    """Page, JSON and XML are written at once; the archive, which can be large, isn't waited for."""
    reports = [Report("http://127.0.0.1", "run1"), Report("http://127.0.0.1", "run2", interrupted=True)]

    written = [write_reports(Outcome(report), tmp_path / report.run) for report in reports]

    assert [path.name for path in written[0]] == [
        "report.html",
        "report.json",
        "junit.xml",
        "report.sarif",
        "exchanges.har",
    ]
    assert [path.name for path in written[1]] == ["report.html", "report.json", "junit.xml", "report.sarif"]
    assert all(path.is_file() for paths in written for path in paths)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A folder where a report should be ends in words, not in a traceback."""
    (tmp_path / "report.json" / "folder").mkdir(parents=True)

    with pytest.raises(SettingsError, match="can't be written"):
        write_reports(Outcome(Report("http://127.0.0.1", "run1")), tmp_path)
