"""The record of a delivery: one event for one subscription, its status and its attempts.

    pending ──▶ attempted ──▶ delivered      a 2xx
       │            │
       │            └───────▶ failed         the retry failed too, or the response allows none
       ├────────────────────▶ blocked        nothing was sent: the egress policy forbids it, or it is for a queue
       └────────────────────▶ failed         nothing was sent: invalid payload, deleted subscription, no room, defect

A pending delivery wasn't sent yet, or is delivered again on demand and then has attempts; an attempted one waits for
its retry. Records are immutable. None holds a signing key.
"""

from typing import Any, Literal, NamedTuple

from mockserver.clock import timestamp
from mockserver.escaping import masked_header

DEFECT = "A defect of the mock; its log says more."  # the reason of a delivery that failed by one
Headers = tuple[tuple[str, str], ...]
Status = Literal["pending", "attempted", "delivered", "failed", "blocked"]


class SentRequest(NamedTuple):
    """A request as it was sent."""

    method: str
    url: str
    headers: Headers
    body: str

    @property
    def size(self) -> int:
        """The size of headers and body, in characters."""
        return _size(self.headers, self.body)


class ReceiverResponse(NamedTuple):
    """The response of a receiver; long headers and bodies are cut."""

    status: int
    headers: Headers
    body: str

    @property
    def size(self) -> int:
        """The size of headers and body, in characters."""
        return _size(self.headers, self.body)


class Attempt(NamedTuple):
    """One attempt of a delivery, counted from 1.

    `at` is the mock's time in Unix seconds, `seconds` the real time until the response. `signed_at` is the signed time
    in whole Unix seconds; None if the request isn't signed. `error` says why there is no response.
    """

    number: int
    request_id: str
    at: float
    seconds: float
    request: SentRequest
    response: ReceiverResponse | None = None
    error: str | None = None
    signed_at: int | None = None

    @property
    def size(self) -> int:
        """The size of request and response, in characters."""
        return self.request.size + (self.response.size if self.response else 0)

    @property
    def succeeded(self) -> bool:
        """Whether the receiver accepted the delivery: any 2xx (vendor-facts §4.1)."""
        return self.response is not None and 200 <= self.response.status < 300  # noqa: PLR2004 (a 2xx)

    def as_json(self) -> dict[str, Any]:
        """The attempt as the control plane shows it; credentials in headers are masked."""
        response = self.response
        return {
            "number": self.number,
            "requestId": self.request_id,
            "at": timestamp(self.at),
            "seconds": round(self.seconds, 6),
            "request": {
                "method": self.request.method,
                "url": self.request.url,
                "headers": _shown(self.request.headers),
                "body": self.request.body,
            },
            "response": response
            and {"status": response.status, "headers": _shown(response.headers), "body": response.body},
            "error": self.error,
        }


class Message(NamedTuple):
    """The message of a delivery, the same in all attempts. `url` is the subscription's when the event happened."""

    delivery_id: str
    message_id: str
    event_name: str
    store_code: str
    subscription_id: str
    url: str
    created_at: float


class Delivery(NamedTuple):
    """A delivery with its status. `retry_at` is when the retry is due, on the mock's clock; `reason` says why it failed
    or is blocked."""

    status: Status
    message: Message
    attempts: tuple[Attempt, ...] = ()
    retry_at: float | None = None
    reason: str = ""

    @property
    def is_finished(self) -> bool:
        """Whether no attempt follows, unless somebody asks for a redelivery."""
        return self.status not in ("pending", "attempted")

    @property
    def size(self) -> int:
        """The size of all attempts, in characters."""
        return sum(attempt.size for attempt in self.attempts)

    def failed(self, reason: str) -> "Delivery":
        """The same delivery after it failed for a reason."""
        return Delivery("failed", self.message, self.attempts, reason=reason)

    def as_json(self) -> dict[str, Any]:
        """The delivery as the control plane shows it, without secrets."""
        message = self.message
        shown: dict[str, Any] = {
            "deliveryId": message.delivery_id,
            "messageId": message.message_id,
            "eventName": message.event_name,
            "storeCode": message.store_code,
            "subscriptionId": message.subscription_id,
            "url": message.url,
            "createdAt": timestamp(message.created_at),
            "status": self.status,
        }
        if self.retry_at is not None:
            shown["retryAt"] = timestamp(self.retry_at)
        if self.reason:
            shown["reason"] = self.reason
        return shown | {"attempts": [attempt.as_json() for attempt in self.attempts]}


def _size(headers: Headers, body: str) -> int:
    return len(body) + sum(len(name) + len(value) for name, value in headers)


def _shown(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": masked_header(name, value)} for name, value in headers]
