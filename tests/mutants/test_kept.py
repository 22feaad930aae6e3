"""What is kept of long measurements: each result at once, and none of another code."""

from pathlib import Path

from tests.mutants.kept import Kept, code_digest


def test_results_outlive_a_run(tmp_path: Path) -> None:
    """Each is in the file as soon as it is there, whatever becomes of the run."""
    Kept(tmp_path / "new" / "kept.json", "code 1").put("kill 1", {"left": 3})

    assert Kept(tmp_path / "new" / "kept.json", "code 1")["kill 1"]["left"] == 3


def test_results_of_other_code_do_not_count(tmp_path: Path) -> None:
    """They stay in the file until there is a new one."""
    path = tmp_path / "kept.json"
    Kept(path, "code 1").put("kill 1", {"left": 3})
    newer = Kept(path, "code 2")
    before = newer["kill 1"]
    newer.put("kill 2", {"left": 0})

    assert before == {}
    assert Kept(path, "code 1")["kill 1"]["left"] == 3


def test_code_has_a_name() -> None:
    """The same as long as nothing changes."""
    assert code_digest() == code_digest()
    assert len(code_digest()) == 12
