"""tools.audit: what is made of the answers of pip-audit, which are handed in."""

import json
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tools import audit

FINE = {"name": "click", "version": "8.5.1", "vulns": []}
FLAWED = {
    "name": "orjson",
    "version": "3.9.14",
    "vulns": [{"id": "PYSEC-2024-40", "aliases": ["CVE-2024-27454"], "fix_versions": ["3.9.15"], "description": "…"}],
}
UNKNOWN = {"name": "rich", "skip_reason": "Dependency not found on PyPI and could not be audited: rich (15.0.0)"}


def _audited(answer: str, *, readable: bool = True, error: str = "") -> int:
    """The exit code, where pip-audit answers so."""

    def ask(_lock: Path, *options: str) -> audit.Asked:
        if "--dry-run" in options:
            return CompletedProcess([], 0 if readable else 1, "", error)
        return CompletedProcess([], 1, answer, error)

    return audit.main(["constraints.txt"], ask)


def _answer(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_vulnerability_is_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    """A known vulnerability is told with package, version, names and what mends it, and ends with 1."""
    assert _audited(_answer(FINE, FLAWED)) == 1

    line = "orjson 3.9.14: PYSEC-2024-40 CVE-2024-27454, mended in 3.9.15"
    assert capsys.readouterr().out.splitlines()[0] == line


def test_finding_counts_beside_what_is_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    """A package of which the index tells nothing hides no finding of another."""
    assert _audited(_answer(UNKNOWN, FLAWED)) == 1

    assert "SKIPPED: 1 of 2 packages, as the index doesn't tell: rich\n" in capsys.readouterr().out


def test_no_finding_is_a_pass(capsys: pytest.CaptureFixture[str]) -> None:
    """Where the index knows of no vulnerability, that is said, with the number of packages; the end is 0."""
    assert _audited(_answer(FINE)) == 0

    assert capsys.readouterr().out == "audit: 1 packages audited, 0 known vulnerabilities\n"


def test_index_without_data_is_no_pass(capsys: pytest.CaptureFixture[str]) -> None:
    """An index that tells nothing about any package is skipped, visibly: pip-audit alone would call all of it clean."""
    assert _audited(_answer(UNKNOWN)) == 0

    assert capsys.readouterr().out.startswith("SKIPPED: nothing was audited, as this index tells nothing about")


def test_unreachable_index_is_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    """Where the data can't be reached, the reason is told in one line, and the end is 0."""
    assert _audited("", error="Traceback …\nConnectionError: Failed to resolve 'index.test'\n") == 0

    assert capsys.readouterr().out == (
        "SKIPPED: nothing was audited, as the data can't be reached: ConnectionError: Failed to resolve 'index.test'\n"
    )


def test_unreadable_lock_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """A lock that can't be read is neither a pass nor a finding: 2, and what to do."""
    assert _audited("", readable=False, error="ERROR: requirement foo>=1 does not contain a hash\n") == 2

    assert capsys.readouterr().out.endswith("does not contain a hash. `make lock` writes it anew.\n")
