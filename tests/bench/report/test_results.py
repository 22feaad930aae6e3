"""bench.report.results: what runs leave in a folder, for the next one to go on with."""

from pathlib import Path

from bench.contestants.roster import own_constant
from bench.report.results import LOADS, TABLES, Results, Run
from bench.rows.rounds import Figures
from bench.shared.table import Table

OLD, NEW = Run("old", "2026-01-01", 7, 1.0), Run("new", "2026-01-02", 3, 1.0)


def _first_run(folder: Path) -> Results:
    results = Results(folder, OLD)
    results.set_up({"CPU": "one"}, [own_constant()], {"a peer": "npm not found"})
    results.add_table("FAN", Table("FAN", ["what"], [["mock"]], {"FAN": 1.5}))
    results.add_load("GET", {"mock": Figures(rates=[1.0])})
    return results


def test_a_later_run_keeps_what_it_does_not_measure(tmp_path: Path) -> None:
    """Rows of an earlier run stay, each with the run that it is from, in the order of the page."""
    _first_run(tmp_path)
    later = Results(tmp_path, NEW)
    later.add_load("POST", {"mock": Figures(rates=[2.0])})

    found = Results(tmp_path, NEW)
    assert list(found.loads) == ["GET", "POST"]
    assert found.loads["GET"]["mock"].rates == [1.0]
    assert found.tables["FAN"].figures == {"FAN": 1.5}
    assert found.runs == {"FAN": OLD, "GET": OLD, "POST": NEW}


def test_a_whole_run_forgets_the_one_before(tmp_path: Path) -> None:
    """After `forget` nothing is left of earlier rows, on the page and in the folder."""
    _first_run(tmp_path).forget()

    found = Results(tmp_path, NEW)
    assert (found.loads, found.tables, found.runs) == ({}, {}, {})


def test_a_row_that_fails_has_no_old_figures(tmp_path: Path) -> None:
    """What an earlier run found isn't shown in place of what couldn't be measured."""
    _first_run(tmp_path)
    later = Results(tmp_path, NEW)
    later.fail("FAN", "OSError: no")

    assert later.failed == {"FAN": "OSError: no"}
    assert list(Results(tmp_path, NEW).runs) == ["GET"]


def test_contestants_stay_with_their_figures(tmp_path: Path) -> None:
    """A run without some peers keeps what was said of those whose figures it keeps."""
    _first_run(tmp_path)
    later = Results(tmp_path, NEW)
    later.set_up({"CPU": "two"}, [], {})

    assert later.setting["machine"] == {"CPU": "two"}
    assert list(later.setting["contestants"]) == ["the own constant"]


def test_files_of_an_older_form_are_passed_over(tmp_path: Path) -> None:
    """What an earlier version of the benchmark left doesn't count."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "GET.json").write_text('{"loads": {}}')

    assert Results(tmp_path, NEW).loads == {}


def test_rows_have_one_name_each() -> None:
    """A row is one of load, or another one."""
    assert len({*LOADS, *TABLES}) == len(LOADS) + len(TABLES)
