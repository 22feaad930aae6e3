"""What tests of `check drift` share: a mock, a live instance that can be spoiled, and runs on parts of the contract."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mockserver.checks.drift import run as judge
from mockserver.checks.drift.options import DriftOptions, usual_credentials
from mockserver.checks.live.planning.options import Options
from mockserver.settings import Settings
from tests.checks.instance import STORES, Instance
from tests.mutants.in_process import Spoiled
from tests.mutants.proxy import Fault

Compared = Callable[..., judge.DriftOutcome]
USUAL: dict[str, Any] = {"stores": STORES, "log_level": "error"}


@pytest.fixture(scope="package")
def beside(signing_key: str) -> Iterator[Instance]:
    """The mock."""
    with Instance(None, Settings(**USUAL, seed=1, signing_key=signing_key)) as mock:
        yield mock


@pytest.fixture(scope="package")
def spoiled_live() -> Spoiled:
    """What stands before the live instance."""
    return Spoiled()


@pytest.fixture(scope="package")
def live(spoiled_live: Spoiled, signing_key: str) -> Iterator[Instance]:
    """The live instance."""
    with Instance(spoiled_live.front, Settings(**USUAL, seed=2, signing_key=signing_key)) as running:
        yield running


@pytest.fixture
def compared(beside: Instance, live: Instance, spoiled_live: Spoiled, tmp_path: Path) -> Iterator[Compared]:
    """A run that compares both, with a fault before live."""

    def run(fault: Fault | None = None, **options: Any) -> judge.DriftOutcome:
        spoiled_live.fault = fault
        given: dict[str, Any] = {"seed": 1, "max_examples": 2, "report_dir": str(tmp_path)} | options
        chosen = Options(live.url, usual_credentials(), **given)
        both = DriftOptions.of(chosen, beside.url, usual_credentials())
        return judge.check(judge.plan(both), both)

    yield run
    spoiled_live.fault = None
    for one in (beside, live):
        httpx2.post(f"{one.url}/_mock/reset").raise_for_status()
