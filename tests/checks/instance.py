"""An instance to judge: the mock on a port of its own, with a log of its requests, other people's records in it, and
if need be somebody in front who spoils the answers."""

import threading
from collections.abc import Callable, Coroutine
from typing import Any

import httpx2

from mockserver.http.messages import Request, Response
from mockserver.http.server import ServedApplication
from mockserver.settings import Settings
from mockserver.testing import MockServer

Respond = Callable[[Request], Coroutine[Any, Any, Response]]
Front = Callable[[Respond], Respond]
STORES = ("DEFAULT", "OTHER", "THIRD")
START_TIMEOUT = 30  # seconds


class _Logged:
    """The mock behind a front; writes down what is asked before it is answered."""

    def __init__(self, application: ServedApplication, front: Front | None, log: list[tuple[str, str]]) -> None:
        self.single_headers = application.single_headers
        self._application, self._log, self.asked = application, log, threading.Condition()
        self._respond = front(application.answer) if front else application.answer

    async def answer(self, request: Request) -> Response:
        with self.asked:
            self._log.append((request.method, request.path))
            self.asked.notify_all()
        return await self._respond(request)

    def abandoned(self, request: Request) -> None:
        self._application.abandoned(request)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._application(scope, receive, send)


class Instance(MockServer):
    """A mock with `front` before it; `log` holds method and path of every request."""

    def __init__(self, front: Front | None = None, settings: Settings | None = None) -> None:
        self.log: list[tuple[str, str]] = []
        self._front = front
        super().__init__(settings or Settings(stores=STORES, seed=1, log_level="warning"), front=self._logging)

    def _logging(self, application: ServedApplication) -> ServedApplication:
        self._logged = _Logged(application, self._front, self.log)
        return self._logged

    def wait_for_requests(self, number: int) -> None:
        """Return when so many requests have come in."""
        with self._logged.asked:
            assert self._logged.asked.wait_for(lambda: len(self.log) >= number, START_TIMEOUT)

    def client(self) -> httpx2.Client:
        """A client with the API key."""
        return httpx2.Client(base_url=self.url, headers={"X-AUTH-TOKEN": "mock-api-key"})

    def inhabit(self, subscriptions: int = 20, members: int = 5) -> list[str]:
        """Other people's records, in all stores; returns the ids of the subscriptions."""
        ids = []
        with self.client() as http:
            for number in range(subscriptions):
                body = {"eventName": "CustomerRegistered", "url": f"https://crm.example.com/{number}"}
                path = f"/api/{STORES[number % len(STORES)]}/webhook/subscription"
                ids.append(http.post(path, json={"webhookSubscription": body}).json()["webhookSubscriptionId"])
            for number in range(members):
                body = {"email": f"somebody{number}@example.com"}
                http.post(f"/api/{STORES[number % len(STORES)]}/member", json={"customer": body})
        return ids

    def snapshot(self) -> dict[str, str]:
        """All that can be seen from outside, store by store: rows, records and figures as they are sent."""
        seen = {}
        with self.client() as http:
            for store in STORES:
                rows: list[dict[str, str]] = [{}]
                collection = f"/api/{store}/webhook/subscription"
                page = 0
                while rows:
                    page += 1
                    query = {"_page": str(page), "_itemsOnPage": "50", "_orderBy[url]": "asc"}
                    rows = http.get(collection, params=query).json()["items"]
                    for row in rows:
                        path = f"{collection}/{row['webhookSubscriptionId']}"
                        seen[path] = http.get(path).text
                seen[store] = http.get(f"/api/{store}/analytics/members").text
        return seen


def ids_in(log: list[tuple[str, str]], methods: set[str]) -> set[str]:
    """The subscriptions that requests with these methods named."""
    named = (path.split("/webhook/subscription/") for method, path in log if method in methods)
    return {parts[1].split("/")[0] for parts in named if len(parts) > 1}
