"""A delivery and its stages: what the mock knows of one event on its way to one subscription.

    pending ──▶ attempted ──▶ delivered      a 2xx
       │            │
       │            └───────▶ failed         the repeated attempt failed too, or there was nothing to repeat
       ├────────────────────▶ blocked        nothing was sent, as its target isn't allowed or is a queue
       └────────────────────▶ failed         nothing was sent: invalid payload, deleted subscription, full queue

Pending is what wasn't sent yet, or is delivered again on demand, and then has attempts; attempted, what waits for its
second attempt. The records never change, and each goes to JSON and back unchanged. None holds a signing key.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from mockserver.clock import timestamp

REDACTED = "********"
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "x-auth-token"})
Headers = tuple[tuple[str, str], ...]
Status = Literal["pending", "attempted", "delivered", "failed", "blocked"]


class Sent(NamedTuple):
    """A request as it went over the wire."""

    method: str
    url: str
    headers: Headers
    body: str

    @property
    def size(self) -> int:
        """About how many characters it has."""
        return _size(self.headers, self.body)


class ReceiverResponse(NamedTuple):
    """What the receiver answered; what is long is cut."""

    status: int
    headers: Headers
    body: str

    @property
    def size(self) -> int:
        """About how many characters it has."""
        return _size(self.headers, self.body)


class Attempt(NamedTuple):
    """One try, the first of a delivery having number 1. `at` is the mock's time in Unix seconds, `seconds` how long it
    really took. `signed_at` is the signed moment, in whole seconds; None if nothing was signed. `error` says why there
    is no reply."""

    number: int
    request_id: str
    at: float
    seconds: float
    request: Sent
    reply: ReceiverResponse | None = None
    error: str | None = None
    signed_at: int | None = None

    @property
    def size(self) -> int:
        """About how many characters were sent and received."""
        return self.request.size + (self.reply.size if self.reply else 0)

    @property
    def succeeded(self) -> bool:
        """Whether the receiver has taken it: any 2xx (vendor-facts §4.1)."""
        return self.reply is not None and 200 <= self.reply.status < 300  # noqa: PLR2004 (a 2xx)

    def as_json(self) -> dict[str, Any]:
        """The attempt for people and programs; credentials in custom headers are masked."""
        reply = self.reply
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
            "response": reply and {"status": reply.status, "headers": _shown(reply.headers), "body": reply.body},
            "error": self.error,
        }


class Message(NamedTuple):
    """What is delivered, and to whom. `url` is where the subscription pointed when the event happened."""

    delivery_id: str
    message_id: str
    event_name: str
    store_code: str
    subscription_id: str
    url: str
    created_at: float


class Delivery(NamedTuple):
    """A delivery in one of its stages. `retry_at`, on the mock's clock, is when what was attempted is due again;
    `reason` says why one failed or is blocked."""

    status: Status
    message: Message
    attempts: tuple[Attempt, ...] = ()
    retry_at: float | None = None
    reason: str = ""

    @property
    def is_finished(self) -> bool:
        """Whether nothing more is done about it, unless somebody asks."""
        return self.status not in ("pending", "attempted")

    @property
    def size(self) -> int:
        """About how many characters were sent and received in all."""
        return sum(attempt.size for attempt in self.attempts)

    def as_json(self) -> dict[str, Any]:
        """The delivery for people and programs, without secrets."""
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


def to_json(delivery: Delivery) -> dict[str, Any]:
    """The record as a JSON object."""
    attempts = [
        attempt._asdict() | {"request": attempt.request._asdict(), "reply": attempt.reply and attempt.reply._asdict()}
        for attempt in delivery.attempts
    ]
    return delivery._asdict() | {"message": delivery.message._asdict(), "attempts": attempts}


def from_json(data: Mapping[str, Any]) -> Delivery:
    """The record that `to_json` made `data` of."""
    attempts = tuple(map(_attempt, data["attempts"]))
    return Delivery(**{**data, "message": Message(**data["message"]), "attempts": attempts})


def _attempt(data: Mapping[str, Any]) -> Attempt:
    request = Sent(**{**data["request"], "headers": _pairs(data["request"]["headers"])})
    reply = data["reply"] and ReceiverResponse(**{**data["reply"], "headers": _pairs(data["reply"]["headers"])})
    return Attempt(**{**data, "request": request, "reply": reply})


def _pairs(headers: Iterable[Iterable[str]]) -> Headers:
    return tuple((name, value) for name, value in headers)


def _size(headers: Headers, body: str) -> int:
    return len(body) + sum(len(name) + len(value) for name, value in headers)


def _shown(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": REDACTED if name.lower() in _SECRET_HEADERS else value} for name, value in headers]
