"""A plan tells what a run on a mock sends, and how long it takes with its waits."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from mockserver.checks.live.planning.options import Options
from mockserver.checks.sender import run as judge
from mockserver.checks.sender.forecast import COMMAND_SECONDS, REPEAT, forecast
from mockserver.checks.sender.options import QUIET, QUIET_HERE, SenderOptions
from mockserver.checks.transport.session import Credentials
from mockserver.settings import Settings
from tests.checks.instance import Instance
from tests.checks.sender.conftest import options_for

BUSY = 3.0  # seconds
BY_COMMAND = {
    "trigger_command": "trigger",
    "allow_residue": (),
    "events": ("CustomerUpdated", "AvailablePointsAmountChanged"),
}
CASES: dict[str, dict[str, Any]] = {
    "all that the API causes": {},
    "one event, one store": {"allow_residue": ("member",), "other_store": None, "events": ("CustomerRegistered",)},
    "an event of two records": {"events": ("TransactionAssignedToCustomer",)},
    "by a command": BY_COMMAND,
    "nothing": {"allow_residue": ()},
}


@pytest.mark.whole_runs
@pytest.mark.parametrize("given", CASES.values(), ids=CASES)
def test_a_plan_counts_the_requests_of_a_run(given: dict[str, Any], sending: Instance, tmp_path: Path) -> None:
    """All of them, those of the sweep, too."""

    def trigger(words: Sequence[str]) -> str:
        sending.trigger(words[-1])
        return ""

    options = options_for(sending, tmp_path, **given)
    planned = judge.plan(options)

    report = judge.check(planned, options, command=trigger).report

    assert forecast(planned, options).requests == report.requests


@pytest.mark.whole_runs
def test_a_plan_tells_how_long_a_run_takes(signing_key: str, tmp_path: Path) -> None:
    """On a mock that repeats after a second, as it does unless it is told otherwise: within a tenth, but for what a
    machine that is busy with something else adds."""
    settings = Settings(stores=("DEFAULT", "OTHER"), signing_key=signing_key, seed=1, log_level="error")
    with Instance(None, settings) as mock:
        options = options_for(mock, tmp_path, wait_quiet=None)
        planned = judge.plan(options)
        report = judge.check(planned, options).report

    expected = forecast(planned, options).seconds
    assert 0.9 * expected <= report.seconds <= 1.1 * expected + BUSY


def test_waits_and_commands_take_their_time() -> None:
    """A command for each event that the API doesn't cause; elsewhere a rate, and a longer silence."""
    here, there = (
        SenderOptions(Options(url, Credentials(api_key="key")), trigger_command="trigger", events=("CustomerUpdated",))
        for url in ("http://127.0.0.1:1", "https://ol.staging.example.com")
    )
    near, far = (forecast(judge.plan(one), one) for one in (here, there))

    assert (near.commands, near.requests) == (3, far.requests)
    waits = 3 * REPEAT + 3 * COMMAND_SECONDS
    assert near.seconds == pytest.approx(waits + QUIET_HERE, abs=0.5)
    assert far.seconds == pytest.approx(waits + QUIET + far.requests / 10)
