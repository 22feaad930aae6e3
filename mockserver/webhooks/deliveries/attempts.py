"""The attempts of queued deliveries: each is prepared, sent, and its outcome remembered."""

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from mockserver.clock import Clock, Ids
from mockserver.errors import NotFound, StorageAway
from mockserver.settings import Settings
from mockserver.storage.model import Subscription
from mockserver.storage.state import State
from mockserver.webhooks.deliveries import request_builder
from mockserver.webhooks.deliveries.egress_policy import DestinationRefused
from mockserver.webhooks.deliveries.history import TOO_MUCH_HELD, History, HistoryEntry
from mockserver.webhooks.deliveries.queue import Job
from mockserver.webhooks.deliveries.records import DEFECT, Attempt, Delivery
from mockserver.webhooks.deliveries.request_builder import NO_FAULT, DeliveryFault

if TYPE_CHECKING:
    from mockserver.webhooks.deliveries.sender import Sender

logger = logging.getLogger("mockserver")

MOST_ATTEMPTS = 20  # of a delivery that are remembered, as it can be delivered again and again
CLIENT_ERROR = 400


class Attempts:
    """The attempts of one mock. `sender` gives the sender of the running event loop."""

    def __init__(  # noqa: PLR0913, PLR0917 (all that it works with, made once by the service)
        self,
        settings: Settings,
        clock: Clock,
        ids: Ids,
        state: State,
        history: History,
        sender: "Callable[[], Awaitable[Sender]]",
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._ids = ids
        self._state = state
        self._history = history
        self._sender = sender

    async def perform(self, job: Job) -> float | None:
        """Make the next attempt of a delivery. Returns when to retry, on the mock's clock; None if it is finished."""
        entry = self._history.entry(job.number)
        if entry is None:
            return None
        delivery = await self._next(entry, job.recipient)
        self._history.put(entry, job.recipient, delivery)
        return delivery.retry_at

    async def _next(self, entry: HistoryEntry, index: int) -> Delivery:
        """The delivery after its next attempt; failed, with a reason, where no attempt is possible."""
        before, recipient = self._history.at(entry, index), entry.recipients[index]
        try:
            subscription = await self._state.subscription(recipient.store_code, recipient.subscription_id)
            return await self._attempted(entry, index, before, subscription)
        except NotFound:
            return before.failed("The subscription was deleted.")
        except StorageAway:  # nothing was sent: it is tried again later
            return before._replace(retry_at=self._clock.now() + self._settings.retry_delay)
        except ValueError as error:  # the contract knows only the outer form of a URL
            return before.failed(f"Nothing can be sent to this URL: {error}.")
        except Exception:
            logger.exception("Delivery %d-%d broke off: a defect of the mock", entry.event.number, index + 1)
            return before.failed(DEFECT)

    async def _attempted(
        self, entry: HistoryEntry, index: int, before: Delivery, subscription: Subscription
    ) -> Delivery:
        message, attempts = before.message, before.attempts
        fault = entry.faults.get(index, NO_FAULT)
        attempt = self._prepared(entry, before, subscription, fault)
        if subscription.destination.destination_type != "rest":
            reason = "Nothing is sent to queues; the attempt shows the message that would be."
            return Delivery("blocked", message, (*attempts, attempt), reason=reason)
        try:
            for _ in range(2 if fault.duplicate else 1):
                attempts = (*attempts, await self._sent(attempt))
        except DestinationRefused as refused:
            return Delivery("blocked", message, attempts, reason=str(refused))
        return self._outcome(before, attempts[-MOST_ATTEMPTS:])

    def _prepared(
        self, entry: HistoryEntry, delivery: Delivery, subscription: Subscription, fault: DeliveryFault
    ) -> Attempt:
        """An attempt with its request, not sent yet."""
        number = delivery.attempts[-1].number + 1 if delivery.attempts else 1
        now = self._clock.now()
        request_id = self._ids.derived("request", entry.event.number, subscription.subscription_id, number)
        body = entry.payload(delivery.message.message_id, request_id)
        plan = request_builder.AttemptPlan(request_id, now, fault)
        request = request_builder.request(subscription, body, delivery.message.delivery_id, plan)
        signed_at = plan.timestamp if subscription.signing else None
        return Attempt(number, request_id, now, 0.0, request, signed_at=signed_at)

    async def _sent(self, attempt: Attempt) -> Attempt:
        """The attempt with the response of the receiver, or the error in its place."""
        sender = await self._sender()
        seconds, response, error = await sender.send(attempt.request)
        return attempt._replace(seconds=seconds, response=response, error=error)

    def _outcome(self, before: Delivery, attempts: tuple[Attempt, ...]) -> Delivery:
        """The delivery after an attempt: delivered, to be retried, or failed. A redirect is final (assumption A68)."""
        last, message = attempts[-1], before.message
        if last.succeeded:
            return Delivery("delivered", message, attempts)
        can_retry = last.response is None or last.response.status >= CLIENT_ERROR
        full = self._history.is_full
        if before.status == "pending" and can_retry and not full:
            return Delivery("attempted", message, attempts, self._clock.now() + self._settings.retry_delay)
        reason = last.error or f"The receiver answered {last.response.status if last.response else ''}."
        reason = f"{reason} It isn't repeated. {TOO_MUCH_HELD}" if full and can_retry else reason
        return Delivery("failed", message, attempts, reason=reason)
