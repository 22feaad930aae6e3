"""In which order deliveries go out, and how many at once.

The deliveries of a subscription are a lane: one after the other, and a repeated attempt before what came after it.
Only so many deliveries are under way to one host, and only so many in all, half of which are for hosts that have none.
The lanes of a host take turns, and so do the hosts. Hosts that hang make nobody wait but those who deliver to them too.
"""

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from heapq import heappop, heappush
from itertools import count
from typing import NamedTuple, Protocol
from weakref import WeakValueDictionary

from mockserver.clock import Clock
from mockserver.webhooks.deliveries.priority import Precedence

logger = logging.getLogger("mockserver")

WOKEN_AT_ONCE = 500  # lanes


class Job(NamedTuple):
    """A delivery to be made: that of event `number` to its recipient at `place`. Plain values, so it serialises.

    `not_before` is a moment of the mock's clock. A `held` job lets the next one of its lane go first, if one comes
    before then.
    """

    number: int
    place: int
    lane: str
    host: str
    not_before: float = 0.0
    held: bool = False


# Does a job. Returns the moment of the mock's clock at which it is to be done again, or None if it is over.
Perform = Callable[[Job], Awaitable[float | None]]


class Queue(Protocol):
    """What the mock asks of a queue, so that several servers can share another one."""

    def enqueue(self, job: Job) -> bool:
        """Take a job; False if there is no room for it. Never waits."""

    async def drain(self, seconds: float) -> int:
        """Wait until nothing is left that could be done in so many real seconds, but no longer than those. Returns how
        many jobs are left. With a frozen clock, what isn't due waits for a move, and is no reason to wait here."""

    def backlog(self) -> float:
        """How many jobs wait in a lane, on average."""

    def cancel(self) -> list[Job]:
        """Drop all jobs, those under way included, and return them."""


class QueueLimits(NamedTuple):
    """How much at most: jobs under way in all and to one host, jobs waiting in all and in one lane.

    A job to a host that hangs is under way until its time-out. So half of `under_way` is for hosts that have none yet.
    """

    under_way: int = 128
    per_host: int = 8
    waiting: int = 200_000
    per_lane: int = 10_000


class _Host:
    """A receiver: scheme, host and port."""

    __slots__ = ("__weakref__", "ready", "under_way")

    def __init__(self) -> None:
        self.under_way = 0
        self.ready: deque[_Lane] = deque()


class _Lane:
    """The jobs of one subscription, the first of which may be under way. `nap` is its entry among the sleeping."""

    __slots__ = ("host", "jobs", "name", "nap", "under_way")

    def __init__(self, name: str, host: _Host, first: Job) -> None:
        self.name, self.host = name, host
        self.jobs = deque((first,))
        self.under_way = False
        self.nap: int | None = None


class MemoryQueue:
    """A queue in this process, for one event loop. It has no task while there is nothing to do."""

    def __init__(
        self, clock: Clock, precedence: Precedence, perform: Perform, limits: QueueLimits | None = None
    ) -> None:
        self._clock = clock
        self._precedence = precedence
        self._perform = perform
        self._limits = limits or QueueLimits()
        self._lanes: dict[str, _Lane] = {}
        self._hosts: WeakValueDictionary[str, _Host] = WeakValueDictionary()  # those that have lanes
        self._turns: OrderedDict[_Host, None] = OrderedDict()  # hosts that have a lane ready, and room for it
        self._sleeping: list[tuple[float, int, _Lane]] = []
        self._naps = count()
        self._under_way: set[asyncio.Task[None]] = set()
        self._alarm: asyncio.Task[None] | None = None
        self._waiting = 0
        self._quieter = asyncio.Event()  # something has ended

    def enqueue(self, job: Job) -> bool:
        lane = self._lanes.get(job.lane)
        size = len(lane.jobs) if lane else 0
        if size >= self._limits.per_lane or (size and self._waiting >= self._limits.waiting):
            return False
        self._waiting += 1
        if lane is None:
            host = self._hosts.setdefault(job.host, _Host())
            lane = self._lanes[job.lane] = _Lane(job.lane, host, job)
            self._queue_up(lane)
        elif lane.jobs[-1].held and not (lane.under_way and size == 1):
            self._overtake(lane, job)
        else:
            lane.jobs.append(job)
        return True

    async def drain(self, seconds: float) -> int:
        until = self._clock.now() + (0 if self._clock.frozen else seconds)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._under_way or (self._sleeping and self._sleeping[0][0] <= until):
                    self._quieter.clear()
                    await self._quieter.wait()
        return self._waiting

    def backlog(self) -> float:
        return self._waiting / len(self._lanes) if self._lanes else 0.0

    def cancel(self) -> list[Job]:
        left = [job for lane in self._lanes.values() for job in lane.jobs]
        for task in (*self._under_way, *([self._alarm] if self._alarm else [])):
            with suppress(RuntimeError):  # its loop has ended, and so has the task
                task.cancel()
        self._under_way.clear()
        self._lanes, self._hosts, self._alarm, self._waiting = {}, WeakValueDictionary(), None, 0
        self._turns.clear()
        self._sleeping.clear()
        self._quieter.set()
        return left

    def _overtake(self, lane: _Lane, job: Job) -> None:
        """The job goes before the held one, which then waits no longer."""
        held = lane.jobs.pop()
        lane.jobs.extend((job, held._replace(not_before=0.0, held=False)))
        if lane.nap is not None and len(lane.jobs) == 2:  # noqa: PLR2004 (the held one was the first)
            lane.nap = None
            self._make_ready(lane)

    # ---------------------------------------------------------------- turns
    def _queue_up(self, lane: _Lane) -> None:
        """A lane with a job gets ready, or sleeps until the job is due."""
        due = lane.jobs[0].not_before
        if due > self._clock.now():
            self._lay_down(lane, due)
        else:
            self._make_ready(lane)

    def _make_ready(self, lane: _Lane) -> None:
        lane.host.ready.append(lane)
        self._give_turn(lane.host)
        self._begin()

    def _give_turn(self, host: _Host) -> None:
        is_crowded = len(self._under_way) >= self._limits.under_way // 2
        if host.ready and host.under_way < (1 if is_crowded else self._limits.per_host):
            self._turns.setdefault(host)  # else it gets one when a job of its own is over

    def _begin(self) -> None:
        """Begin as many jobs as there is room for, one of each host in turn."""
        while self._turns and len(self._under_way) < self._limits.under_way:
            host, _ = self._turns.popitem(last=False)
            lane = host.ready.popleft()
            lane.under_way = True
            host.under_way += 1
            self._give_turn(host)
            self._under_way.add(asyncio.get_running_loop().create_task(self._do(lane)))

    async def _do(self, lane: _Lane) -> None:
        again_at = None
        await self._precedence.turn()
        try:
            again_at = await self._perform(lane.jobs[0])
        except Exception:
            logger.exception("A delivery broke off: a defect of the mock")
        self._under_way.discard(asyncio.current_task())
        self._settle(lane, again_at)
        self._quieter.set()

    def _settle(self, lane: _Lane, again_at: float | None) -> None:
        lane.host.under_way -= 1
        lane.under_way = False
        if again_at is not None:
            lane.jobs[0] = lane.jobs[0]._replace(not_before=again_at)
        else:
            lane.jobs.popleft()
            self._waiting -= 1
        if lane.jobs:
            self._queue_up(lane)
        else:
            del self._lanes[lane.name]
        self._give_turn(lane.host)
        self._begin()

    # ---------------------------------------------------------------- sleep
    def _lay_down(self, lane: _Lane, due: float) -> None:
        lane.nap = next(self._naps)
        heappush(self._sleeping, (due, lane.nap, lane))
        if self._sleeping[0][1] == lane.nap:
            if self._alarm:
                self._alarm.cancel()
            self._alarm = asyncio.get_running_loop().create_task(self._wake())

    async def _wake(self) -> None:
        woken = 0
        while self._sleeping:
            due, nap, lane = self._sleeping[0]
            if lane.nap == nap and due > self._clock.now():
                await self._clock.wait_until(due)
            heappop(self._sleeping)
            if lane.nap == nap:
                lane.nap = None
                self._make_ready(lane)
            woken += 1
            if woken % WOKEN_AT_ONCE == 0:
                await asyncio.sleep(0)  # when the clock leaps, thousands are due: others have their turn
        self._alarm = None
        self._quieter.set()
