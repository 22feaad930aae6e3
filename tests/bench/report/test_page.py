"""bench.report.page: the page says which run its rows are from, and what was reached."""

from pathlib import Path

from bench.contestants.roster import FLOOR, OURS, own_constant
from bench.report.page import render
from bench.report.results import Results, Run
from bench.rows.rounds import Figures
from bench.shared.table import Table
from bench.shared.work import Credentials, rows

FIRST, SECOND = Run("aaa", "2026-01-01", 7, 1.0), Run("bbb", "2026-01-02", 1, 1.0, 100)
ROWS = rows(Credentials("a.b.c", ""))


def _measured(folder: Path, run: Run) -> Results:
    results = Results(folder, run)
    results.set_up({"CPU": "one"}, [own_constant()], {"a peer": "npm not found"})
    return results


def test_page_of_one_run(tmp_path: Path) -> None:
    """The page names its run, and has each target with its figure, its witness and its verdict."""
    results = _measured(tmp_path, FIRST)
    figures = {OURS: Figures([300.0], [10.0]), FLOOR: Figures([90.0], [40.0])}
    results.add_load("GET", figures)

    text = render(results, ROWS).read_text("utf-8")
    assert "From one run of `make bench`: commit aaa, 2026-01-01, 7 interleaved rounds of 1 s." in text
    assert "| GET over that of raw Starlette | ≥ 3 | 3.33 | 4.00 | reached |" in text
    assert "| mock | 300 | 300-300 | 3.33 | 10.0 |" in text
    assert "| the own constant |" in text
    assert "- a peer: npm not found" in text


def test_page_of_several_runs(tmp_path: Path) -> None:
    """Rows of another run are told, with what makes a trial of it; what failed has its reason."""
    _measured(tmp_path, FIRST).add_load("GET", {OURS: Figures([300.0], [10.0])})
    results = _measured(tmp_path, SECOND)
    results.add_table("FAN", Table("FAN", ["what"], [["a|b"]]))
    results.fail("FUZZ", "OSError: no")

    text = render(results, ROWS).read_text("utf-8")
    assert "- GET: commit aaa, 2026-01-01, 7 interleaved rounds of 1 s" in text
    assert "- FAN: commit bbb, 2026-01-02, 1 interleaved round of 1 s, numbers divided by 100: a trial" in text
    assert "- FUZZ: OSError: no" in text
    assert "| a/b |" in text


def test_pictures_are_beside_the_page(tmp_path: Path) -> None:
    """Each picture that the page shows is there."""
    results = _measured(tmp_path, FIRST)
    results.add_load("GET", {OURS: Figures([300.0], [10.0]), FLOOR: Figures([90.0], [40.0])})

    text = render(results, ROWS).read_text("utf-8")
    for name in ("side-by-side.svg", "targets.svg"):
        assert f"]({name})" in text
        assert (tmp_path / name).read_text("utf-8").startswith("<svg ")
