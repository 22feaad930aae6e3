"""Exchanges as an HTTP Archive."""

import json

import pytest

from mockserver.checks.findings.outcome import HarEntry, Outcome
from mockserver.checks.findings.report import Report
from mockserver.checks.reporting.har import as_har


@pytest.mark.parametrize("entries", [[], [{"time": 1}], [{"time": 1}, {"time": 2}]])
def test_the_pieces_of_an_archive_are_one_document(entries: list[HarEntry]) -> None:
    """However many exchanges there are, the pieces make one JSON document with each of them once."""
    log = json.loads("".join(as_har(Outcome(Report("http://127.0.0.1", "run1", "judge"), entries))))["log"]

    assert (log["version"], log["creator"]["name"], log["entries"]) == ("1.2", "judge", entries)
