"""The ASGI application of one world.

The contract drives routing: each of its operations becomes an entry of a routing table, with the handler of its
operationId. That is what Connexion does with a contract, compiled; `create_connexion_app` has Connexion itself do it.
"""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from starlette.types import Receive, Scope, Send

from mockserver import control
from mockserver.app import builtin_routes, response_headers
from mockserver.app.asgi_bridge import Bridge
from mockserver.app.control_access import Check, ControlAccess, ReadingRoom
from mockserver.errors import ApiError, BadRequest, ContractError
from mockserver.http.asgi_messages import request_of, send_response
from mockserver.http.messages import (
    EXPOSED,
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

    from mockserver.http.server import Served

logger = logging.getLogger("mockserver")

ALLOW_ORIGIN: Header = (b"access-control-allow-origin", b"*")
EXPOSE_HEADERS: Header = (b"access-control-expose-headers", ", ".join(EXPOSED).encode())
CONTROL = b"/_mock/"
PUBLIC = (b"/_mock/health", b"/_mock/jwks.json")
LONGEST_ASKED = 4096  # bytes of the headers that a page wants to send


def create_app(world: World, operations: Mapping[str, Handler] = OPERATIONS) -> "Application":
    """The mock of one world. Raises ContractError if the contract can't be served.

    `operations` are the handlers by operationId, for the contract of Open Loyalty.
    """
    try:
        return Application(world, operations if world.contract.is_ours else {})
    except Exception as error:  # a document is taken at its word, and may not have the form that it promises
        raise world.contract.explained(error, world.settings.spec_root) from error


def create_connexion_app(world: World, **options: Any) -> "AsyncApp":
    """The same API, served by stock Connexion: its routing, security and validation, and the same handlers.

    `/_mock` and the contract with its documentation are as always; there is no guard, no fault of operations, no
    `Prefer` and no journal. `options` are those of `connexion.AsyncApp`. Raises ContractError for a contract that isn't
    ours, and SettingsError for settings and options that can't be had.
    """
    from mockserver.app.connexion_engine import create  # here, as the default engine never imports Connexion

    served = world._replace(settings=replace(world.settings, engine="connexion"))
    return create(served, create_app(served), **options)


def create_served(world: World) -> "Served":
    """What our server serves of a world: the engine that its settings name. Raises ContractError."""
    own = create_app(world)
    if world.settings.engine == "compiled":
        return own
    from mockserver.app.connexion_engine import create

    return Bridge(create(world, own), own)


class Application:
    """Answers every request; to other servers than ours it is an ASGI application.

    One routing table holds the operations of the contract and the mock's own pages, another one the control plane's;
    that is made when it is first asked for, so that it costs the start nothing.
    """

    def __init__(self, world: World, operations: Mapping[str, Handler]) -> None:
        self.single_headers = SINGLE_HEADERS | world.contract.credential_headers
        self._world = world
        self._logs_requests = logger.isEnabledFor(logging.INFO)
        self._router: Router[Responder] = Router()
        self._left_out: list[str] = []
        own = builtin_routes.routes(world)
        is_shared, room = world.contract.is_shipped, ReadingRoom(world.settings.host)
        private = {} if is_shared else {path: page for path, page in own.items() if not path.startswith("/_mock/")}
        own |= {path: partial(_gated, room, page) for path, page in private.items()}
        declared = []
        for operation, route, responder in self._compiled(world.contract, operations):
            declared.append(operation)
            if builtin_routes.admits(route, own):
                self._router.add(route.method, route.path, responder)
        for path, responder in own.items():
            for method in ("GET", "HEAD"):  # each by itself, or a template could answer the other
                self._router.add(method, path, responder)
        response_headers.tell(self._left_out)
        builtin_routes.tell_unreachable(operation.path for operation in declared)
        self._own = frozenset(own)
        self._unshared = {own[path] for path in private if path in own}
        self._guard = ResponseValidator.for_paths(world.contract, declared, strict=world.settings.strict)

    def _compiled(
        self, contract: Contract, handlers: Mapping[str, Handler]
    ) -> Iterator[tuple[Operation, Route, Responder]]:
        """Every operation of a contract. A ContractError says in which it is wrong, if it says nothing closer."""
        for route in contract.routes():
            try:
                operation = contract.operation(route.declared_path, route.method.lower())
                named = operation._replace(operation_id=route.operation_id)  # which nothing else is called
                declared, reserved = response_headers.without_reserved(named)
                self._left_out += reserved
                yield (
                    declared,
                    route,
                    compile_operation(contract, declared, handlers.get(route.operation_id), self._world),
                )
            except ContractError as error:
                error.pointer = error.pointer or pointer_to("paths", route.declared_path, route.method.lower())
                raise

    def is_own(self, path: str) -> bool:
        """Whether the mock itself answers a path: the control plane, and what one can read of the contract."""
        return path in self._own or path.startswith("/_mock/")

    @cached_property
    def _control(self) -> Router[Responder]:
        """The routing table of the control plane; an empty one if that is switched off."""
        router, settings = Router[Responder](), self._world.settings
        if settings.control:
            contract, gate = Contract.of_control(), ControlAccess(settings.control_token)
            for _, route, responder in self._compiled(contract, control.OPERATIONS):
                router.add(route.method, route.path, partial(_gated, gate, responder))
            for path, responder in builtin_routes.documents(contract, "/_mock").items():
                router.add("GET", path, responder)
        return router

    async def _live(self, receive: Receive, send: Send) -> None:
        """ASGI's lifespan: the world is seeded before the first request, and its deliveries end with the last."""
        await receive()
        try:
            await self._world.seed()
        except Exception:
            logger.exception("The mock can't start")
            await send({"type": "lifespan.startup.failed", "message": "The mock can't start; its log says why."})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._world.deliveries.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: the lifespan, by which our own server starts and ends the world, and requests of other servers."""
        if scope["type"] != "http":
            await self._live(receive, send)
            return
        try:
            request = request_of(scope, receive, self.single_headers)
        except BadRequest as error:
            await send_response(Request(scope["method"], b"/", {}, None), error_response(error), receive, send)
            return
        with suppress(Disconnected):
            await send_response(request, await self.answer(request), receive, send)

    async def answer(self, request: Request) -> Response:
        """The answer to a request. Raises Disconnected if the client leaves before it has sent its body."""
        started = time.perf_counter()
        self._world.deliveries.request_arrived()
        responder = self._responder(request)
        answer = await responder(request)
        if b"origin" in request.headers and not _is_control(request) and responder not in self._unshared:
            answer.headers.extend((ALLOW_ORIGIN, EXPOSE_HEADERS))
        if self._logs_requests:
            milliseconds = 1000 * (time.perf_counter() - started)
            logger.info("%s %s %d %.1f ms", request.method, request.path, answer.status, milliseconds)
        return answer

    def _responder(self, request: Request) -> Responder:
        """What answers this request."""
        if request.method == "OPTIONS" and _is_preflight(request):
            return _preflight
        router = self._control if _is_control(request) else self._router
        try:
            responder, request.path_parameters = router.match(request.method, request.raw_path)
        except ApiError as error:
            return partial(self._refused, error)
        return responder

    async def _refused(self, error: ApiError, request: Request) -> Response:
        if _is_control(request):
            return error_response(error)
        answer = self._guard.passed(error_response(error), request)
        self._world.journal.record(request, answer)
        return answer


def _is_control(request: Request) -> bool:
    """Whether a request is for the control plane: that isn't for pages of other origins, and keeps itself out of the
    journal. Health and public keys are everybody's."""
    return request.raw_path.startswith(CONTROL) and request.raw_path not in PUBLIC


def _is_preflight(request: Request) -> bool:
    return b"access-control-request-method" in request.headers and not _is_control(request)


async def _preflight(request: Request) -> Response:
    """Let any origin send any method and header, as the vendor does (vendor-facts §1.6)."""
    asked = request.headers.get(b"access-control-request-headers", b"*")
    if len(asked) > LONGEST_ASKED:
        asked = b"*"
    headers = [
        (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE"),
        (b"access-control-allow-headers", asked),
        (b"access-control-max-age", b"%d" % PREFLIGHT_AGE),
    ]
    return Response(204, headers)


async def _gated(gate: Check, responder: Responder, request: Request) -> Response:
    """The answer, if the request may have one."""
    try:
        gate.check(request)
    except ApiError as error:
        return error_response(error)
    return await responder(request)
