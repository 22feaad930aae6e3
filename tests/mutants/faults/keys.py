"""Answers that are emptied, or thinned: each key that the contract requires is left out once, wherever it stands."""

from collections.abc import Iterator, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

from mockserver.openapi.contract import Contract
from tests.mutants.exchange import Answer, Json, Request, Send
from tests.mutants.mutant import Registry

MUTANTS = Registry()
Schema = Mapping[str, Any]
Required = tuple[str, str]  # a component, and a key that it requires
_AS_NOBODY = "without `code` it is the body of a 401 for no credential"
_UNSEEN = {
    ("InvalidToken", "code"): _AS_NOBODY,
    ("ExpiredToken", "code"): _AS_NOBODY,
    ("ExpiredToken", "message"): "a token lives for a day, and no run waits for that",
}


# ---------------------------------------------------------------- emptied
@MUTANTS.exchanges()
async def all_answers_are_empty(request: Request, send: Send, _memory: SimpleNamespace) -> Answer:
    """Every body is an empty object, logins and errors included."""
    return _emptied(request, await send(request))


@MUTANTS.exchanges()
async def all_but_logins_are_empty(request: Request, send: Send, _memory: SimpleNamespace) -> Answer:
    """Every body is an empty object, but those of logins and refreshes."""
    answer = await send(request)
    return answer if _is_login(answer) else _emptied(request, answer)


@MUTANTS.exchanges()
async def errors_are_empty(request: Request, send: Send, _memory: SimpleNamespace) -> Answer:
    """The body of every error is an empty object."""
    answer = await send(request)
    return answer if answer.status < 400 else _emptied(request, answer)


def _is_login(answer: Answer) -> bool:
    return isinstance(answer.json, dict) and "refresh_token" in answer.json


def _emptied(request: Request, answer: Answer) -> Answer:
    is_of_the_api = request.path.startswith("/api/")  # the contract is served, too, and judges read it
    return answer.with_json({}) if is_of_the_api and answer.json is not None else answer


# ---------------------------------------------------------------- thinned
def _thinned(component: str, key: str) -> None:
    """Register a fault that leaves a key out of a component."""

    async def thinned(request: Request, send: Send, _memory: SimpleNamespace) -> Answer:
        answer = await send(request)
        content = answer.json
        lacking = [held for name, held in _objects(request, answer.status, content) if name == component]
        for held in lacking:
            held.pop(key, None)
        return answer.with_json(content) if lacking else answer

    thinned.__name__ = f"{component} lacks {key}"
    thinned.__doc__ = f"`{key}` is left out of every {component}."
    unseen = _UNSEEN.get((component, key), "")
    MUTANTS.exchanges(*sorted(_required()[component, key]), unseen=unseen)(thinned)


def _objects(request: Request, status: int, content: Json) -> list[tuple[str, dict[str, Any]]]:
    """The objects in an answer, with the components that describe them. Errors of what is no operation look alike."""
    found = (
        schema
        for (operation, declared), schema in _answers().items()
        if declared == str(status) and request.operation in (operation, None)
    )
    return list(_described(next(found, {}), content, ""))


def _described(schema: Schema, value: Json, component: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if "$ref" in schema:
        pointer = schema["$ref"].removeprefix("#")
        if not _contract().validator(pointer).is_valid(value):
            return  # another alternative of a `oneOf`
        component, schema = pointer.rpartition("/")[2], _contract().at(pointer)
    for part in (*schema.get("allOf", ()), *schema.get("oneOf", ())):
        yield from _described(part, value, component)
    if isinstance(value, list):
        for item in value:
            yield from _described(schema.get("items", {}), item, "")
    if isinstance(value, dict):
        for name, inner in schema.get("properties", {}).items():
            yield from _described(inner, value.get(name), "")
        yield component, value


@cache
def _required() -> dict[Required, set[str]]:
    """What answers require, and at which operations."""
    found: dict[Required, set[str]] = {}
    for (operation, _), schema in _answers().items():
        for required in _requiring(schema, ""):
            found.setdefault(required, set()).add(operation)
    return found


def _requiring(schema: Schema, component: str) -> Iterator[Required]:
    if "$ref" in schema:
        pointer = schema["$ref"].removeprefix("#")
        component, schema = pointer.rpartition("/")[2], _contract().at(pointer)
    yield from ((component, key) for key in schema.get("required", ()))
    for part in (*schema.get("allOf", ()), *schema.get("oneOf", ())):
        yield from _requiring(part, component)
    for inner in (*([schema["items"]] if "items" in schema else ()), *schema.get("properties", {}).values()):
        yield from _requiring(inner, "")


@cache
def _answers() -> dict[tuple[str, str], Schema]:
    """The schema of each answer that has a body, by operation and status."""
    contract = _contract()
    return {
        (operation["operationId"], status): body["content"]["application/json"]["schema"]
        for item in contract.document["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
        for status, declared in operation["responses"].items()
        if "content" in (body := contract.resolved(declared))
    }


@cache
def _contract() -> Contract:
    return Contract.load()


for _component, _key in _required():
    _thinned(_component, _key)
