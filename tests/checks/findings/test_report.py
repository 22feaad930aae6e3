"""Reports: verdicts, grouping by cause, and order."""

from dataclasses import replace
from typing import Any

import pytest

from mockserver.checks.findings.report import Finding, Report

FINDING = Finding("check", "readPet", "GET", "/pets", "wrong type", cause="type", curl="curl a/long/address")


def _report(*findings: Finding, not_judged: list[str] | None = None) -> Report:
    report = Report("http://127.0.0.1", "run1", not_judged=not_judged or [])
    for finding in findings:
        report.add(finding)
    return report


def test_verdicts_and_their_exit_codes() -> None:
    """Findings weigh more than what wasn't judged; an interrupt is neither."""
    interrupted = _report(FINDING)
    interrupted.interrupted = True
    reports = [_report(), _report(FINDING, not_judged=["b"]), _report(not_judged=["b"]), interrupted]

    assert [report.verdict.exit_code for report in reports] == [0, 1, 2, 130]


def test_what_is_left_behind_is_no_pass() -> None:
    """Unless it was allowed to stay; all of it is residue."""
    left, allowed = _report(), _report()
    left.leave(["record 1: deleting it answers 500"], ["member 2: can't be deleted"])
    allowed.leave([], ["member 2: can't be deleted"])

    assert [(one.verdict.exit_code, len(one.residue), one.unfinished) for one in (left, allowed)] == [
        (2, 2, True),
        (0, 1, False),
    ]
    assert left.is_judged


def test_one_cause_is_one_finding() -> None:
    """The same cause is counted, and shown by the shortest line to paste."""
    (finding,) = _report(FINDING, replace(FINDING, message="wrong type: 17", curl="curl a")).findings

    assert (finding.count, finding.curl, finding.id) == (2, "curl a", FINDING.id)


def test_a_cause_is_as_severe_as_it_was_seen() -> None:
    """Whichever line to paste is shown, and whichever was seen first."""
    worse = replace(FINDING, severity="critical", curl="curl a/much/longer/address/than/the/other")

    assert [one.severity for one in (*_report(FINDING, worse).findings, *_report(worse, FINDING).findings)] == [
        "critical",
        "critical",
    ]


def test_the_severe_ones_come_first() -> None:
    """And bugs before refuted assumptions that are as severe."""
    low, assumption = replace(FINDING, cause="a", severity="low"), replace(FINDING, cause="b", assumption="A07")
    critical, bug = replace(FINDING, cause="c", severity="critical"), replace(FINDING, cause="d")

    found = [finding.cause for finding in _report(assumption, low, critical, bug).findings]

    assert found == ["c", "d", "b", "a"]


@pytest.mark.parametrize(
    ("options", "not_judged", "advice"),
    [({}, [], "take it out"), ({"operation": ["readPet"]}, [], "may be needed"), ({}, ["no time"], "may be needed")],
)
def test_only_a_whole_run_calls_a_baseline_stale(options: dict[str, Any], not_judged: list[str], advice: str) -> None:
    """What a narrowed run, or one that was cut short, didn't find may be there all the same."""
    report = Report("http://127.0.0.1", "run1", not_judged=not_judged)
    report.options = options

    report.note_baseline({"3f9a1c2b7d40": "CRM-1"}, {})

    assert advice in report.notes[0]


def test_a_baseline_of_a_part_is_not_stale() -> None:
    """What is accepted was found if it became a part of another finding, or follows from one."""
    report = _report(replace(FINDING, parts=("3f9a1c2b7d40",), includes=("0a1b2c3d4e5f",)))

    report.note_baseline({"3f9a1c2b7d40": "CRM-1", "0a1b2c3d4e5f": "CRM-2"}, {})

    assert report.notes == []
