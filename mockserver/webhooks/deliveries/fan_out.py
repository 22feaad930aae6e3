"""The fan-out of events: each event becomes one queued delivery for every subscription of its store and name."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from mockserver.clock import Clock, Ids
from mockserver.logs import RateLimitedLog
from mockserver.violations import dotted
from mockserver.webhooks.deliveries.egress_policy import host_of
from mockserver.webhooks.deliveries.history import TOO_MUCH_HELD, History, HistoryEntry
from mockserver.webhooks.deliveries.queue import Job, Queue
from mockserver.webhooks.deliveries.records import DEFECT
from mockserver.webhooks.deliveries.request_builder import NO_FAULT, DeliveryFault, DeliveryFaults
from mockserver.webhooks.deliveries.runtime import DeliveryRuntime
from mockserver.webhooks.events import Event, Events, SharedContent

logger = logging.getLogger("mockserver")

MOST_EVENTS = 10_000  # that wait for their fan-out
URGENT = 1_000  # waiting events from which on requests no longer go first
CHUNK = 50  # deliveries that are queued before other tasks have their turn
REORDER_WAIT = 5.0  # seconds, on the mock's clock, that a reordered delivery waits for another one to overtake it


class _Begun(NamedTuple):
    """An event whose fan-out has begun: the reason not to send it, and the indexes of the recipients that are left."""

    entry: HistoryEntry
    problem: str
    indexes: Iterator[int]


class FanOut:
    """The fan-out of one mock, in a task of the event loop that accepts the events. If that loop ends, the task of the
    next one goes on where it was.

    A delivery that can't be queued ends as failed, with a reason, whatever went wrong.
    """

    def __init__(
        self, history: History, faults: DeliveryFaults, clock: Clock, ids: Ids, losses: RateLimitedLog
    ) -> None:
        self._history = history
        self._faults = faults
        self._clock = clock
        self._ids = ids
        self._losses = losses
        self._waiting: deque[tuple[HistoryEntry, Events]] = deque()
        self._begun: _Begun | None = None
        self._latest: tuple[Any, SharedContent] | None = None  # data, and how it is written

    @property
    def waiting(self) -> int:
        """How many events wait."""
        return len(self._waiting)

    @property
    def is_full(self) -> bool:
        """Whether no more events are accepted."""
        return len(self._waiting) >= MOST_EVENTS

    def accept(self, entry: HistoryEntry, events: Events, runtime: DeliveryRuntime) -> None:
        """Take an event; its deliveries are queued soon after this call."""
        self._waiting.append((entry, events))
        self.resume(runtime)

    def resume(self, runtime: DeliveryRuntime) -> None:
        """Start the task of an event loop, if there is something to do and it doesn't run."""
        if (self._waiting or self._begun) and (runtime.fan_out is None or runtime.fan_out.done()):
            runtime.fan_out = asyncio.get_running_loop().create_task(self._run(runtime))

    def clear(self) -> None:
        """Forget the events that wait."""
        self._waiting.clear()
        self._begun = self._latest = None

    def clear_store(self, store_code: str) -> None:
        """Forget the events of a store that wait."""
        left = [(entry, events) for entry, events in self._waiting if entry.event.store_code != store_code]
        self._waiting.clear()
        self._waiting.extend(left)

    async def _run(self, runtime: DeliveryRuntime) -> None:
        while self._waiting or self._begun:
            if self._begun is None:
                if len(self._waiting) < URGENT:
                    await runtime.priority.wait_for_turn()
                entry, events = self._waiting.popleft()
                self._begun = _Begun(entry, self._prepare(entry, events), iter(range(len(entry.recipients))))
            await self._fan_out(self._begun, runtime.queue)
            self._begun = None
        self._latest = None

    async def _fan_out(self, begun: _Begun, queue: Queue) -> None:
        for index in begun.indexes:
            if begun.problem:
                self._fail(begun.entry, index, begun.problem)
            else:
                await self._begin(begun.entry, index, queue)
            if index % CHUNK == CHUNK - 1:
                await asyncio.sleep(0)

    # ---------------------------------------------------------------- one event
    def _prepare(self, entry: HistoryEntry, events: Events) -> str:
        """Validate and serialise the payload of an event. Returns why it must not be sent; empty if it may."""
        try:
            problem = self._violation(entry.event, events)
            self._history.hold(entry, None if problem else self._serialised(entry.event))
        except Exception:
            logger.exception("The event %s is lost: a defect of the mock", entry.event.event_name)
            self._history.hold(entry, None)
            problem = DEFECT
        return problem

    def _serialised(self, event: Event) -> SharedContent:
        """The data of an event as it is written. It is the same object for the same data, if that comes again at
        once."""
        if self._latest is None or self._latest[0] is not event.data:
            self._latest = event.data, SharedContent(event.data, event.form.media_type)
        return self._latest[1]

    def _violation(self, event: Event, events: Events) -> str:
        """The violations of the contract in a payload, as a reason not to send it: a defect of the mock."""
        some_id = self._ids.derived("sample")
        violations = events.violations(event.event_name, event.payload(some_id, some_id))
        if not violations:
            return ""
        found = "; ".join(f"{dotted(one.path)}: {one.message}" for one in violations)
        self._losses.error("contract violation: event %s is not sent: %s", event.event_name, found)
        return f"contract violation: {found}"

    # ---------------------------------------------------------------- one delivery
    async def _begin(self, entry: HistoryEntry, index: int, queue: Queue) -> None:
        """Choose the fault of a delivery and queue it; a defect fails this delivery alone."""
        event, subscription = entry.event, entry.recipients[index]
        try:
            fault = await self._faults.for_delivery(event.event_name, event.store_code, subscription.subscription_id)
            if fault:
                entry.faults[index] = fault
                self._history.outcomes.faults += 1
            self.enqueue(entry, index, fault or NO_FAULT, queue)
        except Exception:
            logger.exception("Delivery %d-%d is lost: a defect of the mock", event.number, index + 1)
            self._fail(entry, index, DEFECT)

    def enqueue(self, entry: HistoryEntry, index: int, fault: DeliveryFault, queue: Queue) -> None:
        """Queue a delivery. It fails where too much is held, or too many wait."""
        number = entry.event.number
        if self._history.is_full:
            self._losses.error("Delivery %d-%d is dropped: too much is held", number, index + 1)
            self._fail(entry, index, TOO_MUCH_HELD)
            return
        subscription = entry.recipients[index]
        wait = fault.delay + (REORDER_WAIT if fault.reorder else 0.0)
        due = self._clock.now() + wait if wait else 0.0
        host = host_of(subscription.destination.url)
        if not queue.enqueue(Job(number, index, subscription.subscription_id, host, due, fault.reorder)):
            self._losses.error("Delivery %d-%d is dropped: too many wait", number, index + 1)
            self._fail(entry, index, "Too many deliveries wait for this receiver.")

    def _fail(self, entry: HistoryEntry, index: int, reason: str) -> None:
        self._history.put(entry, index, self._history.at(entry, index).failed(reason))
