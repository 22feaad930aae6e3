"""Baselines: findings that are known don't count, for a while."""

from pathlib import Path

import pytest

from mockserver.checks.findings.baseline import accepted, expired
from mockserver.checks.findings.report import Finding, Report
from mockserver.errors import SettingsError

FINDING = Finding("check", "readPet", "GET", "/pets", "wrong type", cause="type")


def test_a_baseline_accepts_until_it_expires(tmp_path: Path) -> None:
    """A known finding doesn't count, with its reason shown; after its day it does again."""
    path = tmp_path / "baseline.toml"
    path.write_text(f'[[accept]]\nid = "{FINDING.id}"\nreason = "CRM-1"\nexpires = 2026-01-15\n', "utf-8")
    report = Report("http://127.0.0.1", "run1")
    report.add(FINDING)

    assert accepted(path, 1_768_600_000.0) == {}
    assert expired(path, 1_768_600_000.0) == {FINDING.id: "CRM-1"}
    assert expired(path, 1_768_473_000.0) == {}
    report.accept(accepted(path, 1_768_473_000.0))

    assert (report.verdict.exit_code, report.findings[0].accepted) == (0, "CRM-1")


@pytest.mark.parametrize(
    "content",
    [
        "[[accept]]\nid = 'x'",
        "[[accept]]\nid = 'x'\nreason = 'y'\nexpires = 2026-12-31T00:00:00",
        "accept = [1]",
        "accept = 5",
        "not toml",
    ],
)
def test_baselines_are_checked(tmp_path: Path, content: str) -> None:
    """Every entry needs a reason and an end."""
    path = tmp_path / "baseline.toml"
    path.write_text(content, "utf-8")

    with pytest.raises(SettingsError, match="baseline"):
        accepted(path, 0.0)
