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

import inspect
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson

from mockserver import contract as contracts
from mockserver.auth import Auth, Principal
from mockserver.contract import Contract, Parameter, Validator
from mockserver.errors import (
    AccessDenied,
    ApiError,
    AuthenticationRequired,
    BadRequest,
    ContractError,
    NotFound,
    UnsupportedMediaType,
)
from mockserver.guard import Guard
from mockserver.messages import Answer, Disconnected, Request, Responder, error_answer, json_answer
from mockserver.violations import Violation, missing, unexpected, wrong_type
from mockserver.world import World

Handler = Callable[..., Awaitable[tuple[object, int]]]

logger = logging.getLogger("mockserver")

MAX_QUERY_FIELDS = 200


def compile_operation(contract: Contract, declared: contracts.Operation, handler: Handler, world: World) -> Responder:
    """The coroutine that answers one operation. Raises ContractError if handler and contract don't fit together."""
    way = _way(contract, declared, handler, world)
    guard = Guard(contract, declared.responses, strict=world.settings.strict)

    async def respond(request: Request) -> Answer:
        try:
            answer = await way(request)
        except ApiError as error:
            answer = error_answer(error)
        except Disconnected:
            raise
        except Exception:
            logger.exception("%s %s failed: a defect of the mock", request.method, request.path)
            answer = json_answer(500, {"code": 500, "message": "Internal Server Error"})
        answer = guard.passed(answer, request)
        world.journal.record(request, answer)
        return answer

    return respond


def _way(contract: Contract, declared: contracts.Operation, handler: Handler, world: World) -> Responder:
    """From a request to the handler's answer; any stage may raise an ApiError."""
    security = _Security(contract, declared, world.auth)
    path = _PathReader(contract, declared)
    query = _QueryReader(contract, declared)
    body = _BodyReader(contract, declared)
    bind = _binder(handler, declared)
    in_store = "storeCode" in path.names

    async def way(request: Request) -> Answer:
        principal = await security.authenticate(request)
        if in_store and not await world.state.has_store(request.path_parameters["storeCode"]):
            raise NotFound
        path.check(request.path_parameters)
        problems: list[Violation] = []
        parameters = query.read(request.query_string, problems)
        content = await body.read(request, problems)
        if problems:
            raise BadRequest(problems)
        answer, status = await handler(world, **bind(request, parameters, content, principal))
        return json_answer(status, answer)

    return way


class _Security:
    """Who may call: admins. What members may call is not in this contract (facts §2.6).

    The contract's alternatives are tried in order; the first credential that is there and good wins, and if none is
    good, the first that was there tells why.
    """

    def __init__(self, contract: Contract, declared: contracts.Operation, auth: Auth) -> None:
        names = [name for alternative in declared.security for name in alternative]
        self._schemes = [_credential_reader(contract.security_scheme(name), auth) for name in names]

    async def authenticate(self, request: Request) -> Principal | None:
        """The caller; None on a public operation. Raises what the failing credential raises."""
        if not self._schemes:
            return None
        principal = await self._first_good(request.headers)
        if principal.role == "member":
            raise AccessDenied
        return principal

    async def _first_good(self, headers: Mapping[bytes, bytes]) -> Principal:
        failure: ApiError | None = None
        for read, verify in self._schemes:
            credential = read(headers)
            if credential:
                try:
                    return await verify(credential)
                except ApiError as error:
                    failure = failure or error
        raise failure or AuthenticationRequired()


_Scheme = tuple[Callable[[Mapping[bytes, bytes]], str | None], Callable[[str], Awaitable[Principal]]]


def _credential_reader(scheme: Mapping[str, Any], auth: Auth) -> _Scheme:
    if scheme["type"] == "http" and scheme["scheme"].lower() == "bearer":
        return _bearer, auth.verify_bearer
    if scheme["type"] == "apiKey" and scheme["in"] == "header":
        name = scheme["name"].lower().encode()
        return lambda headers: headers.get(name, b"").decode("latin-1"), auth.verify_api_key
    raise ContractError(f"The mock can't check credentials of the kind {scheme['type']} {scheme.get('scheme', '')}.")


def _bearer(headers: Mapping[bytes, bytes]) -> str | None:
    """The token after `Bearer`; any other scheme counts as no credential."""
    kind, _, token = headers.get(b"authorization", b"").partition(b" ")
    return token.strip().decode("latin-1") if kind.lower() == b"bearer" else None


class _PathReader:
    """Path parameters. A value that doesn't fit names nothing that exists: 404 (assumption A20)."""

    def __init__(self, contract: Contract, declared: contracts.Operation) -> None:
        parameters = declared.parameters_in("path")
        self.names = {parameter.name for parameter in parameters}
        self._checks = [
            (parameter.name, contract.validator(parameter.pointer).is_valid)
            for parameter in parameters
            if _is_constrained(parameter.schema)
        ]

    def check(self, values: Mapping[str, str]) -> None:
        for name, is_valid in self._checks:
            if not is_valid(values[name]):
                raise NotFound


class _QueryReader:
    """Query parameters: text becomes values, unknown names are problems, defaults are filled in.

    An operation without query parameters ignores the query string.
    """

    def __init__(self, contract: Contract, declared: contracts.Operation) -> None:
        self._parameters: dict[str, tuple[Parameter, Validator]] = {}
        self._objects: dict[str, tuple[Parameter, Validator]] = {}
        for parameter in declared.parameters_in("query"):
            _require_readable(parameter)
            kind = self._objects if parameter.style == "deepObject" else self._parameters
            kind[parameter.name] = (parameter, contract.validator(parameter.pointer))
        known = [parameter for parameter, _ in self._parameters.values()]
        self._required = [parameter.name for parameter in known if parameter.required]
        self._defaults = {p.name: p.schema["default"] for p in known if p.schema.get("default") is not None}
        self._ignored = not self._parameters and not self._objects

    def read(self, query_string: bytes, problems: list[Violation]) -> dict[str, Any]:
        """The values by name, with their problems added to `problems`."""
        if self._ignored:
            return {}
        values: dict[str, Any] = dict(self._defaults)
        for name, text in self._fields(query_string).items():
            self._take(name, text, values, problems)
        for name, (_, validator) in self._objects.items():
            if name in values:
                problems += validator.violations(values[name], (name,))
        problems += [missing((name,)) for name in self._required if name not in values]
        return values

    @staticmethod
    def _fields(query_string: bytes) -> dict[str, str]:
        """The fields as text; of a repeated one the last counts, as in PHP. Raises BadRequest for what is no UTF-8."""
        if not query_string:
            return {}
        try:
            text = query_string.decode("ascii")
            return dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_QUERY_FIELDS))
        except ValueError as error:
            raise BadRequest(message=f"The query string can't be read: {error}.") from error

    def _take(self, name: str, text: str, values: dict[str, Any], problems: list[Violation]) -> None:
        if name in self._parameters:
            parameter, validator = self._parameters[name]
            value = _coerced(text, parameter)
            found = validator.violations(value, (name,)) if value is not None else []
            values[name] = value
            problems += _described(found, text, parameter)
            return
        outer, _, inner = name.rstrip("]").partition("[")
        if outer in self._objects and name.endswith("]"):
            values.setdefault(outer, {})[inner] = text
        else:
            problems.append(unexpected((name,)))


class _BodyReader:
    """The request body: its media type, its JSON, its schema."""

    def __init__(self, contract: Contract, declared: contracts.Operation) -> None:
        if declared.media_types and set(declared.media_types) != {"application/json"}:
            raise ContractError(f"The operation {declared.operation_id} takes a body that is not JSON.")
        self._required = declared.body_required
        self._validator = next(map(contract.validator, declared.media_types.values()), None)

    async def read(self, request: Request, problems: list[Violation]) -> Any:
        """The parsed body, with its problems added to `problems`. Raises BadRequest, PayloadTooLarge or
        UnsupportedMediaType if it can't be read at all."""
        if self._validator is None:
            return None
        text = await request.body()
        media_type = request.headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
        if not text and not media_type and not self._required:
            return None
        if text and media_type != b"application/json":
            raise UnsupportedMediaType
        content = _parsed(text)
        if not self._validator.is_valid(content):
            problems += self._validator.violations(content)
        return content


def _parsed(text: bytes) -> Any:
    if not text:
        raise BadRequest(message="A JSON body is required, but the request has none.")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(message=f"The body is not valid JSON: {error}.") from error


_PATTERNS = {
    "integer": re.compile(r"-?(0|[1-9][0-9]{0,18})"),
    "number": re.compile(r"-?(0|[1-9][0-9]{0,300})(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,2})?"),
}
_CASTS: dict[str, Callable[[str], Any]] = {"integer": int, "number": float}
_BOOLEANS = {"true": True, "false": False}


def _coerced(text: str, parameter: Parameter) -> Any:
    """The value that the text stands for; the text itself if it is none of the type, for the validator to refuse.

    An empty value of a parameter that allows it is None.
    """
    kind = parameter.schema.get("type")
    if text == "" and parameter.allow_empty and kind != "string":
        return None
    if kind == "boolean":
        return _BOOLEANS.get(text, text)
    if kind in _CASTS and _PATTERNS[kind].fullmatch(text):
        return _CASTS[kind](text)
    return text


def _described(found: list[Violation], text: str, parameter: Parameter) -> list[Violation]:
    """A value that failed for its type failed because of its text: only that is said."""
    kind = parameter.schema.get("type", "")
    if found and kind in ("integer", "number", "boolean") and any(problem.keyword == "type" for problem in found):
        return [wrong_type((parameter.name,), text, [kind])]
    return found


def _require_readable(parameter: Parameter) -> None:
    is_simple = parameter.style == "form" and parameter.schema.get("type") not in ("array", "object")
    if not is_simple and not (parameter.style == "deepObject" and parameter.explode):
        raise ContractError(f"The mock can't read the query parameter {parameter.name} in the style {parameter.style}.")


def _is_constrained(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") != "string" or bool(schema.keys() - {"type", "example", "description", "default"})


Binder = Callable[[Request, Mapping[str, Any], Any, Principal | None], dict[str, Any]]


def _binder(handler: Handler, declared: contracts.Operation) -> Binder:
    """What hands a handler the arguments that its signature names: path parameters in snake case, `query` (all query
    parameters by their own names), `body`, `principal`, and `client` (the caller's address)."""
    wanted = [name for name in inspect.signature(handler).parameters if name != "world"]
    path = {snake_case(parameter.name): parameter.name for parameter in declared.parameters_in("path")}
    sources: dict[str, Callable[[Request, Mapping[str, Any], Any, Principal | None], Any]] = {
        "query": lambda _request, query, _body, _principal: query,
        "body": lambda _request, _query, body, _principal: body,
        "principal": lambda _request, _query, _body, principal: principal,
        "client": lambda request, _query, _body, _principal: request.client,
    }
    unknown = [name for name in wanted if name not in sources and name not in path]
    if unknown:
        raise ContractError(
            f"The handler of {declared.operation_id} asks for {', '.join(unknown)}, which the contract doesn't have."
        )
    from_path = [(name, path[name]) for name in wanted if name in path]
    from_sources = [(name, sources[name]) for name in wanted if name not in path]

    def bind(request: Request, query: Mapping[str, Any], body: Any, principal: Principal | None) -> dict[str, Any]:
        arguments: dict[str, Any] = {name: request.path_parameters[key] for name, key in from_path}
        for name, source in from_sources:
            arguments[name] = source(request, query, body, principal)
        return arguments

    return bind


def snake_case(name: str) -> str:
    """`storeCode` as `store_code`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
