"""The way of a request: each operation of the contract is compiled, at start-up, into one coroutine.

    security     first, so that a stranger learns nothing about the rest
    store        then the tenant: without it nothing below has a meaning
    parameters   coerced from text and validated: all problems are collected, none is raised yet
    body         read, parsed and validated, its problems added: a 400 names everything at once
    operation    the handler, with the arguments that its signature asks for
    errors       an ApiError from any stage becomes its declared body; anything else is logged and a bare 500
    guard        every answer is judged against the contract before it leaves, errors included
    journal      what was asked and answered is kept for a while

Nothing is looked up per request that could be known at start-up.
"""

import asyncio
import inspect
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from operator import itemgetter
from typing import Any

from mockserver.errors import ApiError, BadRequest, ContractError, NotFound
from mockserver.http.messages import (
    JSON_TYPE,
    MAX_BODY,
    OUTSIDE,
    Disconnected,
    Header,
    Request,
    Responder,
    Response,
    error_response,
    json_response,
)
from mockserver.openapi.contract import Contract, Operation
from mockserver.openapi.examples import Examples
from mockserver.openapi.routing import path_parameters
from mockserver.pipeline.declared_responses import StandIn
from mockserver.pipeline.fault_injection import broken
from mockserver.pipeline.parameters import ParameterReader
from mockserver.pipeline.preferences import Preference
from mockserver.pipeline.request_body import BodyReader
from mockserver.pipeline.response_validation import ResponseValidator
from mockserver.pipeline.security import Security, of_auth, of_form
from mockserver.violations import Violation
from mockserver.world import World
from mockserver.world.auth import Principal

Handler = Callable[..., Awaitable[tuple[object, int]]]

logger = logging.getLogger("mockserver")

BEHAVIOUR: Header = (b"x-mock-source", b"behaviour")


def compile_operation(contract: Contract, declared: Operation, handler: Handler | None, world: World) -> Responder:
    """The coroutine that answers one operation; without a handler, by what the contract declares.

    Raises ContractError if handler and contract don't fit together.
    """
    of_api = contract is world.contract  # and not of the control plane, which neither breaks nor watches itself
    stand_in = StandIn(contract, declared, world.examples if of_api else Examples(contract, world.ids.seed))
    way = _way(contract, declared, handler, world) if handler else _way_without_behaviour(contract, declared, stand_in)
    render = error_response if handler else partial(_declared_error, stand_in)
    guard = ResponseValidator(contract, declared.responses, strict=world.settings.strict)
    faults = world.faults.of_operations

    async def answered(request: Request) -> Response:
        try:
            return await way(request)
        except ApiError as error:
            return _rendered(render, error, request)
        except Disconnected:
            raise
        except Exception as error:  # noqa: BLE001 (it is logged, with its traceback)
            return _failure(request, error)

    async def preferred(request: Request) -> Response:
        prefers = b"prefer" in request.headers
        answer = await (_preferred(stand_in, answered, request) if prefers else answered(request))
        return guard.passed(answer, request)

    async def respond(request: Request) -> Response:
        if faults or b"prefer" in request.headers:
            fault = world.faults.strike(faults, declared.operation_id)
            answer = await (broken(fault, stand_in, preferred, request) if fault else preferred(request))
        else:
            answer = guard.passed(await answered(request), request)
        world.journal.record(request, answer, declared.operation_id)
        return answer

    return respond if of_api else preferred


def _rendered(render: Callable[[ApiError], Response], error: ApiError, request: Request) -> Response:
    """The answer that an error is; to render it may fail itself, and then that is a defect."""
    try:
        return render(error)
    except Exception as defect:  # noqa: BLE001 (it is logged, with its traceback)
        return _failure(request, defect)


def _failure(request: Request, defect: Exception) -> Response:
    logger.error("%s %s failed: a defect of the mock", request.method, request.path, exc_info=defect)
    return json_response(500, {"code": 500, "message": "Internal Server Error"})


def _way(contract: Contract, declared: Operation, handler: Handler, world: World) -> Responder:
    """From a request to the handler's answer; any stage may raise an ApiError."""
    security = Security(contract, declared, of_auth(world.auth))
    parameters = ParameterReader(contract, declared)
    own = {} if contract is world.contract else contract.document["paths"][declared.path][declared.method]
    is_gradual = "x-gradual" in own  # only the control plane may say so, and how large a body may be (control.yaml)
    body = BodyReader(contract, declared, own.get("x-max-body", MAX_BODY), is_gradual=is_gradual)
    written = _gradually(contract, declared) if is_gradual else None
    bind = _binder(handler, declared)
    in_store = any(parameter.name == "storeCode" for parameter in declared.parameters_in("path"))

    async def way(request: Request) -> Response:
        principal = await security.authenticate(request)
        if in_store and not await world.state.has_store(request.path_parameters["storeCode"]):
            raise NotFound
        if parameters.in_path and parameters.path(request):
            raise NotFound  # a value that doesn't fit names nothing that exists (assumption A20)
        problems: list[Violation] = []
        query = parameters.query(request, problems) if parameters.in_query else {}
        if parameters.elsewhere:
            parameters.others(request, problems)
        if body.is_gradual:
            content = await body.gradually(request, await request.read(body.longest), problems)
        else:
            content = body.content(request, await request.read(body.longest), problems) if body.expected else None
        if problems:
            raise BadRequest(problems)
        answer, status = await handler(world, *bind(request, query, content, principal))
        return await written(status, answer) if written else json_response(status, answer, [BEHAVIOUR])

    return way


def _gradually(contract: Contract, declared: Operation) -> Callable[[int, Any], Awaitable[Response]] | None:
    """What renders answers bit by bit, where there is something to render.

    What the guard gets to see of such an answer is a sample, as the rest was judged when it was written.
    """
    pointer = declared.responses["200"].media_types.get("application/json") if "200" in declared.responses else None
    if pointer is None:
        return None
    from mockserver.pipeline.large_objects import Gradual

    gradual = Gradual(contract, pointer)

    async def written(status: int, content: Any) -> Response:
        text, sample = await gradual.write(content)
        return Response(status, [JSON_TYPE, BEHAVIOUR], text, sample)

    return written


def _way_without_behaviour(contract: Contract, declared: Operation, stand_in: StandIn) -> Responder:
    """From a request to the declared success: the same checks, but any credential of the right form will do."""
    security = Security(contract, declared, of_form)
    parameters = ParameterReader(contract, declared)
    body = BodyReader(contract, declared)

    async def way(request: Request) -> Response:
        await security.authenticate(request)
        problems = parameters.path(request)
        parameters.query(request, problems)
        parameters.others(request, problems)
        if body.expected:
            body.content(request, await request.read(body.longest), problems)
        if problems:
            raise BadRequest(problems)
        return stand_in.success()

    return way


def _declared_error(stand_in: StandIn, error: ApiError) -> Response:
    """An error as the contract declares it; as ours, and marked so, where the contract is silent."""
    return stand_in.error(error) or _outside(error)


def _outside(error: ApiError) -> Response:
    answer = error_response(error)
    answer.headers.append(OUTSIDE)
    return answer


async def _preferred(stand_in: StandIn, answered: Responder, request: Request) -> Response:
    """The answer that the client prefers, after the delay that it prefers."""
    try:
        preference = Preference.read(request.headers[b"prefer"])
        chosen = preference.choose(stand_in) if preference.chooses else None
    except BadRequest as error:
        return _outside(error)
    await asyncio.sleep(preference.delay)
    answer = chosen or await answered(request)
    if preference.chooses or preference.delay:
        answer.headers.append(preference.applied())
    return answer


Binder = Callable[[Request, Mapping[str, Any], Any, Principal | None], tuple[Any, ...]]


def _binder(handler: Handler, declared: Operation) -> Binder:
    """What makes the arguments that a handler's signature names after the world, in their order: path parameters in
    snake case, `query` (all query parameters by their own names), `body`, `principal`, and `client` (the caller's
    address)."""
    _, *wanted = inspect.signature(handler).parameters
    path = [snake_case(name) for name in path_parameters(declared.path)]
    known = ["query", "body", "principal", "client", *path]
    unknown = set(wanted) - set(known)
    if unknown:
        raise ContractError(
            f"The handler of {declared.operation_id} asks for {', '.join(sorted(unknown))}, which the contract doesn't "
            "have."
        )
    pick = _picker([known.index(name) for name in wanted])
    names_client = "client" in wanted

    def bind(request: Request, query: Mapping[str, Any], body: Any, principal: Principal | None) -> tuple[Any, ...]:
        client = request.client if names_client else None
        return pick((query, body, principal, client, *request.path_parameters.values()))

    return bind


def _picker(places: list[int]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """What picks the values at these places, one after another."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: tuple(values[place] for place in places)


def snake_case(name: str) -> str:
    """`storeCode` as `store_code`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
