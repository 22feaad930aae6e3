"""The ASGI application: the only module that knows Connexion.

Connexion walks the contract and resolves each operationId to its handler; what it builds of that, at start-up, is our
routing table (`_Api`). It is handed the routes alone: schemas are compiled elsewhere (contract.py), and its own copies
and checks of them would double the start-up time. The control plane's table is made likewise, at its first call. A
request then passes through one middleware:

    Pipeline              routes to the compiled operation (pipeline.py), renders errors, adds CORS, logs
    LifespanMiddleware    Connexion's own: starts the world, and stops it
"""

import logging
import time
import warnings
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cached_property, partial
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver import control, pages
from mockserver.contract import Contract, Operation, pointer_to
from mockserver.errors import ApiError, ContractError
from mockserver.gate import Gate
from mockserver.guard import Guard
from mockserver.messages import Answer, Disconnected, Header, Request, Responder, error_answer
from mockserver.operations import OPERATIONS
from mockserver.pipeline import Handler, compile_operation
from mockserver.routing import Router
from mockserver.world import World

with warnings.catch_warnings():  # Connexion's imports warn of its dependencies, which would fail a strict test run
    warnings.simplefilter("ignore")
    from connexion.apps.asynchronous import AsyncApp
    from connexion.middleware.abstract import AbstractRoutingAPI, SpecMiddleware
    from connexion.middleware.lifespan import LifespanMiddleware
    from connexion.operations.abstract import AbstractOperation
    from connexion.resolver import Resolver
    from connexion.spec import Specification

logger = logging.getLogger("mockserver")

ALLOW_ORIGIN: Header = (b"access-control-allow-origin", b"*")
EXPOSE_HEADERS: Header = (b"access-control-expose-headers", b"Allow, Retry-After, WWW-Authenticate")
CONTROL = b"/_mock/"
PUBLIC = (b"/_mock/health", b"/_mock/jwks.json")
PREFLIGHT_AGE = b"3600"  # seconds, as the vendor's old configuration had it (facts §1)


def create_app(world: World, operations: Mapping[str, Handler] = OPERATIONS) -> ASGIApp:
    """The mock of one world, as an ASGI application. Raises ContractError if the contract can't be served.

    `operations` are the handlers by operationId, for the contract of Open Loyalty.
    """

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        await world.seed()
        yield
        await world.deliveries.stop()

    app = AsyncApp(
        "mockserver",
        lifespan=lifespan,
        middlewares=[partial(Pipeline, world=world), LifespanMiddleware],
        resolver=Resolver(partial(_handler, operations if world.contract.is_ours else {})),
    )
    try:
        app.add_api(world.contract.routes())
        # Connexion builds its stack at the first call; a contract that can't be served must fail before.
        stack, _ = app.middleware._build_middleware_stack()  # noqa: SLF001 (covered by a test)
    except Exception as error:  # a document is taken at its word, and may not have the form that it promises
        raise world.contract.explained(error) from error
    return stack  # Connexion's two layers around it only look whether it is built


def _handler(operations: Mapping[str, Handler], operation_id: str) -> Handler:
    """The behaviour of an operation; `without_behaviour` for those that the mock doesn't know."""
    return operations.get(operation_id, without_behaviour)


async def without_behaviour(*_: object) -> tuple[object, int]:
    """Stands for the handler that an operation doesn't have; it is never called."""
    raise NotImplementedError


class Pipeline(SpecMiddleware):
    """Answers every request. One routing table holds the operations of the contract and the mock's own pages, another
    one the control plane's; that is made when it is first asked for, so that it costs the start nothing."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app = app
        self._world = world
        self._logs_requests = logger.isEnabledFor(logging.INFO)
        self._router: Router[Responder] = Router()
        self._guard = Guard.for_paths(world.contract, [], strict=False)
        for path, responder in pages.routes(world).items():
            self._router.add("GET", path, responder)

    def add_api(self, specification: Specification, **options: Any) -> None:
        """Compile every operation of a contract into the routing table; Connexion calls this at start-up."""
        world = self._world
        api = _Api(specification, contract=world.contract, router=self._router, world=world, gate=None, **options)
        self._guard = Guard.for_paths(world.contract, api.declared, strict=world.settings.strict)

    @cached_property
    def _control(self) -> Router[Responder]:
        """The routing table of the control plane; an empty one if that is switched off."""
        world, router = self._world, Router[Responder]()
        if world.settings.control:
            contract, gate = Contract.of_control(), Gate(world.settings.control_token)
            resolver = Resolver(partial(_handler, control.OPERATIONS))
            specification = Specification.load(contract.routes())  # type: ignore[no-untyped-call]
            _Api(specification, contract=contract, router=router, world=world, gate=gate, resolver=resolver)
            for path, responder in pages.documents(contract, "/_mock").items():
                router.add("GET", path, responder)
        return router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        self._world.deliveries.give_way()
        request = Request(scope, receive)
        try:
            answer = await self._responder(request)(request)
        except Disconnected:
            return
        if b"origin" in request.headers and not _is_control(request):
            answer.headers.extend((ALLOW_ORIGIN, EXPOSE_HEADERS))
        if answer.ending == "dropped":
            raise ConnectionAbortedError("A fault drops the connection.")  # exchange.py closes it
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": _sent(request, answer)})
        if self._logs_requests:
            milliseconds = 1000 * (time.perf_counter() - started)
            logger.info("%s %s %d %.1f ms", request.method, request.path, answer.status, milliseconds)

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

    async def _refused(self, error: ApiError, request: Request) -> Answer:
        if _is_control(request):
            return error_answer(error)
        answer = self._guard.passed(error_answer(error), request)
        self._world.journal.record(request, answer)
        return answer


def _is_control(request: Request) -> bool:
    """Whether a request is for the control plane: that isn't for pages of other origins, and keeps itself out of the
    journal. Health and public keys are everybody's."""
    return request.raw_path.startswith(CONTROL) and request.raw_path not in PUBLIC


def _is_preflight(request: Request) -> bool:
    return b"access-control-request-method" in request.headers and not _is_control(request)


def _sent(request: Request, answer: Answer) -> bytes:
    if request.method == "HEAD":
        return b""
    return answer.body[: len(answer.body) // 2] if answer.ending else answer.body


async def _preflight(request: Request) -> Answer:
    """Let any origin send any method and header, as the vendor does (facts §1)."""
    asked = request.headers.get(b"access-control-request-headers", b"*")
    headers = [
        (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE"),
        (b"access-control-allow-headers", asked),
        (b"access-control-max-age", PREFLIGHT_AGE),
    ]
    return Answer(204, headers)


async def _gated(gate: Gate, responder: Responder, request: Request) -> Answer:
    """The answer, if the request may have one."""
    try:
        gate.check(request)
    except ApiError as error:
        return error_answer(error)
    return await responder(request)


class _Api(AbstractRoutingAPI[Responder]):
    """Connexion's walk over one contract. The underscored methods are its joints for routing tables."""

    def __init__(
        self,
        specification: Specification,
        *,
        contract: Contract,
        router: Router[Responder],
        world: World,
        gate: Gate | None,
        **options: Any,
    ) -> None:
        self._contract = contract
        self._router = router
        self._world = world
        self._gate = gate
        self.declared: list[Operation] = []
        super().__init__(specification, **options)

    def make_operation(self, operation: AbstractOperation) -> Responder:
        """Compile an operation with the handler that Connexion resolved for it."""
        declared = self._contract.operation(operation.path, operation.method)
        self.declared.append(declared)
        handler = None if operation.function is without_behaviour else operation.function
        responder = compile_operation(self._contract, declared, handler, self._world)
        return responder if self._gate is None else partial(_gated, self._gate, responder)

    def _handle_add_operation_error(self, path: str, method: str, exc: Exception) -> None:
        """Connexion's would log, too. What doesn't say where it is wrong is wrong in this operation."""
        if isinstance(exc, ContractError) and exc.pointer is None:
            exc.pointer = pointer_to("paths", path, method)
        raise exc

    @staticmethod
    def _framework_path_and_name(operation: AbstractOperation, path: str) -> tuple[str, str]:
        return path, operation.operation_id

    def _add_operation_internal(self, method: str, path: str, operation: Responder, name: str | None = None) -> None:  # noqa: ARG002 (Connexion's signature)
        self._router.add(method.upper(), self.base_path + path, operation)
