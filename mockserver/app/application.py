"""The ASGI application of one world.

The contract drives routing: each of its operations becomes an entry of a routing table, with the handler of its
operationId. That is what Connexion does with a contract, compiled; `create_connexion_app` has Connexion itself do it.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache, cached_property, partial
from time import perf_counter  # noqa: TID251 (how long a request took, for the log alone)
from typing import TYPE_CHECKING, Any

from starlette.types import Receive, Scope, Send

from mockserver.app import builtin_routes, response_headers, routing_errors
from mockserver.app.control_access import (
    DELIVERY_ID_HEADER,
    TOKEN_HEADER,
    AccessRule,
    ControlAccess,
    DocumentationAccess,
)
from mockserver.app.cross_origin import AnyPage, ListedPages, OriginPolicy, exposing, is_preflight, preflight
from mockserver.app.request_log import RequestLine
from mockserver.app.served_documents import documents
from mockserver.errors import ApiError, BadRequest, ContractError, SentByAMock, SettingsError
from mockserver.http.asgi_messages import request_of, send_response
from mockserver.http.messages import (
    SINGLE_HEADERS,
    Disconnected,
    Header,
    Overtaken,
    Request,
    Responder,
    Response,
    error_response,
)
from mockserver.logs import RateLimitedLog, log_event
from mockserver.openapi.contract import Contract, Operation, Route
from mockserver.openapi.routing import Router
from mockserver.openapi.structure import pointer_to
from mockserver.operations import OPERATIONS
from mockserver.pipeline import Handler, compile_operation, faulty_response
from mockserver.pipeline.response_validation import SOURCE_MOCK, ResponseValidator
from mockserver.remarks import NO_REMARKS, Remarks
from mockserver.world import World
from mockserver.world.metrics import Traffic

if TYPE_CHECKING:
    from connexion.apps.asynchronous import AsyncApp

    from mockserver.http.server import ServedApplication

logger = logging.getLogger("mockserver")

CONTROL = b"/_mock/"
OUTSIDE_CONTROL = (b"/_mock/health", b"/_mock/jwks.json", b"/_mock/metrics", b"/_mock/openapi-3.1.json", b"/_mock/docs")
UNDER_DOCS = b"/_mock/docs/"


def create_app(world: World, operations: Mapping[str, Handler] = OPERATIONS) -> "Application":
    """The mock of one world. Raises ContractError if the contract can't be served.

    `operations` are the handlers by operationId, for the contract of Open Loyalty. Those with a handler are always
    compiled; the others, too, unless an earlier start has compiled them: then each is at its first request.
    """
    try:
        application = Application(world, operations if world.contract.is_ours else {})
    except Exception as error:  # a document may lack the form that OpenAPI demands
        raise world.contract.explained(error, world.settings.spec_root) from error
    if not application.compiles_later:
        world.contract.keep(_how(world))
    return application


def _how(world: World) -> str:
    """How a world compiles its contract: the settings that decide what is compiled."""
    return f"memory {world.memory is not None} callbacks {world.settings.callbacks}"


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
    """The engine that the settings of a world name, for our own server: with `watch` one that reloads the contract,
    with `save` one that keeps the state file current. Raises ContractError and SettingsError."""
    if world.settings.watch:  # which goes with none of the others
        from mockserver.app.reload import ReloadingApplication

        return ReloadingApplication(world, create_app)
    own = create_app(world)
    engine: ServedApplication = own if world.settings.engine == "compiled" else _bridged(world, own)
    if not world.settings.save:
        return engine
    from mockserver.app.saving import LOG_INTERVAL, SavingApplication

    return SavingApplication(engine, world, RateLimitedLog(logger, LOG_INTERVAL))


def _bridged(world: World, own: "Application") -> "ServedApplication":
    """Stock Connexion behind our own server."""
    from mockserver.app.asgi_bridge import AsgiBridge
    from mockserver.app.connexion_engine import create

    return AsgiBridge(create(world, own), own)


def _pages(listed: Sequence[str], exposes: Header) -> OriginPolicy:
    """The policy of the API: pages of these origins may read answers; any page without a list."""
    return ListedPages(listed, credentials=True, exposes=exposes) if listed else AnyPage(exposes)


class Application:
    """The compiled engine: answers every request. For servers other than ours it is an ASGI application.

    One routing table has the operations of the contract and the mock's own pages. Another one has the control plane; it
    is made at the first request to that, so that the start is not delayed.
    """

    def __init__(self, world: World, operations: Mapping[str, Handler]) -> None:
        self.single_headers = SINGLE_HEADERS | {TOKEN_HEADER} | world.contract.credential_headers
        self._world = world
        self.compiles_later = world.contract.was_kept(_how(world))
        self._logs_requests = logger.isEnabledFor(logging.INFO)
        self._operation_ids: dict[Responder, str] = {}
        self._traffic: dict[tuple[Responder, int], Traffic] = {}
        settings = world.settings
        self._replica: list[Header] = [(b"x-mock-replica", str(one).encode()) for one in world.named.values()]
        self._control_pages = ListedPages(settings.control_origin if settings.control else (), credentials=False)
        self._router: Router[Responder] = Router()
        self._reserved_headers: list[str] = []
        own, self._docs = builtin_routes.routes(world), builtin_routes.documentation_path(world.contract)
        builtin_routes.tell_if_moved(self._docs)
        is_public, access = world.contract.is_shipped, DocumentationAccess(world.settings.host)
        is_private = {path: not is_public and builtin_routes.shows_contract(path) for path in own}
        is_private[builtin_routes.METRICS] = True  # they name the operations
        private = {path: page for path, page in own.items() if is_private[path]}
        own |= {path: partial(_behind_rule, access, page) for path, page in private.items()}
        declared = []
        for operation, route in self._declared(world.contract):
            declared.append(operation)
            make = cache(partial(self._compiled, operation, route, operations))
            if route.operation_id in operations or not self.compiles_later:  # a cache knows no handlers
                make()
            if builtin_routes.resolve_path_conflict(route, own):
                self._router.add_later(route.method, route.path, make)
        for path, responder in own.items():
            for method in ("GET", "HEAD"):  # each by itself, or a template could answer the other
                self._router.add(method, path, responder)
        self._api_pages = _pages(settings.cors_origin, exposing(declared))
        self._adds_headers = self._api_pages.depends_on_origin or bool(self._replica)
        response_headers.warn_of_reserved(self._reserved_headers)
        builtin_routes.warn_of_unreachable(operation.path for operation in declared)
        self._own = frozenset(own)
        self._same_origin_only = {own[path] for path in private if path in own}
        self._operations = declared

    @cached_property
    def _validator(self) -> ResponseValidator:
        """The validator of refusals by the router."""
        contract, strict = self._world.contract, self._world.settings.strict
        return ResponseValidator.for_paths(contract, self._operations, strict=strict)

    def _declared(self, contract: Contract) -> Iterator[tuple[Operation, Route]]:
        """The operations of a contract, and where they are served."""
        for route in contract.routes():
            with _pointing_to(route):
                operation = contract.operation(route.declared_path, route.method.lower())
                named = operation._replace(operation_id=route.operation_id)  # which is unique
                declared, reserved = response_headers.without_reserved(named)
            self._reserved_headers += reserved
            yield declared, route

    def _compiled(self, operation: Operation, route: Route, handlers: Mapping[str, Handler]) -> Responder:
        """An operation of the API, compiled."""
        with _pointing_to(route):
            handler = handlers.get(route.operation_id)
            responder = compile_operation(self._world.contract, operation, handler, self._world)
        self._operation_ids[responder] = route.operation_id
        return responder

    def is_own(self, path: str) -> bool:
        """Whether a path is the mock's own: that of the control plane, the contract or its documentation."""
        return path in self._own or path.startswith("/_mock/")

    @cached_property
    def _control(self) -> Router[Responder]:
        """The routing table of the control plane; an empty one if that is switched off."""
        router, settings = Router[Responder](), self._world.settings
        if settings.control:
            from mockserver import control  # here, as no API needs it

            contract, sessions = Contract.of_control(), self._world.sessions
            access = ControlAccess(settings.control_token, settings.control_origin, sessions)
            for operation, route in self._declared(contract):
                handler = control.OPERATIONS.get(route.operation_id)
                guarded = partial(_behind_rule, access, compile_operation(contract, operation, handler, self._world))
                router.add(route.method, route.path, guarded)
                self._operation_ids[guarded] = operation.operation_id
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
            await self._world.start()
        except SettingsError as error:
            logger.error("The mock can't start: %s", error)  # noqa: TRY400 (no traceback for what a person can correct)
            await send({"type": "lifespan.startup.failed", "message": "The mock can't start; its log says why."})
            return
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
        request.began_at = started
        self._world.deliveries.request_arrived()
        responder = self._route(request)
        response = await responder(request)
        if b"origin" in request.headers or self._adds_headers:
            self._share(request, response, responder)
        seconds = perf_counter() - started
        traffic = self._traffic.get((responder, response.status)) or self._traffic_of(responder, response.status)
        traffic.number += 1
        traffic.seconds += seconds
        if response.remarks is not NO_REMARKS:
            self._count_unusual(response.remarks, self._operation_ids.get(responder))
        if self._logs_requests:
            log_event(logger, RequestLine(request, response, 1000 * seconds, self._operation_ids.get(responder)))
        return response

    def abandoned(self, request: Request) -> None:
        """Note a request for the API whose client left before it had sent all of it, or before its turn came."""
        if _is_control(request) or (request.method == "OPTIONS" and is_preflight(request)):
            return
        try:
            responder, request.path_parameters = self._router.match(request.method, request.raw_path)
        except ApiError:
            self._world.journal.record_abandoned(request)
            return
        if responder in self._operation_ids:
            self._world.journal.record_abandoned(request, self._operation_ids[responder])

    def _traffic_of(self, responder: Responder, status: int) -> Traffic:
        """The counters of a responder's responses with this status; they are kept for those of operations."""
        operation_id = self._operation_ids.get(responder)
        traffic = self._world.metrics.traffic(operation_id, status)
        if operation_id is not None:
            self._traffic[responder, status] = traffic
        return traffic

    def _share(self, request: Request, response: Response, responder: Responder) -> None:
        """Let pages of other origins read a response, if they may, and name the replica."""
        response.headers.extend(self._replica)
        if b"origin" not in request.headers and not self._api_pages.depends_on_origin:
            return
        if not _is_control(request):
            if responder not in self._same_origin_only:
                response.headers.extend(self._api_pages.headers(request))
        else:
            response.headers.extend(self._control_pages.headers(request))

    def _count_unusual(self, remarks: Remarks, operation_id: str | None) -> None:
        if remarks.fault:
            self._world.metrics.faults[operation_id] += 1
        if remarks.violation:
            self._world.metrics.violations[operation_id] += 1

    def _route(self, request: Request) -> Responder:
        """The responder for this request."""
        is_control = _is_control(request)
        if self._replica and DELIVERY_ID_HEADER in request.headers and not is_control:
            return _refuse_delivery
        if request.method == "OPTIONS" and is_preflight(request):  # noqa: SIM102 (one question after another)
            if not is_control or self._control_pages.allows(request):
                return preflight
        router = self._control if is_control else self._router
        try:
            responder, request.path_parameters = router.match(request.method, request.raw_path)
        except ApiError as error:
            return partial(self._routing_error, error)
        return responder

    async def _routing_error(self, error: ApiError, request: Request) -> Response:
        """The response for a 404 or 405 of the router."""
        if _is_control(request):
            routing_errors.explain_control_error(error, is_on=self._world.settings.control)
            return error_response(error)
        if self._world.faults.of_operations:  # one without an operation may want this path
            response = await faulty_response(self._world, None, None, partial(self._refused, error), request)
        else:
            response = await self._refused(error, request)
        if self._world.resets.overtook(request):
            raise Overtaken
        self._world.journal.record(request, response)
        return response

    async def _refused(self, error: ApiError, request: Request) -> Response:
        """The refusal of a path or method. It is validated if the contract is that of Open Loyalty, which says how
        these look everywhere; what others declare for their operations says nothing about it."""
        routing_errors.explain_api_error(error, request.path, self._world.contract.base_path, self._docs)
        response = error_response(error)
        if self._world.contract.is_ours:
            response = self._validator.validated(response, request)
        response.headers.append(SOURCE_MOCK)
        return response


@contextmanager
def _pointing_to(route: Route) -> Iterator[None]:
    """Have a ContractError point to the operation of a route, if to nothing closer."""
    try:
        yield
    except ContractError as error:
        error.pointer = error.pointer or pointer_to("paths", route.declared_path, route.method.lower())
        raise


def _is_control(request: Request) -> bool:
    """Whether a request is for the control plane, which has no CORS and no journal. Health, public keys and the
    contract are not part of it."""
    path = request.raw_path
    return path.startswith(CONTROL) and path not in OUTSIDE_CONTROL and not path.startswith(UNDER_DOCS)


async def _refuse_delivery(_request: Request) -> Response:
    """The response for a delivery to a mock that shares its state: it may be one of its own, by another replica."""
    response = error_response(SentByAMock())
    response.headers.append(SOURCE_MOCK)
    return response


async def _behind_rule(access: AccessRule, responder: Responder, request: Request) -> Response:
    """The response, or that for the ApiError of the access rule."""
    try:
        access.check(request)
    except ApiError as error:
        return error_response(error)
    return await responder(request)
