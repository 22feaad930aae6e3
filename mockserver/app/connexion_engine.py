"""The reference engine: stock Connexion, which routes, secures and validates by the contract and calls our handlers.

A Connexion user knows all of this: a resolver finds the handler of an operationId, a security map says whose a
credential is, error handlers word what is refused. The default engine (`app`, `pipeline`) is the same, compiled; the
tests hold the two equal. The only module that knows Connexion.
"""

import logging
import traceback
import warnings
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from inspect import signature
from typing import Any, cast

import orjson
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver import errors
from mockserver.app.asgi_bridge import HostingMiddleware, OwnPages, OwnPagesMiddleware, RequestLimitsMiddleware
from mockserver.http.asgi_messages import path_of
from mockserver.http.messages import EXPOSED_HEADERS, PREFLIGHT_AGE
from mockserver.logs import RateLimitedLog
from mockserver.operations import OPERATIONS
from mockserver.pipeline import Handler, snake_case
from mockserver.pipeline.request_body import checked_json
from mockserver.pipeline.security import admin_only
from mockserver.violations import breach
from mockserver.world import World
from mockserver.world.auth import Principal

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

OURS = frozenset({"lifespan", "pythonic_params", "resolver", "security_map", "swagger_ui_options"})  # no options
ANY_ORIGIN = {"allow_origins": ["*"], "allow_methods": ["*"], "allow_headers": ["*"], "max_age": PREFLIGHT_AGE}
# What Connexion and its router refuse, by status, in the vendor's words.
REFUSALS: Mapping[int, Callable[[Any], errors.ApiError]] = {
    400: lambda error: errors.BadRequest([breach((), "", error.detail)]),
    401: lambda _: errors.AuthenticationRequired(),
    404: lambda _: errors.NotFound(),
    405: lambda error: errors.MethodNotAllowed(sorted(error.headers["Allow"].split(", "))),
    415: lambda _: errors.UnsupportedMediaType(),
}


def create(world: World, own: OwnPages, **options: Any) -> AsyncApp:
    """The API of a world's contract, served by Connexion; `options` are AsyncApp's. `own` answers the mock's own pages:
    the control plane, and the contract with its documentation. Raises ContractError, and SettingsError for an option
    that is set here already."""
    if not world.contract.is_ours:
        raise errors.ContractError("Only the contract of Open Loyalty has handlers that Connexion could call.")
    if OURS & options.keys():
        taken = ", ".join(sorted(OURS & options.keys()))
        raise errors.SettingsError(f"The engine connexion sets {taken} by itself: leave it out of the options.")
    handlers = {name: resolve(world, name) for name in world.contract.operation_ids}
    app = AsyncApp(
        "mockserver",
        resolver=Resolver(handlers.__getitem__),
        security_map={
            "bearer": _checked_by(BearerSecurityHandler, world.auth.verify_bearer),
            "apiKey": _checked_by(ApiKeySecurityHandler, world.auth.verify_api_key),
        },
        swagger_ui_options=SwaggerUIOptions(swagger_ui=False, serve_spec=False),
        **{"strict_validation": True} | options,  # a filter with a typing error would answer everything
    )
    before_all = MiddlewarePosition.BEFORE_EXCEPTION
    app.add_middleware(HostingMiddleware, position=before_all, world=world)
    app.add_middleware(OwnPagesMiddleware, position=before_all, own=own)
    app.add_middleware(CORSMiddleware, position=before_all, expose_headers=EXPOSED_HEADERS, **ANY_ORIGIN)
    app.add_middleware(RequestLimitsMiddleware, position=MiddlewarePosition.BEFORE_ROUTING, world=world)
    app.add_middleware(_InStore, position=MiddlewarePosition.BEFORE_VALIDATION, world=world)
    app.add_error_handler(errors.ApiError, _worded)
    for status in REFUSALS:
        app.add_error_handler(status, _worded)
    failed = partial(_failed, RateLimitedLog(logging.getLogger("mockserver")))
    app.add_error_handler(500, failed)  # what Connexion itself finds wrong with an answer, if it is told to look
    app.add_error_handler(Exception, failed)
    app.add_api(world.contract.document)
    return app


def resolve(world: World, operation_id: str) -> Callable[..., Awaitable[object]]:
    """The handler of an operation, ready to be called by Connexion. Raises ContractError if there is none."""
    if operation_id not in OPERATIONS:
        raise errors.ContractError(f"The operationId {operation_id!r} has no handler in mockserver/operations.")
    return partial(_call, world, OPERATIONS[operation_id])


async def _call(world: World, handler: Handler, **arguments: Any) -> object:
    """Call a handler with what its signature names. Connexion has taken out of names what Python can't have in them:
    `createdAt[gt]` is `createdAtgt` here."""
    operation, scope = cast("Any", context.operation), cast("Any", context.scope)  # proxies of both
    names = {
        sanitized(declared["name"]): declared["name"] for declared in operation.parameters if declared["in"] == "query"
    }
    known = {
        **{snake_case(name): value for name, value in arguments.items() if name not in names},
        "query": {names[name]: value for name, value in arguments.items() if name in names},
        "body": checked_json(arguments.get("body")),
        "world": world,
        "principal": arguments.get("user"),
        "client": (scope.get("client") or [""])[0],
    }
    content, status = await handler(*(known[name] for name in signature(handler).parameters))
    return (content, status) if content is not None else ConnexionResponse(status)


def _checked_by(base: type[Any], verify: Callable[[str], Any]) -> type[Any]:
    """Connexion's handler of a kind of credential, with `verify` saying whose it is: the only place where it can be
    told other than by the name of a function in the contract."""

    async def check(credential: str) -> dict[str, Any]:
        found = verify(credential)
        return {"sub": admin_only(found if isinstance(found, Principal) else await found)}

    return type(base.__name__, (base,), {"_resolve_func": lambda _self, _scheme: check})


class _InStore:
    """Middleware: a path that names a store that isn't there is refused before parameters and body are read."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app, self._world = app, world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        code = scope.get("path_params", {}).get("storeCode")
        if code is not None and not await self._world.state.has_store(code):
            raise errors.NotFound
        await self._app(scope, receive, send)


async def _worded(_request: ConnexionRequest, error: Any) -> ConnexionResponse:
    """What is refused, by us or by Connexion, in the vendor's words."""
    refused = error if isinstance(error, errors.ApiError) else REFUSALS[error.status_code](error)
    headers = {name.decode(): value.decode() for name, value in refused.headers()}
    return ConnexionResponse(refused.status, "application/json", body=orjson.dumps(refused.body()), headers=headers)


async def _failed(log: RateLimitedLog, request: ConnexionRequest, error: Exception) -> ConnexionResponse:
    """A bare 500 for a defect. The log has its kind and place: what it says may hold the whole body of the request."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    kind, target = type(error).__name__, path_of(request.scope).decode("latin-1")
    log.error("%s %s failed: %s in %s, line %s", request.method, target, kind, place.filename, place.lineno)
    text = orjson.dumps({"code": 500, "message": "Internal Server Error"})
    return ConnexionResponse(500, "application/json", body=text)
