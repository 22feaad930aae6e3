"""The making of one attempt: the request is built for subscription and key as they are now, sent, and judged."""

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple

from mockserver.clock import Clock, Ids
from mockserver.errors import NotFound, SettingsError, StorageAway
from mockserver.settings import Settings
from mockserver.signing import Scheme
from mockserver.storage.model import Subscription
from mockserver.webhooks.deliveries import request_builder
from mockserver.webhooks.deliveries.egress_policy import DestinationRefused
from mockserver.webhooks.deliveries.history import TOO_MUCH_HELD
from mockserver.webhooks.deliveries.records import DEFECT, Attempt, Delivery
from mockserver.webhooks.deliveries.request_builder import NO_FAULT, DeliveryFault
from mockserver.webhooks.events import ENVELOPED, EventForm

if TYPE_CHECKING:
    from mockserver.webhooks.deliveries.sender import Sender

logger = logging.getLogger("mockserver")

MOST_ATTEMPTS = 20  # of a delivery that are remembered, as it can be delivered again and again
CLIENT_ERROR = 400


class LeaseLost(Exception):
    """The delivery is another worker's by now: nothing may be sent."""


def _may_send() -> None:
    """Let an attempt be sent: nobody else could have the delivery."""


class Letter(NamedTuple):
    """What a delivery sends: the number of its event, its payload by message id and request id, the fault to inject,
    and the form of the event. `subscription` finds who gets it; `may_send` is called right before, and raises LeaseLost
    if it must not be sent."""

    number: int
    payload: Callable[[str, str], bytes]
    subscription: Callable[[], Awaitable[Subscription]]
    fault: DeliveryFault = NO_FAULT
    may_send: Callable[[], None] = _may_send
    form: EventForm = ENVELOPED


class AttemptMaker:
    """The attempts of one mock. `sender` gives the sender of the running event loop; `is_full` says whether unfinished
    deliveries hold too much for one more to wait for its retry."""

    def __init__(  # noqa: PLR0913, PLR0917 (all that it works with, made once by its service)
        self,
        settings: Settings,
        clock: Clock,
        ids: Ids,
        sender: "Callable[[], Awaitable[Sender]]",
        is_full: Callable[[], bool] = lambda: False,
        scheme: Scheme = Scheme.VENDOR,
    ) -> None:
        self._retry_delay = settings.retry_delay
        self._clock = clock
        self._ids = ids
        self._sender = sender
        self._is_full = is_full
        self._scheme = scheme

    async def next(self, before: Delivery, letter: Letter) -> Delivery:
        """The delivery after its next attempt; failed, with a reason, where no attempt is possible. Raises
        LeaseLost."""
        try:
            return await self._attempted(before, letter, await letter.subscription())
        except LeaseLost:
            raise
        except NotFound:
            return before.failed("The subscription was deleted.")
        except StorageAway:  # nothing was sent: it is tried again later
            return before._replace(retry_at=self._clock.now() + self._retry_delay)
        except SettingsError as error:  # a secret that this way of signing can't use
            return before.failed(str(error))
        except ValueError as error:  # the contract knows only the outer form of a URL
            return before.failed(f"Nothing can be sent to this URL: {error}.")
        except Exception:
            logger.exception("Delivery %s broke off: a defect of the mock", before.message.delivery_id)
            return before.failed(DEFECT)

    async def _attempted(self, before: Delivery, letter: Letter, subscription: Subscription) -> Delivery:
        message, attempts = before.message, before.attempts
        attempt = self._prepared(before, letter, subscription)
        if subscription.destination.destination_type != "rest":
            reason = "Nothing is sent to queues; the attempt shows the message that would be."
            return Delivery("blocked", message, (*attempts, attempt), reason=reason)
        try:
            for _ in range(2 if letter.fault.duplicate else 1):
                attempts = (*attempts, await self._sent(attempt, letter.may_send))
        except DestinationRefused as refused:
            return Delivery("blocked", message, attempts, reason=str(refused))
        return self._outcome(before, attempts[-MOST_ATTEMPTS:])

    def _prepared(self, delivery: Delivery, letter: Letter, subscription: Subscription) -> Attempt:
        """An attempt with its request, not sent yet."""
        number = delivery.attempts[-1].number + 1 if delivery.attempts else 1
        now = self._clock.now()
        request_id = self._ids.derived("request", letter.number, subscription.subscription_id, number)
        body = letter.payload(delivery.message.message_id, request_id)
        plan = request_builder.AttemptPlan(request_id, now, letter.fault, self._scheme, letter.form)
        request = request_builder.request(subscription, body, delivery.message, plan)
        signed_at = plan.timestamp if subscription.signing and self._scheme is not Scheme.NONE else None
        return Attempt(number, request_id, now, 0.0, request, signed_at=signed_at)

    async def _sent(self, attempt: Attempt, may_send: Callable[[], None]) -> Attempt:
        """The attempt with the response of the receiver, or the error in its place."""
        sender = await self._sender()
        may_send()
        seconds, response, error = await sender.send(attempt.request)
        return attempt._replace(seconds=seconds, response=response, error=error)

    def _outcome(self, before: Delivery, attempts: tuple[Attempt, ...]) -> Delivery:
        """The delivery after an attempt: delivered, to be retried, or failed. A redirect is final (assumption A68)."""
        last, message = attempts[-1], before.message
        if last.succeeded:
            return Delivery("delivered", message, attempts)
        can_retry = last.response is None or last.response.status >= CLIENT_ERROR
        full = self._is_full()
        if before.status == "pending" and can_retry and not full:
            return Delivery("attempted", message, attempts, self._clock.now() + self._retry_delay)
        reason = last.error or f"The receiver answered {last.response.status if last.response else ''}."
        reason = f"{reason} It isn't repeated. {TOO_MUCH_HELD}" if full and can_retry else reason
        return Delivery("failed", message, attempts, reason=reason)
