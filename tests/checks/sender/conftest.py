"""What tests of the judge of senders share: a mock to send, and the evidence of a run on it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mockserver.checks.findings.report import Report
from mockserver.checks.findings.source_locations import SourceLocations
from mockserver.checks.live.planning.options import Options
from mockserver.checks.sender import run as judge
from mockserver.checks.sender.deliveries import CaughtEvidence
from mockserver.checks.sender.judgement import Judge, observations
from mockserver.checks.sender.options import SenderOptions
from mockserver.checks.sender.sequence_rules import Patience
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import Credentials
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface
from mockserver.settings import Settings
from tests.checks.instance import Instance

RESIDUE = ("member", "transaction")
Checked = Callable[..., Report]


@pytest.fixture(scope="package")
def sending(signing_key: str) -> Iterator[Instance]:
    """A mock that repeats after the shortest time that its contract means by a second."""
    settings = Settings(
        stores=("DEFAULT", "OTHER"), signing_key=signing_key, seed=1, log_level="error", retry_delay=0.6
    )
    with Instance(None, settings) as running:
        yield running


def options_for(mock: Instance, folder: Path, **given: Any) -> SenderOptions:
    """The options of a run that waits as short as it can."""
    names = ("events", "trigger_command", "catcher_url", "wait", "wait_repeats", "wait_quiet")
    own = {name: given.pop(name) for name in names if name in given}
    target = {"other_store": "OTHER", "allow_residue": RESIDUE, "report_dir": str(folder)} | given
    credentials = Credentials("admin", "password")
    waits: dict[str, Any] = {"wait": 5.0, "wait_repeats": 5.0, "wait_quiet": 0.2}
    return SenderOptions(Options(mock.url, credentials, **target), **(waits | own))


@pytest.fixture(scope="package")
def whole(sending: Instance, tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, CaughtEvidence]:
    """The report about a correct sender, and the evidence."""
    options = options_for(sending, tmp_path_factory.mktemp("report"))
    outcome = judge.check(judge.plan(options), options)
    return outcome.report, outcome.evidence


@pytest.fixture(scope="package")
def recorded(whole: tuple[Report, CaughtEvidence]) -> CaughtEvidence:
    """The evidence of a run on a correct sender."""
    return whole[1]


@pytest.fixture(scope="session")
def surface(contract: Contract) -> Surface:
    """The operations of our contract."""
    return Surface(contract, "openapi.yaml")


@pytest.fixture
def judged(surface: Surface) -> Callable[[CaughtEvidence], Report]:
    """The report about some evidence."""

    def conclude(evidence: CaughtEvidence, **patience: Any) -> Report:
        report = Report("http://127.0.0.1:8181", "00000000", judge.COMMAND)
        waits = Patience(**({"wait": 3.0, "repeats": 3.0, "promised": True} | patience))
        found = observations(evidence, surface.contract, waits)
        Judge(report, SourceLocations(surface), Secrets(Credentials())).conclude(found, ())
        return report

    return conclude
