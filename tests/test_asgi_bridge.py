"""mockserver.asgi_bridge: any ASGI application behind our HTTP server, and two at one address."""

from collections.abc import Awaitable, Callable

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.asgi_bridge import Bridge, Fork
from mockserver.errors import PayloadTooLarge
from mockserver.messages import MAX_BODY, Disconnected, Request

Endpoint = Callable[[StarletteRequest], Awaitable[Response]]


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


def bridged(endpoint: Endpoint) -> Bridge:
    """A bridge to an application that answers everything by one function."""
    return Bridge(Starlette(routes=[Route("/{path:path}", endpoint, methods=["GET", "POST"])]))


async def echo(request: StarletteRequest) -> Response:
    """Says what it was asked."""
    found = {"url": str(request.url), "client": request.client and request.client.host}
    return JSONResponse({**found, "a": request.headers["a"], "body": (await request.body()).decode()}, 201, {"b": "2"})


async def stream(_request: StarletteRequest) -> Response:
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
        await Bridge(patient).answer(Request("POST", b"/", {}, Client(b"bo", leaves=True)))


@pytest.mark.anyio
async def test_body_has_its_limit() -> None:
    """A body that is too large is refused while the application reads it."""
    with pytest.raises(PayloadTooLarge):
        await bridged(echo).answer(Request("POST", b"/", {b"a": b"1"}, Client(bytes(MAX_BODY), b"1")))


def test_fork_leads_to_both() -> None:
    """The path decides which of two applications answers."""

    def saying(text: str) -> ASGIApp:
        return PlainTextResponse(text)

    client = TestClient(Fork(saying("below"), saying("own"), lambda path: path.startswith("/own")))

    assert [client.get(path).text for path in ("/own/1", "/other")] == ["own", "below"]
