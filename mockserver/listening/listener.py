"""Listening: subscribe to events, judge each delivery that arrives, answer it, and unsubscribe at the end."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from mockserver.clock import Clock
from mockserver.contract import Contract
from mockserver.errors import RemoteError
from mockserver.events import Events
from mockserver.examples import Examples
from mockserver.listening.account import Account, Subscription
from mockserver.listening.forwarding import Forwarded, Forwarder
from mockserver.listening.hook import Hook, Reply
from mockserver.remote import Remote
from mockserver.signing import Refusal, verify
from mockserver.violations import dotted

HEARTBEAT = 5.0  # seconds between looks at whether the mock was reset; that it ended is noticed at once
_NOBODY = {"subscriptionId": "-"}  # no delivery passes this filter


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery that has arrived.

    `breaches` tell where the payload leaves the contract, `refusal` why a receiver has to refuse it. `delivery_id` is
    None if the mock doesn't know such a message.
    """

    event_name: str
    at: float
    headers: Mapping[str, str]
    body: bytes
    message_id: str | None
    delivery_id: str | None
    breaches: Sequence[str]
    refusal: Refusal | None
    forwarded: Forwarded | None

    @property
    def status(self) -> int:
        """What it was answered with."""
        return self.forwarded.reply.status if self.forwarded else Reply().status


class Listener:
    """A receiver that is subscribed to events, from `with` to the end of its block.

    `arrived` is called for each delivery, one after another, but in other threads.
    """

    def __init__(
        self,
        remote: Remote,
        account: Account,
        events: Sequence[str],
        arrived: Callable[[Arrival], None],
        forwarder: Forwarder | None = None,
    ) -> None:
        contract = Contract.load()
        self._judge = Events(contract, Examples(contract, 0))
        self._remote = remote
        self._account = account
        self._names = events
        self._arrived = arrived
        self._forwarder = forwarder
        self._subscriptions: dict[str, Subscription] = {}
        self._telling = threading.Lock()
        self._hook = Hook(self._handle)

    @property
    def url(self) -> str:
        """Where deliveries go; each event has a path of its own below."""
        return self._hook.url

    def __enter__(self) -> Self:
        self._hook.__enter__()
        try:
            self._subscribe()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(RemoteError):  # a mock that is gone has no subscriptions either
            for subscription in self._subscriptions.values():
                self._account.unsubscribe(subscription)
        self._hook.__exit__(kind, error, trace)
        if self._forwarder:
            self._forwarder.close()

    def watch(self, was_reset: Callable[[], None], heartbeat: float = HEARTBEAT) -> None:
        """Go on until the mock ends: raises NotRunning then. After a reset, subscribe again, and tell it."""
        revision = 0
        while True:
            now = self._remote.changes(_NOBODY, revision, heartbeat).revision
            may_be = now < revision or not now
            if may_be and not self._account.has(next(iter(self._subscriptions.values()))):
                self._subscribe()
                was_reset()
            revision = now

    def _subscribe(self) -> None:
        for name in self._names:
            path = f"/{name}"
            self._subscriptions[path] = self._account.subscribe(name, self._hook.url + path)

    # ---------------------------------------------------------------- one delivery
    def _handle(self, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        subscription = self._subscriptions.get(path)
        if subscription is None:
            return Reply(404)
        now = self._now()
        refusal = verify(subscription.secret, headers, body, subscription.url, now)
        payload = _payload(body)
        message_id = str(payload.get("messageId")) if isinstance(payload, dict) else None
        authentic = refusal in (None, Refusal.STALE)
        arrival = Arrival(
            event_name=subscription.event_name,
            at=now,
            headers=headers,
            body=body,
            message_id=message_id,
            delivery_id=self._delivery_id(subscription, message_id),
            breaches=self._breaches(payload),
            refusal=refusal,
            forwarded=self._forwarder.forward(headers, body, authentic=authentic) if self._forwarder else None,
        )
        with self._telling:
            self._arrived(arrival)
        return arrival.forwarded.reply if arrival.forwarded else Reply()

    def _now(self) -> float:
        """The mock's time: it is what the signature's age is measured by."""
        with suppress(RemoteError):
            return self._remote.now()
        return Clock().now()

    def _delivery_id(self, subscription: Subscription, message_id: str | None) -> str | None:
        """What the mock calls this delivery."""
        if message_id:
            with suppress(RemoteError):
                filters = {"subscriptionId": subscription.subscription_id, "messageId": message_id}
                for delivery in self._remote.latest(filters, 1)["items"]:
                    return str(delivery["deliveryId"])
        return None

    def _breaches(self, payload: Any) -> list[str]:
        if not isinstance(payload, dict):
            return ["the body is no JSON object"]
        try:
            found = self._judge.violations(payload)
        except (KeyError, TypeError):
            return [f"the contract knows no event {payload.get('eventName')!r}"]
        return [f"{dotted(violation.path)}: {violation.message}" for violation in found]


def _payload(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
