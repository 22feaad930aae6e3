"""mockserver.world.faults.rules: what strikes, when, and how often."""

from typing import Any

import pytest

from mockserver.clock import Ids
from mockserver.errors import NotFound
from mockserver.http.messages import Request
from mockserver.webhooks.deliveries import DeliveryFault
from mockserver.world.faults import STALE, FaultRules

pytestmark = pytest.mark.anyio


@pytest.fixture
def faults() -> FaultRules:
    """No faults, with a seed."""
    return FaultRules(Ids(1))


async def _struck(faults: FaultRules, times: int, target: str | None = "op", path: str = "/") -> list[str | None]:
    """The ids of the faults that strike the next so many requests."""
    found = [await faults.for_request(target, Request("GET", path.encode(), {}, None)) for _ in range(times)]
    return [None if fault is None else fault.fault_id for fault in found]


async def test_a_fault_strikes_until_it_is_taken_back(faults: FaultRules) -> None:
    """Without `times` a fault strikes each time; a removed one is gone, and can't be removed twice."""
    fault = faults.add({"operationId": "op", "status": 503})
    assert await _struck(faults, 3) == [fault.fault_id] * 3

    faults.remove(fault.fault_id)

    assert await _struck(faults, 1) == [None]
    with pytest.raises(NotFound):
        faults.remove(fault.fault_id)


async def test_a_fault_is_gone_after_so_many_times(faults: FaultRules) -> None:
    """`times` counts the strikes, and the list shows how many there were."""
    fault = faults.add({"operationId": "op", "status": 503, "times": 2})

    assert await _struck(faults, 1) == [fault.fault_id]
    assert faults.listed()[0] | {"chances": 1, "applied": 1} == faults.listed()[0]
    assert await _struck(faults, 2) == [fault.fault_id, None]
    assert faults.listed() == []


async def test_the_oldest_strikes_first(faults: FaultRules) -> None:
    """Where two wait for the same, the second has its turn when the first is used up."""
    first, second = (faults.add({"operationId": "op", "status": status, "times": 1}) for status in (500, 503))

    assert await _struck(faults, 3) == [first.fault_id, second.fault_id, None]


async def test_others_are_left_alone(faults: FaultRules) -> None:
    """A fault strikes its operation only, and an event of the same name isn't an operation."""
    faults.add({"operationId": "op", "status": 503})
    faults.add({"eventName": "other", "effect": "duplicate"})

    assert await _struck(faults, 1, "other") == [None]


def test_nothing_waits_where_there_is_no_fault(faults: FaultRules) -> None:
    """What is asked at each request is empty again when the last fault is gone."""
    assert not faults.of_operations
    fault = faults.add({"operationId": "op", "status": 503})
    assert faults.of_operations

    faults.remove(fault.fault_id)

    assert not faults.of_operations


@pytest.mark.parametrize("probability", [0, 0.25, 0.5, 1])
async def test_probability_is_kept_on_average(faults: FaultRules, probability: float) -> None:
    """Of many chances a fault takes about as many as its probability says; none and all are exact."""
    faults.add({"operationId": "op", "status": 503, "probability": probability})

    strikes = sum(one is not None for one in await _struck(faults, 1000))

    assert abs(strikes - 1000 * probability) <= (0 if probability in (0, 1) else 60)


async def test_chance_repeats_itself() -> None:
    """With the same seed the same chances are taken; with another seed others."""
    drawn = []
    for seed in (1, 1, 2):
        faults = FaultRules(Ids(seed))
        faults.add({"operationId": "op", "status": 503, "probability": 0.5})
        drawn.append([one is not None for one in await _struck(faults, 50)])

    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]


async def test_faults_use_up_no_ids() -> None:
    """Whether a fault strikes doesn't change the ids that come next."""
    ids = Ids(1)
    faults = FaultRules(ids)
    faults.add({"operationId": "op", "status": 503, "probability": 0.5})
    drawn = ids.drawn

    await _struck(faults, 10)

    assert ids.drawn == drawn


async def test_restored_faults_go_on(faults: FaultRules) -> None:
    """A list of faults, restored, strikes as it would have."""
    faults.add({"operationId": "op", "status": 503, "probability": 0.5, "times": 20})
    await _struck(faults, 10)
    another = FaultRules(Ids(1))

    another.restore(faults.listed())

    assert another.listed() == faults.listed()
    assert await _struck(another, 40) == await _struck(faults, 40)


EFFECTS: dict[str, dict[str, Any]] = {
    "duplicate": {"duplicate": True},
    "reorder": {"reorder": True},
    "wrongSignature": {"wrong_signature": True},
    "staleTimestamp": {"timestamp_shift": STALE},
    "corruptBody": {"corrupt_body": True},
}


@pytest.mark.parametrize("effect", EFFECTS)
def test_deliveries_get_what_was_asked_for(faults: FaultRules, effect: str) -> None:
    """Each effect on deliveries is the one that they know, with the wanted delay."""
    faults.add({"eventName": "CustomerRegistered", "effect": effect, "delay": 60})

    fault = faults.for_delivery("CustomerRegistered", "DEFAULT", "s1")

    assert fault == DeliveryFault(delay=60.0, **EFFECTS[effect])
    assert faults.for_delivery("CustomerUpdated", "DEFAULT", "s1") is None


def test_clearing_takes_all_back(faults: FaultRules) -> None:
    """After `clear` nothing strikes."""
    faults.add({"operationId": "op", "status": 503})
    faults.add({"eventName": "e", "effect": "duplicate"})

    faults.clear()

    assert faults.listed() == []
    assert not faults.of_operations
    assert not faults.of_events
