"""The archives that judges of ours write are recordings, too."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mockserver.checks.findings.report import Report
from mockserver.checks.live import run as live
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.recording.options import RecordingOptions
from mockserver.checks.recording.run import check_recording
from mockserver.checks.reporting.har import as_har
from mockserver.checks.transport.rate_limiting import MonotonicTime
from tests.checks.conftest import Skipping
from tests.checks.instance import Instance
from tests.mutants.faults import MUTANTS
from tests.mutants.in_process import Spoiled
from tests.mutants.proxy import Fault

Ran = Callable[..., tuple[Report, Report]]


@pytest.fixture
def ran(instance: Instance, spoiled: Spoiled, whole: Plan, tmp_path: Path) -> Iterator[Ran]:
    """A run of a scenario before a fault, and what is said of its archive."""

    def run(scenario: str, fault: Fault | None = None) -> tuple[Report, Report]:
        spoiled.fault = fault
        skipping = Skipping(instance.world.clock)
        options = replace(whole.options, report_dir=str(tmp_path), max_examples=20)
        planned = replace(whole, options=options, only=scenario)
        outcome = live.check(planned, time=MonotonicTime(skipping.now, skipping.wait))
        (tmp_path / "exchanges.har").write_text("".join(as_har(outcome)), "utf-8")
        return outcome.report, check_recording(RecordingOptions((tmp_path / "exchanges.har",))).report

    yield run
    spoiled.fault = None
    instance.world.clock.reset()
    instance.reset()


@pytest.mark.parametrize("scenario", ["is created and read", "fuzzing: coverage"])
def test_a_run_on_a_correct_mock_has_no_findings(scenario: str, ran: Ran) -> None:
    """Placeholders stand in it for secrets, and long answers are cut: neither is blamed on anybody."""
    tried, recorded = ran(scenario)
    assert (tried.findings, recorded.findings) == ([], [])
    assert recorded.cases > 20


def test_both_judges_give_a_finding_the_same_id(ran: Ran) -> None:
    """What is wrong with the form of an answer: a baseline counts for both."""
    fault = next(mutant for mutant in MUTANTS if mutant.name == "legacy is text").make()
    tried, recorded = ran("is created and read", fault)
    (found,) = recorded.findings
    assert found.check == "response_schema_conformance"
    assert {one.id: one.where for one in tried.findings}[found.id] == found.where
