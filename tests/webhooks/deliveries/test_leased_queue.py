"""mockserver.webhooks.deliveries.leased_queue: what a replica takes, how long it has it, and what it gives back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from mockserver.storage.model import Destination, Subscription
from mockserver.storage.postgres import PostgresState
from mockserver.webhooks.deliveries.attempt_maker import LeaseLost
from mockserver.webhooks.deliveries.leased_queue import InHand, LeasedQueue
from mockserver.webhooks.deliveries.priority import RequestPriority
from mockserver.webhooks.deliveries.queue import QueueLimits
from tests.support.deliveries import PATIENCE, logged
from tests.support.delivery_tables import MADE, emit, opened, taken
from tests.support.subscriptions import EVENT

pytestmark = pytest.mark.anyio

Perform = Callable[[InHand], Awaitable[None]]


@pytest.fixture
async def state(database: str) -> AsyncIterator[PostgresState]:
    """A state with a store."""
    state = await opened(database, lanes=0)
    yield state
    await state.close()


async def _subscribe(state: PostgresState, *urls: str) -> None:
    for number, url in enumerate(urls):
        await state.add_subscription(Subscription(f"s{number}", "A", EVENT, 0, Destination(url)))


def _queue(state: PostgresState, perform: Perform, limits: QueueLimits | None = None) -> LeasedQueue:
    queue = LeasedQueue(state.deliveries, RequestPriority(), perform, limits or QueueLimits(64, 8))
    queue.start()
    return queue


class _Worker:
    """Performs what it gets, and tells when there was enough of it."""

    def __init__(self, state: PostgresState, enough: int) -> None:
        self.made: list[tuple[str, int]] = []
        self._state, self._enough, self._all = state, enough, asyncio.Event()

    async def perform(self, one: InHand) -> None:
        """Settle a delivery to a living host; never end one to a dead host."""
        if "dead" in one.host:
            await asyncio.Event().wait()
        await self._state.deliveries.settle(one.taken, MADE)
        self.made.append((one.taken.subscription_id, one.taken.number))
        if len(self.made) == self._enough:
            self._all.set()

    async def all(self) -> list[tuple[str, int]]:
        """All that was made, when it is enough."""
        await asyncio.wait_for(self._all.wait(), PATIENCE)
        return self.made


async def test_lanes_keep_their_order(state: PostgresState) -> None:
    """All deliveries are made, those of a subscription one after another."""
    await _subscribe(state, "http://a.test", "http://b.test", "http://b.test")
    await emit(state.deliveries, 5)
    worker = _Worker(state, 15)
    queue = _queue(state, worker.perform)

    made = await worker.all()
    await queue.stop(PATIENCE)
    assert [[number for lane, number in made if lane == f"s{place}"] for place in range(3)] == [[1, 2, 3, 4, 5]] * 3
    assert (await state.deliveries.figures()).length == 0


async def test_dead_host_delays_only_itself(state: PostgresState) -> None:
    """A host that hangs, with more lanes than there are places, gets its share of them; others go on."""
    await _subscribe(state, *["http://dead.test"] * 60, *[f"http://h{number}.test" for number in range(20)])
    await emit(state.deliveries, 2)
    worker = _Worker(state, 40)
    queue = _queue(state, worker.perform, QueueLimits(16, 4))

    assert len(set(await worker.all())) == 40
    assert queue.in_hand <= 4 + 24
    assert len(await queue.stop(0)) == queue.in_hand + 28


async def test_end_gives_back_what_is_in_hand(state: PostgresState) -> None:
    """At the end, what isn't finished in time can be taken by others at once, and what finishes is settled."""
    await _subscribe(state, "http://dead.test", "http://a.test")
    await emit(state.deliveries, 1)
    worker = _Worker(state, 1)
    queue = _queue(state, worker.perform)
    await worker.all()
    assert await taken(state.deliveries) == []

    left = await queue.stop(0)
    assert [(one.number, one.place) for one in left] == [(1, 1)]
    assert await taken(state.deliveries) == ["1-1"]


async def test_lease_ends_if_nobody_renews_it(state: PostgresState) -> None:
    """A delivery in hand is checked by the clock of the event loop: after the lease nothing may be sent."""
    await _subscribe(state, "http://a.test")
    await emit(state.deliveries)
    (one,), _ = await state.deliveries.take(1)
    now = [100.0]
    in_hand = InHand(one, 105.0, lambda: now[0])
    in_hand.check()
    now[0] = 105.0

    assert in_hand.waited == 5.0
    with pytest.raises(LeaseLost):
        in_hand.check()


async def test_delivery_that_is_taken_again_has_one_place(state: PostgresState) -> None:
    """A replica that lost a lease and takes the delivery once more lets go of the old attempt, and its place."""
    await _subscribe(state, "http://a.test")
    await emit(state.deliveries)
    begun = asyncio.Semaphore(0)

    async def perform(_: InHand) -> None:
        begun.release()
        await asyncio.Event().wait()

    queue = _queue(state, perform, QueueLimits(2, 2))
    for _ in range(4):
        await asyncio.wait_for(begun.acquire(), PATIENCE)
        await state._row("UPDATE q_deliveries SET vt = now()")  # noqa: SLF001 (as a database that was away leaves it)
        queue.wake()
    assert len(await queue.stop(0)) == 1


async def test_forgotten_deliveries_leave_the_queue(state: PostgresState) -> None:
    """A message whose delivery is forgotten is removed, and holds up nobody behind it."""
    await _subscribe(state, "http://a.test")
    await emit(state.deliveries, 2)
    await state._rows("DELETE FROM deliveries WHERE number = 1")  # noqa: SLF001 (as a crash between two steps could)
    worker = _Worker(state, 1)
    queue = _queue(state, worker.perform)

    assert await worker.all() == [("s0", 2)]
    await queue.stop(PATIENCE)
    assert (await state.deliveries.figures()).length == 0


async def test_defect_stops_no_renewal(state: PostgresState, caplog: pytest.LogCaptureFixture) -> None:
    """A renewal that fails for a reason nobody has foreseen is told in the log, and the next one is tried."""
    await _subscribe(state, "http://dead.test")
    await emit(state.deliveries)
    begun = asyncio.Event()

    async def perform(_: InHand) -> None:
        begun.set()
        await asyncio.Event().wait()

    queue = _queue(state, perform)
    await asyncio.wait_for(begun.wait(), PATIENCE)
    for column, other in (("vt", "gone"), ("gone", "vt")):
        await state._row(f"ALTER TABLE q_deliveries RENAME {column} TO {other}")  # noqa: SLF001 (a defect)
        await logged(caplog, "Leases can't be renewed: a defect of the mock", 2)
    await queue.stop(0)


async def test_defect_of_one_stops_no_other(state: PostgresState, caplog: pytest.LogCaptureFixture) -> None:
    """A delivery that breaks off is told in the log, and others are made."""
    await _subscribe(state, "http://broken.test", "http://a.test")
    await emit(state.deliveries)
    worker = _Worker(state, 1)

    async def perform(one: InHand) -> None:
        if "broken" in one.host:
            raise ZeroDivisionError
        await worker.perform(one)

    queue = _queue(state, perform)
    assert await worker.all() == [("s1", 1)]
    await queue.stop(PATIENCE)
    assert "A delivery broke off: a defect of the mock" in caplog.text
