"""A walk: a fixed list of requests that calls each operation of the contract, and what a correct mock answers.

`walked` makes the list, `Replay` sends it again to a mock with a fault, and yields the answers that differ: so a test
shows that a mutant really spoils an operation that it names. Time stands still and ids are seeded: without a fault no
answer differs.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from starlette.types import Message

from mockserver.app import Application, create_app
from mockserver.clock import Clock, timestamp
from mockserver.http.messages import MAX_BODY
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World
from mockserver.world.keys import SigningKey
from tests.mutants.exchange import ADMIN, API_KEY, MEMBER, OTHER_STORE, STORE, Answer, Json, Request, Send
from tests.mutants.probes import (
    BAD,
    BAD_QUERIES,
    BROKEN,
    CUSTOMERS,
    GOOD,
    HOOK,
    LOGINS,
    PAIR,
    QUERIES,
    RECEIPTS,
)
from tests.mutants.proxy import Fault, honest

NOW = 1_768_473_000.0  # 2026-01-15T10:30:00+00:00
Step = tuple[Request, Answer]
_EVENTS, _FIGURES = f"/api/{STORE}/webhook/event", f"/api/{STORE}/analytics/members"
_REFRESH, _MEMBER_REFRESH = "/api/token/refresh", f"/api/{STORE}/token/refresh"
_OTHER_REFRESH = f"/api/{OTHER_STORE}/token/refresh"
_ADMIN_LOGIN, _MEMBER_LOGIN = "/api/admin/login_check", f"/api/{STORE}/member/login_check"
_LIST = f"/api/{STORE}/webhook/subscription"
_UNKNOWN = "00000000-0000-4000-8000-000000000000"


@asynccontextmanager
async def mock_in_process(contract: Contract, key: SigningKey) -> AsyncIterator[Send]:
    """A mock without a socket: what sends it a request. Its time goes on by a second with each new subscription."""
    clock = Clock(frozen_at=NOW)
    world = World.build(Settings(stores=(STORE, OTHER_STORE), seed=1), contract, clock)
    world.auth.key = key  # making one takes longer than the walk
    app = create_app(world)
    await world.seed()

    async def send(request: Request) -> Answer:
        _let_time_pass(clock, request)
        return await _answered(app, request)

    yield send


async def _answered(app: Application, request: Request) -> Answer:
    """The mock's answer, by ASGI alone: an HTTP client before it would take longer than the mock."""
    path, _, query = request.target.encode().partition(b"?")
    headers = [(name.lower().encode(), value.encode()) for name, value in request.headers]
    parts = {"method": request.method, "raw_path": path, "query_string": query, "headers": headers}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": request.body}

    async def send(message: Message) -> None:
        sent.append(message)

    await app({"type": "http", **parts}, receive, send)
    start, end = sent
    shown = ((name.decode(), value.decode()) for name, value in start["headers"] if name != b"content-length")
    return Answer(tuple(shown), end["body"], start["status"])


async def walked(contract: Contract, key: SigningKey) -> list[Step]:
    """What a correct mock answers on a walk through everything."""
    async with mock_in_process(contract, key) as send:
        walk = _Walk(send)
        for part in (walk.log_in, walk.subscribe, walk.read_lists, walk.change, walk.sign,
                     walk.add_members_and_transactions, walk.be_odd, walk.be_nobody, walk.refresh):  # fmt: skip
            await part()
        return walk.steps


class Replay:
    """The same requests again, before a fault. The mock is only asked from where the fault asks it something else than
    the walk did: until then its answers are known."""

    def __init__(self, steps: list[Step], contract: Contract, key: SigningKey) -> None:
        self._steps = steps
        self._world = (contract, key)
        self._now = self._served = 0
        self._live: Send | None = None

    async def changes(self, fault: Fault) -> AsyncGenerator[Step, None]:
        """The steps that the fault answers otherwise, with its answers."""
        async with AsyncExitStack() as self._stack:
            for now, (request, right) in enumerate(self._steps):
                self._now = now
                answer = await fault(request, self._send)
                if answer != right:
                    yield request, answer

    async def _send(self, request: Request) -> Answer:
        if self._live is None and self._served == self._now and request == self._steps[self._now][0]:
            self._served += 1
            return self._steps[self._now][1]
        if self._live is None:
            self._live = await self._stack.enter_async_context(mock_in_process(*self._world))
            for earlier, _ in self._steps[: self._served]:
                await self._live(earlier)
        return await self._live(request)


def _let_time_pass(clock: Clock, request: Request) -> None:
    if request.header("X-Later"):
        clock.advance(float(request.header("X-Later") or 0))
    elif request.operation == "_webhookSubscriptionPost":
        clock.advance(1)


@dataclass
class _Walk:
    send: Send

    def __post_init__(self) -> None:
        self.steps: list[Step] = []
        self.headers: tuple[tuple[str, str], ...] = ()
        self.ids: list[str] = []
        self.tokens: dict[str, dict[str, str]] = {}

    async def ask(self, method: str, target: str, content: Json = None, **headers: str) -> Answer:
        """One step: JSON, text or nothing, as whoever is logged in."""
        body = b"" if content is None else content if isinstance(content, bytes) else Answer.of(200, content).body
        own = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        typed = (("Content-Type", "application/json"),) if body and "Content_Type" not in headers else ()
        request = Request((*self.headers, *typed, *own), body, method, target)
        answer = await honest(request, self.send)
        self.steps.append((request, answer))
        return answer

    def be(self, token: str | None) -> None:
        """Send this token from now on."""
        self.headers = (("Authorization", f"Bearer {token}"),) if token else ()

    async def post(self, store: str = STORE, **wanted: Any) -> str:
        """Subscribe, and return the id."""
        content = {"webhookSubscription": {"eventName": "CustomerRegistered", "url": HOOK} | wanted}
        answer = await self.ask("POST", f"/api/{store}/webhook/subscription", content)
        identity: str = answer.json.get("webhookSubscriptionId", _UNKNOWN)
        self.ids.append(identity)
        return identity

    async def log_in(self) -> None:
        """Right and wrong logins."""
        answers = [await self.ask("POST", _ADMIN_LOGIN, content) for content in LOGINS]
        self.tokens["admin"] = answers[0].json
        answers = [await self.ask("POST", _MEMBER_LOGIN, content) for content in (MEMBER, MEMBER | {"password": "x"})]
        self.tokens["member"] = answers[0].json
        self.be(self.tokens["admin"]["token"])

    async def subscribe(self) -> None:
        """Good and bad subscriptions."""
        for wanted in GOOD:
            await self.ask("GET", f"{_LIST}/{await self.post(**wanted)}")
        await self.post(OTHER_STORE)
        for wanted in BAD:
            await self.post(**wanted)
        for content in BROKEN:
            await self.ask("POST", _LIST, content)
        await self.ask("POST", _LIST, b"a=1", Content_Type="application/x-www-form-urlencoded")
        await self.ask("POST", _LIST, {"webhookSubscription": GOOD[2]}, Content_Type="text/plain")
        await self.ask("POST", _LIST, b" " * (MAX_BODY + 1))

    async def read_lists(self) -> None:
        """Pages, filters, sorting."""
        at = timestamp(NOW + 3).replace("+", "%2B")
        by_time = [f"createdAt{operator}={at}" for operator in ("", "[eq]", "[lt]", "[lte]", "[gt]", "[gte]")]
        for query in (*QUERIES, *by_time, *BAD_QUERIES):
            await self.ask("GET", f"{_LIST}?{query}" if query else _LIST)
        for path in (f"/api/{OTHER_STORE}/webhook/subscription", "/api/NOWHERE/webhook/subscription"):
            await self.ask("GET", path)
        for path in (_EVENTS, _FIGURES, "/api/NOWHERE/webhook/event"):
            await self.ask("GET", path)

    async def change(self) -> None:
        """Updates and deletions, and what is read after each."""
        with_headers, other, third = self.ids[2:5]
        update = {"url": HOOK + "/v2"}
        await self.put(with_headers, update)
        await self.put(third, {"queueKey": "k", "queueSecretKey": "s"} | update)
        good: list[dict[str, Any]] = [update | {"headers": [PAIR]}, update]
        bad: list[dict[str, Any]] = [{}, {"headers": []}, {"url": "no url"}, update | {"eventName": "x"}]
        for wanted in good + bad:
            await self.put(other, wanted)
        await self.put(_UNKNOWN, update)
        for identity in (_UNKNOWN, "odd", other.upper()):
            await self.ask("GET", f"{_LIST}/{identity}")
        await self.ask("GET", f"{_LIST.replace(STORE, STORE.lower())}/{other}")
        elsewhere = f"/api/{OTHER_STORE}/webhook/subscription/{other}"
        await self.ask("PUT", elsewhere, {"webhookSubscription": update})
        await self.ask("POST", f"/api/{OTHER_STORE}/webhook/subscription/{self.ids[1]}/rotate-hmac-key")
        for method in ("GET", "DELETE"):
            await self.ask(method, elsewhere)
        await self.ask("DELETE", f"{_LIST}/{other}")
        await self.put(other, update)
        await self.ask("DELETE", f"{_LIST}/{other}")
        for path in (f"{_LIST}/{with_headers}", f"{_LIST}?_itemsOnPage=50", _LIST):
            await self.ask("GET", path)

    async def sign(self) -> None:
        """Signing keys."""
        plain, signed = self.ids[:2]
        for identity in (plain, signed, signed):
            await self.ask("POST", f"{_LIST}/{identity}/rotate-hmac-key")
        for wanted in ({}, {"hmacEnabled": True}, {"hmacEnabled": False}):
            await self.put(signed, {"url": HOOK} | wanted)
        await self.put(plain, {"url": HOOK, "hmacEnabled": True})

    async def add_members_and_transactions(self) -> None:
        """Good and bad ones, and the figures after them."""
        for customer in CUSTOMERS:
            await self.ask("POST", f"/api/{STORE}/member", {"customer": customer})
        for receipt in RECEIPTS:
            await self.ask("POST", f"/api/{STORE}/transaction", {"transaction": receipt})
        for query in ("", "?withTransaction=true", "?withTransaction=false"):
            await self.ask("GET", _FIGURES + query)

    async def be_odd(self) -> None:
        """Methods that aren't there."""
        for method in ("PATCH", "DELETE", "HEAD", "OPTIONS"):
            await self.ask(method, _LIST)
        await self.ask("PATCH", f"{_LIST}/{_UNKNOWN}")

    async def be_nobody(self) -> None:
        """Requests of those who may not."""
        admin = self.tokens["admin"]["token"]
        head, _, signature = admin.rpartition(".")
        unsigned = f"eyJhbGciOiJub25lIn0.{head.partition('.')[2]}."  # its header says `none`
        tokens = (self.tokens["member"]["token"], "x", f"{head}.{signature[::-1]}", unsigned)
        others: list[dict[str, str]] = [
            {},
            {"X-AUTH-TOKEN": "wrong"},
            {"X-AUTH-TOKEN": API_KEY},
            {"Authorization": admin},
        ]
        for credential in (*others, *({"Authorization": f"Bearer {token}"} for token in tokens)):
            self.headers = tuple(credential.items())
            for path in (f"{_LIST}/{self.ids[0]}", _LIST, _FIGURES, "/api/token/revoke"):
                await self.ask("GET", path)
            await self.put(_UNKNOWN, {"url": HOOK})
            await self.ask("DELETE", f"{_LIST}/{_UNKNOWN}")

    async def refresh(self) -> None:
        """Refresh tokens: new, used, of the wrong kind, revoked; and a JWT that has expired."""
        self.headers = ()
        tokens = (await self.ask("POST", _ADMIN_LOGIN, ADMIN)).json
        await self.trade(_MEMBER_REFRESH, tokens)
        next_tokens = await self.trade(_REFRESH, tokens)
        await self.trade(_REFRESH, tokens)
        member = (await self.ask("POST", _MEMBER_LOGIN, MEMBER)).json
        await self.ask("POST", _OTHER_REFRESH, {"refresh_token": member["refresh_token"]})
        for _ in range(2):
            await self.trade(_MEMBER_REFRESH, member)
        self.be(next_tokens["token"])
        await self.ask("GET", _LIST)
        await self.ask("GET", "/api/token/revoke")
        await self.trade(_REFRESH, next_tokens)
        await self.ask("GET", _LIST, X_Later="90000")  # seconds: more than a day

    async def put(self, identity: str, wanted: dict[str, Any]) -> None:
        """Update, and read what became of it."""
        await self.ask("PUT", f"{_LIST}/{identity}", {"webhookSubscription": wanted})
        await self.ask("GET", f"{_LIST}/{identity}")

    async def trade(self, path: str, tokens: dict[str, str]) -> dict[str, str]:
        """Refresh tokens."""
        answer: dict[str, str] = (await self.ask("POST", path, {"refresh_token": tokens["refresh_token"]})).json
        return answer
