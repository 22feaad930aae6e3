"""mockserver.app.asgi_bridge: any ASGI application behind our HTTP server."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.responses import Response as StarletteResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from mockserver.app.asgi_bridge import AsgiBridge
from mockserver.errors import PayloadTooLarge
from mockserver.http.messages import MAX_BODY, Disconnected, Request
from tests.app.pages import Pages

Endpoint = Callable[[StarletteRequest], Awaitable[StarletteResponse]]


class Client:
    """Where a request comes from: one that sends its body in pieces, and may leave before the end."""

    client, head_size, scheme, has_left = "192.0.2.1", 0, "https", False

    def __init__(self, *pieces: bytes, leaves: bool = False) -> None:
        self._pieces, self._leaves = list(pieces), leaves

    def when_left(self, call: Callable[[], object] | None) -> None:
        """Nothing."""

    async def read(self) -> bytes:
        """The next piece."""
        if not self._pieces and self._leaves:
            raise Disconnected
        return self._pieces.pop(0) if self._pieces else b""


def bridged(endpoint: Endpoint) -> AsgiBridge:
    """A bridge to an application that answers everything by one function."""
    return AsgiBridge(Starlette(routes=[Route("/{path:path}", endpoint, methods=["GET", "POST"])]), Pages())


async def echo(request: StarletteRequest) -> StarletteResponse:
    """Says what it was asked."""
    found = {"url": str(request.url), "client": request.client and request.client.host}
    return JSONResponse({**found, "a": request.headers["a"], "body": (await request.body()).decode()}, 201, {"b": "2"})


async def stream(_request: StarletteRequest) -> StarletteResponse:
    """Answers in pieces."""
    return StreamingResponse(iter([b"one ", b"two"]), media_type="text/plain")


@pytest.mark.anyio
async def test_request_and_answer_pass() -> None:
    """The application sees the request as it was sent, its body as a whole; its response comes back as it is."""
    request = Request("POST", b"/a%20b?c=1", {b"host": b"mock.test", b"a": b"1"}, Client(b"bo", b"dy"))

    answer = await bridged(echo).answer(request)

    assert answer.status == 201
    assert (b"b", b"2") in answer.headers
    assert answer.body == b'{"url":"https://mock.test/a b?c=1","client":"192.0.2.1","a":"1","body":"body"}'


@pytest.mark.anyio
async def test_streamed_answer_is_collected() -> None:
    """A response in pieces is one."""
    answer = await bridged(stream).answer(Request("GET", b"/", {}, Client()))

    assert answer.body == b"one two"


@pytest.mark.anyio
async def test_client_that_leaves_gets_no_answer() -> None:
    """Whoever leaves before the body is there is told to the server as one who left."""

    async def patient(_scope: Scope, receive: Receive, _send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    with pytest.raises(Disconnected):
        await AsgiBridge(patient, Pages()).answer(Request("POST", b"/", {}, Client(b"bo", leaves=True)))


@pytest.mark.anyio
async def test_body_has_its_limit() -> None:
    """A body that is too large is refused while the application reads it."""
    with pytest.raises(PayloadTooLarge):
        await bridged(echo).answer(Request("POST", b"/", {b"a": b"1"}, Client(bytes(MAX_BODY), b"1")))


@pytest.mark.anyio
async def test_client_that_stays_has_not_left() -> None:
    """An application that listens for its client hears that it has left when the response is complete, not before."""
    told: list[str] = []

    async def listening(_scope: Scope, receive: Receive, send: Send) -> None:
        told.append((await receive())["type"])
        leaving = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        told.append("left" if leaving.done() else "there")
        await PlainTextResponse("done")(_scope, receive, send)
        told.append((await leaving)["type"])

    await AsgiBridge(listening, Pages()).answer(Request("GET", b"/", {}, Client()))

    assert told == ["http.request", "there", "http.disconnect"]


@pytest.mark.anyio
async def test_own_pages_are_asked_directly() -> None:
    """A page of the mock gets the request as our server has it, a body beyond the limit of the API included."""
    answer = await bridged(echo).answer(Request("PUT", b"/%6Fwn/state", {}, Client(bytes(MAX_BODY), b"1")))

    assert answer.body == b"own %d" % (MAX_BODY + 1)
