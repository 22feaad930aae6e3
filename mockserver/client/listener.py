"""The listener: subscribes to events, checks and answers each delivery that arrives, and unsubscribes at the end."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from mockserver import standard_webhooks
from mockserver.client.account import OwnSubscription
from mockserver.client.forwarding import Forwarded, Forwarder
from mockserver.client.receiving import Expectations, OurExpectations, Subscriber, message_id_of, path_of
from mockserver.client.running_mock import Remote
from mockserver.clock import Clock
from mockserver.errors import RemoteError
from mockserver.http.hook_server import HookResponse, HookServer
from mockserver.nesting import shallow_json
from mockserver.signing import TIMESTAMP_HEADER, Refusal, Scheme
from mockserver.standard_webhooks import verdict
from mockserver.webhooks import custom_headers
from mockserver.webhooks.deliveries import is_faulty_delivery

UNKNOWN = 401  # the response to a request that isn't forwarded
HEARTBEAT = 5.0  # seconds between looks at whether the mock was reset; that it ended is noticed at once
DEEPEST = 100  # levels of a body; what is deeper counts as no JSON, and a mock sends 64
_OLD = (Refusal.STALE, Refusal.AHEAD)  # of another time than now
_NOBODY = {"subscriptionId": "-"}  # no delivery passes this filter


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery that has arrived, with the result of its checks.

    `breaches` are the violations of the contract, `refusal` is the reason why a receiver has to refuse it.
    `delivery_id` is None if the mock didn't send it, or has forgotten it; `status` is that of the response.
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
    status: int


class Listener:
    """A receiver that is subscribed to events, from `with` to the end of its block.

    `arrived` is called for each delivery, one after another, but in other threads. Only what was
    signed with the secret of the subscription is forwarded, also if a fault was injected afterwards.
    """

    def __init__(  # noqa: PLR0913, PLR0917 (all that it works with, made once by the command)
        self,
        remote: Remote,
        account: Subscriber,
        events: Sequence[str],
        arrived: Callable[[Arrival], None],
        forwarder: Forwarder | None = None,
        expectations: Expectations | None = None,
    ) -> None:
        self._expected = expectations or OurExpectations()
        self._remote = remote
        self._account = account
        self._names = events
        self._arrived = arrived
        self._forwarder = forwarder
        self._subscriptions: dict[str, OwnSubscription] = {}
        self._one_arrival = threading.Lock()
        self._hook = HookServer(self._handle)

    @property
    def url(self) -> str:
        """The base URL of the subscriptions; each event has a path of its own below."""
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

    def watch(self, was_reset: Callable[[], None], heartbeat: float = HEARTBEAT) -> None:
        """Watch the mock until it ends, then raise NotRunning. After a reset, subscribe again and call `was_reset`."""
        revision = 0
        while True:
            changes = self._remote.changes(_NOBODY, revision, heartbeat)
            if changes.emptied and not self._account.has(next(iter(self._subscriptions.values()))):
                self._subscribe()
                was_reset()
            revision = changes.revision

    def _subscribe(self) -> None:
        for name in self._names:
            path = path_of(name)
            self._subscriptions[path] = self._account.subscribe(name, self._hook.url + path)

    # ---------------------------------------------------------------- one delivery
    def _handle(self, path: str, headers: Mapping[str, str], body: bytes) -> HookResponse:
        subscription = self._subscriptions.get(path)
        if subscription is None:
            return HookResponse(404)
        now = self._now()
        scheme, name = self._expected.scheme, subscription.event_name
        refusal = verdict(scheme, subscription.secret, headers, body, subscription.url, now)
        payload = shallow_json(body, DEEPEST)
        authentic = refusal is None or (refusal in _OLD and self._was_authentic(subscription, headers, body))
        is_ours = authentic or (refusal in (*_OLD, Refusal.MISMATCH) and _is_faulty(subscription, headers, body))
        forwarded = None
        if self._forwarder and is_ours:
            method = self._expected.method_of(name)
            forwarded = self._forwarder.forward(headers, body, authentic=authentic, method=method)
        arrival = Arrival(
            event_name=name,
            at=now,
            headers=headers,
            body=body,
            message_id=message_id_of(headers, payload),
            delivery_id=self._delivery_id(subscription, headers) if is_ours else None,
            breaches=self._expected.breaches(name, payload),
            refusal=refusal,
            forwarded=forwarded,
            status=self._status(forwarded),
        )
        with self._one_arrival:
            self._arrived(arrival)
        return forwarded.response if forwarded else HookResponse(arrival.status)

    def _status(self, forwarded: Forwarded | None) -> int:
        """The status of the response to a delivery."""
        if forwarded:
            return forwarded.response.status
        return UNKNOWN if self._forwarder else HookResponse().status

    def _now(self) -> float:
        """The mock's time, by which the age of a signature counts."""
        with suppress(RemoteError):
            return self._remote.now()
        return Clock().now()

    def _delivery_id(self, subscription: OwnSubscription, headers: Mapping[str, str]) -> str | None:
        """The id of a delivery, if the mock confirms that it was sent to this subscription."""
        named = {name.lower(): value for name, value in headers.items()}.get(custom_headers.DELIVERY_ID.lower())
        if named:
            with suppress(RemoteError):
                found = self._remote.delivery(named)
                return named if found.get("subscriptionId") == subscription.subscription_id else None
        return None

    def _was_authentic(self, subscription: OwnSubscription, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether a request of another time has a right signature: its age is checked first."""
        named = {name.lower(): value for name, value in headers.items()}
        scheme = self._expected.scheme
        stamp = standard_webhooks.TIMESTAMP_HEADER if scheme is Scheme.STANDARD_WEBHOOKS else TIMESTAMP_HEADER
        sent_at = int(named[stamp.lower()])  # a number, or there would be another refusal
        return verdict(scheme, subscription.secret, headers, body, subscription.url, sent_at) is None


def _is_faulty(subscription: OwnSubscription, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a request with a wrong signature is a delivery with an injected fault."""
    return is_faulty_delivery(subscription.secret, headers, body, subscription.url)
