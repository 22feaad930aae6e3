"""What `make frontend-check` reads from Playwright's last lines, and how it tells of many runs."""

import json
import re
from pathlib import Path

import pytest

from tests.support.repository import ROOT
from tools.frontend_check.__main__ import Run, run_of, verdict

APP = ROOT / "examples" / "loyalty-app"
GUIDE = (ROOT / "docs" / "frontend-tests.md").read_text("utf-8")
BLOCKS = re.findall(r"^```ts\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
SOURCES = [path for folder in ("src", "receiver", "tests") for path in sorted((APP / folder).rglob("*.*"))]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("  39 passed (14.2s)\n", Run(39, 39, 14.2)),
        ("  1 failed\n    [own mock] > tests/a.spec.ts:3:1 > a title\n  38 passed (1.1m)\n", Run(39, 38, 66.0)),
        ("  3 did not run\n  2 passed (900ms)\n", Run(5, 2, 0.9)),
        ("Error: No tests found\n", Run(0, 0, 0.0)),
    ],
)
def test_last_lines_tell_how_a_run_went(said: str, expected: Run) -> None:
    """Passed tests, all tests and seconds are read from what Playwright prints, whatever else is in it."""
    outcome = run_of(said)

    assert outcome[:2] == expected[:2]
    assert outcome.seconds == pytest.approx(expected.seconds)


def test_many_runs_are_told_in_a_line() -> None:
    """The line says how many tests there are, in how many runs one failed, and how long the runs took."""
    runs = [Run(39, 39, 14.2), Run(39, 38, 15.0), Run(39, 39, 13.9)]

    assert verdict(runs) == "39 tests in a browser, 3 runs, 1 with failures, 13.9 to 15.0 s"


def test_nothing_that_ran_is_no_success() -> None:
    """A run without tests counts as one with failures."""
    assert "1 with failures" in verdict([Run(0, 0, 0.0)])


def test_versions_are_pinned() -> None:
    """The app names exact versions, and its lock names no place to fetch them from but this repository."""
    package, lock = (json.loads((APP / name).read_text("utf-8")) for name in ("package.json", "package-lock.json"))
    places = {entry["resolved"] for entry in lock["packages"].values() if "resolved" in entry}

    assert [name for name, version in package["devDependencies"].items() if version[0] in "^~*><"] == []
    assert places == {"file:../../js"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(APP).as_posix())
def test_sources_are_small(path: Path) -> None:
    """No file of the app or its tests has more than 400 lines, or lines that are too long to read."""
    lines = path.read_text("utf-8").splitlines()

    assert len(lines) <= 400
    assert [line for line in lines if len(line) > 120] == []


def test_suite_never_sleeps() -> None:
    """The app's tests wait for what they expect, never for time to pass."""
    tests = [path for path in SOURCES if "tests" in path.relative_to(APP).parts]

    assert tests
    assert [path.name for path in tests if "waitForTimeout" in path.read_text("utf-8")] == []


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.partition("\n")[0].removeprefix("// "))
def test_code_of_the_guide_is_the_code_that_runs(block: str) -> None:
    """Each line of a block of the guide stands in the file that its first line names, in the same order."""
    head, _, shown = block.partition("\n")
    remaining = iter(_lines((APP / head.removeprefix("// ")).read_text("utf-8")))

    assert [line for line in _lines(shown) if line not in remaining] == []


def _lines(code: str) -> list[str]:
    return [line.strip() for line in code.splitlines() if line.strip()]
