"""The queue of deliveries: in which order they are made, and how many at once.

Each subscription has a queue of its own: its deliveries are made one after another, and a retry comes before later
ones. Only so many deliveries are under way to one host, and in all; half of the latter are for hosts that have none
yet. The queues of a host take turns, and so do the hosts: a host that hangs delays only deliveries to itself.
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
from mockserver.webhooks.deliveries.priority import RequestPriority

logger = logging.getLogger("mockserver")

TIMERS_AT_ONCE = 500
SETTLE = 1.0  # seconds that cancelled jobs get to end


class Job(NamedTuple):
    """A job: the delivery of event `number` to the recipient at the index `recipient`, as plain values.

    `not_before` is a time of the mock's clock. A `held` job lets the next one of its subscription go first, if that is
    queued before then.
    """

    number: int
    recipient: int
    subscription_id: str
    host: str
    not_before: float = 0.0
    held: bool = False


# Runs a job. Returns when to run it again, on the mock's clock, or None if it is finished.
Perform = Callable[[Job], Awaitable[float | None]]


class Queue(Protocol):
    """The interface of a queue in this process. `LeasedQueue` works on one that several mocks share."""

    def enqueue(self, job: Job) -> bool:
        """Accept a job; False if there is no room for it. Never waits."""

    async def drain(self, seconds: float) -> int:
        """Wait until no job is left that could be run in so many real seconds, but no longer than those.

        Returns how many jobs are left. With a frozen clock, a job that isn't due is no reason to wait.
        """

    def backlog(self) -> float:
        """The average number of jobs of a subscription."""

    def cancel(self) -> list[Job]:
        """Cancel all jobs, those under way included, and return them."""

    async def settle(self) -> None:
        """Wait until the cancelled jobs have ended, and with them the connections that they were opening."""


class QueueLimits(NamedTuple):
    """The limits of a queue: jobs under way in all and to one host, jobs waiting in all and for one subscription.

    A job to a host that hangs is under way until its time-out. So half of `under_way` is for hosts that have none yet.
    """

    under_way: int = 128
    per_host: int = 8
    waiting: int = 200_000
    per_subscription: int = 10_000


class _Host:
    """A receiver: scheme, host and port."""

    __slots__ = ("__weakref__", "ready", "under_way")

    def __init__(self) -> None:
        self.under_way = 0
        self.ready: deque[_SubscriptionQueue] = deque()


class _SubscriptionQueue:
    """The queue of one subscription; its first job may be under way. `timer` is the number of its timer."""

    __slots__ = ("host", "jobs", "subscription_id", "timer", "under_way")

    def __init__(self, subscription_id: str, host: _Host, first: Job) -> None:
        self.subscription_id, self.host = subscription_id, host
        self.jobs = deque((first,))
        self.under_way = False
        self.timer: int | None = None


class MemoryQueue:
    """A queue in this process, for one event loop. It has no task while there is nothing to do."""

    def __init__(
        self, clock: Clock, priority: RequestPriority, perform: Perform, limits: QueueLimits | None = None
    ) -> None:
        self._clock = clock
        self._priority = priority
        self._perform = perform
        self._limits = limits or QueueLimits()
        self._queues: dict[str, _SubscriptionQueue] = {}
        self._hosts: WeakValueDictionary[str, _Host] = WeakValueDictionary()  # those that have subscriptions with jobs
        self._hosts_in_turn: OrderedDict[_Host, None] = OrderedDict()  # hosts that have a job ready, and room for it
        self._timers: list[tuple[float, int, _SubscriptionQueue]] = []
        self._timer_numbers = count()
        self._under_way: set[asyncio.Task[None]] = set()
        self._cancelled: set[asyncio.Task[None]] = set()
        self._timer_task: asyncio.Task[None] | None = None
        self._waiting = 0
        self._job_ended = asyncio.Event()

    def enqueue(self, job: Job) -> bool:
        queue = self._queues.get(job.subscription_id)
        size = len(queue.jobs) if queue else 0
        if size >= self._limits.per_subscription or (size and self._waiting >= self._limits.waiting):
            return False
        self._waiting += 1
        if queue is None:
            host = self._hosts.setdefault(job.host, _Host())
            queue = self._queues[job.subscription_id] = _SubscriptionQueue(job.subscription_id, host, job)
            self._schedule(queue)
        elif queue.jobs[-1].held and not (queue.under_way and size == 1):
            self._overtake(queue, job)
        else:
            queue.jobs.append(job)
        return True

    async def drain(self, seconds: float) -> int:
        until = self._clock.now() + (0 if self._clock.frozen else seconds)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._under_way or (self._timers and self._timers[0][0] <= until):
                    self._job_ended.clear()
                    await self._job_ended.wait()
        return self._waiting

    def backlog(self) -> float:
        return self._waiting / len(self._queues) if self._queues else 0.0

    def cancel(self) -> list[Job]:
        left = [job for queue in self._queues.values() for job in queue.jobs]
        for task in (*self._under_way, *([self._timer_task] if self._timer_task else [])):
            with suppress(RuntimeError):  # its loop has ended, and so has the task
                task.cancel()
        self._cancelled = {task for task in self._cancelled if not task.done()} | self._under_way
        self._under_way.clear()
        self._queues, self._hosts, self._timer_task, self._waiting = {}, WeakValueDictionary(), None, 0
        self._hosts_in_turn.clear()
        self._timers.clear()
        self._job_ended.set()
        return left

    async def settle(self) -> None:
        loop = asyncio.get_running_loop()
        ending = {task for task in self._cancelled if not task.done() and task.get_loop() is loop}
        self._cancelled.clear()
        if ending:
            await asyncio.wait(ending, timeout=SETTLE)

    def _overtake(self, queue: _SubscriptionQueue, job: Job) -> None:
        """Put a job before the held one, which then waits no longer."""
        held = queue.jobs.pop()
        queue.jobs.extend((job, held._replace(not_before=0.0, held=False)))
        if queue.timer is not None and len(queue.jobs) == 2:  # noqa: PLR2004 (the held one was the first)
            queue.timer = None
            self._make_ready(queue)

    # ---------------------------------------------------------------- turns
    def _schedule(self, queue: _SubscriptionQueue) -> None:
        """Make a queue ready for its first job, or start a timer until that is due."""
        due = queue.jobs[0].not_before
        if due > self._clock.now():
            self._start_timer(queue, due)
        else:
            self._make_ready(queue)

    def _make_ready(self, queue: _SubscriptionQueue) -> None:
        queue.host.ready.append(queue)
        self._allow_turn(queue.host)
        self._start_jobs()

    def _allow_turn(self, host: _Host) -> None:
        is_crowded = len(self._under_way) >= self._limits.under_way // 2
        if host.ready and host.under_way < (1 if is_crowded else self._limits.per_host):
            self._hosts_in_turn.setdefault(host)  # else it gets one when a job of its own is over

    def _start_jobs(self) -> None:
        """Start as many jobs as there is room for, one of each host in turn."""
        while self._hosts_in_turn and len(self._under_way) < self._limits.under_way:
            host, _ = self._hosts_in_turn.popitem(last=False)
            queue = host.ready.popleft()
            queue.under_way = True
            host.under_way += 1
            self._allow_turn(host)
            self._under_way.add(asyncio.get_running_loop().create_task(self._run(queue)))

    async def _run(self, queue: _SubscriptionQueue) -> None:
        again_at = None
        await self._priority.wait_for_turn()
        try:
            again_at = await self._perform(queue.jobs[0])
        except Exception:
            logger.exception("A delivery broke off: a defect of the mock")
        self._under_way.discard(asyncio.current_task())
        self._settle(queue, again_at)
        self._job_ended.set()

    def _settle(self, queue: _SubscriptionQueue, again_at: float | None) -> None:
        queue.host.under_way -= 1
        queue.under_way = False
        if again_at is not None:
            queue.jobs[0] = queue.jobs[0]._replace(not_before=again_at)
        else:
            queue.jobs.popleft()
            self._waiting -= 1
        if queue.jobs:
            self._schedule(queue)
        else:
            del self._queues[queue.subscription_id]
        self._allow_turn(queue.host)
        self._start_jobs()

    # ---------------------------------------------------------------- timers
    def _start_timer(self, queue: _SubscriptionQueue, due: float) -> None:
        queue.timer = next(self._timer_numbers)
        heappush(self._timers, (due, queue.timer, queue))
        if self._timers[0][1] == queue.timer:
            if self._timer_task:
                self._timer_task.cancel()
            self._timer_task = asyncio.get_running_loop().create_task(self._run_timers())

    async def _run_timers(self) -> None:
        fired = 0
        while self._timers:
            due, number, queue = self._timers[0]
            if queue.timer == number and due > self._clock.now():
                await self._clock.wait_until(due)
            heappop(self._timers)
            if queue.timer == number:
                queue.timer = None
                self._make_ready(queue)
            fired += 1
            if fired % TIMERS_AT_ONCE == 0:
                await asyncio.sleep(0)  # when the clock jumps, thousands are due: other tasks have their turn
        self._timer_task = None
        self._job_ended.set()
