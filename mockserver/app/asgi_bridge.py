"""Somebody else's ASGI application as a mock: our pages beside it, our limits before it, and our HTTP server or any
other around it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.errors import BadRequest
from mockserver.http.asgi_messages import path_of, request_of
from mockserver.http.exchange import Answering
from mockserver.http.messages import SINGLE_HEADERS, Disconnected, Request, Response
from mockserver.world import World

logger = logging.getLogger("mockserver")

EVERYWHERE = "0.0.0.0"  # noqa: S104 (nothing listens here: all addresses of this machine are meant)
MOST_FIELDS = 250  # of a query: Starlette's time to read them grows with their square


class Own(Answering, Protocol):
    """What answers the mock's own pages, and lives by ASGI's lifespan."""

    def is_own(self, path: str) -> bool:
        """Whether a path is that of such a page."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send, /) -> None: ...


class Hosted:
    """ASGI middleware: the mock of one world in the hands of a server that isn't ours."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app, self._world = app, world
        self._ports: set[int] = set()
        self._is_seeded = False
        self._seeding = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: lifespan and http. A WebSocket is refused."""
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close"})
            return
        if scope["type"] == "lifespan":
            self._is_seeded = True  # by the application's own lifespan, and nothing is asked before
        else:
            await self._welcome(scope)
        with suppress(ConnectionAbortedError):  # by a fault: that the answer isn't complete is enough
            await self._app(scope, receive, send)

    async def _welcome(self, scope: Scope) -> None:
        """Seed the world if no lifespan ran, which not every server does, and note the server's port."""
        if not self._is_seeded:
            async with self._seeding:
                await self._seed()
        port = _port(scope)
        if port and port not in self._ports:
            self._ports.add(port)
            self._world.deliveries.egress_policy.add_own_address(EVERYWHERE, port)

    async def _seed(self) -> None:
        if self._world.settings.watch and not self._is_seeded:
            logger.warning("The server runs no lifespan: the contract's files are not watched.")
        await self._world.seed()
        self._is_seeded = True


def _port(scope: Scope) -> int | None:
    """The port that a request came to, if its server says so, and if it is one: some give it as a text."""
    try:
        return int(scope["server"][1])
    except (KeyError, IndexError, TypeError, ValueError):
        return None


class Fork:
    """ASGI middleware: the lifespan and the mock's own pages are `own`'s, all else is the application's below."""

    def __init__(self, app: ASGIApp, own: Own) -> None:
        self._app, self._own = app, own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_own = scope["type"] != "http" or self._own.is_own(unquote(path_of(scope)))
        await (self._own if is_own else self._app)(scope, receive, send)


class Admission:
    """ASGI middleware: what the compiled engine asks of each request, asked before an application that doesn't.

    Credentials and what says where a request comes from may be there once only, a query has MOST_FIELDS at most, a body
    MAX_BODY, which is told to be as long as it is. Deliveries give way. Raises an ApiError for what is refused.
    """

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app, self._world = app, world
        self._single_headers = SINGLE_HEADERS | world.contract.credential_headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._world.deliveries.request_arrived()
        request = request_of(scope, receive, self._single_headers)
        if request.query_string.count(b"&") >= MOST_FIELDS:
            raise BadRequest(message=f"A query may have {MOST_FIELDS} fields, not more.")
        if b"content-length" not in request.headers:
            with suppress(Disconnected):  # whoever reads on is told
                length = b"%d" % len(await request.read())
                scope = {**scope, "headers": [*scope["headers"], (b"content-length", length)]}
        await self._app(scope, _Body(request, receive).receive, send)


class _Body:
    """ASGI's `receive` of one request: its body as a whole, then `rest`. Raises PayloadTooLarge."""

    def __init__(self, request: Request, rest: Callable[[], Awaitable[Message]]) -> None:
        self._request, self._rest = request, rest
        self._is_read = False
        self.is_disconnected = False

    async def receive(self) -> Message:
        """The next message."""
        if self._is_read:
            return await self._rest()
        try:
            body = await self._request.read()
        except Disconnected:
            self.is_disconnected = True
            return {"type": "http.disconnect"}
        self._is_read = True
        return {"type": "http.request", "body": body, "more_body": False}


class Bridge:
    """An ASGI application and `own`, in the words of our server. What it sends is collected: nothing is streamed."""

    def __init__(self, app: ASGIApp, own: Own) -> None:
        self._app, self._own = app, own
        self.single_headers = own.single_headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI, as it is: the lifespan, and requests of other servers."""
        await self._app(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        """The answer. Raises Disconnected if the client leaves before it has sent its body."""
        if self._own.is_own(unquote(request.raw_path)):
            return await self._own.answer(request)
        collected = _Collected()
        body = _Body(request, collected.disconnect)
        await self._app(_scope(request), body.receive, collected.send)
        if body.is_disconnected:
            raise Disconnected
        collected.answer.body = bytes(collected.body)
        return collected.answer


class _Collected:
    """An answer in ASGI's messages."""

    def __init__(self) -> None:
        self._is_complete = asyncio.Event()
        self.answer = Response(500, [])
        self.body = bytearray()

    async def disconnect(self) -> Message:
        """The client leaves when it has its answer."""
        await self._is_complete.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Collect a part of the answer."""
        if message["type"] == "http.response.start":
            self.answer = Response(message["status"], list(message.get("headers", ())))
            return
        self.body += message.get("body", b"")
        if not message.get("more_body", False):
            self._is_complete.set()


def _scope(request: Request) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.source.scheme if request.source else "http",
        "path": unquote(request.raw_path.decode("latin-1")),
        "raw_path": request.raw_path,
        "root_path": "",
        "query_string": request.query_string,
        "headers": list(request.headers.items()),
        "client": (request.client, 0),
        "server": None,
    }
