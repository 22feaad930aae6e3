"""The delivery service: accepts events, and shows and repeats their deliveries (vendor-facts §4, vendor-facts §5).

world.emit ─▶ DeliveryService.emit   the event is remembered; the response of the API doesn't wait for more
           ─▶ FanOut                 the payload is validated and serialised, a job queued for each subscription
queue      ─▶ Attempts               the request is built for subscription and key as they are now, sent, and judged
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from mockserver.clock import Clock, Ids
from mockserver.errors import NotFound, StorageAway
from mockserver.http.tls import client_context
from mockserver.logs import RateLimitedLog
from mockserver.observers import Observers
from mockserver.settings import Settings
from mockserver.storage.state import State
from mockserver.storage.table import Page
from mockserver.webhooks.deliveries.attempt_maker import AttemptMaker
from mockserver.webhooks.deliveries.attempts import Attempts
from mockserver.webhooks.deliveries.deliveries import NOTHING, Backlog, DeliverySources, Standing, Ticket
from mockserver.webhooks.deliveries.egress_policy import EgressPolicy
from mockserver.webhooks.deliveries.fan_out import MOST_EVENTS, FanOut
from mockserver.webhooks.deliveries.history import History
from mockserver.webhooks.deliveries.outcomes import Outcomes
from mockserver.webhooks.deliveries.records import Delivery
from mockserver.webhooks.deliveries.request_builder import NO_FAULT
from mockserver.webhooks.deliveries.runtime import DeliveryRuntime, open_sender
from mockserver.webhooks.events import Event, Events

if TYPE_CHECKING:
    from mockserver.webhooks.deliveries.sender import Sender

logger = logging.getLogger("mockserver")

GRACE = 2.0  # seconds that deliveries get at the end
LISTED = 10  # of the deliveries that were not sent at the end


class DeliveryService:
    """The deliveries of one mock. For one event loop; it has no task and no connection before the first event.

    `sources` say which faults to inject, and where receivers are; `egress_policy` has to know where the mock listens.
    Raises SettingsError if the allow-list or the CA file can't be used.
    """

    def __init__(self, settings: Settings, clock: Clock, ids: Ids, state: State, sources: DeliverySources) -> None:
        self.egress_policy = EgressPolicy(settings.webhook_allow, sources.resolver)
        self._clock = clock
        self._state = state
        self._history = History(ids)
        self._number = 0
        self._losses = RateLimitedLog(logger)
        self._fan_out = FanOut(self._history, sources.faults, clock, ids, self._losses)
        maker = AttemptMaker(settings, clock, ids, self._sender, self._is_full, sources.scheme)
        self._attempts = Attempts(state, self._history, maker)
        self._open_sender = partial(
            open_sender, self.egress_policy, settings.delivery_timeout, client_context(settings.ca_file)
        )
        self._runtime: DeliveryRuntime | None = None

    def _current_runtime(self) -> DeliveryRuntime:
        """The runtime of this event loop. It takes over the jobs and the fan-out of an earlier loop."""
        if self._runtime is None or not self._runtime.is_current:
            left = self._runtime.queue.cancel() if self._runtime else []
            self._runtime = DeliveryRuntime(self._clock, self._attempts.perform, self._open_sender)
            for job in left:
                self._runtime.queue.enqueue(job)
            self._fan_out.resume(self._runtime)
        return self._runtime

    def _is_full(self) -> bool:
        return self._history.is_full

    async def _sender(self) -> "Sender":
        return await self._current_runtime().sender()

    async def start(self) -> None:
        """Nothing to do: it starts with the first event."""

    # ---------------------------------------------------------------- events
    def request_arrived(self) -> None:
        """Let a request to the API, and those that follow at once, go before deliveries."""
        runtime = self._runtime
        backlog = self._fan_out.waiting + runtime.queue.backlog() if runtime else 0
        if runtime and backlog and runtime.is_current:
            runtime.priority.request_arrived(backlog)

    async def emit(
        self, events: Events, event_name: str, store_code: str, data: Any, *, only: str | None = None
    ) -> Ticket:
        """Deliver one of the `events`, soon after this call, to all subscriptions of its store and name, or only to the
        one with this id.

        `data` may be a function that makes the data; it is called only if there is a subscription. Never raises, and
        never waits for a receiver: a defect is logged, as it mustn't break the response of the API.
        """
        try:
            recipients = await self._state.subscriptions_of(store_code, event_name)
            if only is not None:
                recipients = tuple(one for one in recipients if one.subscription_id == only)
            if not recipients:
                return NOTHING
            if self._fan_out.is_full:
                lost = "The event %s of store %s is lost: %d others wait"
                self._losses.error(lost, event_name, store_code, MOST_EVENTS)
                return NOTHING
            content = data() if callable(data) else data
            runtime = self._current_runtime()
            self._number += 1
            form = events.form(event_name)
            event = Event(self._number, event_name, store_code, self._clock.now(), content, form)
            self._fan_out.accept(self._history.open(event, recipients), events, runtime)
            return Ticket(event.number, len(recipients))
        except StorageAway:
            self._losses.error("The event %s of store %s is lost: the database is away", event_name, store_code)
            return NOTHING
        except Exception:
            logger.exception("The event %s of store %s is lost: a defect of the mock", event_name, store_code)
            return NOTHING

    # ---------------------------------------------------------------- deliveries
    @property
    def events(self) -> int:
        """How many events were accepted. The ids of later deliveries depend on their number."""
        return self._number

    @property
    def outcomes(self) -> Outcomes:
        """How many deliveries are finished, by status, since the start."""
        return self._history.outcomes

    @property
    def observers(self) -> Observers[[Delivery]]:
        """Who is told of each delivery after each of its changes."""
        return self._history.observers

    async def look_up(self, delivery_id: str) -> Delivery | None:
        """A delivery, or None if no delivery of this id is remembered."""
        found = self._history.find(delivery_id)
        return self._history.at(*found) if found else None

    async def listing(self, filters: Mapping[str, Any], offset: int = 0, limit: int = 50) -> Page[Delivery]:
        """Deliveries in the order of their events. `filters` has values by the names in `FILTERS`. Other tasks have
        their turns meanwhile: a long history takes more than one."""
        return await self._history.listing(filters, offset, limit)

    async def wait(self, filters: Mapping[str, Any], at_least: int, seconds: float) -> int:
        """Wait until so many deliveries match, or for so many real seconds; returns how many do."""
        return await self._history.wait(filters, at_least, seconds)

    async def standing(self) -> Standing:
        """The history as a whole."""
        history = self._history
        return Standing(history.forgotten, history.revision, history.emptied)

    async def backlog(self) -> Backlog:
        """What isn't finished; the age is by the mock's clock."""
        length, oldest = self._history.unfinished()
        return Backlog(length, 0.0 if oldest is None else max(self._clock.now() - oldest, 0.0))

    async def deliver_again(self, delivery_id: str) -> Delivery:
        """Deliver a finished delivery again: the same message, in new attempts and without faults.

        An unfinished delivery, and one whose event could not be sent at all, stays as it is. Raises NotFound.
        """
        found = self._history.find(delivery_id)
        if found is None:
            raise NotFound(hint="No delivery of this id is remembered; GET /_mock/deliveries lists those that are.")
        entry, index = found
        if self._history.at(entry, index).is_finished and entry.content:
            self._history.reopen(entry, index)
            entry.faults.pop(index, None)
            self._fan_out.enqueue(entry, index, NO_FAULT, self._current_runtime().queue)
        return self._history.at(entry, index)

    # ---------------------------------------------------------------- the end
    async def drain(self, seconds: float) -> int:
        """Wait until no delivery is left that could be made in so many real seconds, but no longer than those.

        Returns how many deliveries are left. With a frozen clock, a delivery that isn't due is no reason to wait.
        """
        if self._runtime is None:
            return 0
        runtime = self._current_runtime()
        if runtime.fan_out and not runtime.fan_out.done():
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(runtime.fan_out), seconds)
        return await runtime.queue.drain(seconds)

    def clear(self, events: int = 0) -> None:
        """Cancel and forget all deliveries, and count on from so many events."""
        if self._runtime:
            self._runtime.cancel_fan_out()
            self._runtime.queue.cancel()
        self._fan_out.clear()
        self._history.clear()
        self._number = events

    def clear_store(self, store_code: str) -> None:
        """Cancel and forget the deliveries of a store. The numbers of events go on."""
        self._fan_out.clear_store(store_code)
        self._history.clear_store(store_code)

    async def stop(self) -> None:
        """Wait a moment for the deliveries that are left, log those that were not sent, and end all connections."""
        if self._runtime is None:
            return
        await self.drain(GRACE)
        runtime = self._current_runtime()
        runtime.cancel_fan_out()
        self._losses.flush()
        self.outcomes.flush()
        left = [f"{job.number}-{job.recipient + 1}" for job in runtime.queue.cancel()]
        if left:
            more = ", …" if len(left) > LISTED else ""
            logger.warning("%d deliveries were not sent: %s%s", len(left), ", ".join(left[:LISTED]), more)
        await runtime.queue.settle()
        await runtime.close()
        self._runtime = None
