"""What shows in which order a receiver took events; all else that it does with them is tried by wrong receivers."""

from pathlib import Path
from typing import Any

import pytest

from tests.receivers.judging import found, judged
from tests.receivers.right import RightReceiver
from tests.receivers.wrong_acts import LastArrivalWins


@pytest.mark.parametrize("given", [{}, {"state": None, "probe": "/members"}], ids=["own probe", "probe of effects"])
def test_order_is_judged_by_a_list_of_records(given: dict[str, Any], tmp_path: Path) -> None:
    """A probe that shows records tells whether the order of events decides: one of its own, beside a count of effects
    in the same run, or that of effects, where it is such a list."""
    right, wrong = (judged(make(), tmp_path, only=("any_order",), **given) for make in (RightReceiver, LastArrivalWins))

    assert [one.mark for one in right.scorecard if one.check == "any_order"] == ["passed"]
    assert found(wrong) == {"any_order"}


@pytest.mark.parametrize(
    ("given", "reason", "code"),
    [
        ({"state": None}, "an item for each record, and what is in it: --state, --state-command", 0),
        ({"state_command": "echo 3", "state": None}, "an item for each record", 2),
        ({"state_command": "echo three", "state": None}, "the probe of state must print", 2),
        ({"event": "CustomerUpdated"}, "CustomerUpdated has no firstName", 2),
    ],
    ids=["a count", "no list", "no probe", "no name"],
)
def test_order_is_not_judged_where_nothing_shows_it(
    given: dict[str, Any], reason: str, code: int, tmp_path: Path
) -> None:
    """With what shows it. That is exit code 2 only where a probe of the state was asked for."""
    report = judged(RightReceiver(), tmp_path, only=("any_order",), **given)

    (score,) = [one for one in report.scorecard if one.check == "any_order"]
    assert (score.mark, reason in score.reason, report.verdict.exit_code) == ("not-judged", True, code), score.reason


@pytest.mark.parametrize(
    ("given", "code"),
    [({"state_probe": "/ids"}, 2), ({"state": None, "probe": "/ids"}, 0)],
    ids=["own probe", "probe of effects"],
)
@pytest.mark.parametrize("make", [RightReceiver, LastArrivalWins])
def test_order_is_not_judged_by_ids(make: Any, given: dict[str, Any], code: int, tmp_path: Path) -> None:
    """A probe whose records don't show the name by which the two events differ shows nothing of a wrong receiver."""
    report = judged(make(), tmp_path, only=("any_order",), **given)

    (score,) = [one for one in report.scorecard if one.check == "any_order"]
    assert score.reason == "the probe shows nothing in which the two events differ (firstName)"
    assert report.verdict.exit_code == code
