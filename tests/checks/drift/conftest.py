"""What tests of `check drift` share: a mock, a live instance that can be spoiled, and runs on parts of the contract."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import reduce
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mockserver.checks.drift import run as judge
from mockserver.checks.drift.options import DriftOptions, usual_credentials
from mockserver.checks.live.planning.options import Options
from mockserver.settings import Settings
from tests.checks.instance import STORES, Instance
from tests.mutants.drift import OWN
from tests.mutants.faults import MUTANTS
from tests.mutants.in_process import Spoiled
from tests.mutants.proxy import Fault

Compared = Callable[..., judge.DriftOutcome]
KNOWN = {mutant.name: mutant.make for mutant in MUTANTS}
FAULTS = (
    OWN["a tier is shown"],
    *(KNOWN[name]() for name in ("created is 201", "sorting is reversed")),
)
LIFE = ("_webhookSubscriptionPost", "webhookSubscriptionGet", "webhookSubscriptionGetList", "webhookSubscriptionDelete")
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
    with comparing(beside, live, spoiled_live, tmp_path) as run:
        yield run


@pytest.fixture(scope="package")
def with_faults(
    beside: Instance, live: Instance, spoiled_live: Spoiled, tmp_path_factory: pytest.TempPathFactory
) -> judge.DriftOutcome:
    """What a run on the life of a record finds with several faults before live, which all tests on them share."""
    with comparing(beside, live, spoiled_live, tmp_path_factory.mktemp("faults")) as run:
        return run(_all_of(FAULTS), operation=LIFE)


def _all_of(faults: Iterable[Fault]) -> Fault:
    """One fault that does what several do, each to what the one before has left."""

    def around(inner: Fault, outer: Fault) -> Fault:
        return lambda request, send: outer(request, lambda asked: inner(asked, send))

    return reduce(around, faults)


@contextmanager
def comparing(beside: Instance, live: Instance, spoiled_live: Spoiled, folder: Path) -> Iterator[Compared]:
    """What compares both; afterwards they are as before."""

    def run(fault: Fault | None = None, **options: Any) -> judge.DriftOutcome:
        spoiled_live.fault = fault
        given: dict[str, Any] = {"seed": 1, "max_examples": 2, "report_dir": str(folder)} | options
        chosen = Options(live.url, usual_credentials(), **given)
        both = DriftOptions.of(chosen, beside.url, usual_credentials())
        return judge.check(judge.plan(both), both)

    try:
        yield run
    finally:
        spoiled_live.fault = None
        for one in (beside, live):
            httpx2.post(f"{one.url}/_mock/reset").raise_for_status()
