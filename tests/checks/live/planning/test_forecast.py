"""The forecast of a run, held to what a run sends; and budgets, which bind."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockserver.checks.findings.report import Report
from mockserver.checks.live import run
from mockserver.checks.live.planning.forecast import LISTS, Cost, Limits, PlannedStage, forecast
from mockserver.checks.live.planning.options import Options
from mockserver.checks.transport.rate_limiting import MonotonicTime
from mockserver.checks.transport.session import Credentials
from mockserver.settings import Settings
from tests.checks.instance import Instance

ADMIN = Credentials("admin", "password")
BOTH = Credentials("admin", "password", None, "member", "password")
TOLERANCE = 0.1


@pytest.fixture(scope="module")
def instance(signing_key: str) -> Iterator[Instance]:
    """An instance that keeps the contract."""
    settings = Settings(stores=("DEFAULT", "OTHER"), signing_key=signing_key, seed=1, log_level="error")
    with Instance(settings=settings) as running:
        yield running


def _run(
    instance: Instance,
    folder: Path,
    credentials: Credentials = ADMIN,
    *,
    time: MonotonicTime | None = None,
    **options: Any,
) -> Report:
    chosen = Options(instance.url, credentials, report_dir=str(folder), seed=3, hostile=False)
    plan = run.plan(replace(chosen, **options))
    return run.beside(run.check(plan, time=time), run.expected(plan)).report


def _skipping() -> MonotonicTime:
    """A clock that stands still but for waits."""
    now = [0.0]

    def wait(seconds: float) -> None:
        now[0] += seconds

    return MonotonicTime(lambda: now[0], wait)


@pytest.mark.whole_runs
@pytest.mark.parametrize(
    ("credentials", "options"),
    [(ADMIN, {"max_examples": 1}), (ADMIN, {"max_examples": 20}), (BOTH, {"max_examples": 10, "other_store": "OTHER"})],
    ids=["least", "usual", "member"],
)
def test_the_forecast_is_close(
    instance: Instance, tmp_path: Path, credentials: Credentials, options: dict[str, Any]
) -> None:
    """What is sent is within a tenth of what was planned, the sweep included; the number of examples binds the cases of
    every phase, those of the coverage phase, too."""
    report = _run(instance, tmp_path, credentials, **options)

    assert report.requests == pytest.approx(report.planned["requests"], rel=TOLERANCE)
    assert report.not_judged == []
    operations = int(report.gate["operations"].partition("/")[2]) + 2  # those that nobody can log in with, too
    of_credentials, of_phases, along_links = 3, 3, 10 * max(1, options["max_examples"] // 10)
    assert report.cases <= operations * (max(options["max_examples"], of_phases) + of_credentials) + along_links


def test_a_forecast_tells_what_fits_into_the_time(instance: Instance, tmp_path: Path) -> None:
    """Where the time ends a run, requests and seconds are within a tenth of what was planned, too."""
    report = _run(instance, tmp_path, time=_skipping(), rate="10/s", latency=2.0, max_time=70.0)

    planned = report.planned
    assert report.requests == pytest.approx(planned["requests"], rel=TOLERANCE)
    assert report.seconds == pytest.approx(planned["seconds"], rel=TOLERANCE)
    assert "the budget of 70 seconds is spent" in str([*report.notes, *report.not_judged])


def test_a_forecast_knows_budgets() -> None:
    """Requests and seconds are never more than the budget, and what it cuts is told."""
    stages = [PlannedStage((Cost(requests=1000, alive=100),))]

    free = forecast(stages, Limits(0.05, rate=10.0))
    few = forecast(stages, Limits(0.05, rate=10.0, most_requests=300))
    short = forecast(stages, Limits(0.05, rate=10.0, most_seconds=30))

    assert (free.requests, round(free.seconds)) == (1304, 130)
    assert 290 <= few.requests <= 300
    assert 295 <= short.requests <= 300
    assert 29 < short.seconds <= 30
    assert (few.unlimited, short.unlimited) == (1304, 1304)


def test_what_no_budget_cuts_is_not_said_to_be_cut() -> None:
    """However parts of requests add up, a run without a budget sends what it would send without one."""
    stages = [PlannedStage(tuple(Cost(requests=1.4, alive=0.3) for _ in range(lanes))) for lanes in range(1, 9)]

    planned = forecast(stages, Limits(0.05))

    assert planned.requests == planned.unlimited


def test_logins_wait_for_their_turn() -> None:
    """Twenty a minute, in whichever lane; others go on beside, and a budget cuts a wait."""
    stages = [PlannedStage((Cost(25, 25), Cost(25, 25), Cost(100))), PlannedStage((Cost(1),))]

    counted = forecast(stages, Limits(0.0, 3, counts_logins=True))
    short = forecast(stages, Limits(0.0, 3, counts_logins=True, most_seconds=90))

    assert counted.seconds == pytest.approx(120, abs=1)
    assert forecast(stages, Limits(0.0, 3)).seconds < 1
    assert (short.requests, round(short.seconds)) == (144, 90)


@pytest.mark.parametrize(("at_once", "seconds"), [(1, 12.0), (2, 8.0), (4, 8.0)])
def test_lanes_go_side_by_side(at_once: int, seconds: float) -> None:
    """As many as are on the way at once, and no stage is shorter than its longest lane."""
    stages = [PlannedStage((Cost(80), Cost(20), Cost(20)), work=0.0)]

    planned = forecast(stages, Limits(0.1, at_once))

    assert planned.seconds == pytest.approx(seconds + LISTS * (0.1 / at_once + 0.001))


def test_a_budget_of_requests_binds(instance: Instance, tmp_path: Path) -> None:
    """No more is sent, the sweep included, and what was created is gone."""
    report = _run(instance, tmp_path, max_requests=480)  # some are left for connections that fail, and are asked again

    assert report.requests <= 480
    assert (report.residue, report.not_judged, report.verdict.exit_code) == ([], [], 0)
    assert "the budget of 480 requests is spent" in report.notes[-1]


def test_too_small_a_budget_is_no_verdict(instance: Instance, tmp_path: Path) -> None:
    """Promises that the run didn't come to are named first."""
    report = _run(instance, tmp_path, max_requests=100)

    assert report.requests <= 100
    assert report.verdict.exit_code == 2
    assert "promises were not tried" in report.not_judged[1]
