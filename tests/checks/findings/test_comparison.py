"""Comparisons with an earlier report."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mockserver.checks.findings.comparison import compared
from mockserver.checks.findings.report import Finding, Report
from mockserver.checks.findings.scorecard import Mark, Score
from mockserver.errors import SettingsError

OLD = Finding("check", "readPet", "GET", "/pets", "old")
BOTH, NEW = replace(OLD, message="both"), replace(OLD, message="new")


def _report(run: str, *findings: Finding) -> Report:
    report = Report("http://127.0.0.1", run)
    for finding in findings:
        report.add(finding)
    return report


def test_what_is_new_gone_and_still_there(tmp_path: Path) -> None:
    """By the ids of findings, which are the same in every run."""
    path = tmp_path / "report.json"
    path.write_text(json.dumps(_report("run1", OLD, BOTH).as_json()), "utf-8")

    found = compared(_report("run2", BOTH, NEW), path)

    assert (found.run, found.new, found.still) == ("run1", [NEW.id], [BOTH.id])
    assert found.gone == {OLD.id: "readPet: old"}


def test_what_became_one_is_still_there(tmp_path: Path) -> None:
    """A finding that is now a part of another isn't gone, and the other isn't new; nor where one has fallen apart."""
    path = tmp_path / "report.json"
    apart, whole = _report("run", OLD, BOTH), _report("run", replace(NEW, parts=(OLD.id, BOTH.id)))
    found = []
    for before, after in ((apart, whole), (whole, apart)):
        path.write_text(json.dumps(before.as_json()), "utf-8")
        found.append(compared(after, path))

    assert [(one.new, one.gone, one.unasked) for one in found] == [([], {}, {})] * 2
    assert [one.still for one in found] == [[NEW.id], sorted([OLD.id, BOTH.id])]


def test_what_follows_from_another_was_found(tmp_path: Path) -> None:
    """A finding that now follows from a new one isn't gone; what followed from one that is gone isn't new."""
    path = tmp_path / "report.json"
    alone, leading = _report("run", OLD), _report("run", replace(NEW, includes=(OLD.id,)))
    found = []
    for before, after in ((alone, leading), (leading, alone)):
        path.write_text(json.dumps(before.as_json()), "utf-8")
        found.append(compared(after, path))

    assert [(one.new, list(one.gone), one.still) for one in found] == [([NEW.id], [], []), ([], [NEW.id], [OLD.id])]


def test_what_was_not_tried_is_not_gone(tmp_path: Path) -> None:
    """A run on a part tells apart what it has seen to be gone, and what it hasn't asked again."""
    path = tmp_path / "report.json"
    seen, other = replace(OLD, scenario="a login"), replace(BOTH, scenario="a list")
    path.write_text(json.dumps(_report("run1", seen, other).as_json()), "utf-8")

    found = compared(_report("run2"), path, {("readPet", "a login"), ("listPets", "a list")})

    assert (found.gone, found.unasked) == ({OLD.id: "readPet: old"}, {BOTH.id: "readPet: both"})
    assert found.as_json()["unasked"] == {BOTH.id: "readPet: both"}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"run": 1, "findings": [{}]}', "[" * 100_000])
def test_what_is_no_report_is_told(tmp_path: Path, text: str) -> None:
    """With the name of the file."""
    path = tmp_path / "report.json"
    path.write_text(text, "utf-8")

    with pytest.raises(SettingsError, match=r"report\.json"):
        compared(_report("run2"), path)
    with pytest.raises(SettingsError, match="can't be read"):
        compared(_report("run2"), tmp_path / "none.json")


def test_a_run_that_ended_before_finds_nothing_gone(tmp_path: Path) -> None:
    """One that doesn't tell what it tried has asked nothing again, as far as is known, unless it judged everything."""
    path = tmp_path / "report.json"
    path.write_text(json.dumps(_report("run1", OLD).as_json()), "utf-8")
    whole, part, cut = (_report(name) for name in ("whole", "part", "cut"))
    part.not_judged, cut.interrupted = ["no login"], True

    found = [compared(one, path) for one in (whole, part, cut)]

    assert [list(one.gone) for one in found] == [[OLD.id], [], []]
    assert [list(one.unasked) for one in found] == [[], [OLD.id], [OLD.id]]


def test_a_scorecard_tells_what_was_judged(tmp_path: Path) -> None:
    """What its check wasn't judged of isn't gone, even where the same was tried."""
    path = tmp_path / "report.json"
    other = replace(OLD, check="other")
    path.write_text(json.dumps(_report("run1", OLD, other).as_json()), "utf-8")
    report = _report("run2")
    report.scorecard = [Score("check", "", Mark.PASSED), Score("other", "", Mark.NOT_JUDGED)]

    told, tried = compared(report, path), compared(report, path, {("readPet", "")})

    assert [list(one.gone) for one in (told, tried)] == [[OLD.id]] * 2
    assert list(compared(report, path, {("listPets", "")}).unasked) == sorted([OLD.id, other.id])
