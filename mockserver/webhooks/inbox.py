"""Inbox: a receiver inside the mock, on a loopback port of its own, so that a first webhook needs no other.

It is opened at its first use; until then it has no port and no thread. It accepts every delivery, and remembers the
last MOST of them with the verdict on the signature that a receiver would give.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from mockserver.clock import Clock
from mockserver.errors import NotFound
from mockserver.signing import Scheme
from mockserver.standard_webhooks import verdict
from mockserver.storage.state import State

if TYPE_CHECKING:
    from mockserver.http.hook_server import HookServer

MOST = 200  # deliveries
MOST_BYTES = 8 * 1024 * 1024  # of what they have sent; fewer are remembered if they are large
PATIENCE = 10.0  # seconds that a delivery waits for its verdict


class Received(NamedTuple):
    """A delivery that has arrived, `at` by the mock's clock. `signature` is "right", or what is wrong with it."""

    number: int
    at: float
    store_code: str
    event_name: str
    headers: Mapping[str, str]
    body: bytes
    signature: str

    @property
    def size(self) -> int:
        """How many bytes are kept with it, about."""
        return len(self.body) + sum(len(name) + len(value) for name, value in self.headers.items())


class InboxSubscription(NamedTuple):
    """A subscription whose deliveries come to the inbox."""

    store_code: str
    event_name: str
    subscription_id: str


def _path_of(store_code: str, event_name: str) -> str:
    """The path of the URL for a store's event, whose name may be anything."""
    return f"/{quote(store_code, safe='')}/{quote(event_name, safe='')}"


class Inbox:
    """The inbox of one mock. Its methods belong to the event loop that has opened it."""

    def __init__(self, clock: Clock, state: State, scheme: Scheme = Scheme.VENDOR) -> None:
        self._clock, self._state, self._scheme = clock, state, scheme
        self._server: HookServer | None = None
        self._subscriptions: dict[str, InboxSubscription] = {}  # by the path of their URL
        self._received: deque[Received] = deque(maxlen=MOST)
        self._bytes = self._number = 0

    @property
    def url(self) -> str | None:
        """Where it listens; None until it is opened."""
        return self._server.url if self._server else None

    def open(self) -> str:
        """Listen, unless it does so already; returns the URL."""
        if self._server is None:
            from mockserver.http.hook_server import HookResponse, HookServer

            loop = asyncio.get_running_loop()

            def handle(path: str, headers: Mapping[str, str], body: bytes) -> HookResponse:
                received = asyncio.run_coroutine_threadsafe(self._receive(path, headers, body), loop)
                return HookResponse(204 if received.result(PATIENCE) else 404)

            self._server = HookServer(handle)
            self._server.__enter__()
        return self._server.url

    def url_of(self, store_code: str, event_name: str) -> str:
        """The URL for a subscription of this store to this event. The inbox has to be open."""
        return f"{self.open()}{_path_of(store_code, event_name)}"

    def expect(self, subscribed: InboxSubscription) -> None:
        """Take the deliveries of a subscription to the URL for its store and event."""
        self._subscriptions[_path_of(subscribed.store_code, subscribed.event_name)] = subscribed

    async def subscriptions(self) -> list[InboxSubscription]:
        """The subscriptions whose deliveries it takes, but for those that somebody has deleted."""
        return [one for one in self._subscriptions.values() if await self._secret_of(one) is not None]

    def received(self, after: int = 0) -> Iterable[Received]:
        """What has arrived after the delivery of this number, the oldest first."""
        return [received for received in self._received if received.number > after]

    def clear(self) -> None:
        """Forget all that has arrived, and the subscriptions. It still listens."""
        self._received.clear()
        self._subscriptions.clear()
        self._bytes = 0

    def clear_store(self, store_code: str) -> None:
        """Forget what has arrived from a store, and its subscriptions."""
        left = [received for received in self._received if received.store_code != store_code]
        self._received.clear()
        self._received.extend(left)
        self._bytes = sum(received.size for received in left)
        self._subscriptions = {
            path: subscribed for path, subscribed in self._subscriptions.items() if subscribed.store_code != store_code
        }

    def close(self) -> None:
        """Stop listening, if it does."""
        if self._server:
            self._server.__exit__(None, None, None)
            self._server = None

    async def _receive(self, path: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Remember a delivery. Returns whether it belongs here."""
        subscribed = self._subscriptions.get(path)
        if subscribed is None:
            return False
        signature, now = await self._judged(subscribed, path, headers, body), self._clock.now()
        self._number += 1
        new = Received(self._number, now, subscribed.store_code, subscribed.event_name, headers, body, signature)
        while self._received and (len(self._received) == MOST or self._bytes + new.size > MOST_BYTES):
            self._bytes -= self._received.popleft().size
        self._bytes += new.size
        self._received.append(new)
        return True

    async def _judged(self, subscribed: InboxSubscription, path: str, headers: Mapping[str, str], body: bytes) -> str:
        """The verdict on the signature, with the key that the subscription has now."""
        secret = await self._secret_of(subscribed)
        if not secret or self._scheme is Scheme.NONE:
            return "unsigned"
        refusal = verdict(self._scheme, secret, headers, body, f"{self.url}{path}", self._clock.now())
        return refusal.value if refusal else "right"

    async def _secret_of(self, subscribed: InboxSubscription) -> str | None:
        """The key of a subscription; empty if it has none, None if it was deleted."""
        try:
            subscription = await self._state.subscription(subscribed.store_code, subscribed.subscription_id)
        except NotFound:
            return None
        return subscription.signing.secret if subscription.signing else ""
