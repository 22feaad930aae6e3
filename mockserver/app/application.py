"""The ASGI application of one world.

The contract drives routing: each of its operations becomes an entry of a routing table, with the handler of its
operationId. That is what Connexion does with a contract, compiled; `create_connexion_app` has Connexion itself do it.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property, partial
from time import perf_counter  # noqa: TID251 (how long a request took, for the log alone)
from typing import TYPE_CHECKING, Any

from starlette.types import Receive, Scope, Send

from mockserver.app import builtin_routes, response_headers
from mockserver.app.control_access import TOKEN_HEADER, AccessRule, ControlAccess, DocumentationAccess
from mockserver.app.served_documents import documents
from mockserver.errors import ApiError, BadRequest, ContractError
from mockserver.http.asgi_messages import request_of, send_response
from mockserver.http.messages import (
    EXPOSED_HEADERS,
    PREFLIGHT_AGE,
    SINGLE_HEADERS,
    Disconnected,
    Header,
    Request,
    Responder,
    Response,
    error_response,
)
from mockserver.openapi.contract import Contract, Operation, Route
from mockserver.openapi.routing import Router
from mockserver.openapi.structure import pointer_to
from mockserver.operations import OPERATIONS
from mockserver.pipeline import Handler, compile_operation
from mockserver.pipeline.response_validation import ResponseValidator
from mockserver.world import World

if TYPE_CHECKING:
    from connexion.apps.asynchronous import AsyncApp

    from mockserver.http.server import ServedApplication

logger = logging.getLogger("mockserver")

ALLOW_ORIGIN: Header = (b"access-control-allow-origin", b"*")
EXPOSE_HEADERS: Header = (b"access-control-expose-headers", ", ".join(EXPOSED_HEADERS).encode())
CONTROL = b"/_mock/"
PUBLIC = (b"/_mock/health", b"/_mock/jwks.json")
LONGEST_REQUESTED = 4096  # bytes of Access-Control-Request-Headers that are repeated


def create_app(world: World, operations: Mapping[str, Handler] = OPERATIONS) -> "Application":
    """The mock of one world. Raises ContractError if the contract can't be served.

    `operations` are the handlers by operationId, for the contract of Open Loyalty.
    """
    try:
        application = Application(world, operations if world.contract.is_ours else {})
    except Exception as error:  # a document may lack the form that OpenAPI demands
        raise world.contract.explained(error, world.settings.spec_root) from error
    world.contract.keep()
    return application


def create_connexion_app(world: World, **options: Any) -> "AsyncApp":
    """The same API, served by stock Connexion: its routing, security and validation, and the same handlers.

    `/_mock`, the contract and its documentation are the same. It has no response validator, no faults of operations,
    no `Prefer` and no journal. `options` are those of `connexion.AsyncApp`. Raises ContractError for a contract that
    isn't ours, and SettingsError for settings and options that this engine doesn't support.
    """
    from mockserver.app.connexion_engine import create  # here, as the default engine never imports Connexion

    served = world._replace(settings=replace(world.settings, engine="connexion"))
    return create(served, create_app(served), **options)


def create_engine(world: World) -> "ServedApplication":
    """The engine that the settings of a world name, for our own server. Raises ContractError."""
    own = create_app(world)
    if world.settings.engine == "compiled":
        return own
    from mockserver.app.asgi_bridge import AsgiBridge
    from mockserver.app.connexion_engine import create

    return AsgiBridge(create(world, own), own)


class Application:
    """The compiled engine: answers every request. For servers other than ours it is an ASGI application.

    One routing table has the operations of the contract and the mock's own pages. Another one has the control plane; it
    is made at the first request to that, so that the start is not delayed.
    """

    def __init__(self, world: World, operations: Mapping[str, Handler]) -> None:
        self.single_headers = SINGLE_HEADERS | {TOKEN_HEADER} | world.contract.credential_headers
        self._world = world
        self._logs_requests = logger.isEnabledFor(logging.INFO)
        self._router: Router[Responder] = Router()
        self._reserved_headers: list[str] = []
        own = builtin_routes.routes(world)
        is_public, access = world.contract.is_shipped, DocumentationAccess(world.settings.host)
        private = {} if is_public else {path: page for path, page in own.items() if not path.startswith("/_mock/")}
        own |= {path: partial(_behind_rule, access, page) for path, page in private.items()}
        declared = []
        for operation, route, responder in self._compile(world.contract, operations):
            declared.append(operation)
            if builtin_routes.resolve_path_conflict(route, own):
                self._router.add(route.method, route.path, responder)
        for path, responder in own.items():
            for method in ("GET", "HEAD"):  # each by itself, or a template could answer the other
                self._router.add(method, path, responder)
        response_headers.warn_of_reserved(self._reserved_headers)
        builtin_routes.warn_of_unreachable(operation.path for operation in declared)
        self._own = frozenset(own)
        self._same_origin_only = {own[path] for path in private if path in own}
        self._validator = ResponseValidator.for_paths(world.contract, declared, strict=world.settings.strict)

    def _compile(
        self, contract: Contract, handlers: Mapping[str, Handler]
    ) -> Iterator[tuple[Operation, Route, Responder]]:
        """The compiled operations of a contract. A ContractError points to the operation, if to nothing closer."""
        for route in contract.routes():
            try:
                operation = contract.operation(route.declared_path, route.method.lower())
                named = operation._replace(operation_id=route.operation_id)  # which is unique
                declared, reserved = response_headers.without_reserved(named)
                self._reserved_headers += reserved
                yield (
                    declared,
                    route,
                    compile_operation(contract, declared, handlers.get(route.operation_id), self._world),
                )
            except ContractError as error:
                error.pointer = error.pointer or pointer_to("paths", route.declared_path, route.method.lower())
                raise

    def is_own(self, path: str) -> bool:
        """Whether a path is the mock's own: that of the control plane, the contract or its documentation."""
        return path in self._own or path.startswith("/_mock/")

    @cached_property
    def _control(self) -> Router[Responder]:
        """The routing table of the control plane; an empty one if that is switched off."""
        router, settings = Router[Responder](), self._world.settings
        if settings.control:
            from mockserver import control  # here, as no API needs it

            contract, access = Contract.of_control(), ControlAccess(settings.control_token)
            for _, route, responder in self._compile(contract, control.OPERATIONS):
                router.add(route.method, route.path, partial(_behind_rule, access, responder))
            from mockserver.app import page

            for method, path, responder in page.routes(self._world, access):
                router.add(method, path, responder)
            for path, responder in documents(contract, "/_mock").items():
                router.add("GET", path, responder)
        return router

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        """ASGI's lifespan: seed the world before the first request, and stop its deliveries after the last."""
        await receive()
        try:
            await self._world.seed()
        except Exception:
            logger.exception("The mock can't start")
            await send({"type": "lifespan.startup.failed", "message": "The mock can't start; its log says why."})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._world.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: the lifespan, for every server, and requests of other servers than ours."""
        if scope["type"] != "http":
            await self._lifespan(receive, send)
            return
        try:
            request = request_of(scope, receive, self.single_headers)
        except BadRequest as error:
            await send_response(Request(scope["method"], b"/", {}, None), error_response(error), receive, send)
            return
        with suppress(Disconnected):
            await send_response(request, await self.answer(request), receive, send)

    async def answer(self, request: Request) -> Response:
        """The response to a request. Raises Disconnected if the client leaves before it has sent its body."""
        started = perf_counter()
        self._world.deliveries.request_arrived()
        responder = self._route(request)
        response = await responder(request)
        if b"origin" in request.headers and not _is_control(request) and responder not in self._same_origin_only:
            response.headers.extend((ALLOW_ORIGIN, EXPOSE_HEADERS))
        if self._logs_requests:
            milliseconds = 1000 * (perf_counter() - started)
            logger.info("%s %s %d %.1f ms", request.method, request.path, response.status, milliseconds)
        return response

    def _route(self, request: Request) -> Responder:
        """The responder for this request."""
        if request.method == "OPTIONS" and _is_preflight(request):
            return _preflight
        router = self._control if _is_control(request) else self._router
        try:
            responder, request.path_parameters = router.match(request.method, request.raw_path)
        except ApiError as error:
            return partial(self._routing_error, error)
        return responder

    async def _routing_error(self, error: ApiError, request: Request) -> Response:
        """The validated response for a 404 or 405 of the router."""
        if _is_control(request):
            return error_response(error)
        response = self._validator.validated(error_response(error), request)
        self._world.journal.record(request, response)
        return response


def _is_control(request: Request) -> bool:
    """Whether a request is for the control plane, which has no CORS and no journal. Health and public keys are not
    part of it."""
    return request.raw_path.startswith(CONTROL) and request.raw_path not in PUBLIC


def _is_preflight(request: Request) -> bool:
    return b"access-control-request-method" in request.headers and not _is_control(request)


async def _preflight(request: Request) -> Response:
    """Let any origin send any method and header, as the vendor does (vendor-facts §1.6)."""
    requested = request.headers.get(b"access-control-request-headers", b"*")
    if len(requested) > LONGEST_REQUESTED:
        requested = b"*"
    headers = [
        (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE"),
        (b"access-control-allow-headers", requested),
        (b"access-control-max-age", b"%d" % PREFLIGHT_AGE),
    ]
    return Response(204, headers)


async def _behind_rule(access: AccessRule, responder: Responder, request: Request) -> Response:
    """The response, or that for the ApiError of the access rule."""
    try:
        access.check(request)
    except ApiError as error:
        return error_response(error)
    return await responder(request)
