"""The load of a soak: some clients that ask for the mixture at a bounded rate, and look at each answer."""

import asyncio
from collections.abc import Mapping
from itertools import count
from typing import Any

import httpx2

from bench.cluster.ledger import Event, Ledger
from bench.cluster.load import KEY
from bench.soak.count import Count
from bench.soak.mixture import LOG_IN, MEMBER, SHARES, SUBSCRIBE, Asked, asked, sequence

CLIENTS = 8
PATIENCE = 30.0  # seconds for an answer
GONE = 404
WRITER = "soak"


class Load:
    """Clients of one mock. What they ask for goes on through resets: `resets` counts up before and after one, and a
    request that one has overtaken may find nothing. `ledger` knows the members since the last one."""

    def __init__(self, url: str, count_: Count) -> None:
        self.count, self.ledger = count_, Ledger()
        self.resets = 0  # odd while one goes on
        self.adds_members = False  # until receivers have subscribed
        self.http = httpx2.AsyncClient(
            base_url=url, headers=KEY, timeout=PATIENCE, limits=httpx2.Limits(max_connections=2 * CLIENTS)
        )
        self._known: str | None = None
        self._bearer: Mapping[str, str] = {}
        self._numbers, self._kinds = count(), sequence(SHARES)
        self._ends = asyncio.Event()

    async def run(self, rate: float) -> None:
        """Ask so often a second, until `end`."""
        await asyncio.gather(*(self._client(number, CLIENTS / rate) for number in range(CLIENTS)))

    def end(self) -> None:
        """Ask no more."""
        self._ends.set()

    def begin_reset(self) -> None:
        """Note that the mock is about to forget."""
        self.resets += 1
        self._known = None

    def end_reset(self) -> None:
        """Note that the mock has forgotten."""
        self.resets += 1
        self._known = None
        self.ledger = Ledger()

    async def ask(self, request: Asked, headers: Mapping[str, str] | None = None) -> Any:
        """The content of the right answer; None if it was another one, which is counted."""
        before = self.resets
        try:
            answer = await self.http.request(request.method, request.path, json=request.content, headers=headers)
        except httpx2.HTTPError as error:
            self.count.fail(request.kind, type(error).__name__)
            return None
        self.count.answers[request.kind] += 1
        was_reset = self.resets != before or before % 2 == 1
        if answer.status_code == GONE and was_reset:
            return None
        if answer.status_code != request.expected:
            self.count.fail(request.kind, f"{answer.status_code} instead of {request.expected}")
            return None
        return self._read(request, answer)

    def _read(self, request: Asked, answer: httpx2.Response) -> Any:
        try:
            content = answer.json() if "json" in answer.headers.get("content-type", "") else {}
            is_right = request.is_right(content)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self.count.fail(request.kind, f"can't be read: {type(error).__name__}")
            return None
        if not is_right:
            self.count.fail(request.kind, "another content than was asked for")
        return content if is_right else None

    async def _client(self, number: int, interval: float) -> None:
        """Ask at even intervals; what comes late isn't made up for."""
        loop = asyncio.get_running_loop()
        due = loop.time() + interval * number / CLIENTS
        while not self._ends.is_set():
            await asyncio.sleep(max(0.0, due - loop.time()))
            await self._once(next(self._kinds), next(self._numbers))
            due = max(due + interval, loop.time())

    async def _once(self, kind: str, number: int) -> None:
        if kind == MEMBER and not self.adds_members:
            return
        before = self.resets
        found = await self.ask(asked(kind, number, self._known), self._bearer if number % 2 else None)
        if found is None or self.resets != before or before % 2:
            return
        if kind == LOG_IN:
            self._bearer = {"Authorization": f"Bearer {found['token']}"}
        elif kind == SUBSCRIBE:
            self._known = found["webhookSubscriptionId"]
        elif kind == MEMBER:
            self.ledger.answered[Event(WRITER, number)] = asyncio.get_running_loop().time()
