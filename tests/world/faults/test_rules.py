"""mockserver.world.faults.rules: what strikes, when, and how often."""

from typing import Any

import pytest

from mockserver.clock import Ids
from mockserver.errors import NotFound, StorageAway
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
async def test_deliveries_get_what_was_asked_for(faults: FaultRules, effect: str) -> None:
    """Each effect on deliveries is the one that they know, with the wanted delay."""
    faults.add({"eventName": "CustomerRegistered", "effect": effect, "delay": 60})

    fault = await faults.for_delivery("CustomerRegistered", "DEFAULT", "s1")

    assert fault == DeliveryFault(delay=60.0, **EFFECTS[effect])
    assert await faults.for_delivery("CustomerUpdated", "DEFAULT", "s1") is None


def test_clearing_takes_all_back(faults: FaultRules) -> None:
    """After `clear` nothing strikes."""
    faults.add({"operationId": "op", "status": 503})
    faults.add({"eventName": "e", "effect": "duplicate"})

    faults.clear()

    assert faults.listed() == []
    assert not faults.of_operations
    assert not faults.of_events


# ---------------------------------------------------------------- with match and answer
def _rule(faults: FaultRules, match: dict[str, Any], **more: Any) -> str:
    """Add a fault with these conditions; returns its id."""
    return faults.add({"match": match, "answer": {"status": 503}, **more}).fault_id


async def test_an_empty_match_is_every_operation(faults: FaultRules) -> None:
    """A fault without conditions strikes each operation, and no request that none answers."""
    fault_id = _rule(faults, {})

    assert await _struck(faults, 1, "op") == await _struck(faults, 1, "other") == [fault_id]
    assert await _struck(faults, 1, None) == [None]


async def test_only_a_path_reaches_what_no_operation_has(faults: FaultRules) -> None:
    """Unknown paths are struck by faults that want the path, and nothing of an operation."""
    _rule(faults, {"operationId": "op", "path": "/nowhere"})
    _rule(faults, {"storeCode": "DEFAULT", "path": "/nowhere"})
    fault_id = _rule(faults, {"path": "/nowhere"})

    assert await _struck(faults, 1, None, "/nowhere") == [fault_id]
    assert await _struck(faults, 1, None, "/elsewhere") == [None]


async def test_the_oldest_strikes_first_whatever_it_names(faults: FaultRules) -> None:
    """Faults of one operation and of any are in one order, that in which they were added."""
    added = [_rule(faults, match, times=1) for match in ({}, {"operationId": "op"}, {}, {"operationId": "op"})]

    assert await _struck(faults, 5) == [*added, None]


@pytest.mark.parametrize(
    ("calls", "struck"),
    [([1, 1], "x----"), ([2, 3], "-xx--"), ([4, None], "---xx")],
)
async def test_only_some_calls(faults: FaultRules, calls: list[int | None], struck: str) -> None:
    """`calls` is the first and the last call to strike, counted among those that fit."""
    _rule(faults, {"operationId": "op", "path": "/here", "calls": calls})

    found = ""
    for _ in range(5):
        assert await _struck(faults, 1, "op", "/there") == [None]
        found += "-" if await _struck(faults, 1, "op", "/here") == [None] else "x"
    assert found == struck


async def test_a_fault_is_gone_after_its_last_call(faults: FaultRules) -> None:
    """What can't strike any more isn't listed; until then the list tells what is left."""
    fault_id = _rule(faults, {"calls": [2, 3]}, times=5)

    left = []
    for _ in range(3):
        left.append(faults.get(fault_id).left)
        await _struck(faults, 1)
    assert left == [2, 2, 1]
    assert faults.listed() == []


async def test_calls_count_that_others_took(faults: FaultRules) -> None:
    """The second call is the second one, also for a fault that an older one left none of the first."""
    first, second = _rule(faults, {"calls": [1, 1]}), _rule(faults, {"calls": [2, 2]})

    assert await _struck(faults, 3) == [first, second, None]


async def test_probability_of_a_match(faults: FaultRules) -> None:
    """Chance decides among the calls that fit, and `applied` tells how often it did."""
    fault_id = _rule(faults, {"probability": 0.5})

    struck = await _struck(faults, 100)

    assert 30 < struck.count(fault_id) < 70
    assert faults.get(fault_id).counts == (100, 100, struck.count(fault_id))


async def test_a_fault_can_be_switched_off_and_on(faults: FaultRules) -> None:
    """Off, a fault neither strikes nor counts, and requests don't look for it; on, it has its old place."""
    first, second = _rule(faults, {}), _rule(faults, {})
    faults.switch(second, enabled=False)
    faults.switch(first, enabled=False)
    assert not faults.of_operations
    assert await _struck(faults, 1) == [None]

    faults.switch(second, enabled=True)
    faults.switch(first, enabled=True)

    assert await _struck(faults, 1) == [first]
    assert faults.get(first).counts.matched == 1


def test_a_fault_may_begin_switched_off(faults: FaultRules) -> None:
    """`enabled: false` adds a fault that waits to be switched on; it can be removed as any other."""
    fault_id = _rule(faults, {}, enabled=False)

    assert faults.get(fault_id).as_json()["enabled"] is False
    faults.remove(fault_id)
    with pytest.raises(NotFound):
        faults.switch(fault_id, enabled=True)


async def test_restored_matches_go_on(faults: FaultRules) -> None:
    """Faults with conditions, restored, keep counts, order and switch."""
    _rule(faults, {"path": "/", "calls": [3, 4]}, name="late")
    _rule(faults, {}, enabled=False)
    _rule(faults, {"operationId": "op", "probability": 0.5})
    await _struck(faults, 2)
    another = FaultRules(Ids(1))

    another.restore(faults.listed())

    assert another.listed() == faults.listed()
    assert await _struck(another, 20) == await _struck(faults, 20)


async def test_faults_of_older_snapshots_go_on(faults: FaultRules) -> None:
    """A fault that was listed before there were `enabled` and `matched` is restored with its counts."""
    old = {"faultId": "1", "operationId": "op", "status": 503, "times": 3, "probability": 1, "chances": 2, "applied": 2}

    faults.restore([old])

    assert await _struck(faults, 2) == ["1", None]


@pytest.mark.parametrize(
    ("match", "struck"),
    [
        ({"storeCode": "A"}, [True, False, False]),
        ({"subscriptionId": "s2"}, [False, True, False]),
        ({"eventName": "Other"}, [False, False, True]),
        ({"calls": [2, 2]}, [False, True, False]),
    ],
)
async def test_deliveries_are_matched(faults: FaultRules, match: dict[str, Any], struck: list[bool]) -> None:
    """Faults of deliveries choose them by event, store, subscription and number."""
    faults.add({"match": match, "answer": {"effect": "duplicate"}})
    deliveries = [("Event", "A", "s1"), ("Event", "B", "s2"), ("Other", "B", "s3")]

    assert [await faults.for_delivery(*one) is not None for one in deliveries] == struck


def test_summary_names_the_fault(faults: FaultRules) -> None:
    """Journal and log are told which fault it was, what it is called, and what it did."""
    fault = faults.add({"name": "down", "match": {}, "answer": {"effect": "hang"}})

    assert fault.summary() == {"faultId": fault.fault_id, "name": "down", "effect": "hang"}


def test_faults_of_one_store_can_go(faults: FaultRules) -> None:
    """Clearing a store takes its faults, on or off, and leaves those of others and of all."""
    _rule(faults, {"storeCode": "A"})
    _rule(faults, {"storeCode": "A"}, enabled=False)
    kept = [_rule(faults, {"storeCode": "B"}), _rule(faults, {})]

    faults.clear_store("A")

    assert [fault["faultId"] for fault in faults.listed()] == kept


class CountedElsewhere:
    """Counts that other replicas have made, for one question after another. None: it can't strike any more."""

    def __init__(self, *counts: tuple[int, int, int] | None) -> None:
        self.counts, self.asked = [*counts], list[tuple[str, bool | None]]()

    async def count(self, fault_id: str, *, strikes: bool | None) -> tuple[int, int, int] | None:
        """The next counts. Without any left the database is away."""
        self.asked.append((fault_id, strikes))
        if not self.counts:
            raise StorageAway
        return self.counts.pop(0)


async def test_others_have_counted_too() -> None:
    """Where others count, too, their count decides; what can't strike any more is gone, and isn't asked for again."""
    shared = CountedElsewhere((5, 5, 5), None)
    faults = FaultRules(Ids(1), shared)
    fault = faults.add({"operationId": "op", "status": 500, "times": 6})

    struck = await _struck(faults, 3)

    assert struck == [fault.fault_id, None, None]
    assert (len(shared.asked), faults.listed()) == (2, [])


async def test_older_one_leaves_nothing_among_all() -> None:
    """Where others count, too, a fault that comes after one that strikes matches, and isn't to strike."""
    shared = CountedElsewhere((1, 1, 1), (1, 0, 0))
    faults = FaultRules(Ids(1), shared)
    first, second = (faults.add({"operationId": "op", "status": status}) for status in (500, 503))

    assert await _struck(faults, 1) == [first.fault_id]
    assert shared.asked == [(first.fault_id, True), (second.fault_id, None)]


async def test_nothing_strikes_while_nobody_can_count() -> None:
    """While the counts of all can't be had nothing strikes, and the fault stays."""
    faults = FaultRules(Ids(1), CountedElsewhere())
    faults.add({"operationId": "op", "status": 500})

    assert await _struck(faults, 1) == [None]
    assert len(faults.listed()) == 1


async def test_adopted_faults_are_those_of_all(faults: FaultRules) -> None:
    """Faults as all replicas have them take the place of the own ones; if they are the same nobody is told."""
    other = FaultRules(Ids(1, 2))
    other.add({"operationId": "op", "status": 503})
    told: list[int] = []
    faults.observers.add(lambda: told.append(1))

    faults.adopt(other.listed())
    before = len(told)
    faults.adopt(other.listed())

    assert faults.listed() == other.listed()
    assert 0 < before == len(told)
