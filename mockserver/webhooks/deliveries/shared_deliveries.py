"""Deliveries that several replicas share: written to the database with the change that causes them, and made by
whichever replica takes them from there.

world.emit, or a change of the state ─▶ emit_event in the database: event, deliveries and messages
LeasedQueue ─▶ SharedAttempts         the request is built, sent and judged; the database keeps the outcome
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from mockserver.clock import Clock, Ids
from mockserver.errors import NotFound, StorageAway
from mockserver.http.tls import client_context
from mockserver.logs import RateLimitedLog
from mockserver.observers import Observers
from mockserver.settings import Settings
from mockserver.storage.postgres import PostgresState, numbers_of
from mockserver.storage.table import Page
from mockserver.webhooks.deliveries.deliveries import NOTHING, Backlog, DeliverySources, Standing, Ticket
from mockserver.webhooks.deliveries.delivery_changes import DeliveryChanges
from mockserver.webhooks.deliveries.egress_policy import EgressPolicy
from mockserver.webhooks.deliveries.history import COALESCE, MOST_BYTES, SIZE
from mockserver.webhooks.deliveries.kept_deliveries import kept
from mockserver.webhooks.deliveries.leased_queue import LeasedQueue
from mockserver.webhooks.deliveries.priority import RequestPriority
from mockserver.webhooks.deliveries.records import Delivery
from mockserver.webhooks.deliveries.runtime import open_sender
from mockserver.webhooks.deliveries.shared_attempts import SharedAttempts
from mockserver.webhooks.events import ENVELOPED, Events, written

if TYPE_CHECKING:
    from mockserver.webhooks.deliveries.sender import Sender

logger = logging.getLogger("mockserver")

GRACE = 2.0  # seconds that deliveries get at the end
TIDYING = 1.0  # seconds between two looks at what may be forgotten
LISTED = 10  # of the deliveries that were given back at the end
NOT_REMEMBERED = "No delivery of this id is remembered; GET /_mock/deliveries lists those that are."


class SharedDeliveries:
    """The deliveries of one replica. Raises SettingsError if the allow-list or the CA file can't be used."""

    events = 0  # who else accepts some isn't known

    def __init__(
        self, settings: Settings, clock: Clock, ids: Ids, state: PostgresState, sources: DeliverySources
    ) -> None:
        self.egress_policy = EgressPolicy(settings.webhook_allow, sources.resolver)
        self._is_worker = settings.deliver
        self._clock, self._tables, self._notices = clock, state.deliveries, state.notices
        self._losses = RateLimitedLog(logger)
        self._changes = DeliveryChanges(state.deliveries)
        self._attempts = SharedAttempts(settings, clock, ids, state, sources, self._sender)
        self._attempts.kept = self._kept
        self.outcomes = self._attempts.outcomes
        trusted = client_context(settings.ca_file)
        self._open_sender = partial(open_sender, self.egress_policy, settings.delivery_timeout, trusted)
        self._opening: asyncio.Lock | None = None
        self._opened: Sender | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._queue: LeasedQueue | None = None
        self._priority: RequestPriority | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def observers(self) -> Observers[[Delivery]]:
        """Who is told of each delivery after each of its changes, whichever replica makes it."""
        return self._changes.observers

    # ---------------------------------------------------------------- start and end
    async def start(self) -> None:
        """Begin to deliver, unless that is left to others, and to follow what they do."""
        self._loop = asyncio.get_running_loop()
        self._opening = asyncio.Lock()
        self._notices.add(self._notified)
        self._clock.observers.add(self._clock_moved)
        self._changes.start()
        if self._is_worker:
            self._priority = RequestPriority()
            self._queue = LeasedQueue(self._tables, self._priority, self._attempts.perform)
            self._attempts.put_off = self._put_off
            self._queue.start()
            self._run(self._tidy())

    async def stop(self) -> None:
        """End: what is under way gets a moment to finish, and what this replica has leased is given back."""
        if self._loop is None:
            return
        self._clock.observers.discard(self._clock_moved)
        self._notices.discard(self._notified)
        if self._queue is not None:
            left = [f"{one.number}-{one.place}" for one in await self._queue.stop(GRACE)]
            if left:
                more = ", …" if len(left) > LISTED else ""
                told = "%d deliveries were left to other replicas: %s%s"
                logger.warning(told, len(left), ", ".join(left[:LISTED]), more)
            self._queue = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._changes.stop()
        self._losses.flush()
        self.outcomes.flush()
        if self._opened is not None:
            await self._opened.close()
            self._opened = None
        self._loop = None

    async def _sender(self) -> "Sender":
        if self._opened is None and self._opening is not None:
            async with self._opening:
                self._opened = self._opened or await self._open_sender()
        if self._opened is None:
            raise StorageAway  # it was stopped meanwhile: another replica sends it
        return self._opened

    def _run(self, work: Any) -> None:
        if self._loop is not None and not self._loop.is_closed():
            task = self._loop.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    # ---------------------------------------------------------------- what happens
    def request_arrived(self) -> None:
        """Let a request to the API, and those that follow at once, go before deliveries."""
        if self._priority is not None and self._queue is not None and self._queue.in_hand:
            self._priority.request_arrived(self._attempts.backlog)

    def _notified(self, what: str) -> None:
        if self._queue is not None and what in ("queued", ""):
            self._queue.wake()
        self._changes.noticed()

    def _kept(self, delivery: Delivery) -> None:
        """Count and tell what became of a delivery here."""
        self.outcomes.add(delivery)
        self._changes.made()

    def _put_off(self, seconds: float) -> None:
        if self._queue is not None:
            self._queue.wake_in(seconds)

    def _clock_moved(self) -> None:
        """Let what waits by the mock's clock become due by that. Called in any thread."""
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended
                self._loop.call_soon_threadsafe(lambda: self._run(self._move()))

    async def _move(self) -> None:
        with suppress(StorageAway):
            await self._attempts.move()

    async def _tidy(self) -> None:
        """Forget what is finished and too much, for as long as it takes."""
        while True:
            await asyncio.sleep(TIDYING)
            try:
                await self._tidy_once()
            except StorageAway:
                logger.debug("Finished deliveries can't be forgotten: the database is away")
            except Exception:
                logger.exception("Finished deliveries can't be forgotten: a defect of the mock")

    async def _tidy_once(self) -> None:
        if self._attempts.finished:
            await self._forget()
        if self._queue is not None and self._queue.in_hand:
            self._attempts.backlog = await self._tables.in_a_row()

    async def _forget(self) -> None:
        self._attempts.finished = 0
        await self._tables.forget(SIZE, MOST_BYTES)

    async def emit(
        self, events: Events, event_name: str, store_code: str, data: Any, *, only: str | None = None
    ) -> Ticket:
        """Write an event, a delivery to each subscription of its store and name, and their messages. Nothing is written
        for `only` one: who asks for that has to know that it goes to all."""
        if only is not None:
            return NOTHING
        try:
            form = events.form(event_name) if event_name in events.names else ENVELOPED
            content = written(data() if callable(data) else data, form.media_type)
            number, size = await self._tables.emit(store_code, event_name, self._clock.now(), content)
            return Ticket(number, size) if size else NOTHING
        except StorageAway:
            self._losses.error("The event %s of store %s is lost: the database is away", event_name, store_code)
            return NOTHING
        except Exception:
            logger.exception("The event %s of store %s is lost: a defect of the mock", event_name, store_code)
            return NOTHING

    # ---------------------------------------------------------------- the history
    async def look_up(self, delivery_id: str) -> Delivery | None:
        """A delivery, or None if no delivery of this id is remembered."""
        numbers = numbers_of(delivery_id)
        row = await self._tables.find(*numbers) if numbers else None
        return None if row is None else kept(row)

    async def listing(self, filters: Mapping[str, Any], offset: int = 0, limit: int = 50) -> Page[Delivery]:
        """Deliveries in the order of their events. `filters` has values by the names in FILTERS."""
        filtered = await self._tables.count(filters)
        found = await self._tables.page(filters, offset, limit) if limit and offset < filtered else []
        total = (await self._tables.standing()).total if filters else filtered
        return Page(list(map(kept, found)), total, filtered)

    async def wait(self, filters: Mapping[str, Any], at_least: int, seconds: float) -> int:
        """Wait until so many deliveries match, or for so many real seconds; returns how many do."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while (found := await self._tables.count(filters)) < at_least:
                    await self._changes.news(at_most=1.0)
                    await asyncio.sleep(COALESCE)
                return found
        return await self._tables.count(filters)

    async def standing(self) -> Standing:
        """The history as a whole."""
        _, *figures = await self._tables.standing()
        return Standing(*figures)

    async def backlog(self) -> Backlog:
        """What isn't finished, in all replicas together."""
        return Backlog(*await self._tables.figures())

    async def deliver_again(self, delivery_id: str) -> Delivery:
        """Deliver a finished delivery again: the same message, in new attempts and without faults. An unfinished one
        stays as it is. Raises NotFound."""
        numbers = numbers_of(delivery_id)
        found = await self.look_up(delivery_id)
        if found is None or numbers is None:
            raise NotFound(hint=NOT_REMEMBERED)
        if found.is_finished and await self._tables.again(*numbers):
            return Delivery("pending", found.message, found.attempts)
        return found

    async def drain(self, seconds: float) -> int:
        """Wait until no delivery is left, of any replica, that could be made in so many real seconds, but no longer
        than those. Returns how many are left."""
        until = self._clock.now() + (0 if self._clock.frozen else seconds)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while (await self._tables.left(until)).due or (self._queue and self._queue.in_hand):
                    await self._changes.news(at_most=0.05)
        await self._forget()
        return (await self._tables.left(until)).unfinished

    def clear(self, events: int = 0) -> None:  # noqa: ARG002 (the database counts)
        """Let go of all deliveries that this replica has in hand; the database forgets them with the records."""
        self._cancel(lambda _: True)

    def clear_store(self, store_code: str) -> None:
        """The same for those of a store."""
        self._cancel(lambda taken: taken.store_code == store_code)

    def _cancel(self, chosen: Callable[[Any], bool]) -> None:
        if self._queue is not None:
            self._queue.cancel(chosen)
