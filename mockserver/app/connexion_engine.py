"""The reference engine: stock Connexion, which routes, secures and validates by the contract and calls our handlers.

A Connexion user knows all of this: a resolver finds the handler of an operationId, a security map checks credentials,
middleware and error handlers do the rest. The default engine (`app`, `pipeline`) is the same, compiled; the tests hold
the two equal.
"""

import warnings
from collections.abc import Awaitable, Callable
from functools import partial
from inspect import signature
from typing import Any, cast

from starlette.middleware.cors import CORSMiddleware

from mockserver.app.asgi_middleware import (
    HostingMiddleware,
    OwnPages,
    OwnPagesMiddleware,
    RequestLimitsMiddleware,
    StoreMiddleware,
)
from mockserver.app.connexion_errors import add_error_handlers
from mockserver.app.cross_origin import EXPOSED_HEADERS
from mockserver.errors import ContractError, SettingsError
from mockserver.http.messages import PREFLIGHT_AGE
from mockserver.http.trusted_proxies import FORWARDED, TrustedProxies
from mockserver.operations import OPERATIONS
from mockserver.pipeline import Handler, snake_case
from mockserver.pipeline.request_body import checked_json
from mockserver.pipeline.security import admin_only
from mockserver.world import World
from mockserver.world.auth import Principal

with warnings.catch_warnings():  # Connexion's imports warn of its dependencies, which would fail a strict test run
    warnings.simplefilter("ignore")
    from connexion import context
    from connexion.apps.asynchronous import AsyncApp
    from connexion.decorators.parameter import sanitized
    from connexion.lifecycle import ConnexionResponse
    from connexion.middleware.main import MiddlewarePosition
    from connexion.options import SwaggerUIOptions
    from connexion.resolver import Resolver
    from connexion.security import ApiKeySecurityHandler, BearerSecurityHandler

OURS = frozenset({"lifespan", "pythonic_params", "resolver", "security_map", "swagger_ui_options"})  # no options
ANYTHING = {"allow_methods": ["*"], "allow_headers": ["*"], "max_age": PREFLIGHT_AGE, "expose_headers": EXPOSED_HEADERS}


def create(world: World, own: OwnPages, **options: Any) -> AsyncApp:
    """The API of a world, served by Connexion. `own` serves the control plane, the contract and its documentation.

    `options` are those of AsyncApp. Raises SettingsError for an option that is set here, and ContractError for a
    contract that isn't ours.
    """
    if not world.contract.is_ours:
        raise ContractError("Only the contract of Open Loyalty has handlers that Connexion could call.")
    if OURS & options.keys():
        taken = ", ".join(sorted(OURS & options.keys()))
        raise SettingsError(f"The engine connexion sets {taken} by itself: leave it out of the options.")
    handlers = {name: resolve(world, name) for name in world.contract.operation_ids}
    app = AsyncApp(
        "mockserver",
        resolver=Resolver(handlers.__getitem__),
        security_map={
            "bearer": _checked_by(BearerSecurityHandler, world.auth.verify_bearer),
            "apiKey": _checked_by(ApiKeySecurityHandler, world.auth.verify_api_key),
        },
        swagger_ui_options=SwaggerUIOptions(swagger_ui=False, serve_spec=False),
        **{"strict_validation": True} | options,  # else a filter with a typing error would match everything
    )
    before_all = MiddlewarePosition.BEFORE_EXCEPTION
    app.add_middleware(HostingMiddleware, position=before_all, world=world)
    app.add_middleware(OwnPagesMiddleware, position=before_all, own=own)
    app.add_middleware(CORSMiddleware, position=before_all, **_origins(world.settings.cors_origin), **ANYTHING)
    app.add_middleware(RequestLimitsMiddleware, position=MiddlewarePosition.BEFORE_ROUTING, world=world)
    app.add_middleware(StoreMiddleware, position=MiddlewarePosition.BEFORE_VALIDATION, world=world)
    add_error_handlers(app)
    app.add_api(world.contract.document)
    return app


def _origins(listed: tuple[str, ...]) -> dict[str, Any]:
    """Starlette's options: any origin, or those of a list, with credentials."""
    return {"allow_origins": listed, "allow_credentials": True} if listed else {"allow_origins": ["*"]}


def resolve(world: World, operation_id: str) -> Callable[..., Awaitable[object]]:
    """The handler of an operation, ready to be called by Connexion. Raises ContractError if there is none."""
    if operation_id not in OPERATIONS:
        raise ContractError(f"The operationId {operation_id!r} has no handler in mockserver/operations.")
    return partial(_call, world, OPERATIONS[operation_id])


async def _call(world: World, handler: Handler, **arguments: Any) -> object:
    """Call a handler with the arguments of its signature.

    Connexion has removed from names what a Python name can't have: `createdAt[gt]` arrives as `createdAtgt`.
    """
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
        "client": _client(world, scope),
    }
    content, status = await handler(*(known[name] for name in signature(handler).parameters))
    return (content, status) if content is not None else ConnexionResponse(status)


def _client(world: World, scope: Any) -> str:
    """The address of the caller, or what a trusted proxy says it is."""
    forwarded = b", ".join(value for name, value in scope["headers"] if name == FORWARDED)
    return TrustedProxies(world.settings.trust_proxy).client((scope.get("client") or [""])[0], forwarded)


def _checked_by(base: type[Any], verify: Callable[[str], Any]) -> type[Any]:
    """Connexion's security handler `base`, with `verify` as its check.

    Connexion's own way is the name of a function in the contract, which knows no world: hence `_resolve_func`.
    """

    async def check(credential: str) -> dict[str, Any]:
        found = verify(credential)
        return {"sub": admin_only(found if isinstance(found, Principal) else await found)}

    return type(base.__name__, (base,), {"_resolve_func": lambda _self, _scheme: check})
