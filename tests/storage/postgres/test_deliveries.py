"""mockserver.storage.postgres.deliveries: what a lease, the order of a lane and the clock mean in the database."""

import asyncio
import math
from collections.abc import AsyncIterator

import pytest

from mockserver.storage.postgres import DeliveryTables, PostgresState
from mockserver.storage.postgres.address import Address
from mockserver.storage.postgres.connections import connect
from tests.support.delivery_tables import CONTENT, MADE, emit, opened, taken
from tests.support.subscriptions import EVENT

pytestmark = pytest.mark.anyio

AGAIN = MADE._replace(status="attempted", due=100.0, wait=math.inf)


@pytest.fixture
async def state(database: str) -> AsyncIterator[PostgresState]:
    """A state with two subscriptions."""
    state = await opened(database, lanes=2)
    yield state
    await state.close()


@pytest.fixture
def tables(state: PostgresState) -> DeliveryTables:
    """Its deliveries."""
    return state.deliveries


async def test_event_is_written_for_its_subscriptions(tables: DeliveryTables) -> None:
    """An event has a delivery for each subscription of its store and name, and none where there is none."""
    assert await tables.emit("A", EVENT, 5.0, CONTENT) == (1, 2)
    assert await tables.emit("B", EVENT, 5.0, CONTENT) == (0, 0)
    assert await tables.emit("A", "CustomerUpdated", 5.0, CONTENT) == (0, 0)
    (one, other), gone = await tables.take(10)

    assert gone == []
    assert (one.subscription_id, other.subscription_id) == ("s1", "s2")
    assert (one.content, one.created_at, one.event_name, one.store_code) == (CONTENT, 5.0, EVENT, "A")
    assert one.message_id != other.message_id


async def test_lane_has_one_in_hand(tables: DeliveryTables) -> None:
    """Of each subscription only the first delivery can be taken, and the next one when that is settled."""
    await emit(tables, 2)
    (first, _), _ = await tables.take(10)
    assert await taken(tables) == []

    assert await tables.settle(first, MADE)
    assert (await taken(tables), await tables.in_a_row()) == (["2-1"], 1.5)


async def test_repeat_comes_before_its_successors(tables: DeliveryTables) -> None:
    """What waits for its repeat holds back the rest of its lane, until the clock has come so far."""
    await emit(tables, 2)
    for one in (await tables.take(10))[0]:
        await tables.settle(one, AGAIN)
    assert (await taken(tables), (await tables.left(99.0)).due, await tables.move(99.0, frozen=True)) == ([], 0, 0)

    assert (await tables.move(100.0, frozen=True), (await tables.left(100.0)).due) == (2, 4)
    assert await taken(tables) == ["1-1", "1-2"]


async def test_running_clock_needs_no_move(tables: DeliveryTables) -> None:
    """With a clock that runs, what waits is due by itself; a clock that is stopped holds it back."""
    await emit(tables)
    for one in (await tables.take(10))[0]:
        await tables.settle(one, AGAIN._replace(wait=0.0))
    assert await tables.move(50.0, frozen=True) == 2
    assert await taken(tables) == []

    assert await tables.move(99.999, frozen=False) == 2
    found: list[str] = []
    while not found:
        found = await taken(tables, 1)
    assert found == ["1-1"]


async def test_lost_lease_changes_nothing(tables: DeliveryTables) -> None:
    """Who has lost a lease to another can neither settle the delivery, nor renew or end the lease."""
    await emit(tables)
    (slow, *_), _ = await tables.take(1)
    await tables.give_back([slow.lease])
    (quick, *_), _ = await tables.take(1)

    assert not await tables.settle(slow, MADE._replace(status="failed"))
    assert await tables.renew([slow.lease, quick.lease]) == {quick.lease.message}
    await tables.put_off([slow.lease], [0.0])
    assert await taken(tables) == ["1-2"]
    assert await tables.settle(quick, MADE)
    assert [row.status for row in await tables.page({"deliveryId": "1-1"}, 0, 9)] == ["delivered"]


async def test_ended_lease_is_not_renewed(tables: DeliveryTables) -> None:
    """Whatever ends a lease ends it for good: a late renewal, or return, takes back no wait."""
    await emit(tables)
    (one, other), _ = await tables.take(10)
    await tables.settle(one, AGAIN)
    await tables.put_off([other.lease], [math.inf])

    assert await tables.renew([one.lease, other.lease]) == set()
    await tables.give_back([one.lease, other.lease])
    assert await taken(tables) == []


async def test_renewal_sees_what_ends_a_lease_meanwhile(database: str, tables: DeliveryTables) -> None:
    """A renewal that waits for the end of a lease renews nothing when it goes on."""
    await emit(tables)
    (one, _), _ = await tables.take(10)
    connection = await connect(Address.of(database), {})
    async with connection.transaction():
        await connection.execute("UPDATE q_deliveries SET vt = 'infinity', read_ct = read_ct + 1")
        renewal = asyncio.create_task(tables.renew([one.lease]))
        while not await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            pass
    assert (await renewal, await taken(tables)) == (set(), [])
    await connection.close()


async def test_held_one_lets_the_next_go_first(tables: DeliveryTables) -> None:
    """A delivery that is held is due as soon as the next one of its lane is finished."""
    await emit(tables)
    (held, other), _ = await tables.take(10)
    await tables.settle(other, MADE)
    await tables.hold(held, "{}", 100.0, math.inf)
    await emit(tables)
    (overtakes, *_), _ = await tables.take(1)
    assert (overtakes.number, overtakes.place) == (2, 1)

    await tables.settle(overtakes, MADE)
    assert await taken(tables) == ["1-1", "2-2"]


async def test_repeat_of_a_held_one_is_in_its_lane(tables: DeliveryTables) -> None:
    """A delivery that was held, and waits for its repeat, is the first of its lane again: the others wait, too."""
    await emit(tables, 3)
    (held, other), _ = await tables.take(10)
    assert await tables.hold(held, "{}", 100.0, 0.0)
    await tables.settle(other, AGAIN)
    (again, overtakes), _ = await tables.take(10)
    assert ((again.number, overtakes.number), again.lease.message) == ((1, 2), held.lease.message)

    await tables.settle(again, AGAIN)
    await tables.settle(overtakes, MADE)
    assert await taken(tables) == []


async def test_settled_delivery_can_be_made_again(tables: DeliveryTables) -> None:
    """A finished delivery is queued once more under its ids; one that isn't finished stays as it is."""
    await emit(tables)
    (one, _), _ = await tables.take(10)
    assert not await tables.again(1, 1)
    await tables.settle(one, MADE)

    assert (await tables.again(1, 1), await tables.again(1, 1), await tables.again(9, 1)) == (True, False, False)
    ((again, *_), _) = await tables.take(1)
    assert (again.message_id, again.fault, again.status) == (one.message_id, "", "pending")


async def test_oldest_ends_are_forgotten(tables: DeliveryTables) -> None:
    """Of finished deliveries so many stay, or so many bytes, and always one; what isn't finished stays."""
    await emit(tables, 4)
    for _ in range(3):
        for one in (await tables.take(10))[0]:
            await tables.settle(one, MADE)

    assert (await tables.forget(4, 1_000), (await tables.standing()).total) == (2, 6)
    assert await tables.find(1, 1) is None
    assert (await tables.forget(4, 20), await tables.forget(4, 5), await tables.forget(4, 5)) == (2, 1, 0)
    assert ((await tables.standing()).forgotten, (await tables.left(0.0)).unfinished) == (5, 2)


async def test_changes_are_read_after_a_revision(tables: DeliveryTables) -> None:
    """Who reads on from the revision that the last reading gave misses no change."""
    await emit(tables)
    changed, revision = await tables.changed_after(0, 10)
    (one, _), _ = await tables.take(10)
    await tables.settle(one, MADE)
    later, _ = await tables.changed_after(revision, 10)

    assert [row.status for row in changed] == ["pending", "pending"]
    assert [(row.place, row.status) for row in later] == [(1, "delivered")]
    assert [row.place for row in await tables.page({"changedSince": revision}, 0, 9)] == [1]


async def test_reset_leaves_no_message(state: PostgresState, tables: DeliveryTables) -> None:
    """A reset forgets deliveries and messages, and counts events from 1; emptying a store takes what is its own."""
    await emit(tables, 2)
    await state.clear_store("A")
    assert ((await tables.figures()).length, (await tables.standing()).total) == (0, 0)
    await state.clear(("A",))

    assert (await tables.standing()).emptied > 0
    assert await tables.emit("A", EVENT, 5.0, CONTENT) == (0, 0)


async def test_takers_never_meet(database: str) -> None:
    """Many who take at once never have two of a lane in hand, and nothing is taken twice."""
    state = await opened(database, lanes=20)
    tables = state.deliveries
    await emit(tables, 5)
    made: list[tuple[int, int]] = []

    async def work() -> None:
        while len(made) < 100:
            for one in (await tables.take(3))[0]:
                made.append((one.place, one.number))
                await tables.settle(one, MADE)

    await asyncio.gather(*(work() for _ in range(8)))
    await state.close()
    assert [[number for place, number in made if place == lane] for lane in range(1, 21)] == [[1, 2, 3, 4, 5]] * 20
