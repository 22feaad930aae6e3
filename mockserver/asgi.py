"""The mock as an ASGI application, for any ASGI server, and for HTTP/2: docs/asgi.md.

`mockserver.asgi:app` is the name to give to a server. The mock is made from the MOCKSERVER_ variables at its first
call; a `__getattr__` of this module would not do, as Hypercorn bypasses it. `create_app` makes a mock from settings.
"""

from collections.abc import Mapping

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.app import create_connexion_app, create_engine
from mockserver.app.asgi_middleware import HostingMiddleware
from mockserver.errors import MockserverError
from mockserver.http.messages import JSON_TYPE
from mockserver.openapi.cache import Cache
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World

__all__ = ["app", "create_app"]


def create_app(settings: Settings) -> ASGIApp:
    """The mock of these settings, with a world of its own.

    Address, TLS and log are the server's: `host`, `port`, `tls_cert`, `tls_key`, `log_level` and `log_format` have no
    effect.

    Raises SettingsError or ContractError.
    """
    world = World.build(
        settings, Contract.load(settings.spec, Cache(settings.cache_dir), settings.spec_root, settings.overlay)
    )
    if settings.engine == "connexion":
        return create_connexion_app(world)  # it has the HostingMiddleware already
    return HostingMiddleware(create_engine(world), world)


class Deferred:
    """The mock of the variables of an environment, by default of this process, made at the first call.

    Bad variables fail the start of the server. If the server runs no lifespan, the error is the response to every
    request.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = environment
        self._application: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        try:
            self._application = self._application or create_app(Settings.from_environment(self._environment))
        except MockserverError as error:
            await _refuse(str(error), scope, receive, send)
        else:
            await self._application(scope, receive, send)


async def _refuse(reason: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Fail the start, or answer 500, with the reason."""
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
