"""Scores: a cut run goes on where it was, on time, and its page tells how far it came."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from tests.mutants.faults import MUTANTS
from tests.mutants.judges import Finding, Ruling
from tests.mutants.kept import Kept
from tests.mutants.page import markdown
from tests.mutants.score import CORRECT, OURS, Contest, Score

FIRST, SECOND, THIRD = list(MUTANTS)[:3]
PLACE = min(FIRST.places)


def _score(tmp_path: Path) -> Score:
    return Score(Kept(tmp_path / "kept.json", "this code"))


def _ruling(findings: Iterable[Finding], exit_code: int = 1) -> Ruling:
    return Ruling(exit_code, frozenset(findings), 1.5, 20, told=len(list(findings)))


def test_what_the_correct_server_has_is_no_finding(tmp_path: Path) -> None:
    """Neither as a verdict, nor in the number of findings."""
    score, usual, other = _score(tmp_path), (PLACE, "usual"), (PLACE, "other")
    score.add(CORRECT, OURS, _ruling([usual]))

    missed = score.add(FIRST.name, OURS, _ruling([usual]), FIRST.places)
    found = score.add(SECOND.name, OURS, _ruling([usual, other]), FIRST.places)

    assert (missed["result"], missed["told"]) == ("missed", 0)
    assert (found["result"], found["told"]) == ("found", 1)


def test_a_judge_that_was_ended_is_asked_again(tmp_path: Path) -> None:
    """Only one that ended by itself has said something, so a run that goes on leaves it out."""
    score = _score(tmp_path)
    for exit_code in (0, 1, 2, 130, -9):
        score.add(str(exit_code), OURS, _ruling([], exit_code))

    assert [score.has(name, OURS) for name in ("0", "1", "2", "130", "-9")] == [True, True, True, False, False]
    assert not score.has(FIRST.name, OURS)


def test_nothing_begins_when_the_time_is_over(tmp_path: Path) -> None:
    """So a run of some minutes ends after them, and a judge more."""
    said: list[str] = []
    contest = Contest(_score(tmp_path), 1, 1, end=10, now=lambda: 10, tell=said.append)

    asyncio.run(contest.run([(FIRST, OURS)]))

    assert said == []


def test_a_page_of_a_part(tmp_path: Path) -> None:
    """It says what was tried, what was missed, and where one cause makes several findings."""
    score = _score(tmp_path)
    score.add(FIRST.name, OURS, _ruling([(PLACE, "one"), (PLACE, "two")]), FIRST.places)
    score.add(SECOND.name, OURS, _ruling([], 0), SECOND.places)

    page = markdown(score, list(MUTANTS), [OURS, "st run"], 20)

    assert f"| `{OURS}` | 2 | 1 | 0 | 1 | 0 | 0 | 2 in the median, 2 at most | 3 |" in page
    assert f"- {SECOND.name}: {SECOND.breaks}" in page
    assert f"- {FIRST.name}: `one` at {PLACE}, `two` at {PLACE}" in page
    assert f"| {THIRD.name} " not in page
    assert "st run" not in page
