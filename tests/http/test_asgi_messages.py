"""mockserver.http.asgi_messages and mockserver.http.messages: requests and responses by ASGI, before the whole mock."""

from collections.abc import Iterable
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Scope

from mockserver.app import create_app
from mockserver.http.messages import MAX_BODY
from mockserver.openapi.contract import Contract
from mockserver.pipeline.parameters import MAX_QUERY_FIELDS
from mockserver.settings import Settings
from mockserver.world import World

pytestmark = pytest.mark.anyio

Json = dict[str, Any]
HEADERS = [(b"content-type", b"application/json"), (b"x-auth-token", b"mock-api-key")]


@pytest.fixture
async def app(world: World) -> ASGIApp:
    """The mock as an ASGI application, with its users in place."""
    await world.seed()
    return create_app(world)


class Exchange:
    """One request by ASGI: what is received in which order, and what is sent back."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self.messages = list(messages)
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        """The next message; there must be one."""
        return self.messages.pop(0)

    async def send(self, message: Message) -> None:
        """Keep what the mock sends."""
        self.sent.append(message)

    @property
    def status(self) -> int:
        """The status that was answered."""
        status: int = self.sent[0]["status"]
        return status


def _scope(
    path: str, headers: Iterable[tuple[bytes, bytes]] = HEADERS, query: bytes = b"", method: str = "POST"
) -> Scope:
    raw = path.encode()
    scope = {"type": "http", "method": method, "path": path, "raw_path": raw, "query_string": query}
    return scope | {"headers": list(headers), "client": None}


def _part(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_body_may_come_in_parts(app: ASGIApp) -> None:
    """A body is read to its end, however it is cut."""
    exchange = Exchange([_part(b'{"customer": {"ema'), _part(b""), _part(b'il": "ann@example.com"}}', more=False)])

    await app(_scope("/api/DEFAULT/member"), exchange.receive, exchange.send)

    assert exchange.status == 200
    assert exchange.messages == []


async def test_oversized_body_is_refused_when_it_passes_the_limit(app: ASGIApp) -> None:
    """A body that doesn't announce its length is refused as soon as it is too long, and no more of it is read."""
    exchange = Exchange([_part(b" " * MAX_BODY), _part(b" "), _part(b"never read", more=False)])

    await app(_scope("/api/DEFAULT/member"), exchange.receive, exchange.send)

    assert exchange.status == 413
    assert exchange.messages == [_part(b"never read", more=False)]


@pytest.mark.parametrize("length", [str(MAX_BODY + 1), "9" * 5000])
async def test_announced_oversized_body_is_refused_unread(app: ASGIApp, length: str) -> None:
    """A body that announces too much isn't read at all."""
    exchange = Exchange([_part(b"never read", more=False)])
    headers = [*HEADERS, (b"content-length", length.encode())]

    await app(_scope("/api/DEFAULT/member", headers), exchange.receive, exchange.send)

    assert exchange.status == 413
    assert len(exchange.messages) == 1


async def test_client_that_leaves_is_no_defect(app: ASGIApp, caplog: pytest.LogCaptureFixture) -> None:
    """A client that goes away while it sends its body gets no response, and the log no complaint."""
    exchange = Exchange([_part(b'{"customer":'), {"type": "http.disconnect"}])

    await app(_scope("/api/DEFAULT/member"), exchange.receive, exchange.send)

    assert exchange.sent == []
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_body_is_read_only_where_one_belongs(app: ASGIApp) -> None:
    """An operation without a body doesn't wait for one."""
    exchange = Exchange([])

    await app(_scope("/api/DEFAULT/webhook/event", method="GET"), exchange.receive, exchange.send)

    assert exchange.status == 200


async def test_query_with_too_many_fields_is_refused(app: ASGIApp) -> None:
    """A query of endless fields is a 400, not endless work."""
    exchange = Exchange([])
    query = b"&".join([b"url=x"] * (MAX_QUERY_FIELDS + 1))  # known, and the last would count
    path = "/api/DEFAULT/webhook/subscription"

    await app(_scope(path, query=query, method="GET"), exchange.receive, exchange.send)

    assert exchange.status == 400


@pytest.mark.parametrize("name", [b"x-auth-token", b"authorization", b"host"])
async def test_headers_that_may_be_there_once_are(app: ASGIApp, name: bytes) -> None:
    """Of two credentials, or hosts, nobody chooses one: the request is refused, whichever of them is good."""
    exchange = Exchange([])
    headers = [(b"x-auth-token", b"mock-api-key"), (name, b"mock-api-key"), (name, b"another")]

    await app(_scope("/api/DEFAULT/webhook/event", headers, method="GET"), exchange.receive, exchange.send)

    assert exchange.status == 400
    assert name in exchange.sent[1]["body"]


async def test_repeated_headers_are_one_list(app: ASGIApp) -> None:
    """Other headers that are repeated mean the same as one with all their values."""
    exchange = Exchange([])
    headers = [(b"x-auth-token", b"mock-api-key"), (b"prefer", b"code=404"), (b"prefer", b"delay=0")]

    await app(_scope("/api/DEFAULT/webhook/event", headers, method="GET"), exchange.receive, exchange.send)

    assert exchange.status == 404


async def test_answers_announce_their_length(app: ASGIApp) -> None:
    """A response with a body says how long it is."""
    exchange = Exchange([])

    await app(_scope("/api/DEFAULT/webhook/event", method="GET"), exchange.receive, exchange.send)

    start, body = exchange.sent
    assert dict(start["headers"])[b"content-length"] == str(len(body["body"])).encode()


async def test_head_sends_no_body(app: ASGIApp) -> None:
    """HEAD announces what GET would send, and sends none of it, whatever the server below would do."""
    exchange = Exchange([])

    await app(_scope("/api/DEFAULT/webhook/event", method="HEAD"), exchange.receive, exchange.send)

    start, body = exchange.sent
    assert int(dict(start["headers"])[b"content-length"]) > 100
    assert body["body"] == b""


async def test_clients_without_an_address_share_a_limit(contract: Contract) -> None:
    """A client whose address isn't known is limited like any other."""
    world = World.build(Settings(login_rate_limit=1), contract)
    statuses = []
    for _ in range(2):
        exchange = Exchange([_part(b'{"username":"a","password":"b"}', more=False)])
        await create_app(world)(_scope("/api/admin/login_check"), exchange.receive, exchange.send)
        statuses.append(exchange.status)

    assert statuses == [401, 429]
