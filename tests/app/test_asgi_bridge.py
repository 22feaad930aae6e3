"""mockserver.app.asgi_bridge: any ASGI application behind our HTTP server, and two at one address."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.responses import Response as StarletteResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from mockserver.app.asgi_bridge import Admission, Bridge, Fork
from mockserver.errors import PayloadTooLarge
from mockserver.http.messages import MAX_BODY, Disconnected, Request, Response
from mockserver.world import World

Endpoint = Callable[[StarletteRequest], Awaitable[StarletteResponse]]


class Client:
    """Where a request comes from: one that sends its body in pieces, and may leave before the end."""

    client, head_size, scheme = "192.0.2.1", 0, "https"

    def __init__(self, *pieces: bytes, leaves: bool = False) -> None:
        self._pieces, self._leaves = list(pieces), leaves

    async def read(self) -> bytes:
        """The next piece."""
        if not self._pieces and self._leaves:
            raise Disconnected
        return self._pieces.pop(0) if self._pieces else b""


class Pages:
    """The mock's own pages: whatever is below /own."""

    single_headers = frozenset({b"x-key"})

    def is_own(self, path: str) -> bool:
        """Whether they answer."""
        return path.startswith("/own")

    async def answer(self, request: Request) -> Response:
        """The size of the body, of whatever size it is."""
        return Response(200, [], b"own %d" % len(await request.read(2 * MAX_BODY)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The same for ASGI."""
        await PlainTextResponse(f"own {scope['type']}")(scope, receive, send)


def bridged(endpoint: Endpoint) -> Bridge:
    """A bridge to an application that answers everything by one function."""
    return Bridge(Starlette(routes=[Route("/{path:path}", endpoint, methods=["GET", "POST"])]), Pages())


async def echo(request: StarletteRequest) -> StarletteResponse:
    """Says what it was asked."""
    found = {"url": str(request.url), "client": request.client and request.client.host}
    return JSONResponse({**found, "a": request.headers["a"], "body": (await request.body()).decode()}, 201, {"b": "2"})


async def stream(_request: StarletteRequest) -> StarletteResponse:
    """Answers in pieces."""
    return StreamingResponse(iter([b"one ", b"two"]), media_type="text/plain")


@pytest.mark.anyio
async def test_request_and_answer_pass() -> None:
    """The application sees the request as it was sent, its body as a whole; its answer comes back as it is."""
    request = Request("POST", b"/a%20b?c=1", {b"host": b"mock.test", b"a": b"1"}, Client(b"bo", b"dy"))

    answer = await bridged(echo).answer(request)

    assert answer.status == 201
    assert (b"b", b"2") in answer.headers
    assert answer.body == b'{"url":"https://mock.test/a b?c=1","client":"192.0.2.1","a":"1","body":"body"}'


@pytest.mark.anyio
async def test_streamed_answer_is_collected() -> None:
    """An answer in pieces is one."""
    answer = await bridged(stream).answer(Request("GET", b"/", {}, Client()))

    assert answer.body == b"one two"


@pytest.mark.anyio
async def test_client_that_leaves_gets_no_answer() -> None:
    """Whoever leaves before the body is there is told to the server as one who left."""

    async def patient(_scope: Scope, receive: Receive, _send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    with pytest.raises(Disconnected):
        await Bridge(patient, Pages()).answer(Request("POST", b"/", {}, Client(b"bo", leaves=True)))


@pytest.mark.anyio
async def test_body_has_its_limit() -> None:
    """A body that is too large is refused while the application reads it."""
    with pytest.raises(PayloadTooLarge):
        await bridged(echo).answer(Request("POST", b"/", {b"a": b"1"}, Client(bytes(MAX_BODY), b"1")))


@pytest.mark.anyio
async def test_client_that_stays_has_not_left() -> None:
    """An application that listens for its client hears that it has left when the answer is complete, not before."""
    told: list[str] = []

    async def listening(_scope: Scope, receive: Receive, send: Send) -> None:
        told.append((await receive())["type"])
        leaving = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        told.append("left" if leaving.done() else "there")
        await PlainTextResponse("done")(_scope, receive, send)
        told.append((await leaving)["type"])

    await Bridge(listening, Pages()).answer(Request("GET", b"/", {}, Client()))

    assert told == ["http.request", "there", "http.disconnect"]


@pytest.mark.anyio
async def test_own_pages_are_asked_directly() -> None:
    """A page of the mock gets the request as our server has it, a body beyond the limit of the API included."""
    answer = await bridged(echo).answer(Request("PUT", b"/%6Fwn/state", {}, Client(bytes(MAX_BODY), b"1")))

    assert answer.body == b"own %d" % (MAX_BODY + 1)


@pytest.mark.parametrize("below", ["", "/below"])
def test_fork_leads_to_both(below: str) -> None:
    """The path, below where both are mounted, decides which of two applications answers."""
    fork = Fork(PlainTextResponse("below"), Pages())
    client = TestClient(Starlette(routes=[Mount(below, app=fork)]))

    assert [client.get(below + path).text for path in ("/own/1", "/other")] == ["own http", "below"]


def test_deliveries_give_way(world: World) -> None:
    """Each request of the API is told to the deliveries, which let it go first."""
    told: list[int] = []
    office = SimpleNamespace(request_arrived=lambda: told.append(1))
    app = Admission(PlainTextResponse("done"), world._replace(deliveries=cast("Any", office)))

    TestClient(app).get("/")

    assert told == [1]
