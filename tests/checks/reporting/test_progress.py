"""The progress of a run, as it is shown."""

import io
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.checks.reporting.progress import NARROWEST, Figures, Progress, shown
from mockserver.escaping import screen


class _Terminal(io.StringIO):
    """What somebody looks at."""

    def isatty(self) -> bool:
        return True


class _Run:
    """A run: time and figures are what a test says."""

    def __init__(self, planned: int = 100) -> None:
        self.now, self.figures = 0.0, Figures()
        self.progress = Progress(planned, lambda: self.now)
        self.progress.watch(lambda: self.figures)

    def go_on(self, seconds: float, requests: int = 0, findings: int = 0) -> None:
        self.now += seconds
        self.figures = Figures(self.figures.requests + requests, self.figures.findings + findings)


def _shown(act: Callable[[_Run], Any], out: io.StringIO, **options: Any) -> str:
    """What a console shows of a run."""
    run = _Run()
    with shown(run.progress, screen(file=out, soft_wrap=False, **{"_environ": {}} | options)):
        act(run)
    return out.getvalue()


def _whole(run: _Run) -> None:
    run.progress.tick("logging in")
    run.go_on(1, requests=3)
    run.progress.tick("life of a pet: deleted")
    run.go_on(64, requests=40, findings=1)
    run.progress.tick("fuzzing: coverage GET /pets")
    run.go_on(2, requests=7)


def test_each_stage_has_what_came_of_it() -> None:
    """Requests, findings and seconds, also of a stage that the run comes back to."""
    run = _Run()
    _whole(run)
    run.progress.tick("odd: NaN")
    run.go_on(5, requests=1, findings=2)

    rows = [(one.stage, one.requests, one.findings, one.seconds) for one in run.progress.rows]
    assert rows == [("start", 3, 0, 1.0), ("scenarios", 41, 3, 69.0), ("fuzzing", 7, 0, 2.0)]
    assert (run.progress.total.requests, run.progress.total.findings) == (51, 3)


@pytest.mark.parametrize("environment", [{}, {"FORCE_COLOR": "1"}])
def test_a_log_gets_a_line_for_each_stage_and_one_every_ten_seconds(environment: dict[str, str]) -> None:
    """However many things a run does in between; no drawing, even if a CI wants colours."""

    def act(run: _Run) -> None:
        run.progress.tick("logging in")
        for number in range(100):
            run.progress.tick(f"life of a pet: attempt {number}")
            run.go_on(0.25, requests=1)

    lines = _shown(act, io.StringIO(), _environ=environment).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["start", "scenarios", "scenarios", "scenarios"]
    assert lines[2] == "scenarios: [0:10] 40 of about 100 requests, no findings; life of a pet: attempt 40"


@pytest.mark.parametrize("width", [NARROWEST + 2, 60, 80, 200])
def test_a_terminal_gets_a_table_that_fits(width: int) -> None:
    """With room for what Ctrl-C adds, whatever an operation is called; nothing of it stays."""

    def act(run: _Run) -> None:
        _whole(run)
        run.progress.tick(f"fuzzing: coverage GET /{'pets/' * 50}")

    text = _shown(act, _Terminal(), width=width, height=24, color_system=None)
    last = text.rpartition("stage")[2].rpartition("\x1b[?25h")[0].splitlines()[1:]
    assert [line.split() for line in last[:3]] == [
        ["start", "3", "0", "0:01"],
        ["scenarios", "40", "1", "1:04"],
        ["fuzzing", "7", "0", "0:02"],
    ]
    assert "50 of ~100" in last[3]
    assert max(map(len, last)) <= min(width, 80) - 2


def test_a_narrow_terminal_gets_one_line() -> None:
    """A table could not be read there."""
    text = _shown(_whole, _Terminal(), width=30, height=24, color_system=None)

    assert "\r\x1b[2K[1:07] 50 of about 100 requ…\n" in text  # in the place of what was there
    assert "stage" not in text


def test_a_screen_that_is_quiet_shows_nothing() -> None:
    """With `--json`, that is: the run tells it all the same."""
    assert _shown(_whole, _Terminal(), quiet=True) == ""


def test_a_terminal_is_left_as_it_was() -> None:
    """An interrupt ends the drawing, and the cursor is there again."""
    out = _Terminal()
    console = screen(file=out, soft_wrap=False, width=80, height=24, _environ={})

    with pytest.raises(KeyboardInterrupt), shown(_Run().progress, console):
        raise KeyboardInterrupt

    assert out.getvalue().rindex("\x1b[?25h") > out.getvalue().rindex("\x1b[?25l")
