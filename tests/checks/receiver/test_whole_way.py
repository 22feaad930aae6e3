"""What a mock has sent is judged by the answers that it got."""

from pathlib import Path
from typing import NamedTuple

import pytest

from mockserver.checks.findings.report import Report
from mockserver.errors import RemoteError
from tests.receivers.judging import found, judged
from tests.receivers.right import RightReceiver
from tests.receivers.wrong_readings import ExpectsObjects

NAME = "whole_way"


class _Receipt(NamedTuple):
    delivery_id: str
    status: int
    text: str = "so it says"


class _Mock:
    """A mock whose deliveries are all answered with one status; None if it has ended."""

    url = "http://127.0.0.1:1"

    def __init__(self, status: int | None) -> None:
        self._status = status

    def deliver(self, event: str, effect: str | None = None) -> _Receipt:
        """As it is told."""
        if self._status is None:
            raise RemoteError("The mock has ended.")
        return _Receipt(f"{event}-{effect or 'good'}", self._status)


class _FaultyMock(_Mock):
    """A mock whose deliveries are accepted, but for those that it spoils."""

    def __init__(self) -> None:
        super().__init__(204)

    def deliver(self, event: str, effect: str | None = None) -> _Receipt:
        """As a right receiver has it."""
        return super().deliver(event)._replace(status=401 if effect else 204)


def _report(folder: Path, status: int | None) -> Report:
    return judged(RightReceiver(), folder, mock=_Mock(status), only=(NAME,))


@pytest.mark.parametrize("promise", [NAME])
def test_spoilt_deliveries_that_are_taken_are_found(promise: str, tmp_path: Path) -> None:
    """A receiver that takes whatever the mock sends is found, with the line that shows the delivery."""
    report = _report(tmp_path, 204)

    shown = "mockserver deliveries CustomerRegistered-corruptBody --server http://127.0.0.1:1"
    assert found(report) == {promise}
    assert shown in {one.curl for one in report.findings}


def test_deliveries_that_are_refused_are_found(tmp_path: Path) -> None:
    """So is one that refuses what the mock sends: a finding for each event."""
    report = _report(tmp_path, 401)

    assert found(report) == {NAME}
    assert len(report.findings) >= 29


def test_events_that_are_refused_anyhow_leave_it_not_judged(tmp_path: Path) -> None:
    """They aren't delivered once more, so what is passed is a part of it; by itself it would fail."""
    names = ("every_event", NAME)
    good = judged(RightReceiver(), tmp_path, mock=_FaultyMock(), only=names, effects=None)
    report = judged(ExpectsObjects(), tmp_path, mock=_FaultyMock(), only=names, effects=None)

    marks = [{one.check: one.mark.value for one in each.scorecard}[NAME] for each in (good, report)]
    assert marks == ["passed", "not-judged"]
    assert report.left_out == [f"{NAME}: not tried with AchievementsWereProcessed: see every_event"]


def test_mock_that_has_ended_is_no_fault_of_the_receiver(tmp_path: Path) -> None:
    """What can't be judged is said, and was asked for: exit code 2."""
    report = _report(tmp_path, None)

    assert report.not_judged == ["whole_way: The mock has ended."]
    assert report.verdict.exit_code == 2
