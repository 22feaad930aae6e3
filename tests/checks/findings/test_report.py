"""Reports: what weighs more, what is grouped, and that no reader stumbles."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mockserver.checks.findings.baseline import accepted
from mockserver.checks.findings.report import Finding, Report
from mockserver.checks.reporting.html import as_page
from mockserver.checks.reporting.junit import as_junit
from mockserver.errors import SettingsError

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


def test_one_cause_is_one_finding() -> None:
    """The same cause is counted, and shown by the shortest line to paste."""
    (finding,) = _report(FINDING, replace(FINDING, message="wrong type: 17", curl="curl a")).findings

    assert (finding.count, finding.curl, finding.id) == (2, "curl a", FINDING.id)


def test_bugs_come_before_assumptions() -> None:
    """And the severe ones first."""
    bug, assumption = replace(FINDING, cause="a", severity="low"), replace(FINDING, cause="b", assumption="A07")
    critical = replace(FINDING, cause="c", severity="critical")

    found = [finding.cause for finding in _report(assumption, bug, critical).findings]

    assert found == ["c", "a", "b"]


def test_a_baseline_accepts_until_it_expires(tmp_path: Path) -> None:
    """A known finding doesn't count, with its reason shown; after its day it does again."""
    path = tmp_path / "baseline.toml"
    path.write_text(f'[[accept]]\nid = "{FINDING.id}"\nreason = "CRM-1"\nexpires = 2026-01-15\n', "utf-8")
    report = _report(FINDING)

    assert accepted(path, 1_768_600_000.0) == {}
    report.accept(accepted(path, 1_768_473_000.0))

    assert (report.verdict.exit_code, report.findings[0].accepted) == (0, "CRM-1")


@pytest.mark.parametrize("content", ["[[accept]]\nid = 'x'", "accept = [1]", "not toml"])
def test_baselines_are_checked(tmp_path: Path, content: str) -> None:
    """Every entry needs a reason and an end."""
    path = tmp_path / "baseline.toml"
    path.write_text(content, "utf-8")

    with pytest.raises(SettingsError, match="baseline"):
        accepted(path, 0.0)


def test_junit_takes_any_text() -> None:
    """Control characters of a fuzzed request don't break the file."""
    report = _report(replace(FINDING, got="\x00<&>\ud800"), not_judged=["x\x1b"])

    suite = ET.fromstring(as_junit(report))  # noqa: S314 (our own)

    assert (suite.get("failures"), suite.get("errors"), suite.get("tests")) == ("1", "1", "2")


def test_the_page_cannot_be_broken_by_what_it_shows() -> None:
    """What an instance answered is data, never markup."""
    page = as_page(_report(replace(FINDING, got="</script><script>alert(1)</script>")).as_json())

    assert "<script>alert" not in page
    assert page.count("</script>") == 2
