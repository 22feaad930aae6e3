"""Where all deliveries pass, from an event to what became of it (vendor-facts §4, vendor-facts §5).

world.emit ─▶ Deliveries.emit   the event is noted, and the answer of the API goes its way
           ─▶ _spread           the payload is validated, and a job queued for each subscription
queue      ─▶ _perform          subscription and key as they are now; the request is made (outgoing) and sent (courier)
           ─▶ _judged           delivered, once more, or given up (stages)
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.clock import Clock, Ids
from mockserver.errors import NotFound
from mockserver.http.tls import client_context
from mockserver.logs import RateLimitedLog
from mockserver.settings import Settings
from mockserver.storage.model import Subscription
from mockserver.storage.state import State
from mockserver.storage.table import Page
from mockserver.violations import dotted
from mockserver.webhooks.deliveries import request_builder
from mockserver.webhooks.deliveries.egress_policy import DestinationRefused, EgressPolicy, Resolver, host_of, resolve
from mockserver.webhooks.deliveries.history import MOST_HELD, Case, History
from mockserver.webhooks.deliveries.priority import Precedence
from mockserver.webhooks.deliveries.queue import Job, MemoryQueue, Perform, Queue
from mockserver.webhooks.deliveries.records import Attempt, Delivery
from mockserver.webhooks.deliveries.request_builder import NO_FAULT, DeliveryFault, DeliveryFaults
from mockserver.webhooks.events import Event, Events, Text

if TYPE_CHECKING:
    from mockserver.webhooks.deliveries.sender import Courier

logger = logging.getLogger("mockserver")

MOST_EVENTS = 10_000  # that wait to be turned into deliveries
HASTE = 1_000  # events from which on they are taken in whether requests come or not
MOST_ATTEMPTS = 20  # of a delivery that are remembered, as it can be delivered again and again
CHUNK = 50  # deliveries that are queued before others have their turn
GRACE = 2.0  # seconds that deliveries get at the end
LISTED = 10  # of the deliveries that were not sent at the end
HOLD = 5.0  # seconds, on the mock's clock, that a reordered delivery waits for another one to overtake it
CLIENT_ERROR = 400
TOO_MUCH = f"Deliveries that aren't finished hold more than {MOST_HELD // 2**20} MiB."


class Ticket(NamedTuple):
    """What an event has caused: `size` deliveries."""

    number: int
    size: int

    def delivery_ids(self) -> list[str]:
        """The ids of the deliveries."""
        return [f"{self.number}-{place + 1}" for place in range(self.size)]


NOTHING = Ticket(0, 0)


class Deliveries:
    """All deliveries of one mock. For one event loop; it has no task and no connection before the first event.

    `faults` says what goes wrong on purpose; `resolver` finds the addresses of receivers; `targets` is told where the
    mock listens. Raises SettingsError if the allow-list or the CA file can't be used.
    """

    def __init__(  # noqa: PLR0913, PLR0917 (all that it works with, made once by the world)
        self,
        settings: Settings,
        clock: Clock,
        ids: Ids,
        state: State,
        faults: DeliveryFaults,
        resolver: Resolver = resolve,
    ) -> None:
        self.targets = EgressPolicy(settings.webhook_allow, resolver)
        self._settings = settings
        self._trusted = client_context(settings.ca_file)
        self._clock = clock
        self._ids = ids
        self._state = state
        self._faults = faults
        self._history = History(ids)
        self._number = 0
        self._arrived: deque[tuple[Case, Events]] = deque()
        self._latest: tuple[Any, Text] | None = None  # data, and what it is as text
        self._losses = RateLimitedLog(logger)
        self._shift: _Shift | None = None
        self._intake: asyncio.Task[None] | None = None

    def _at_work(self) -> "_Shift":
        """What works in this event loop; if there was another loop before, with what was left there."""
        if self._shift is None or not self._shift.is_here:
            left = self._shift.queue.cancel() if self._shift else []
            self._intake = None
            self._shift = _Shift(self._clock, self._perform, self._opened)
            for job in left:
                self._shift.queue.enqueue(job)
        return self._shift

    # ---------------------------------------------------------------- what happens
    def give_way(self) -> None:
        """A request has come: it, and those that follow at once, go first."""
        shift = self._shift
        backlog = len(self._arrived) + shift.queue.backlog() if shift else 0
        if shift and backlog and shift.is_here:
            shift.precedence.give_way(backlog)

    async def emit(self, events: Events, event_name: str, store_code: str, data: Any) -> Ticket:
        """Deliver one of the `events`, soon after this call, to all who have subscribed to it. `data` may be a function
        that makes it, which is called only if there is somebody to be told. Never raises, and never waits for a
        receiver: a defect is logged, as it mustn't break the answer of the API."""
        try:
            recipients = await self._state.subscriptions_of(store_code, event_name)
            if not recipients:
                return NOTHING
            if len(self._arrived) >= MOST_EVENTS:
                told = "The event %s of store %s is lost: %d others wait"
                self._losses.error(told, event_name, store_code, MOST_EVENTS)
                return NOTHING
            content = data() if callable(data) else data
            self._number += 1
            event = Event(self._number, event_name, store_code, self._clock.now(), content)
            self._accept(self._history.open(event, recipients), events)
            return Ticket(event.number, len(recipients))
        except Exception:
            logger.exception("The event %s of store %s is lost: a defect of the mock", event_name, store_code)
            return NOTHING

    def _accept(self, case: Case, events: Events) -> None:
        self._arrived.append((case, events))
        shift = self._at_work()
        if self._intake is None or self._intake.done():
            self._intake = asyncio.get_running_loop().create_task(self._take_in(shift.precedence))

    async def _take_in(self, precedence: Precedence) -> None:
        """Turn events into queued deliveries, a few at a time."""
        while self._arrived:
            if len(self._arrived) < HASTE:
                await precedence.turn()
            case, events = self._arrived.popleft()
            try:
                await self._spread(case, events)
            except Exception:
                logger.exception("The event %s is lost: a defect of the mock", case.event.event_name)
        self._latest = None

    async def _spread(self, case: Case, events: Events) -> None:
        event = case.event
        problem = self._problem(event, events)
        self._history.hold(case, None if problem else self._text(event.data))
        for place, subscription in enumerate(case.recipients):
            if place % CHUNK == CHUNK - 1:
                await asyncio.sleep(0)
            if problem:
                self._give_up(case, place, problem)
                continue
            fault = self._faults.for_delivery(event.event_name, event.store_code, subscription.subscription_id)
            if fault:
                case.faults[place] = fault
            self._enqueue(case, place, fault or NO_FAULT)

    def _text(self, data: Any) -> Text:
        """Data as text: the same one for the same data, if that comes again at once."""
        if self._latest is None or self._latest[0] is not data:
            self._latest = data, Text(data)
        return self._latest[1]

    def _problem(self, event: Event, events: Events) -> str:
        """Why an event must not be sent, if so: what leaves the contract is a defect of the mock."""
        some_id = self._ids.derived("sample")
        violations = events.violations(event.envelope(some_id, some_id))
        if not violations:
            return ""
        told = "; ".join(f"{dotted(one.path)}: {one.message}" for one in violations)
        self._losses.error("contract violation: event %s is not sent: %s", event.event_name, told)
        return f"contract violation: {told}"

    def _enqueue(self, case: Case, place: int, fault: DeliveryFault) -> None:
        if self._history.is_full:
            self._losses.error("Delivery %d-%d is dropped: too much is held", case.event.number, place + 1)
            self._give_up(case, place, TOO_MUCH)
            return
        subscription = case.recipients[place]
        wait = fault.delay + (HOLD if fault.reorder else 0.0)
        due = self._clock.now() + wait if wait else 0.0
        lane, host = subscription.subscription_id, host_of(subscription.destination.url)
        if not self._at_work().queue.enqueue(Job(case.event.number, place, lane, host, due, fault.reorder)):
            self._losses.error("Delivery %d-%d is dropped: too many wait", case.event.number, place + 1)
            self._give_up(case, place, "Too many deliveries wait for this receiver.")

    def _give_up(self, case: Case, place: int, reason: str) -> None:
        self._history.put(case, place, _failed(self._history.at(case, place), reason))

    # ---------------------------------------------------------------- one delivery
    async def _perform(self, job: Job) -> float | None:
        case = self._history.case(job.number)
        if case is None:
            return None
        delivery = await self._next_stage(case, job.place)
        self._history.put(case, job.place, delivery)
        return delivery.retry_at

    async def _next_stage(self, case: Case, place: int) -> Delivery:
        before, recipient = self._history.at(case, place), case.recipients[place]
        try:
            subscription = await self._state.subscription(recipient.store_code, recipient.subscription_id)
            return await self._attempted(case, place, before, subscription)
        except NotFound:
            return _failed(before, "The subscription was deleted.")
        except ValueError as error:  # the contract knows only the outer form of a URL
            return _failed(before, f"Nothing can be sent to this URL: {error}.")
        except Exception:
            logger.exception("Delivery %d-%d broke off: a defect of the mock", case.event.number, place + 1)
            return _failed(before, "A defect of the mock; its log says more.")

    async def _attempted(self, case: Case, place: int, before: Delivery, subscription: Subscription) -> Delivery:
        message, attempts = before.message, before.attempts
        fault = case.faults.get(place, NO_FAULT)
        attempt = self._prepared(case, before, subscription, fault)
        if subscription.destination.destination_type != "rest":
            reason = "Nothing is sent to queues; the attempt shows the message that would be."
            return Delivery("blocked", message, (*attempts, attempt), reason=reason)
        try:
            for _ in range(2 if fault.duplicate else 1):
                attempts = (*attempts, await self._sent(attempt))
        except DestinationRefused as refused:
            return Delivery("blocked", message, attempts, reason=str(refused))
        return self._judged(before, attempts[-MOST_ATTEMPTS:])

    def _prepared(self, case: Case, delivery: Delivery, subscription: Subscription, fault: DeliveryFault) -> Attempt:
        """An attempt that is ready to be sent."""
        number = delivery.attempts[-1].number + 1 if delivery.attempts else 1
        now = self._clock.now()
        request_id = self._ids.derived("request", case.event.number, subscription.subscription_id, number)
        body = case.payload(delivery.message.message_id, request_id)
        prepared = request_builder.Prepared(request_id, now, fault)
        sent = request_builder.request(subscription, body, delivery.message.delivery_id, prepared)
        return Attempt(
            number, request_id, now, 0.0, sent, signed_at=prepared.timestamp if subscription.signing else None
        )

    async def _sent(self, attempt: Attempt) -> Attempt:
        courier = await self._at_work().courier()
        seconds, reply, error = await courier.send(attempt.request)
        return attempt._replace(seconds=seconds, reply=reply, error=error)

    async def _opened(self) -> "Courier":
        """A courier; loading what it works with takes so long that a thread has to do it."""
        kind = await asyncio.to_thread(_load_courier)
        return kind(self.targets, self._settings.delivery_timeout, self._trusted)

    def _judged(self, before: Delivery, attempts: tuple[Attempt, ...]) -> Delivery:
        """What an attempt means: done, once more, or given up. A redirect is an answer, and final (assumption A68)."""
        last, message = attempts[-1], before.message
        if last.succeeded:
            return Delivery("delivered", message, attempts)
        repeatable = last.reply is None or last.reply.status >= CLIENT_ERROR
        full = self._history.is_full
        if before.status == "pending" and repeatable and not full:
            return Delivery("attempted", message, attempts, self._clock.now() + self._settings.retry_delay)
        reason = last.error or f"The receiver answered {last.reply.status if last.reply else ''}."
        reason = f"{reason} It isn't repeated. {TOO_MUCH}" if full and repeatable else reason
        return Delivery("failed", message, attempts, reason=reason)

    # ---------------------------------------------------------------- what became of them
    @property
    def events(self) -> int:
        """How many events were accepted. Their number decides about the ids of what follows."""
        return self._number

    @property
    def forgotten(self) -> int:
        """How many finished deliveries had to go, as only so many are remembered."""
        return self._history.forgotten

    @property
    def revision(self) -> int:
        """How many changes there were since the start; `clear` is one, too."""
        return self._history.revision

    @property
    def emptied(self) -> int:
        """The revision that the last `clear` made; 0 if there was none."""
        return self._history.emptied

    def get(self, delivery_id: str) -> Delivery | None:
        """A delivery, or None if there is none of this id, or none any more."""
        found = self._history.find(delivery_id)
        return self._history.at(*found) if found else None

    def page(self, filters: Mapping[str, Any], offset: int = 0, limit: int = 50) -> Page[Delivery]:
        """Deliveries in the order of their events. `filters` has values by the names in `FILTERS`."""
        return self._history.page(filters, offset, limit)

    async def listing(self, filters: Mapping[str, Any], offset: int, limit: int) -> Page[Delivery]:
        """The same, while others have their turns: with much to look through it takes more than one."""
        return await self._history.listing(filters, offset, limit)

    async def wait(self, filters: Mapping[str, Any], at_least: int, seconds: float) -> int:
        """Wait until so many deliveries match, or for so many real seconds; returns how many do."""
        return await self._history.wait(filters, at_least, seconds)

    def redeliver(self, delivery_id: str) -> Delivery:
        """Deliver once more what is finished: the same message, in new attempts and without faults. What isn't finished
        yet is left alone. Raises NotFound."""
        found = self._history.find(delivery_id)
        if found is None:
            raise NotFound
        case, place = found
        if self._history.at(case, place).is_finished and case.text:
            self._history.reopen(case, place)
            case.faults.pop(place, None)
            self._enqueue(case, place, NO_FAULT)
        return self._history.at(case, place)

    # ---------------------------------------------------------------- the end
    async def drain(self, seconds: float) -> int:
        """Wait until nothing is left that could be done in so many real seconds, but no longer than those. Returns how
        many deliveries are left. With a frozen clock, what isn't due is no reason to wait."""
        if self._shift is None:
            return 0
        queue = self._at_work().queue
        if self._intake and not self._intake.done():
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._intake), seconds)
        return await queue.drain(seconds)

    def clear(self, events: int = 0) -> None:
        """Cancel all deliveries, forget them all, and count on from so many events."""
        if self._intake:
            self._intake.cancel()
        self._intake = self._latest = None
        if self._shift:
            self._shift.queue.cancel()
        self._arrived.clear()
        self._history.clear()
        self._number = events

    async def stop(self) -> None:
        """Give what is left a moment, tell what was not sent, and end all connections."""
        if self._shift is None:
            return
        await self.drain(GRACE)
        if self._intake:
            self._intake.cancel()
        self._losses.flush()
        left = [f"{job.number}-{job.place + 1}" for job in self._at_work().queue.cancel()]
        if left:
            more = ", …" if len(left) > LISTED else ""
            logger.warning("%d deliveries were not sent: %s%s", len(left), ", ".join(left[:LISTED]), more)
        await self._at_work().close()
        self._intake = self._shift = None


class _Shift:
    """What works in one event loop, in which it has to be made. `open_courier` is called with the first attempt."""

    def __init__(self, clock: Clock, perform: Perform, open_courier: "Callable[[], Awaitable[Courier]]") -> None:
        self.precedence = Precedence()
        self.queue: Queue = MemoryQueue(clock, self.precedence, perform)
        self._loop = asyncio.get_running_loop()
        self._open_courier = open_courier
        self._opening = asyncio.Lock()
        self._courier: Courier | None = None

    @property
    def is_here(self) -> bool:
        """Whether its event loop is the one that runs."""
        return self._loop is asyncio.get_running_loop()

    async def courier(self) -> "Courier":
        """The one courier."""
        if self._courier is None:
            async with self._opening:
                self._courier = self._courier or await self._open_courier()
        return self._courier

    async def close(self) -> None:
        """End all connections."""
        if self._courier is not None:
            await self._courier.close()


def _failed(before: Delivery, reason: str) -> Delivery:
    return Delivery("failed", before.message, before.attempts, reason=reason)


def _load_courier() -> "type[Courier]":
    from mockserver.webhooks.deliveries.sender import Courier

    return Courier
