"""The mixed load of a run: writers that know what they were answered, and look later whether it is so.

Each writer waits for one answer before it asks again. An answer with success is written down; what comes instead is
counted, and its effect is nobody's promise.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2

from bench.cluster.ledger import Event, Ledger
from bench.cluster.receivers import email_of

STORE = "/api/DEFAULT"
MEMBERS, SUBSCRIPTIONS, EVENTS = f"{STORE}/member", f"{STORE}/webhook/subscription", f"{STORE}/webhook/event"
LOGIN, REFRESH, STATE = "/api/admin/login_check", "/api/token/refresh", "/_mock/state"
ADMIN = {"username": "admin", "password": "password"}
KEY = {"X-AUTH-TOKEN": "mock-api-key"}
DELIVERED = "CustomerRegistered"
SILENT = "MemberAchievementProgressWasChanged"  # which nothing here causes
PAUSE = 0.2  # seconds between two requests of a writer
PATIENCE = 30  # seconds for an answer
MOST_LAG = 100  # events: a backlog for all, and one that is soon gone
OK = 200
NOWHERE = "http://127.0.0.1:9/"


@dataclass
class Effects:
    """What was answered with success, and so has to be there: members by e-mail, subscriptions by id (their URL; None
    if deleted), and refresh tokens that were handed out and refused."""

    members: dict[str, str] = field(default_factory=dict)
    subscriptions: dict[str, str | None] = field(default_factory=dict)
    refused_tokens: int = 0

    def lost(self, snapshot: Any) -> list[str]:
        """What a snapshot of the state lacks, or has otherwise."""
        members = {one["email"]: one["customerId"] for one in snapshot["members"]}
        urls = {one["subscriptionId"]: one["destination"]["url"] for one in snapshot["subscriptions"]}
        lost = [f"member {email}" for email, is_ in self.members.items() if members.get(email) != is_]
        lost += [f"subscription {each}" for each, url in self.subscriptions.items() if urls.get(each) != url]
        return lost + ["refresh token"] * self.refused_tokens


class Load:
    """Writers on one address, from `start` to `stop`. `name` is part of what they make."""

    def __init__(self, url: str, ledger: Ledger, name: str, lanes: Sequence[str] = ()) -> None:
        """While one of these lanes is far behind, no member is added."""
        self.effects = Effects()
        self.answers = Counter[str]()  # by method: those with success
        self.gaps: list[tuple[float, float]] = []  # when the last success before and the first after a failure came
        self._ledger, self._name, self._lanes = ledger, name, lanes
        limits = httpx2.Limits(max_connections=32)
        self._http = httpx2.AsyncClient(base_url=url, headers=KEY, timeout=PATIENCE, limits=limits)
        self._tasks: list[asyncio.Task[None]] = []
        self._ends = asyncio.Event()
        self._succeeded_at = self._failed_at = 0.0

    def start(self, members: int = 4) -> None:
        """Begin: so many writers add members; others subscribe, refresh tokens and read."""
        loop = asyncio.get_running_loop()
        self._succeeded_at = loop.time()
        writers = [self._add_members(f"{self._name}.w{number}") for number in range(members)]
        for one in (*writers, self._subscribe(), self._subscribe(), self._refresh(), self._read(), self._read()):
            self._tasks.append(loop.create_task(one))

    async def stop(self) -> None:
        """End, once each writer has its answer. Raises what a writer raised."""
        self._ends.set()
        await asyncio.gather(*self._tasks)
        await self._http.aclose()

    async def ask(self, method: str, path: str, content: Any = None, headers: Any = None) -> Any:
        """The content of a success; None if something else came, which is counted."""
        loop = asyncio.get_running_loop()
        try:
            answer = await self._http.request(method, path, json=content, headers=headers)
        except httpx2.HTTPError as error:
            return self._fail(method, type(error).__name__)
        if answer.status_code not in range(200, 300):
            return self._fail(method, str(answer.status_code))
        if self._failed_at:
            self.gaps.append((self._succeeded_at, loop.time()))
            self._failed_at = 0.0
        self._succeeded_at = loop.time()
        self.answers[method] += 1
        return answer.json() if answer.content else {}

    def _fail(self, method: str, how: str) -> None:
        self._failed_at = asyncio.get_running_loop().time()
        self._ledger.unanswered[f"{method} {how}"] += 1

    async def _add_members(self, writer: str) -> None:
        async def add(number: int) -> None:
            if self._lanes and self._ledger.lag(self._lanes) > MOST_LAG:
                return
            event = Event(writer, number)
            email = email_of(event)
            answer = await self.ask("POST", MEMBERS, {"customer": {"email": email, "firstName": "Jane"}})
            if answer is not None:
                self._ledger.answered[event] = asyncio.get_running_loop().time()
                self.effects.members[email] = answer["customerId"]

        await self._repeat(add)

    async def _subscribe(self) -> None:
        """Subscribe, move what was subscribed, and delete every second one."""

        async def subscribe(number: int) -> None:
            url = f"{NOWHERE}{number}"
            answer = await self.ask("POST", SUBSCRIPTIONS, subscription(SILENT, url))
            if answer is None:
                return
            own = answer["webhookSubscriptionId"]
            known, path = self.effects.subscriptions, f"{SUBSCRIPTIONS}/{own}"
            known[own] = url
            done = await self.ask("PUT", path, {"webhookSubscription": {"url": url + "/moved"}})
            if done is None:
                del known[own]  # nobody knows
                return
            known[own] = url + "/moved"
            if number % 2:
                del known[own]
                if await self.ask("DELETE", path) is not None:
                    known[own] = None

        await self._repeat(subscribe)

    async def _refresh(self) -> None:
        """Use up one refresh token after another: each one that was handed out is good."""
        token: str | None = None

        async def refresh(_: int) -> None:
            nonlocal token
            if token is None:
                answer = await self.ask("POST", LOGIN, ADMIN)
            else:
                refused = self._ledger.unanswered["POST 401"]
                answer = await self.ask("POST", REFRESH, {"refresh_token": token})
                self.effects.refused_tokens += self._ledger.unanswered["POST 401"] - refused
            token = answer and answer["refresh_token"]

        await self._repeat(refresh)

    async def _read(self) -> None:
        async def read(_: int) -> None:
            await self.ask("GET", EVENTS)

        await self._repeat(read)

    async def _repeat(self, once: Callable[[int], Awaitable[None]]) -> None:
        number = 0
        while not self._ends.is_set():
            number += 1
            await once(number)
            try:
                await asyncio.wait_for(self._ends.wait(), PAUSE)
            except TimeoutError:
                continue


def subscription(event: str, url: str) -> dict[str, Any]:
    """The body of a subscription."""
    return {"webhookSubscription": {"eventName": event, "url": url, "headers": []}}
