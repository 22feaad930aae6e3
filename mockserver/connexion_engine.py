"""The reference engine: stock Connexion, which routes, secures and validates by the contract and calls our handlers.

A Connexion user knows all of this: a resolver finds the handler of an operationId, a security map says whose a
credential is, error handlers word what is refused. The default engine (`app`, `pipeline`) is the same, compiled; the
tests hold the two equal. The only module that knows Connexion.
"""

import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from inspect import signature
from typing import Any, cast

import orjson
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver import errors
from mockserver.asgi_bridge import Fork
from mockserver.auth import Principal
from mockserver.operations import OPERATIONS
from mockserver.pipeline import Handler, snake_case
from mockserver.security import admin_only
from mockserver.violations import breach
from mockserver.world import World

with warnings.catch_warnings():  # Connexion's imports warn of its dependencies, which would fail a strict test run
    warnings.simplefilter("ignore")
    from connexion import context
    from connexion.apps.asynchronous import AsyncApp
    from connexion.decorators.parameter import sanitized
    from connexion.lifecycle import ConnexionRequest, ConnexionResponse
    from connexion.middleware.main import MiddlewarePosition
    from connexion.options import SwaggerUIOptions
    from connexion.resolver import Resolver
    from connexion.security import ApiKeySecurityHandler, BearerSecurityHandler

BEFORE_ALL, BEFORE_VALIDATION = MiddlewarePosition.BEFORE_EXCEPTION, MiddlewarePosition.BEFORE_VALIDATION
EXPOSED = ("Allow", "Retry-After", "WWW-Authenticate")
ANY_ORIGIN = {"allow_origins": "*", "allow_methods": "*", "allow_headers": "*", "expose_headers": EXPOSED}
# What Connexion and its router refuse, by status, in the vendor's words.
REFUSALS: Mapping[int, Callable[[Any], errors.ApiError]] = {
    400: lambda error: errors.BadRequest([breach((), "", error.detail)]),
    401: lambda _: errors.AuthenticationRequired(),
    404: lambda _: errors.NotFound(),
    405: lambda error: errors.MethodNotAllowed(sorted(error.headers["Allow"].split(", "))),
    415: lambda _: errors.UnsupportedMediaType(),
}


def create(world: World, own: ASGIApp, is_own: Callable[[str], bool], **options: Any) -> AsyncApp:
    """The API of a world's contract, served by Connexion; `options` are AsyncApp's. `own` answers the paths that
    `is_own` says are the mock's: the control plane, and the contract with its documentation."""
    app = AsyncApp(
        "mockserver",
        lifespan=partial(_life, world),
        resolver=Resolver(partial(resolve, world)),
        security_map={
            "bearer": _checked_by(BearerSecurityHandler, world.auth.verify_bearer),
            "apiKey": _checked_by(ApiKeySecurityHandler, world.auth.verify_api_key),
        },
        swagger_ui_options=SwaggerUIOptions(swagger_ui=False, serve_spec=False),
        **options,
    )
    app.add_middleware(Fork, position=BEFORE_ALL, own=own, is_own=is_own)
    app.add_middleware(CORSMiddleware, position=BEFORE_ALL, **ANY_ORIGIN)
    app.add_middleware(_InStore, position=BEFORE_VALIDATION, world=world)
    app.add_error_handler(errors.ApiError, _worded)
    for status in REFUSALS:
        app.add_error_handler(status, _worded)
    app.add_api(world.contract.document)
    return app


def resolve(world: World, operation_id: str) -> Callable[..., Awaitable[object]]:
    """The handler of an operation, ready to be called by Connexion."""
    return partial(_call, world, OPERATIONS[operation_id])


async def _call(world: World, handler: Handler, **arguments: Any) -> object:
    """Call a handler with what its signature names. Connexion takes out of names what Python can't have in them."""
    operation, request = cast("Any", context.operation), cast("Any", context.request)  # proxies of both
    in_query = [declared["name"] for declared in operation.parameters if declared["in"] == "query"]
    known = {
        "world": world,
        "query": {name: arguments[sanitized(name)] for name in in_query if sanitized(name) in arguments},
        "body": arguments.get("body"),
        "principal": arguments.get("user"),
        "client": request.client.host,
        **{snake_case(name): value for name, value in request.path_params.items()},
    }
    content, status = await handler(*(known[name] for name in signature(handler).parameters))
    return (content, status) if content is not None else ConnexionResponse(status)


def _checked_by(base: type[Any], verify: Callable[[str], Any]) -> type[Any]:
    """Connexion's handler of a kind of credential, with `verify` saying whose it is."""

    async def check(credential: str) -> dict[str, Any]:
        found = verify(credential)
        return {"sub": admin_only(found if isinstance(found, Principal) else await found)}

    return type(base.__name__, (base,), {"_resolve_func": lambda _self, _scheme: check})


@asynccontextmanager
async def _life(world: World, _app: object) -> AsyncIterator[None]:
    """The world is seeded before the first request, and its deliveries end with the last."""
    await world.seed()
    yield
    await world.deliveries.stop()


class _InStore:
    """Middleware: a path that names a store that isn't there is refused, whatever else is wrong."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app, self._world = app, world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        code = scope.get("path_params", {}).get("storeCode")
        if code is not None and not await self._world.state.has_store(code):
            raise errors.NotFound
        await self._app(scope, receive, send)


def _worded(_request: ConnexionRequest, error: Any) -> ConnexionResponse:
    """An error of ours, or of Connexion's, as the vendor words it."""
    refused = error if isinstance(error, errors.ApiError) else REFUSALS[error.status_code](error)
    headers = {name.decode(): value.decode() for name, value in refused.headers()}
    return ConnexionResponse(refused.status, "application/json", body=orjson.dumps(refused.body()), headers=headers)
