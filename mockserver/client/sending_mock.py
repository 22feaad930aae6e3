"""A mock that sends to a receiver of the user's: subscribed with a secret that the receiver has already."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from types import TracebackType
from typing import Any, ClassVar, NamedTuple, Self

from mockserver.client.account import OwnSubscription
from mockserver.client.receiving import ReceiverAccount, Subscriber
from mockserver.client.running_mock import Remote
from mockserver.clock import Ids
from mockserver.remote.connection import Trouble
from mockserver.remote.control_plane import ControlPlane

LONGEST_WAIT = 30.0  # seconds for a delivery with its repeat


class MockAgainst(Remote):
    """A connection to the mock of --against-mock."""

    ADVICE: ClassVar[Mapping[Trouble, str]] = {
        "absent": "Start one by `mockserver serve`, or name another by --against-mock.",
        "no mock": "Name the mock by --against-mock.",
        "no name": "Use a name that it has in --against-mock.",
        "untrusted": "Name who signed its certificate by SSL_CERT_FILE, or take one by http.",
        "token": "Give the right one by MOCKSERVER_CONTROL_TOKEN.",
    }


class MockSubscriber(NamedTuple):
    """Who is subscribed where: the URL, the secret that deliveries are signed with, the store, and headers that each of
    them gets, such as those for a gate."""

    url: str
    secret: str
    store_code: str
    headers: Sequence[tuple[str, str]] = ()


class DeliveryReceipt(NamedTuple):
    """What the receiver answered to the first attempt of a delivery: the status, or 0 with the error."""

    delivery_id: str
    status: int
    text: str = ""


class SubscribingMock:
    """A mock at which a receiver is subscribed to events, from `with` to the end of its block. Every call raises as
    `Remote` does. The ids of subscriptions are those of this receiver in each run, so that what a killed run left is
    known; only where the mock gives the ids, as for other contracts, it isn't."""

    def __init__(self, remote: Remote, account: Subscriber, target: MockSubscriber, events: Sequence[str]) -> None:
        self._remote, self._account, self._target = remote, account, target
        self._subscriptions = {
            name: OwnSubscription(_own_id(target, name), name, target.url, target.secret) for name in events
        }
        self._plane = ControlPlane(remote.control)

    @property
    def url(self) -> str:
        """The address of the mock."""
        return self._remote.url

    def __enter__(self) -> Self:
        if isinstance(self._account, ReceiverAccount):
            for name, one in self._subscriptions.items():
                self._subscriptions[name] = self._account.subscribe(name, one.url, one.secret)
            return self
        self._remove_leftovers()
        headers = [{"headerName": name, "headerValue": value} for name, value in self._target.headers]
        rows: list[dict[str, Any]] = [
            {
                "storeCode": self._target.store_code,
                "webhookSubscriptionId": one.subscription_id,
                "eventName": one.event_name,
                "url": one.url,
                "hmacSecretKey": one.secret,
                "headers": headers,
            }
            for one in self._subscriptions.values()
        ]
        self._plane.state.add(subscriptions=rows)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for subscription in self._subscriptions.values():
            self._account.unsubscribe(subscription)

    def _remove_leftovers(self) -> None:
        """End what an earlier run of this receiver that was killed has left: subscriptions, and faults of theirs."""
        own = {one.subscription_id for one in self._subscriptions.values()}
        for fault in self._plane.faults.list():
            if fault.get("match", {}).get("subscriptionId") in own:
                self._plane.faults.remove(fault["faultId"])
        for subscription in self._subscriptions.values():
            if self._account.has(subscription):
                self._account.unsubscribe(subscription)

    def deliver(self, event: str, effect: str | None = None) -> DeliveryReceipt:
        """Send an event, spoilt by a fault of this name; returns what came of the first attempt."""
        own = self._subscriptions[event].subscription_id
        fault = self._spoiling(own, effect) if effect else None
        try:
            caused = self._plane.trigger(event, self._target.store_code)["items"]
            mine = [dict(one) for one in caused if one["subscriptionId"] == own]
            (delivery,) = self._remote.finished(mine, {"subscriptionId": own}, LONGEST_WAIT)
        finally:
            if fault is not None:
                self._plane.faults.remove(fault)
        return _receipt(delivery)

    def _spoiling(self, subscription_id: str, effect: str) -> str:
        """The id of a new fault for one subscription."""
        made = self._plane.faults.add(match={"subscriptionId": subscription_id}, answer={"effect": effect})  # type: ignore[typeddict-item]
        return made["faultId"]


def _own_id(target: MockSubscriber, event: str) -> str:
    """The id of a receiver's subscription to an event, which no other receiver has."""
    named = f"mockserver-check\n{target.url}\n{target.store_code}\n{event}"
    return Ids(int.from_bytes(sha256(named.encode()).digest())).uuid()


def _receipt(delivery: dict[str, Any]) -> DeliveryReceipt:
    """What the first attempt of a delivery brought."""
    attempts = delivery["attempts"]
    if not attempts or attempts[0]["response"] is None:
        error = attempts[0]["error"] if attempts else delivery.get("reason")
        return DeliveryReceipt(delivery["deliveryId"], 0, str(error or "it wasn't sent in time"))
    answer = attempts[0]["response"]
    return DeliveryReceipt(delivery["deliveryId"], answer["status"], answer.get("body") or "")
