"""Exchanges as an HTTP Archive."""

import json
from typing import Any

import pytest

from mockserver.checks.findings.outcome import Outcome
from mockserver.checks.findings.report import Finding, Report
from mockserver.checks.reporting.har import as_har
from mockserver.checks.transport.recording import RecordedExchange


def _log(outcome: Outcome) -> dict[str, Any]:
    log: dict[str, Any] = json.loads("".join(as_har(outcome)))["log"]
    return log


def _exchange(number: int, **fields: Any) -> RecordedExchange:
    return RecordedExchange(number, "list: rows", "get", "GET", "http://a/b?c=d&e=", 1.5, **fields)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_pieces_of_an_archive_are_one_document(count: int) -> None:
    """However many exchanges there are, the pieces make one JSON document with each of them once, in order."""
    exchanges = [_exchange(number, seconds=number) for number in range(count)]

    log = _log(Outcome(Report("http://127.0.0.1", "run1", "judge"), exchanges))

    assert (log["version"], log["creator"]["name"]) == ("1.2", "judge")
    assert [entry["time"] for entry in log["entries"]] == [1000 * number for number in range(count)]


def test_an_entry_says_what_was_tried_and_what_was_found() -> None:
    """Each has its operation, its scenario and the findings that it led to, and when it was sent."""
    report = Report("http://127.0.0.1", "run1")
    report.add(Finding("check", "get", "GET", "/b", "message", exchanges=(0,)))
    [finding] = report.findings

    entry, other = _log(Outcome(report, [_exchange(0), _exchange(1, error="Timeout: late")]))["entries"]

    assert (entry["_operation"], entry["_scenario"], entry["_findings"]) == ("get", "list: rows", [finding.id])
    assert entry["comment"] == f"list: rows; finding {finding.id}"
    assert entry["startedDateTime"] == "1970-01-01T00:00:01.500+00:00"
    assert entry["request"]["queryString"] == [{"name": "c", "value": "d"}, {"name": "e", "value": ""}]
    assert (other["_findings"], other["comment"]) == ([], "list: rows; Timeout: late")


def test_bytes_that_are_no_text_and_bodies_that_were_cut_are_told() -> None:
    """A body of any bytes leaves a readable archive, which says where it is only a beginning."""
    exchange = _exchange(0, body="\udcff", size=2**20, answer="ab", answer_size=2)

    [entry] = _log(Outcome(Report("http://127.0.0.1", "run1"), [exchange]))["entries"]

    assert entry["request"]["postData"]["text"] == "\\udcff"
    assert entry["request"]["postData"]["comment"] == "the beginning of 1048576 bytes"
    assert (entry["response"]["content"]["text"], "comment" in entry["response"]["content"]) == ("ab", False)
