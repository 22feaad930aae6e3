"""The plan of `make safety`: kills reach each part of a run, and what is kept isn't tried again."""

from dataclasses import asdict
from pathlib import Path

from tests.mutants.kept import Kept
from tests.mutants.safety import INTERRUPT, KILL, WHOLE, Attempt, Safety, ended_attempts, markdown
from tests.mutants.trials import Trial

OPTIONS = {"seeds": 1, "kills": 2, "interrupts": 0, "seed": 1, "jobs": 1, "examples": 1, "resume": True, "write": False}


def test_kills_reach_each_part_of_a_run() -> None:
    """Of fifty one is in each fiftieth, some before the server saw the request and some after."""
    attempts = ended_attempts(KILL, 50, 3000, 1)

    assert [(attempt.at - 1) // 60 for attempt in attempts] == list(range(50))
    assert {attempt.before for attempt in attempts} == {True, False}
    assert attempts == ended_attempts(KILL, 50, 3000, 1)
    assert attempts != ended_attempts(KILL, 50, 3000, 2)


def test_a_cut_run_goes_on(tmp_path: Path) -> None:
    """What is kept counts as if it had been tried: the moments of the kills depend on nothing else."""
    kept = Kept(tmp_path / "kept.json", "this code")
    kept.put(Attempt(WHOLE, 1).name, asdict(Trial(100, (), "exit 0")) | {"seconds": 9})
    for attempt in ended_attempts(KILL, 2, 100, 1):
        kept.put(attempt.name, asdict(Trial(40, ("gone: /x",), "exit -9", 7)) | {"seconds": 5})
    safety = Safety(kept, OPTIONS)

    safety.play()

    assert safety.harmful == 2
    assert "| kill | 2 | 2 | 0 | 40 to 40 | 7 | 10 |" in markdown(safety.results)


def test_a_trial_has_a_name_of_its_own() -> None:
    """It tells the moment, as a number alone would be another trial after a change of the plan."""
    assert Attempt(KILL, 3, 17, before=True).name == "kill 3, before request 17"
    assert Attempt(INTERRUPT, 1, 5).name == "Ctrl-C 1, after request 5"
