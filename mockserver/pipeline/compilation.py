"""The request pipeline: each operation of the contract is compiled, before its first request, into one coroutine.

    security     first, so that a stranger learns nothing about the rest
    store        the tenant of the path, or 404
    parameters   coerced from text and validated: all problems are collected, none is raised yet
    body         read, parsed and validated, its problems added: a 400 names everything at once
    operation    the handler, with the arguments that its signature asks for
    errors       an ApiError from any stage becomes its declared body; anything else is logged and a bare 500
    validation   every response is validated against the contract before it is sent, errors included
    journal      request and response are kept for a while

Nothing is looked up per request that could be known at start-up.
"""

import asyncio
import inspect
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from mockserver.errors import ApiError, BadRequest, ContractError, NotFound, UnknownStore
from mockserver.http.messages import (
    JSON_TYPE,
    MAX_BODY,
    Disconnected,
    Header,
    OpenResponse,
    Overtaken,
    Request,
    Responder,
    Response,
    error_response,
    json_response,
)
from mockserver.http.trusted_proxies import FORWARDED, TrustedProxies
from mockserver.openapi.contract import Contract, Operation
from mockserver.openapi.examples import Examples
from mockserver.openapi.routing import path_parameters
from mockserver.pipeline.declared_responses import SOURCE as EXAMPLE
from mockserver.pipeline.declared_responses import DeclaredResponses
from mockserver.pipeline.fault_injection import faulty_response
from mockserver.pipeline.parameters import ParameterReader
from mockserver.pipeline.preferences import Preference
from mockserver.pipeline.request_body import BodyReader
from mockserver.pipeline.response_validation import SOURCE_MOCK, ResponseValidator
from mockserver.pipeline.security import Security, any_credential, auth_verifiers
from mockserver.violations import Violation, dotted, plainly
from mockserver.world import World
from mockserver.world.auth import Principal

if TYPE_CHECKING:
    from mockserver.pipeline.callbacks import Callbacks

Handler = Callable[..., Awaitable[tuple[object, int]]]
Answer = Callable[[Request, Mapping[str, Any], Any], Awaitable[Response]]

logger = logging.getLogger("mockserver")

STREAM_TYPE = "text/event-stream"
BEHAVIOUR: Header = (b"x-mock-source", b"behaviour")


def compile_operation(contract: Contract, declared: Operation, handler: Handler | None, world: World) -> Responder:
    """The pipeline of one operation. Without a handler, it answers with the declared responses.

    Raises ContractError if handler and contract don't fit together.
    """
    of_api = contract is world.contract  # and not of the control plane, which has neither faults nor journal
    responses = DeclaredResponses(contract, declared, world.examples if of_api else Examples(contract, world.ids.seed))
    guard = ResponseValidator(contract, declared.responses, strict=world.settings.strict)
    run = _with_handler(contract, declared, handler, world) if handler else _declared(world, declared, responses, guard)
    of_errors = _error if of_api else _explained_error
    render = of_errors if handler else partial(_declared_error, responses)
    faults, resets = world.faults.of_operations, world.resets
    callbacks = _callbacks(world, declared) if of_api else None
    handled = _with_rendered_errors(run, render)

    async def preferred(request: Request) -> Response:
        prefers = b"prefer" in request.headers
        response = await (_preferred(responses, handled, request) if prefers else handled(request))
        return guard.validated(response, request)

    async def respond(request: Request) -> Response:
        try:
            if faults or b"prefer" in request.headers:
                response = await faulty_response(world, declared.operation_id, responses, preferred, request)
            else:
                response = guard.validated(await handled(request), request)
        except Disconnected:
            if not resets.overtook(request):
                world.journal.record_abandoned(request, declared.operation_id)
            raise
        if request.began_at < resets.latest and resets.overtook(request):
            raise Overtaken
        if callbacks is not None:
            await callbacks.answered(request, response)
        world.journal.record(request, response, declared.operation_id)
        return response

    return respond if of_api else preferred


def _callbacks(world: World, declared: Operation) -> "Callbacks | None":
    """The callbacks of an operation; None if it has none, or none are to be sent."""
    own = [one for one in world.contract.callbacks if one.operation_id == declared.operation_id]
    if not own or not world.settings.callbacks:
        return None
    from mockserver.pipeline.callbacks import Callbacks  # here, as few contracts have any

    return Callbacks(world, own)


def _with_rendered_errors(run: Responder, render: Callable[[ApiError], Response]) -> Responder:
    """A responder that raises nothing but Disconnected."""

    async def handled(request: Request) -> Response:
        try:
            return await run(request)
        except ApiError as error:
            return _rendered(render, error, request)
        except Disconnected:
            raise
        except Exception as error:  # noqa: BLE001 (it is logged, with its traceback)
            return _defect_response(request, error)

    return handled


def _rendered(render: Callable[[ApiError], Response], error: ApiError, request: Request) -> Response:
    """The response for an error. If it can't be rendered, that is a defect."""
    try:
        return render(error)
    except Exception as defect:  # noqa: BLE001 (it is logged, with its traceback)
        return _defect_response(request, defect)


def _defect_response(request: Request, defect: Exception) -> Response:
    """A bare 500; the traceback is logged."""
    logger.error("%s %s failed: a defect of the mock", request.method, request.path, exc_info=defect)
    return json_response(500, {"code": 500, "message": "Internal Server Error"})


def _with_handler(contract: Contract, declared: Operation, handler: Handler, world: World) -> Responder:
    """The stages from security to the handler's result; any of them may raise an ApiError."""
    security = Security(contract, declared, auth_verifiers(world.auth))
    parameters = ParameterReader(contract, declared, lists_known=contract is not world.contract)
    own = {} if contract is world.contract else contract.document["paths"][declared.path][declared.method]
    is_incremental = "x-gradual" in own  # only the control plane may say so, and how large a body may be (control.yaml)
    body = BodyReader(contract, declared, own.get("x-max-body", MAX_BODY), is_incremental=is_incremental)
    write = _incremental_writer(contract, declared) if is_incremental else _stream_writer(declared)
    bind = _binder(handler, declared, TrustedProxies(world.settings.trust_proxy))
    resets, of_api = world.resets, contract is world.contract  # whoever steers the mock isn't overtaken by a reset
    in_store = any(parameter.name == "storeCode" for parameter in declared.parameters_in("path"))

    async def run(request: Request) -> Response:
        principal = await security.authenticate(request)
        if in_store and not await world.state.has_store(request.path_parameters["storeCode"]):
            raise UnknownStore(request.path_parameters["storeCode"], await world.state.store_codes())
        if parameters.in_path and (unfit := parameters.path(request)):
            raise _names_nothing(unfit[0])
        problems: list[Violation] = []
        query = parameters.query(request, problems) if parameters.in_query else {}
        if parameters.in_headers:
            parameters.check_headers(request, problems)
        if body.is_incremental:
            content = await body.content_incrementally(request, await request.read(body.longest), problems)
        else:
            content = body.content(request, await request.read(body.longest), problems) if body.expected else None
        if problems:
            raise BadRequest(_with_advice(problems, own.get("x-unexpected")))
        if of_api and request.began_at < resets.latest and resets.overtook(request):
            raise Overtaken
        result, status = await handler(world, *bind(request, query, content, principal))
        return await write(status, result) if write else json_response(status, result, [BEHAVIOUR])

    return run


def _with_advice(problems: list[Violation], advice: str | None) -> list[Violation]:
    """The violations; those of fields at the top of the body that aren't expected with this advice."""
    if advice is None:
        return problems
    is_field = [bool(one.known) and len(one.path) == 1 for one in problems]
    return [
        one._replace(message=f"{one.message} {advice}") if is_one else one
        for one, is_one in zip(problems, is_field, strict=True)
    ]


def _incremental_writer(contract: Contract, declared: Operation) -> Callable[[int, Any], Awaitable[Response]] | None:
    """The writer of large JSON responses, piece by piece; None for an operation without a JSON response.

    The response validator gets a sample of such a response, since each item was validated as it was written.
    """
    pointer = declared.responses["200"].media_types.get("application/json") if "200" in declared.responses else None
    if pointer is None:
        return None
    from mockserver.pipeline.large_objects import LargeObjectCodec

    codec = LargeObjectCodec(contract, pointer)

    async def write(status: int, content: Any) -> Response:
        text, sample = await codec.write(content)
        return Response(status, [JSON_TYPE, BEHAVIOUR], text, sample)

    return write


def _stream_writer(declared: Operation) -> Callable[[int, Any], Awaitable[Response]] | None:
    """The writer of an event stream that goes on; None for an operation without one."""
    if "200" not in declared.responses or STREAM_TYPE not in declared.responses["200"].media_types:
        return None

    async def write(status: int, content: Any) -> Response:
        headers = [(b"content-type", STREAM_TYPE.encode()), BEHAVIOUR, (b"cache-control", b"no-store")]
        return OpenResponse(status, headers, stream=content)

    return write


def _answer(world: World, declared: Operation, responses: DeclaredResponses, guard: ResponseValidator) -> Answer | None:
    """What answers an operation on a remembered resource, or by examples that agree with each other; None for one that
    answers with its declared responses as they are."""
    treated = world.memory and world.memory.treated_by(declared.operation_id)
    if not treated:
        return _coherent(world, declared, responses, guard)
    from mockserver.pipeline.resource_responses import ResourceResponses  # here, as our own contract never needs it

    return ResourceResponses(world.contract, world.examples, treated, responses, guard).answer


def _coherent(
    world: World, declared: Operation, responses: DeclaredResponses, guard: ResponseValidator
) -> Answer | None:
    """What shows a remembered record beside its own operations, or answers by examples that agree with each other; None
    in a mock of our own contract."""
    if world.coherence is None:
        return None
    from mockserver.pipeline.action_responses import acting, requiring  # here, as our own contract never needs it

    action = acting(declared, world.coherence, responses, guard) if world.memory else None
    if action is not None:
        return action.answer
    from mockserver.pipeline.coherent_responses import CoherentResponses  # here, as our own contract never needs it

    answer = CoherentResponses(declared, world.coherence, responses, guard).answer
    return requiring(declared, world.coherence, answer) if world.memory else answer


def _declared(world: World, declared: Operation, responses: DeclaredResponses, guard: ResponseValidator) -> Responder:
    """The same stages, but any credential of the right form is accepted, and the result is what is remembered, or an
    example."""
    contract, answer, resets = world.contract, _answer(world, declared, responses, guard), world.resets
    security = Security(contract, declared, any_credential)
    parameters = ParameterReader(contract, declared)
    body = BodyReader(contract, declared)

    async def run(request: Request) -> Response:
        await security.authenticate(request)
        problems = parameters.path(request)
        in_path = len(problems)
        query = parameters.query(request, problems)
        in_query = len(problems)
        parameters.check_headers(request, problems)
        in_headers = len(problems)
        content = body.content(request, await request.read(body.longest), problems) if body.expected else None
        if problems:
            located = _located(problems, path=in_path, query=in_query, header=in_headers)
            raise BadRequest(located if contract.is_ours else [*map(plainly, located)])
        if answer is None:
            return responses.success()
        if request.began_at < resets.latest and resets.overtook(request):
            raise Overtaken
        try:
            return await answer(request, query, content)
        except NotFound as error:
            return _missing(responses, error)

    return run


def _missing(responses: DeclaredResponses, error: NotFound) -> Response:
    """The response that says that a record isn't there, which what is remembered has decided."""
    from mockserver.pipeline.resource_responses import SOURCE as RESOURCE  # here, as our own contract never needs it

    response = _declared_error(responses, error)
    response.headers = [RESOURCE if header == EXAMPLE else header for header in response.headers]
    return response


def _located(problems: list[Violation], **ends: int) -> list[Violation]:
    """The violations with their locations: those before each end are of that location, the others of the body."""
    begin = 0
    for location, end in ends.items():
        problems[begin:end] = [one._replace(location=location) for one in problems[begin:end]]
        begin = end
    return problems


def _error(error: ApiError) -> Response:
    """The response of a handler for an error; some say themselves that they are the mock's own."""
    response = error_response(error)
    if all(name != BEHAVIOUR[0] for name, _ in response.headers):
        response.headers.append(BEHAVIOUR)
    return response


def _explained_error(error: ApiError) -> Response:
    """The response of the control plane for an error."""
    error.explain()
    return _error(error)


def _declared_error(responses: DeclaredResponses, error: ApiError) -> Response:
    """The declared response for an error; ours, marked SOURCE_MOCK, where none is declared."""
    return responses.error(error) or _undeclared_error(error)


def _undeclared_error(error: ApiError) -> Response:
    response = error_response(error)
    response.headers.append(SOURCE_MOCK)
    return response


async def _preferred(responses: DeclaredResponses, usual: Responder, request: Request) -> Response:
    """The response that `Prefer` asks for, after the delay that it asks for."""
    try:
        preference = Preference.read(request.headers[b"prefer"])
        chosen = preference.choose(responses) if preference.chooses else None
    except BadRequest as error:
        return _undeclared_error(error)
    await asyncio.sleep(preference.delay)
    response = chosen or await usual(request)
    if preference.chooses or preference.delay:
        response.headers.append(preference.applied())
    return response


def _names_nothing(unfit: Violation) -> NotFound:
    """The error for a path parameter that doesn't fit: it names nothing that exists (assumption A20)."""
    return NotFound(hint=f"{dotted(unfit.path)}: {unfit.message} Nothing has such a name.")


Binder = Callable[[Request, Mapping[str, Any], Any, Principal | None], tuple[Any, ...]]


def _binder(handler: Handler, declared: Operation, proxies: TrustedProxies) -> Binder:
    """The function that makes a handler's arguments after the world, in the order of its signature.

    A handler can ask for path parameters in snake case, `query` (all query parameters by their own names), `body`,
    `principal`, `client` (the caller's address, or what a trusted proxy says it is), and `headers` (by lower-case name,
    in bytes). Raises ContractError if it asks for anything else.
    """
    _, *wanted = inspect.signature(handler).parameters
    path = [snake_case(name) for name in path_parameters(declared.path)]
    known = ["query", "body", "principal", "client", "headers", *path]
    unknown = set(wanted) - set(known)
    if unknown:
        raise ContractError(
            f"The handler of {declared.operation_id} asks for {', '.join(sorted(unknown))}, which the contract doesn't "
            "have."
        )
    pick = _picker([known.index(name) for name in wanted])
    names_client = "client" in wanted

    def bind(request: Request, query: Mapping[str, Any], body: Any, principal: Principal | None) -> tuple[Any, ...]:
        client = proxies.client(request.client, request.headers.get(FORWARDED, b"")) if names_client else None
        return pick((query, body, principal, client, request.headers, *request.path_parameters.values()))

    return bind


def _picker(places: list[int]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """The function that picks the values at these places, in this order."""
    if len(places) > 1:
        return itemgetter(*places)
    if not places:
        return lambda _values: ()
    (place,) = places
    return lambda values: (values[place],)


def snake_case(name: str) -> str:
    """`storeCode` as `store_code`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
