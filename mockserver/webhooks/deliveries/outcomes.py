"""The outcomes of deliveries: how many there were, and a log line for each."""

import logging
from collections import Counter
from collections.abc import Mapping
from functools import partial

from mockserver.clock import timestamp
from mockserver.escaping import masked
from mockserver.logs import BoundedLog, LogEvent, Parts, style_of
from mockserver.webhooks.deliveries.records import Delivery

logger = logging.getLogger("mockserver")

STYLES = {"delivered": "good", "attempted": "moved", "failed": "worse", "blocked": "bad"}


class DeliveryLine(LogEvent):
    """A delivery after an attempt, or after one that can't be made, for the log. What may be secret in its URL is
    masked."""

    __slots__ = ("_delivery",)

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    def parts(self) -> Parts:
        """`delivery 17-1 CustomerRegistered to http://localhost:9000/hook delivered 204 (attempts: 1)`, and why not."""
        delivery, message = self._delivery, self._delivery.message
        yield f"delivery {message.delivery_id} {message.event_name} to {masked(message.url)} ", ""
        yield delivery.status, STYLES.get(delivery.status, "")
        if self._code:
            yield f" {self._code}", style_of(self._code)
        yield f" (attempts: {len(delivery.attempts)})", ""
        if self._reason:
            yield f" - {self._reason}", ""

    def fields(self) -> Mapping[str, object]:
        """The same by name."""
        delivery, message = self._delivery, self._delivery.message
        return {
            "deliveryId": message.delivery_id,
            "eventName": message.event_name,
            "storeCode": message.store_code,
            "subscriptionId": message.subscription_id,
            "url": masked(message.url),
            "delivery": delivery.status,
            "attempts": len(delivery.attempts),
            "status": self._code,
            "reason": self._reason,
        }

    @property
    def _code(self) -> int | None:
        attempts = self._delivery.attempts
        return attempts[-1].response.status if attempts and attempts[-1].response else None

    @property
    def _reason(self) -> str | None:
        delivery = self._delivery
        if delivery.retry_at is None:
            return delivery.reason or None
        error = delivery.attempts[-1].error if delivery.attempts else None
        again = f"it is tried again when the mock's clock shows {timestamp(delivery.retry_at)}"
        return f"{error.removesuffix('.')}; {again}" if error else again


class Outcomes:
    """The outcomes of the deliveries of one mock.

    `finished` counts them by status, `faults` those that a fault was applied to. The lines of those that arrived and of
    those that didn't are bounded each by itself, so that a flood of the ones hides none of the others.
    """

    def __init__(self) -> None:
        self.finished: Counter[str] = Counter(delivered=0, failed=0, blocked=0)
        self.faults = 0
        self._good = BoundedLog(logger, logging.INFO, "… and %d more attempts of deliveries")
        self._bad = BoundedLog(logger, logging.WARNING, "… and %d more deliveries that failed or are blocked")

    def add(self, delivery: Delivery) -> None:
        """Count a delivery if it is finished, and log it if it is, or waits for its retry."""
        if delivery.status == "pending":
            return
        if delivery.is_finished:
            self.finished[delivery.status] += 1
        log = self._bad if delivery.status in ("failed", "blocked") else self._good
        log.log(partial(DeliveryLine, delivery))

    def flush(self) -> None:
        """Log how many were not logged."""
        self._good.flush()
        self._bad.flush()
