"""A delivery and its stages: what the mock knows of one event on its way to one subscription.

    Pending ──▶ Attempted ──▶ Delivered      a 2xx
       │            │
       │            └───────▶ Failed         the repeated attempt failed too, or there was nothing to repeat
       ├────────────────────▶ Blocked        nothing was sent, as its target isn't allowed or is a queue
       └────────────────────▶ Failed         nothing was sent: invalid payload, deleted subscription, full queue

Attempted is a delivery that waits for its second attempt. The records are frozen, and each goes to JSON and back
unchanged. None holds a signing key.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mockserver.clock import timestamp

REDACTED = "********"
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "x-auth-token"})
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it went over the wire."""

    method: str
    url: str
    headers: Headers
    body: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the receiver answered; long bodies are cut."""

    status: int
    headers: Headers
    body: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try, the first of a delivery having number 1. `at` is the mock's time in Unix seconds, `seconds` how long it
    really took. `error` says why there is no reply."""

    number: int
    request_id: str
    at: float
    seconds: float
    request: Sent
    reply: Reply | None = None
    error: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the receiver has taken it: any 2xx (facts §4.1)."""
        return self.reply is not None and 200 <= self.reply.status < 300  # noqa: PLR2004

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


@dataclass(frozen=True, slots=True)
class Message:
    """What is delivered, and to whom. `url` is where the subscription pointed when the event happened."""

    delivery_id: str
    message_id: str
    event_name: str
    store_code: str
    subscription_id: str
    url: str
    created_at: float
    data: Any


@dataclass(frozen=True, slots=True)
class _Stage:
    status: ClassVar[str]
    message: Message
    attempts: tuple[Attempt, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The delivery for people and programs, without secrets."""
        message = self.message
        return {
            "deliveryId": message.delivery_id,
            "messageId": message.message_id,
            "eventName": message.event_name,
            "storeCode": message.store_code,
            "subscriptionId": message.subscription_id,
            "url": message.url,
            "createdAt": timestamp(message.created_at),
            "status": self.status,
            **self._details(),
            "attempts": [attempt.as_json() for attempt in self.attempts],
        }

    def _details(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True, slots=True)
class Pending(_Stage):
    """Not sent yet; with attempts, if it is delivered again on demand."""

    status = "pending"


@dataclass(frozen=True, slots=True)
class Attempted(_Stage):
    """The first attempt failed; the second is due at `retry_at`, on the mock's clock."""

    status = "attempted"
    retry_at: float = 0.0

    def _details(self) -> dict[str, Any]:
        return {"retryAt": timestamp(self.retry_at)}


@dataclass(frozen=True, slots=True)
class Delivered(_Stage):
    """The receiver has taken it."""

    status = "delivered"


@dataclass(frozen=True, slots=True)
class Failed(_Stage):
    """Given up, for a reason."""

    status = "failed"
    reason: str = ""

    def _details(self) -> dict[str, Any]:
        return {"reason": self.reason}


@dataclass(frozen=True, slots=True)
class Blocked(_Stage):
    """Not sent, as the mock may not; the reason says how to allow it."""

    status = "blocked"
    reason: str = ""

    def _details(self) -> dict[str, Any]:
        return {"reason": self.reason}


Delivery = Pending | Attempted | Delivered | Failed | Blocked
Finished = Delivered | Failed | Blocked
_KINDS: dict[str, type[Delivery]] = {kind.status: kind for kind in (Pending, Attempted, Delivered, Failed, Blocked)}


def to_json(delivery: Delivery) -> dict[str, Any]:
    """The record as a JSON object."""
    return {"status": delivery.status, **dataclasses.asdict(delivery)}


def from_json(data: Mapping[str, Any]) -> Delivery:
    """The record that `to_json` made `data` of."""
    rest = {name: value for name, value in data.items() if name not in ("status", "message", "attempts")}
    attempts = tuple(map(_attempt, data["attempts"]))
    return _KINDS[data["status"]](message=Message(**data["message"]), attempts=attempts, **rest)


def _attempt(data: Mapping[str, Any]) -> Attempt:
    request = Sent(**{**data["request"], "headers": _pairs(data["request"]["headers"])})
    reply = data["reply"] and Reply(**{**data["reply"], "headers": _pairs(data["reply"]["headers"])})
    return Attempt(**{**data, "request": request, "reply": reply})


def _pairs(headers: Iterable[Iterable[str]]) -> Headers:
    return tuple((name, value) for name, value in headers)


def _shown(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": REDACTED if name.lower() in _SECRET_HEADERS else value} for name, value in headers]
