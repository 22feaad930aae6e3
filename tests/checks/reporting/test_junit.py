"""Reports as JUnit XML."""

from xml.etree import ElementTree as ET

from mockserver.checks.findings.receiver_promises import ReceiverPromise
from mockserver.checks.findings.report import Finding, Report
from mockserver.checks.findings.scorecard import Scorecard
from mockserver.checks.reporting.junit import as_junit


def test_junit_takes_any_text() -> None:
    """Control characters of a fuzzed request don't break the file."""
    report = Report("http://127.0.0.1", "run1", not_judged=["x\x1b"])
    report.add(Finding("check", "readPet", "GET", "/pets", "wrong type", got="\x00<&>\ud800"))

    suite = ET.fromstring(as_junit(report))  # noqa: S314 (our own)

    assert (suite.get("failures"), suite.get("errors"), suite.get("tests")) == ("1", "1", "2")


def test_what_is_left_behind_is_an_error() -> None:
    """With the command that removes it; what may stay is none."""
    report = Report("http://127.0.0.1", "run1", sweep="mockserver sweep --ledger=a")
    report.leave(["record 1: deleting it answers 500"], ["member 2: can't be deleted"])

    suite = ET.fromstring(as_junit(report))  # noqa: S314 (our own)

    assert [(case.get("name"), case.findtext("error")) for case in suite] == [(report.left[0], report.sweep)]


def test_the_suite_is_named_after_its_judge() -> None:
    """Any judge can have its report as XML: the name of the suite is its command."""
    suite = ET.fromstring(as_junit(Report("http://127.0.0.1", "run1", "mockserver check other")))  # noqa: S314 (our own)

    assert (suite.get("name"), suite.get("tests")) == ("mockserver check other", "0")


def test_what_was_not_called_is_skipped() -> None:
    """An operation that never answered, or never with a success, and what was left out, are no passed cases; findings
    have their ids."""
    report = Report("http://127.0.0.1", "run1", left_out=["readDog: --read-only"])
    report.gate = {"statuses": {"readPet": {"200": 3}, "readCat": {}, "readCow": {"403": 9, "502": 1}}}
    finding = Finding("check", "readBird", "GET", "/birds", "wrong type")
    report.add(finding)

    suite = ET.fromstring(as_junit(report))  # noqa: S314 (our own)

    kinds = {case.get("name"): [child.tag for child in case] for case in suite}
    assert kinds == {
        f"check [{finding.id}]": ["failure"],
        "readPet": [],
        "readCat": ["skipped"],
        "readCow": ["skipped"],
        "readDog: --read-only": ["skipped"],
    }
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("5", "1", "3")


def test_checks_of_a_scorecard_are_cases() -> None:
    """What was passed is a case that passes; what failed is its finding, and what wasn't judged is told by its line."""
    card = Scorecard()
    card.passed(ReceiverPromise.STALE)
    card.failed(ReceiverPromise.AHEAD)
    card.not_judged(ReceiverPromise.BURST, "nobody asked", asked=False)
    report = Report("http://127.0.0.1", "run1", scorecard=card.rows, left_out=card.left_out)

    suite = ET.fromstring(as_junit(report))  # noqa: S314 (our own)

    kinds = {case.get("name"): [child.tag for child in case] for case in suite}
    assert kinds == {"stale": [], "burst: nobody asked": ["skipped"]}
