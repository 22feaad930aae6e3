"""How a run of a judge ends, whichever judge it is: what is printed and written, and the exit code."""

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from mockserver.checks.findings.outcome import Outcome
from mockserver.checks.findings.promises import Promise
from mockserver.checks.findings.report import Finding, Report
from mockserver.cli.ending import Ending, report_options

QUIET = {"GITHUB_ACTIONS": "", "GITHUB_STEP_SUMMARY": ""}


def _ends(report: Report, folder: Path, *words: str, **variables: str) -> Result:
    """A judge's command that has come to this report."""

    @click.command()
    @report_options("reports")
    def judge(**given: Any) -> None:
        ending = Ending.of(given)
        ending.screen.announce("Plan", [f"fail on {given['fail_on']}"])
        ending.leave(Outcome(report), folder, "mockserver sweep")

    return CliRunner(env=QUIET | variables).invoke(judge, words)


def _report(*findings: str) -> Report:
    report = Report("http://127.0.0.1:9", "0123abcd", "mockserver check thing")
    for message in findings:
        report.add(Finding(Promise.READS_BACK, "a", "GET", "/a", message, where="openapi.yaml:7"))
    return report


@pytest.mark.parametrize(("findings", "code"), [([], 0), (["a lie"], 1)])
def test_a_run_ends_with_its_verdict(findings: list[str], code: int, tmp_path: Path) -> None:
    """The exit code is that of the report, which is shown, and written to the folder."""
    ran = _ends(_report(*findings), tmp_path / "reports")

    assert (ran.exit_code, "Plan\n  fail on None" in ran.output) == (code, True)
    assert all(message in ran.output for message in findings)
    assert json.loads((tmp_path / "reports" / "report.json").read_text("utf-8"))["exitCode"] == code


def test_a_plan_is_json_alone_where_it_is_all(capsys: pytest.CaptureFixture[str]) -> None:
    """Before a run whose report is JSON nothing is printed; without JSON it is lines."""
    lines = ["left out    a: why", "left out    b: why", "less judged c"]

    Ending(as_json=True).planned("http://a", lines, is_all=True)
    told = json.loads(capsys.readouterr().out)
    Ending(as_json=True).planned("http://a", lines, is_all=False)
    silent = capsys.readouterr().out
    Ending().planned("http://a", lines, is_all=True)

    assert told == {"url": "http://a", "plan": {"left out": ["a: why", "b: why"], "less judged": ["c"]}}
    assert (silent, capsys.readouterr().out.splitlines()[:2]) == ("", ["Plan for http://a", "  left out    a: why"])


def test_json_is_all_that_is_printed(tmp_path: Path) -> None:
    """Neither plan nor terminal report stands beside it."""
    ran = _ends(_report("a lie"), tmp_path, "--json")

    assert (ran.exit_code, json.loads(ran.output)["findings"][0]["message"]) == (1, "a lie")


def test_github_gets_annotations_and_a_summary(tmp_path: Path) -> None:
    """Where it runs the command, as its variables say, or where it is asked for."""
    summary = tmp_path / "summary.md"
    ran = _ends(_report("a lie"), tmp_path, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
    plain = _ends(_report("a lie"), tmp_path, GITHUB_STEP_SUMMARY=str(tmp_path / "none.md"))

    assert "file=openapi.yaml,line=7" in ran.output
    assert "a lie" in summary.read_text("utf-8")
    assert ("file=openapi.yaml" in plain.output, (tmp_path / "none.md").exists()) == (False, False)


def test_what_is_left_is_told_with_the_command_that_removes_it(tmp_path: Path) -> None:
    """Whichever judge left it."""
    report = _report()
    report.leave(["record 1: deleting it answers 500"])

    ran = _ends(report, tmp_path)

    assert (ran.exit_code, "Finish the sweep: mockserver sweep" in ran.output) == (2, True)
    assert "mockserver sweep" in (tmp_path / "junit.xml").read_text("utf-8")
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["sweep"] == "mockserver sweep"


def test_options_of_the_ending_are_no_options_of_the_judge(tmp_path: Path) -> None:
    """What is left is what a judge knows; the help names its own folder."""
    given = {"as_json": True, "github": False, "step_summary": None, "fail_on": "high"}
    ending = Ending.of(given)

    assert (ending.as_json, given) == (True, {"fail_on": "high"})
    assert "[default: reports]" in " ".join(_ends(_report(), tmp_path, "--help").output.split())
