"""Reports for GitHub Actions."""

from mockserver.checks.findings.receiver_promises import ReceiverPromise
from mockserver.checks.findings.report import Finding, Report
from mockserver.checks.findings.scorecard import Scorecard
from mockserver.checks.reporting.github import annotations, step_summary

FINDING = Finding("list_sorts", "readPet", "GET", "/pets", "100 % wrong,\n::error::forged", where="openapi.yaml:12")


def _report() -> Report:
    report = Report("http://127.0.0.1", "run1", not_judged=["readPet | <b>`x`"])
    report.add(FINDING)
    return report


def test_an_annotation_stands_at_the_line_of_the_contract() -> None:
    """In one line, whatever the instance answered: it can't give commands of its own."""
    first, second = annotations(_report())

    assert first.startswith("::error file=openapi.yaml,line=12,title=list_sorts::GET /pets: 100 %25 wrong")
    assert "\n" not in first
    assert second == "::warning title=not judged::readPet | <b>`x`"


def test_accepted_findings_are_no_annotations() -> None:
    """They are known."""
    report = _report()
    report.accept({FINDING.id: "CRM-1"})

    assert len(list(annotations(report))) == 1


def test_the_summary_is_a_table() -> None:
    """In which texts are neither markup nor cells."""
    text = step_summary(_report())

    assert "| high | `GET /pets` |" in text
    assert "- not judged: readPet \\| &lt;b>\\`x\\`" in text


def test_what_is_left_behind_is_an_annotation() -> None:
    """And stands in the summary, with the command that removes it."""
    report = Report("http://127.0.0.1", "run1", sweep="mockserver sweep")
    report.leave(["record 1"])

    assert list(annotations(report)) == ["::error title=left behind::record 1"]
    assert step_summary(report).endswith("- left behind: record 1\n- finish the sweep: mockserver sweep\n")


def test_the_summary_counts_the_checks_of_a_scorecard() -> None:
    """How many were passed, failed and not judged."""
    card = Scorecard()
    card.passed(ReceiverPromise.STALE)
    report = _report()
    report.scorecard = card.rows

    assert "1 passed, 0 failed, 0 not judged.\n" in step_summary(report)
