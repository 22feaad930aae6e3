"""The forecast of a run, held to what a run sends; and budgets, which bind."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockserver.checks.findings.report import Report
from mockserver.checks.live import run
from mockserver.checks.live.planning.forecast import Cost, forecast
from mockserver.checks.live.planning.options import Options
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


def _run(instance: Instance, folder: Path, credentials: Credentials = ADMIN, **options: Any) -> Report:
    chosen = Options(instance.url, credentials, report_dir=str(folder), seed=3, hostile=False)
    plan = run.plan(replace(chosen, **options))
    return run.beside(run.check(plan), run.expected(plan)).report


@pytest.mark.parametrize(
    ("credentials", "options"),
    [(ADMIN, {"max_examples": 1}), (ADMIN, {"max_examples": 40}), (BOTH, {"max_examples": 15, "other_store": "OTHER"})],
    ids=["least", "usual", "member"],
)
def test_the_forecast_is_close(
    instance: Instance, tmp_path: Path, credentials: Credentials, options: dict[str, Any]
) -> None:
    """What is sent is within a tenth of what was planned, the sweep included."""
    report = _run(instance, tmp_path, credentials, **options)

    assert report.requests == pytest.approx(report.planned["requests"], rel=TOLERANCE)
    assert report.not_judged == []


def test_a_forecast_knows_budgets() -> None:
    """Requests and seconds are never more than the budget; logins wait for their turn."""
    limits: dict[str, Any] = {"rate": 10.0, "latency": 0.05, "counts_logins": True}
    cost = Cost(requests=1000, logins=50)

    free = forecast(cost, **limits, most_requests=None, most_seconds=None)
    few = forecast(cost, **limits, most_requests=300, most_seconds=None)
    short = forecast(cost, **limits, most_requests=None, most_seconds=30)

    assert free.requests == 1004
    assert free.seconds == pytest.approx(100.4)
    assert few.requests == 300
    assert (short.requests, short.seconds) == (300, 30)


def test_a_budget_of_requests_binds(instance: Instance, tmp_path: Path) -> None:
    """No more is sent, the sweep included, and what was created is gone."""
    report = _run(instance, tmp_path, max_requests=420)

    assert report.requests <= 420
    assert (report.residue, report.verdict.exit_code) == ([], 0)
    assert "the budget of 420 requests is spent" in report.notes[-1]


def test_too_small_a_budget_is_no_verdict(instance: Instance, tmp_path: Path) -> None:
    """Promises that the run didn't come to are named first."""
    report = _run(instance, tmp_path, max_requests=100)

    assert report.requests <= 100
    assert report.verdict.exit_code == 2
    assert "promises were not tried" in report.not_judged[1]


@pytest.mark.parametrize("examples", [1, 20])
def test_the_number_of_examples_binds(instance: Instance, tmp_path: Path, examples: int) -> None:
    """Cases of every phase count, those of the coverage phase, too."""
    report = _run(instance, tmp_path, max_examples=examples)

    operations = int(report.gate["operations"].partition("/")[2]) + 2  # those that nobody can log in with, too
    of_credentials, of_phases, along_links = 3, 3, 10 * max(1, examples // 10)
    assert report.cases <= operations * (max(examples, of_phases) + of_credentials) + along_links
