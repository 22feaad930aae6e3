"""Shown bodies: what a contract shows as the body of an operation, for requests that have to succeed.

That are its examples. Where it has none, as most of those that a framework writes, a body is put together of what the
schema shows: examples and defaults of its properties, the first choice of an `enum`, the least of what bounds allow.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from typing import Any

from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Call

DEEPEST = 8  # levels of a body that is put together
TEXTS = {
    "date": "2026-01-15",
    "date-time": "2026-01-15T10:30:00Z",
    "time": "10:30:00Z",
    "email": "sam.lee@example.com",
    "hostname": "www.example.com",
    "ipv4": "192.0.2.1",
    "uri": "https://www.example.com/",
    "url": "https://www.example.com/",
    "uuid": "3f0e7c1a-5b1d-4c58-9f3e-0a4b8c2d6e10",
}
PLAIN = "sample"
_PLAIN_VALUES: dict[str, Any] = {"boolean": False, "null": None}
Schema = Mapping[str, Any]


def shown_bodies(contract: Contract, call: Call) -> dict[str, Any]:
    """The bodies of an operation by the names of their examples; one alone is called `example`. Empty if it takes none
    in JSON, or none can be told."""
    found: dict[str, Any] = {}
    body = contract.resolved(call.declared.get("requestBody", {}))
    for media_type, content in body.get("content", {}).items():
        if examples := content.get("examples"):
            found |= {name: contract.resolved(entry).get("value") for name, entry in examples.items()}
        elif "example" in content:
            found["example"] = content["example"]
        elif not found and media_type.endswith("json"):
            found |= _made(contract, call.operation.media_types.get(media_type))
    return deepcopy(found)


def can_be_made(contract: Contract, call: Call) -> bool:
    """Whether an operation can be called with nothing but its path, and a body in JSON that the contract shows: it
    needs no other body, and no parameter of the query or a header."""
    if any(one.required for one in call.operation.parameters if one.location != "path"):
        return False
    is_json = any(media_type.partition(";")[0].endswith("json") for media_type in call.operation.media_types)
    return not call.operation.body_required or (is_json and bool(shown_bodies(contract, call)))


def _made(contract: Contract, pointer: str | None) -> dict[str, Any]:
    """The bodies that are put together, if they are valid: with what is required, and with all that the schema shows.
    The first is the likelier to succeed, as each property may have rules that no schema says."""
    if pointer is None:
        return {}
    is_valid = contract.validator(pointer, sent=True).is_valid
    made: dict[str, Any] = {}
    for name, is_full in (("least", False), ("example", True)):
        with suppress(_Untold):
            body = _value(contract, contract.at(pointer), is_full=is_full, depth=0)
            made |= {name: body} if is_valid(body) and body not in made.values() else {}
    return made if len(made) != 1 else {"example": next(iter(made.values()))}


class _Untold(Exception):
    """A schema shows no value."""


def _value(contract: Contract, schema: Schema, *, is_full: bool, depth: int) -> Any:
    schema = contract.resolved(schema)
    shown = next(_shown(schema), _Untold)
    if shown is not _Untold:
        return shown
    if depth > DEEPEST:
        raise _Untold
    for keyword in ("oneOf", "anyOf"):
        for branch in _sensible(contract, schema.get(keyword, ())):
            with suppress(_Untold):
                return _value(contract, branch, is_full=is_full, depth=depth + 1)
    if parts := schema.get("allOf"):
        values = [_value(contract, part, is_full=is_full, depth=depth + 1) for part in parts]
        own = _of_kind(contract, schema, is_full=is_full, depth=depth) if "properties" in schema else {}
        objects = [value for value in (*values, own) if isinstance(value, dict)]
        return {name: value for one in objects for name, value in one.items()} if objects else values[0]
    return _of_kind(contract, schema, is_full=is_full, depth=depth)


def _shown(schema: Schema) -> Iterator[Any]:
    """The values that a schema shows itself."""
    if "example" in schema:
        yield schema["example"]
    examples = schema.get("examples")
    yield from examples[:1] if isinstance(examples, list) else ()
    for keyword in ("const", "default"):
        if schema.get(keyword) is not None:
            yield schema[keyword]
    yield from schema.get("enum", ())[:1]


def _sensible(contract: Contract, branches: Any) -> list[Schema]:
    """The alternatives but for null, which says the least."""
    return [one for one in map(contract.resolved, branches) if one.get("type") != "null"]


def _of_kind(contract: Contract, schema: Schema, *, is_full: bool, depth: int) -> Any:
    kinds = schema.get("type", "object" if "properties" in schema else None)
    kind = next((one for one in kinds if one != "null"), "null") if isinstance(kinds, list) else kinds
    if kind == "object":
        return _object(contract, schema, is_full=is_full, depth=depth)
    if kind == "array":
        least = schema.get("minItems", 0) or int(is_full)
        return [_value(contract, schema.get("items", {}), is_full=is_full, depth=depth + 1)] * least if least else []
    if kind in ("integer", "number"):
        return _number(schema)
    if kind in _PLAIN_VALUES:
        return _PLAIN_VALUES[kind]
    text = TEXTS.get(schema.get("format", ""), PLAIN)
    return text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength")]


def _object(contract: Contract, schema: Schema, *, is_full: bool, depth: int) -> dict[str, Any]:
    made = {}
    required = schema.get("required", ())
    for name, declared in schema.get("properties", {}).items():
        if contract.resolved(declared).get("readOnly") or (name not in required and not is_full):
            continue
        try:
            made[name] = _value(contract, declared, is_full=is_full, depth=depth + 1)
        except _Untold:
            if name in required:
                raise
    return made


def _number(schema: Schema) -> Any:
    step = schema.get("multipleOf", 1)
    least = schema.get("minimum", schema.get("exclusiveMinimum"))
    if not isinstance(least, int | float):
        most = schema.get("maximum")
        return most if isinstance(most, int | float) and most < step else step
    number = least if "minimum" in schema else least + step
    return int(number) if schema.get("type") == "integer" else number
