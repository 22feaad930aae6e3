"""Every promise of `check receiver` is seen broken, each by a receiver that is wrong in one way.

So these are the tests of the checks: accepting, refusing, acting, and of the trial that they have in common. A run here
is of the checks of one receiver's promises; `make receivers` has whole runs.
"""

from pathlib import Path

import pytest

from mockserver.checks.findings.receiver_promises import ReceiverPromise
from mockserver.checks.findings.report import Report
from mockserver.checks.receiver.catalogue import CHECKS, OF_EACH_REPLY
from tests.receivers.judging import ALL, found, of
from tests.receivers.registry import WrongReceiver

FIRST = {one.promises[0].value: one for one in reversed(ALL)}
OTHERS = {one.name: one for one in ALL if FIRST[one.promises[0].value] is not one}
BY_MOCK = {ReceiverPromise.WHOLE_WAY.value}  # test_whole_way


def _is_found(wrong: WrongReceiver, folder: Path) -> Report:
    report = of(wrong, folder, whole=False)

    assert wrong.promises[0] in found(report)
    assert found(report) <= set(wrong.promises)
    assert report.defects == {}
    return report


@pytest.mark.parametrize("promise", FIRST)
def test_broken_promises_are_found(promise: str, tmp_path: Path) -> None:
    """A receiver that breaks a promise is found, with all that a reader needs, and nothing else is blamed on it."""
    report = _is_found(FIRST[promise], tmp_path)

    (finding, *_) = [one for one in report.findings if one.check == promise]
    (score,) = [one for one in report.scorecard if one.check == promise]
    assert finding.where.startswith("openapi.yaml:")
    assert finding.curl.startswith("curl -sgi ")
    assert finding.again.endswith(f" --only {promise}")
    assert all((finding.message, finding.expected, finding.got, finding.hint))
    assert (score.mark, score.right) == ("failed", finding.hint)
    assert report.verdict.exit_code == 1


@pytest.mark.parametrize("name", OTHERS)
def test_other_ways_to_break_them_are_found(name: str, tmp_path: Path) -> None:
    """So are other ways to break the same promises."""
    _is_found(OTHERS[name], tmp_path)


def test_every_promise_is_broken_by_somebody() -> None:
    """There is a wrong receiver for each promise, and each has a name of its own that says what is wrong."""
    assert {*FIRST} | BY_MOCK == {promise.value for promise in ReceiverPromise}
    assert len({one.name for one in ALL}) == len(ALL) >= 30
    assert [one.name for one in ALL if not one.breaks.endswith(".")] == []


def test_every_promise_is_judged_once() -> None:
    """The checks name each promise, and none twice."""
    judged_ones = [*OF_EACH_REPLY, *(promise for check in CHECKS for promise in check.promises)]

    assert sorted(judged_ones) == sorted(ReceiverPromise)
