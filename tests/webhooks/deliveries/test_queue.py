"""mockserver.webhooks.deliveries.queue: order, turns and bounds of jobs, without anything being sent."""

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest

from mockserver.clock import Clock
from mockserver.webhooks.deliveries.priority import RequestPriority
from mockserver.webhooks.deliveries.queue import TIMERS_AT_ONCE, Job, MemoryQueue, QueueLimits

pytestmark = pytest.mark.anyio

PATIENCE = 5.0
LIMITS = QueueLimits(under_way=8, per_host=3, waiting=20, per_subscription=5)


class Desk:
    """Does jobs when it is told to, and remembers them: which, and how many were under way when each began. `again`
    has when a job is to be done once more, by its number."""

    def __init__(self, clock: Clock, limits: QueueLimits = LIMITS) -> None:
        self.queue = MemoryQueue(clock, RequestPriority(), self.perform, limits)
        self.again: dict[int, Callable[[], float]] = {}
        self.done: list[int] = []
        self.under_way: list[Job] = []
        self.beside: list[int] = []
        self.open = asyncio.Event()

    async def perform(self, job: Job) -> float | None:
        """Wait until the desk is open, then be done."""
        self.under_way.append(job)
        self.beside.append(len(self.under_way))
        try:
            await self.open.wait()
            for _ in range(10):
                await asyncio.sleep(0)
        finally:
            self.under_way.remove(job)
        self.done.append(job.number)
        return self.again.pop(job.number)() if job.number in self.again else None

    async def settle(self) -> int:
        """Open, and let everything be done."""
        self.open.set()
        return await self.queue.drain(PATIENCE)


@pytest.fixture
async def desk(clock: Clock) -> Desk:
    """A desk that isn't open yet."""
    return Desk(clock)


async def _begun(desk: Desk) -> list[int]:
    """The numbers of the jobs that are under way, after they had the time to begin."""
    for _ in range(50):
        await asyncio.sleep(0)
    return [job.number for job in desk.under_way]


def _job(
    number: int, subscription: str = "a", host: str = "one", not_before: float = 0.0, *, held: bool = False
) -> Job:
    return Job(number, 0, subscription, host, not_before, held)


async def test_a_subscription_keeps_its_order(desk: Desk) -> None:
    """Jobs of one subscription are done one after the other."""
    assert [desk.queue.enqueue(_job(number)) for number in range(5)] == [True] * 5

    assert await _begun(desk) == [0]
    assert await desk.settle() == 0
    assert (desk.done, max(desk.beside)) == ([0, 1, 2, 3, 4], 1)


async def test_concurrency_is_bounded(desk: Desk) -> None:
    """No more jobs are under way than one host allows, and than all do; half of these are for hosts without any."""
    for number in range(16):
        desk.queue.enqueue(_job(number, f"subscription {number}", f"host {number // 4}"))
    for number in range(16, 24):
        desk.queue.enqueue(_job(number, f"subscription {number}", f"host {number}"))

    assert await _begun(desk) == [0, 1, 2, 4, 8, 12, 16, 17]
    await desk.settle()
    assert (sorted(desk.done), max(desk.beside)) == (list(range(24)), 8)


async def test_hosts_that_hang_leave_room(desk: Desk) -> None:
    """Hosts that hang, with more jobs than there is room for, don't hold up one that comes later."""
    for number in range(12):
        desk.queue.enqueue(_job(number, f"subscription {number}", f"dead {number % 3}"))
    await _begun(desk)
    desk.queue.enqueue(_job(12, "other", "living"))

    assert 12 in await _begun(desk)
    await desk.settle()


async def test_hosts_take_turns(desk: Desk) -> None:
    """A host with many subscriptions doesn't make one with few wait until it is done."""
    for number in range(10):
        desk.queue.enqueue(_job(number, f"subscription {number}", "busy"))
    desk.queue.enqueue(_job(10, "other", "quiet"))

    assert sorted(await _begun(desk)) == [0, 1, 2, 10]
    await desk.settle()


async def test_repeated_jobs_go_before_later_ones(desk: Desk, clock: Clock) -> None:
    """A job that shall be done again holds up its subscription until then, and no other."""
    desk.again[0] = lambda: clock.now() + 10
    for number, subscription in ((0, "a"), (1, "a"), (2, "b")):
        desk.queue.enqueue(_job(number, subscription))
    assert await desk.settle() == 2
    assert sorted(desk.done) == [0, 2]
    clock.advance(10)

    assert await desk.settle() == 0
    assert desk.done[2:] == [0, 1]


async def test_jobs_wait_for_their_moment(desk: Desk, clock: Clock) -> None:
    """Jobs that are due later come in the order in which they are due, whenever they were queued."""
    for number, seconds in ((0, 30), (1, 10), (2, 20)):
        desk.queue.enqueue(_job(number, f"subscription {number}", not_before=clock.now() + seconds))
    done = []
    for _ in range(3):
        clock.advance(10)
        await desk.settle()
        done.append(list(desk.done))

    assert done == [[1], [1, 2], [1, 2, 0]]


@pytest.mark.parametrize("others", [0, 1])
async def test_held_jobs_are_overtaken(desk: Desk, clock: Clock, others: int) -> None:
    """A held job lets the next one pass and follows at once, be it the first of its subscription or not."""
    for number in range(others):
        desk.queue.enqueue(_job(number))
    desk.queue.enqueue(_job(7, not_before=clock.now() + 5, held=True))
    desk.queue.enqueue(_job(8))
    desk.queue.enqueue(_job(9))

    assert await desk.settle() == 0
    assert desk.done == [*range(others), 8, 7, 9]


async def test_queues_are_bounded(desk: Desk) -> None:
    """A full queue takes no more; with too many jobs in all, each subscription has one at a time."""
    taken = [desk.queue.enqueue(_job(number, f"subscription {number // 6}")) for number in range(30)]
    late = [desk.queue.enqueue(_job(number, "late")) for number in (30, 31)]

    assert [taken[start : start + 6].count(True) for start in range(0, 30, 6)] == [5, 5, 5, 5, 1]
    assert late == [True, False]
    assert await desk.settle() == 0
    assert len(desk.done) == 22


async def test_the_backlog_is_an_average(desk: Desk) -> None:
    """Six jobs of two subscriptions are three for each, until they are done."""
    for number in range(6):
        desk.queue.enqueue(_job(number, f"subscription {number % 2}"))

    assert desk.queue.backlog() == 3
    assert await desk.settle() == 0
    assert desk.queue.backlog() == 0


async def test_cancelled_jobs_are_returned(desk: Desk, clock: Clock) -> None:
    """Cancelling drops what waits, what sleeps and what is under way; the queue can be used again."""
    desk.queue.enqueue(_job(0))
    desk.queue.enqueue(_job(1))
    desk.queue.enqueue(_job(2, "asleep", not_before=clock.now() + 5))
    await _begun(desk)

    assert sorted(job.number for job in desk.queue.cancel()) == [0, 1, 2]
    assert await desk.settle() == 0
    desk.queue.enqueue(_job(3))
    await desk.settle()
    assert desk.done == [3]


async def test_a_defect_stops_nobody(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """A job that raises is logged and over; its subscription goes on."""

    desk.again[0] = lambda: 1 / 0
    desk.queue.enqueue(_job(0))
    desk.queue.enqueue(_job(1))

    assert await desk.settle() == 0
    assert desk.done == [0, 1]
    assert "A delivery broke off: a defect of the mock" in caplog.text


async def test_draining_does_not_wait_in_vain() -> None:
    """With a running clock, a job that is due after the time is no reason to wait; one that is due before is."""
    clock = Clock()
    desk = Desk(clock)
    desk.open.set()
    desk.queue.enqueue(_job(0, "late", not_before=clock.now() + 3_600))
    desk.queue.enqueue(_job(1, "soon", not_before=clock.now() + 0.01))

    async with asyncio.timeout(PATIENCE):
        assert await desk.queue.drain(3_000) == 1
    assert desk.done == [1]
    desk.queue.cancel()


async def test_draining_ends_in_time(desk: Desk) -> None:
    """Draining says how much is left when the time is over."""
    desk.queue.enqueue(_job(0))

    assert await desk.queue.drain(0.01) == 1
    assert desk.queue.backlog() == 1.0
    await desk.settle()
    assert desk.queue.backlog() == 0.0


async def test_a_leap_of_the_clock_holds_up_nobody(clock: Clock) -> None:
    """When thousands of subscriptions are due at once, others have their turns while they are got ready."""
    desk = Desk(clock, QueueLimits(under_way=4_000))
    for number in range(4_000):
        desk.queue.enqueue(_job(number, subscription=str(number), host=str(number), not_before=clock.now() + 10))
    await _begun(desk)
    clock.advance(10)
    begun = [0]
    while begun[-1] < 4_000:
        await asyncio.sleep(0)
        begun.append(len(desk.under_way))
    desk.queue.cancel()

    assert max(later - earlier for earlier, later in pairwise(begun)) <= 2 * TIMERS_AT_ONCE


async def test_cancelled_jobs_have_ended_once_it_settles(clock: Clock) -> None:
    """After `settle` no cancelled job is still ending: whatever it had opened is closed."""
    begun, ended = asyncio.Event(), asyncio.Event()

    async def perform(_: Job) -> float | None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.set()
        return None

    queue = MemoryQueue(clock, RequestPriority(), perform)
    queue.enqueue(Job(1, 0, "s", "http://a"))
    await begun.wait()
    queue.cancel()
    await queue.settle()
    assert ended.is_set()
