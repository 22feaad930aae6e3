"""The files of a report."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.checks.findings.outcome import Outcome
from mockserver.checks.findings.report import Report
from mockserver.checks.reporting.writing import write_reports
from mockserver.checks.transport.recording import RecordedExchange
from mockserver.errors import SettingsError

NAMES = ["report.html", "report.json", "junit.xml", "report.sarif", "exchanges.har"]


def test_an_interrupted_run_has_an_archive(tmp_path: Path) -> None:
    """What was sent until then is in it, as it is for a run that came to its end."""
    reports = [Report("http://127.0.0.1", "run1"), Report("http://127.0.0.1", "run2", interrupted=True)]

    written = [write_reports(Outcome(report), tmp_path / report.run) for report in reports]

    assert [[path.name for path in paths] for paths in written] == [NAMES, NAMES]
    assert all(path.is_file() for paths in written for path in paths)


def test_nobody_has_to_wait_for_the_archive(tmp_path: Path) -> None:
    """Who interrupts while it is written has all else, and no archive of another run."""

    def impatient() -> Iterator[RecordedExchange]:
        raise KeyboardInterrupt
        yield

    (tmp_path / "exchanges.har").write_text("of another run", "utf-8")
    written = write_reports(Outcome(Report("http://127.0.0.1", "run1"), impatient()), tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(NAMES[:-1])
    assert [path.name for path in written] == NAMES[:-1]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A folder where a report should be ends in words, not in a traceback."""
    (tmp_path / "report.json" / "folder").mkdir(parents=True)

    with pytest.raises(SettingsError, match="can't be written"):
        write_reports(Outcome(Report("http://127.0.0.1", "run1")), tmp_path)
