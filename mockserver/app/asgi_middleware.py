"""ASGI middleware: the mock's own pages, limits, stores and world for an application or a server that isn't ours."""

import asyncio
import logging
from contextlib import suppress
from typing import Protocol
from urllib.parse import unquote

from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.app.control_access import TOKEN_HEADER
from mockserver.errors import BadRequest, UnknownStore, UnsupportedMediaType
from mockserver.http.asgi_messages import BodyReceiver, path_of, request_of
from mockserver.http.exchange import HttpApplication
from mockserver.http.messages import SINGLE_HEADERS, Disconnected
from mockserver.world import World

logger = logging.getLogger("mockserver")

EVERYWHERE = "0.0.0.0"  # noqa: S104 (nothing listens here: all addresses of this machine are meant)
MOST_FIELDS = 250  # of a query: Starlette's time to read them grows with their square
# Of a body. Connexion would take any codec of Python: the time of punycode grows with the square of the body, and names
# that mean nothing are kept for ever.
CHARSETS = frozenset({b"utf-8", b"utf8", b"utf-16", b"us-ascii", b"iso-8859-1"})


class OwnPages(HttpApplication, Protocol):
    """The application that serves the mock's own pages and runs the lifespan of its world."""

    def is_own(self, path: str) -> bool:
        """Whether a path is that of an own page."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send, /) -> None: ...


class HostingMiddleware:
    """ASGI middleware: lets a server that isn't ours serve the mock of one world."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app, self._world = app, world
        self._ports: set[int] = set()
        self._is_seeded = False
        self._seeding = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: lifespan and http. A WebSocket is closed."""
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close"})
            return
        if scope["type"] == "lifespan":
            self._is_seeded = True  # by the lifespan of the application, before any request
        else:
            await self._prepare(scope)
        with suppress(ConnectionAbortedError):  # by a fault: the server sees that the response isn't complete
            await self._app(scope, receive, send)

    async def _prepare(self, scope: Scope) -> None:
        """Seed the world if the server runs no lifespan, and exclude the server's port from deliveries."""
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
        await self._world.start()
        self._is_seeded = True


def _port(scope: Scope) -> int | None:
    """The port that a request came to; None if the server doesn't give it. Some servers give it as a text."""
    try:
        return int(scope["server"][1])
    except (KeyError, IndexError, TypeError, ValueError):
        return None


class OwnPagesMiddleware:
    """ASGI middleware: `own` gets the lifespan and the requests for its pages, the application below all else."""

    def __init__(self, app: ASGIApp, own: OwnPages) -> None:
        self._app, self._own = app, own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_own = scope["type"] != "http" or self._own.is_own(unquote(path_of(scope)))
        await (self._own if is_own else self._app)(scope, receive, send)


class RequestLimitsMiddleware:
    """ASGI middleware: the limits of the compiled engine, for an application without them. Deliveries give way.

    Single headers (credentials, Host, Origin) may not be repeated, a query has MOST_FIELDS at most, a body MAX_BODY, in
    one of CHARSETS. A body in chunks gets its Content-Length. Raises the ApiError of a limit.
    """

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app, self._world = app, world
        self._single_headers = SINGLE_HEADERS | {TOKEN_HEADER} | world.contract.credential_headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._world.deliveries.request_arrived()
        request = request_of(scope, receive, self._single_headers)
        if request.query_string.count(b"&") >= MOST_FIELDS:
            raise BadRequest(message=f"A query may have {MOST_FIELDS} fields, not more.")
        if not _has_known_charset(request.headers.get(b"content-type", b"")):
            raise UnsupportedMediaType
        if b"content-length" not in request.headers:
            with suppress(Disconnected):  # the application learns it when it reads
                length = b"%d" % len(await request.read())
                scope = {**scope, "headers": [*scope["headers"], (b"content-length", length)]}
        await self._app(scope, BodyReceiver(request, receive).receive, send)


def _has_known_charset(content_type: bytes) -> bool:
    """Whether the charset of a body is one of CHARSETS, or not told. Written in an unusual way it isn't known."""
    parameters = content_type.lower().split(b";")[1:]
    told = [parameter.partition(b"=") for parameter in parameters if b"charset" in parameter]
    return all(name.strip() == b"charset" and value.strip(b' \t"') in CHARSETS for name, _, value in told)


class StoreMiddleware:
    """ASGI middleware: an unknown store in the path is a 404 before parameters and body are read.

    Reads the path parameters that a router has put into the scope. Raises UnknownStore.
    """

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app, self._world = app, world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        code = scope.get("path_params", {}).get("storeCode")
        if code is not None and not await self._world.state.has_store(code):
            raise UnknownStore(code, await self._world.state.store_codes())
        await self._app(scope, receive, send)
