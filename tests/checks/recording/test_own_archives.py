"""The archives that judges of ours write are recordings, too."""

from dataclasses import replace
from pathlib import Path

import pytest

from mockserver.checks.live import run as live
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.recording.options import RecordingOptions
from mockserver.checks.recording.run import check_recording
from mockserver.checks.reporting.har import as_har
from mockserver.checks.transport.rate_limiting import MonotonicTime
from tests.checks.conftest import Skipping
from tests.checks.instance import Instance


@pytest.mark.parametrize("scenario", ["is created and read", "fuzzing: coverage"])
def test_a_run_on_a_correct_mock_has_no_findings(
    scenario: str, instance: Instance, whole: Plan, tmp_path: Path
) -> None:
    """Placeholders stand in it for secrets, and long answers are cut: neither is blamed on anybody."""
    skipping = Skipping(instance.world.clock)
    options = replace(whole.options, report_dir=str(tmp_path), max_examples=20)
    planned = replace(whole, options=options, only=scenario)
    outcome = live.check(planned, time=MonotonicTime(skipping.now, skipping.wait))
    (tmp_path / "exchanges.har").write_text("".join(as_har(outcome)), "utf-8")
    report = check_recording(RecordingOptions((tmp_path / "exchanges.har",))).report
    assert (outcome.report.findings, report.findings) == ([], [])
    assert report.cases > 20
