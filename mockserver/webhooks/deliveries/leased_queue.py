"""The queue of deliveries that several replicas share, as one of them works on it: what it has leased.

It takes as many deliveries as it has places for, the first of each subscription that is due, and renews their leases
while it has them. Only so many are under way to one host, and in all; half of the latter are for hosts that have none
yet. A few more for the same host wait here; what exceeds them is put off, so that others get their turn.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

from mockserver.errors import StorageAway
from mockserver.storage.postgres import LEASE, DeliveryTables, Lease, TakenDelivery
from mockserver.webhooks.deliveries.attempt_maker import LeaseLost
from mockserver.webhooks.deliveries.egress_policy import host_of
from mockserver.webhooks.deliveries.priority import RequestPriority
from mockserver.webhooks.deliveries.queue import QueueLimits

logger = logging.getLogger("mockserver")

LIMITS = QueueLimits(under_way=64, per_host=8)
FEWEST = 16  # that are taken at once
KEPT_FOR_HOST = 24  # that wait here for a place
RENEWAL = 1.5  # seconds
POLL = 1.0  # seconds, after which it looks for deliveries though nothing was told
LEAST_PUT_OFF, MOST_PUT_OFF = 0.02, 2.0  # seconds
NEWEST = 0.2  # of the seconds that attempts take, the share of the last one
UNUSUAL = 5  # times as long as attempts take: one that isn't answered, perhaps
EARLY = 0.7
SETTLE = 1.0  # seconds that cancelled attempts get to end


class InHand:
    """A delivery that this replica has leased, until `until` by the clock of the event loop. It was taken at `since`,
    and has a place from `began` on."""

    __slots__ = ("began", "host", "now", "since", "taken", "task", "until")

    def __init__(self, taken: TakenDelivery, until: float, now: Callable[[], float]) -> None:
        self.taken, self.until, self.now = taken, until, now
        self.host = host_of(taken.subscription.destination.url if taken.subscription else taken.url)
        self.began, self.since = 0.0, now()
        self.task: asyncio.Task[None] | None = None

    @property
    def waited(self) -> float:
        """Seconds that it has waited here by now: for a place, and for requests to the API."""
        return self.now() - self.since

    def check(self) -> None:
        """Raise LeaseLost if the lease is over: a replica that stood still for a while must not send late."""
        if self.now() >= self.until:
            raise LeaseLost


class _Host:
    """A receiver: what is under way to it, what waits here for that, and the seconds that an attempt took of late."""

    __slots__ = ("seconds", "under_way", "waiting")

    def __init__(self) -> None:
        self.under_way: set[InHand] = set()
        self.waiting: deque[InHand] = deque()
        self.seconds = LEAST_PUT_OFF

    def took(self, seconds: float) -> None:
        """Note how long an attempt took."""
        self.seconds += NEWEST * (seconds - self.seconds)

    def turns(self, more: int, now: float, places: int) -> list[float]:
        """Seconds after which there may be a place for each of so many more. They come back one by one, a bit early:
        what is put off for too short is read again for nothing, and what is for too long leaves places empty."""
        longest = max((now - one.began for one in self.under_way), default=0.0)
        each = EARLY * (self.seconds if longest < UNUSUAL * self.seconds else longest) / places
        waits = (each * (len(self.waiting) + place) for place in range(1, more + 1))
        return [min(max(wait, LEAST_PUT_OFF), MOST_PUT_OFF) for wait in waits]


class LeasedQueue:
    """The leased deliveries of one replica, for one event loop. `perform` makes one attempt, and keeps its outcome."""

    def __init__(
        self,
        tables: DeliveryTables,
        priority: RequestPriority,
        perform: Callable[[InHand], Awaitable[None]],
        limits: QueueLimits = LIMITS,
    ) -> None:
        self._tables = tables
        self._priority = priority
        self._perform = perform
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._hosts: dict[str, _Host] = {}
        self._in_hand: dict[int, InHand] = {}  # by message
        self._under_way = 0
        self._most = limits.under_way  # to be taken at once: fewer while most is put off again
        self._is_ending = False
        self._cancelled: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._ended = asyncio.Event()
        self._keepers: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to take deliveries."""
        self._keepers = [self._loop.create_task(self._take_all()), self._loop.create_task(self._renew_all())]

    @property
    def in_hand(self) -> int:
        """How many deliveries it has."""
        return len(self._in_hand)

    def wake(self) -> None:
        """Look for deliveries: there may be some."""
        self._news.set()

    def wake_in(self, seconds: float) -> None:
        """The same, in so many seconds."""
        if seconds <= POLL:
            self._loop.call_later(max(seconds, 0.0), self._news.set)

    def cancel(self, chosen: Callable[[TakenDelivery], bool] = lambda _: True) -> None:
        """Let go of these deliveries, which nobody wants to be sent any more."""
        for one in [one for one in self._in_hand.values() if chosen(one.taken)]:
            self._let_go(one)

    async def stop(self, seconds: float) -> list[TakenDelivery]:
        """End: what is under way has so many seconds to finish, all others are given back. Returns those."""
        self._is_ending = True
        self._news.set()
        if self._keepers:
            await asyncio.wait(self._keepers[:1])  # what it is taking has to be given back, too
        waiting = [one for one in self._in_hand.values() if one.task is None]
        await self._give_back(waiting)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._until_ended(), seconds)
        broken_off = list(self._in_hand.values())
        await self._give_back(broken_off)
        for keeper in self._keepers:
            keeper.cancel()
        ending = {task for task in (*self._cancelled, *self._keepers) if not task.done()}
        self._keepers = []
        if ending:
            await asyncio.wait(ending, timeout=SETTLE)
        return [one.taken for one in (*waiting, *broken_off)]

    async def _until_ended(self) -> None:
        while self._in_hand:
            self._ended.clear()
            await self._ended.wait()

    async def _give_back(self, given: Iterable[InHand]) -> None:
        leases = [one.taken.lease for one in given]
        for one in given:
            self._let_go(one)
        if leases:
            with suppress(StorageAway):  # then they are over in a few seconds
                await self._tables.give_back(leases)

    # ---------------------------------------------------------------- taking
    async def _take_all(self) -> None:
        while not self._is_ending:
            self._news.clear()
            more = False
            try:
                more = await self._take()
            except StorageAway:
                logger.debug("No deliveries can be taken: the database is away")
            except Exception:
                logger.exception("No deliveries can be taken: a defect of the mock")
                await asyncio.sleep(POLL)
            if not more:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), POLL)

    async def _take(self) -> bool:
        """Take what there are places for. Returns whether there may be more."""
        for host in tuple(self._hosts.values()):  # it may have been held back by others
            self._begin(host)
        places = self._limits.under_way - self._under_way
        if places <= 0:
            return False
        until = self._loop.time() + LEASE
        taken, gone = await self._tables.take(min(places, self._most))
        excess: dict[str, list[Lease]] = {}
        for one in taken:
            found = InHand(one, until, self._loop.time)
            if not self._accept(found):
                excess.setdefault(found.host, []).append(one.lease)
        accepted = len(taken) - sum(map(len, excess.values()))
        self._most = max(2 * accepted, FEWEST) if excess else self._limits.under_way
        if excess:
            await self._put_off(excess)
        if gone:
            await self._tables.drop(gone)
        return bool(excess or gone)

    async def _put_off(self, excess: dict[str, list[Lease]]) -> None:
        """Let what exceeds the places of its host come back when there is one."""
        now, places = self._loop.time(), self._limits.per_host
        leases = [lease for ones in excess.values() for lease in ones]
        waits = [wait for name, ones in excess.items() for wait in self._hosts[name].turns(len(ones), now, places)]
        await self._tables.put_off(leases, waits)
        for wait in waits:
            self.wake_in(wait)

    def _accept(self, one: InHand) -> bool:
        """Begin with a delivery, or keep it for later; False if too many wait for its host."""
        if old := self._in_hand.get(one.taken.lease.message):  # its lease was lost: what it does is not kept
            self._let_go(old)
        host = self._hosts.setdefault(one.host, _Host())
        if len(host.waiting) >= KEPT_FOR_HOST:
            return False
        host.waiting.append(one)
        self._in_hand[one.taken.lease.message] = one
        self._begin(host)
        return True

    def _begin(self, host: _Host) -> None:
        """Begin with what waits for a host, as far as it has places."""
        while host.waiting and self._under_way < self._limits.under_way and not self._is_ending:
            is_crowded = self._under_way >= self._limits.under_way // 2
            if len(host.under_way) >= (1 if is_crowded else self._limits.per_host):
                return
            one = host.waiting.popleft()
            host.under_way.add(one)
            self._under_way += 1
            one.began = self._loop.time()
            one.task = self._loop.create_task(self._run(one))

    async def _run(self, one: InHand) -> None:
        await self._priority.wait_for_turn()
        try:
            await self._perform(one)
        except LeaseLost:
            logger.debug("Delivery %d-%d is another replica's by now", one.taken.number, one.taken.place)
        except Exception:
            logger.exception("A delivery broke off: a defect of the mock")
        host = self._hosts.get(one.host)
        if host:
            host.took(self._loop.time() - one.began)
        self._forget(one)
        self._news.set()

    # ---------------------------------------------------------------- ending
    def _let_go(self, one: InHand) -> None:
        if one.task:
            one.task.cancel()
            self._cancelled = {task for task in self._cancelled if not task.done()} | {one.task}
        self._forget(one)

    def _forget(self, one: InHand) -> None:
        """Free the place of a delivery. May be repeated."""
        if self._in_hand.get(one.taken.lease.message) is not one:
            return
        del self._in_hand[one.taken.lease.message]
        host = self._hosts[one.host]
        if one in host.under_way:
            host.under_way.remove(one)
            self._under_way -= 1
        else:
            host.waiting.remove(one)
        self._begin(host)
        if not host.under_way and not host.waiting:
            del self._hosts[one.host]
        self._ended.set()

    # ---------------------------------------------------------------- leases
    async def _renew_all(self) -> None:
        while True:
            await asyncio.sleep(RENEWAL)
            try:
                await self._renew()
            except StorageAway:
                logger.debug("Leases can't be renewed: the database is away")
            except Exception:
                logger.exception("Leases can't be renewed: a defect of the mock")

    async def _renew(self) -> None:
        """Renew the leases of all that is in hand, and let go of what waits here for too long."""
        now = self._loop.time()
        held = [one for one in self._in_hand.values() if now < one.until]
        for one in [one for one in self._in_hand.values() if now >= one.until and one.task is None]:
            self._let_go(one)
        if not held:
            return
        renewed = await self._tables.renew([one.taken.lease for one in held])
        for one in held:
            one.until = now + LEASE if one.taken.lease.message in renewed else now
