"""The mock as an ASGI application, for whoever brings a server of their own or wants HTTP/2: docs/asgi.md.

`app` is what servers are told to serve, `mockserver.asgi:app`: it is made of the MOCKSERVER_ variables when it is first
called. (Not by a `__getattr__` of this module, which Hypercorn passes by.) `create_app` makes one of given settings.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress

import orjson
from starlette.types import Receive, Scope, Send

from mockserver.app import create_served
from mockserver.cache import Cache
from mockserver.contract import Contract
from mockserver.errors import MockserverError
from mockserver.messages import JSON_TYPE
from mockserver.server import Served
from mockserver.settings import Settings
from mockserver.watching import Watching
from mockserver.world import World

logger = logging.getLogger("mockserver")

EVERYWHERE = "0.0.0.0"  # noqa: S104 (nothing listens here: all addresses of this machine are meant)


def create_app(settings: Settings) -> "Hosted":
    """The mock of these settings, with a world of its own. Where it listens, by TLS or not, and what becomes of its
    log is up to its server: `host`, `port`, `tls_cert`, `tls_key` and `log_level` have no effect.

    Raises SettingsError or ContractError.
    """
    world = World.build(settings, Contract.load(settings.spec, Cache(settings.cache_dir)))
    return Hosted(world, Watching(world) if settings.watch else create_served(world))


class Hosted:
    """The mock of one world, in the hands of a server that isn't ours."""

    def __init__(self, world: World, application: Served) -> None:
        self._world = world
        self._application = application
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
            await self._application(scope, receive, send)

    async def _welcome(self, scope: Scope) -> None:
        """Seed the world if no lifespan ran, which not every server does, and note the server's port."""
        if not self._is_seeded:
            async with self._seeding:
                await self._seed()
        port = _port(scope)
        if port and port not in self._ports:
            self._ports.add(port)
            self._world.deliveries.targets.own(EVERYWHERE, port)

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


class Deferred:
    """The mock of the variables of an environment, this process's if left out, made when it is first called.

    What is wrong with them fails the server's start, or where that runs no lifespan, is the answer to every request.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = environment
        self._application: Hosted | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        try:
            self._application = self._application or create_app(Settings.from_environment(self._environment))
        except MockserverError as error:
            await _refuse(str(error), scope, receive, send)
        else:
            await self._application(scope, receive, send)


async def _refuse(reason: str, scope: Scope, receive: Receive, send: Send) -> None:
    message = f"The mock can't start: {reason}"
    await receive()
    if scope["type"] == "lifespan":
        await send({"type": "lifespan.startup.failed", "message": message})
    elif scope["type"] == "http":
        body = orjson.dumps({"code": 500, "message": message})
        length = b"content-length", b"%d" % len(body)
        await send({"type": "http.response.start", "status": 500, "headers": [JSON_TYPE, length]})
        await send({"type": "http.response.body", "body": body})
    else:
        await send({"type": "websocket.close"})


app = Deferred()
