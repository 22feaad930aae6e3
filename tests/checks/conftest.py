"""What tests of the judge share: an instance, what stands before it, and runs of a part of all scenarios."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mockserver.checks.findings.report import Report
from mockserver.checks.live import run as live
from mockserver.checks.live.planning.options import Options
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.transport.rate_limiting import MonotonicTime
from mockserver.checks.transport.session import Credentials
from mockserver.clock import Clock
from mockserver.settings import Settings
from mockserver.world.keys import SigningKey
from tests.checks.instance import Instance
from tests.conftest import NOW
from tests.mutants.exchange import ADMIN, API_KEY, MEMBER
from tests.mutants.in_process import Spoiled
from tests.mutants.proxy import Fault

Judged = Callable[..., Report]
DAY = 86_400  # seconds
FEW = 20  # cases of an operation
MANY = 300  # cases of an operation: all that the coverage phase has


class Skipping:
    """Time for a run that never waits: its own clock and that of the instance go on at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._skipped = clock, 0.0

    def now(self) -> float:
        """Seconds on a clock of the run."""
        return time.monotonic() + self._skipped  # noqa: TID251 (the time of a run is real but for its waits)

    def wait(self, seconds: float) -> None:
        """Let so much time pass at once."""
        self._skipped += seconds
        self._clock.advance(seconds)


@pytest.fixture(scope="module")
def spoiled() -> Spoiled:
    """What stands before the instance."""
    return Spoiled()


@pytest.fixture(scope="module")
def instance(spoiled: Spoiled, signing_key: str) -> Iterator[Instance]:
    """One instance for all: starting one takes a while."""
    settings = Settings(stores=("DEFAULT", "OTHER"), signing_key=signing_key, seed=1, log_level="error")
    with Instance(spoiled.front, settings) as running:
        yield running


@pytest.fixture(scope="module")
def credentials(signing_key: str) -> Credentials:
    """Those of the mock, with a token that was good once."""
    ended = {"iat": int(NOW) - DAY, "exp": int(NOW), "roles": ["ROLE_ADMIN"], "username": ADMIN["username"]}
    token = SigningKey(signing_key).sign(ended | {"id": "00000000-0000-4000-8000-000000000000", "lastLoginAt": None})
    return Credentials(
        ADMIN["username"], ADMIN["password"], API_KEY, MEMBER["username"], MEMBER["password"], expired_token=token
    )


@pytest.fixture(scope="module")
def whole(instance: Instance, credentials: Credentials) -> Plan:
    """A run of everything, without a folder for its reports yet."""
    return live.plan(
        Options(
            instance.url,
            credentials,
            other_store="OTHER",
            allow_residue=("member", "transaction"),
            allow_revoke=True,
            seed=1,
        )
    )


@pytest.fixture
def judged(instance: Instance, spoiled: Spoiled, whole: Plan, tmp_path: Path) -> Iterator[Judged]:
    """A run of a part of that, before a fault, which waits for nothing."""

    def run(fault: Fault, scenario: str, expired: str | None = None, **options: Any) -> Report:
        credentials = whole.options.credentials
        if expired is not None:
            options["credentials"] = replace(credentials, expired_token=expired)
        cases = MANY if scenario == "fuzzing: coverage" else FEW
        chosen = replace(whole.options, report_dir=str(tmp_path), max_examples=cases, **options)
        planned = live.plan(chosen) if chosen.spec else replace(whole, options=chosen)
        spoiled.fault = fault
        skipping = Skipping(instance.world.clock)
        return live.check(replace(planned, only=scenario), time=MonotonicTime(skipping.now, skipping.wait)).report

    yield run
    spoiled.fault = None
    instance.world.clock.reset()
    httpx2.post(f"{instance.url}/_mock/reset").raise_for_status()
