"""A difference is judged by the contract at its own place, whatever else is wrong in the same answer."""

from typing import Any

import pytest

from mockserver.checks.drift.differences import Disagreement, Stance
from mockserver.checks.drift.patching import Patcher
from mockserver.checks.findings.drift_promises import DriftPromise
from tests.checks.drift.pairs import ONE, OTHER, PET, THIRD, Told, answer

TIME = "2026-01-15T10:30:00+00:00"
FOURTH = THIRD.replace("3b", "4b")


def reordered(told: Told, **more: Any) -> list[Disagreement]:
    """The differences of a list that live has in another order, with more in each of its entries."""
    told.made()
    told.made(THIRD, FOURTH)
    mock = [{**PET, "id": one, "bornAt": TIME} for one in (ONE, THIRD)]
    live = [{**PET, "id": one, "bornAt": TIME} | more for one in (FOURTH, OTHER)]
    return told.pair(
        "listPets", answer(200, {"items": mock}), answer(200, {"items": live}), query={"sort[name]": "asc"}
    )


def test_an_order_is_not_blamed_for_what_is_in_the_entries() -> None:
    """Times of another form leave the contract; the order of their list doesn't, and gets no patch of theirs."""
    told = Told()

    found = reordered(told, bornAt="15.01.2026")

    (order,) = [one for one in found if one.promise is DriftPromise.ORDER]
    assert {one.verdict for one in found if one.promise is DriftPromise.FORMS} == {Stance.LIVE}
    assert (order.verdict, order.departure) == (Stance.WITHIN, None)
    assert Patcher(told.surface, "openapi.yaml").of([order]) is None


@pytest.mark.parametrize(
    ("mock", "live", "verdict"),
    [
        ({"tags": ["a"]}, {"tags": {"a": "b"}}, Stance.LIVE),
        ({}, {"tags": ["a", 1]}, Stance.LIVE),
        ({"tags": ["a"]}, {"tags": ["a", 1]}, Stance.LIVE),
        ({"tags": ["a"]}, {"tags": ["a", "b"], "kind": "cow"}, Stance.WITHIN),
        ({"size": 1}, {"size": 2, "kind": "cow"}, Stance.WITHIN),
    ],
)
def test_rules_within_count_where_all_of_a_value_is_another(
    mock: dict[str, Any], live: dict[str, Any], verdict: Stance
) -> None:
    """Of a field or an entry that only live has, what is in it counts; what both have differs part by part."""
    first, *_ = Told().pair("readPet", answer(200, PET | mock), answer(200, PET | live))

    assert first.verdict is verdict
