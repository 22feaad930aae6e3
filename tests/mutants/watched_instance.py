"""An instance full of other people's records, and proof that nobody touched them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx2

from mockserver.clock import Ids
from mockserver.settings import Settings
from mockserver.testing import MockServer
from tests.mutants.exchange import API_KEY, OTHER_STORE, STORE, Answer, Json, Request, Send
from tests.mutants.proxy import Fault, honest, proxy

STORES = (STORE, OTHER_STORE, "THIRD")
SUBSCRIPTIONS, MEMBERS = 200, 50
PAGE = 50
_READING = ("GET", "HEAD", "OPTIONS", "TRACE")
_EVENTS = ("CustomerRegistered", "TransactionRegistered", "RewardCreated")


@dataclass
class WatchedInstance:
    """A mock behind a proxy that writes down every request. `direct` is the way around the proxy."""

    url: str
    direct: str
    requests: list[Request] = field(default_factory=list)
    before: dict[str, bytes] = field(default_factory=dict)

    def changing_foreign(self) -> list[str]:
        """The requests that name a foreign id in path, query or body and aren't mere reading: there should be none."""
        ids = [path.rpartition("/")[2] for path in self.before if "/subscription/" in path]
        return [
            f"{request.method} {request.target}"
            for request in self.requests
            if request.method not in _READING and any(_names(request, identity) for identity in ids)
        ]

    @property
    def revoked(self) -> bool:
        """Whether anybody ended the refresh tokens of the account."""
        return any(request.path == "/api/token/revoke" and request.bearer for request in self.requests)

    async def problems(self) -> list[str]:
        """What changed since the beginning, and what was left behind, in words."""
        after = await records(self.direct)
        changed = [f"changed: {path}" for path, body in self.before.items() if path in after and after[path] != body]
        gone = [f"gone: {path}" for path in self.before.keys() - after.keys()]
        left = [f"left behind: {path}" for path in after.keys() - self.before.keys()]
        return [*changed, *gone, *left, *self.changing_foreign()]


def _names(request: Request, identity: str) -> bool:
    return identity in request.target.lower() or identity.encode() in request.body.lower()


@asynccontextmanager
async def watched_instance(fault: Fault = honest, size: int = SUBSCRIPTIONS) -> AsyncIterator[WatchedInstance]:
    """An instance with so many subscriptions, and a fault if wanted."""
    with MockServer(Settings(stores=STORES, seed=1, log_level="error")) as mock:
        await fill(mock.url, size)
        requests: list[Request] = []

        async def noted(request: Request, send: Send) -> Answer:
            requests.append(request)
            return await fault(request, send)

        async with proxy(mock.url, noted) as url:
            yield WatchedInstance(url, mock.url, requests, await records(mock.url))


async def fill(url: str, size: int) -> None:
    """Subscriptions and members of other people, in all stores."""
    ids = Ids(2)
    async with _client(url) as client:
        for number in range(size):
            wanted = {"eventName": _EVENTS[number % 3], "url": f"https://partner{number % 7}.example.com/{ids.hex(6)}"}
            signed = {"hmacEnabled": True} if number % 4 == 0 else {}
            store = STORES[number % len(STORES)]
            await _made(client, f"/api/{store}/webhook/subscription", {"webhookSubscription": wanted | signed})
        for number in range(MEMBERS):
            customer = {"email": f"member{number}@example.com", "firstName": f"Member {number}"}
            await _made(client, f"/api/{STORES[number % len(STORES)]}/member", {"customer": customer})


async def records(url: str) -> dict[str, bytes]:
    """Everything that can be read: each subscription by its path, and the figures of each store."""
    found: dict[str, bytes] = {}
    async with _client(url) as client:
        for store in STORES:
            path = f"/api/{store}/analytics/members"
            found[path] = (await client.get(path)).content
            for identity in await _ids(client, f"/api/{store}/webhook/subscription"):
                path = f"/api/{store}/webhook/subscription/{identity}"
                found[path] = (await client.get(path)).content
    return found


async def _ids(client: httpx2.AsyncClient, path: str) -> list[str]:
    ids: list[str] = []
    while True:
        query: dict[str, str | int] = {
            "_page": len(ids) // PAGE + 1,
            "_itemsOnPage": PAGE,
            "_orderBy[createdAt]": "asc",
        }
        rows: list[dict[str, str]] = (await client.get(path, params=query)).json()["items"]
        ids += [row["webhookSubscriptionId"] for row in rows]
        if len(rows) < PAGE:
            return ids


async def _made(client: httpx2.AsyncClient, path: str, content: Json) -> None:
    answer = await client.post(path, content=json.dumps(content), headers={"Content-Type": "application/json"})
    answer.raise_for_status()


def _client(url: str) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(base_url=url, headers={"X-AUTH-TOKEN": API_KEY}, timeout=30)
