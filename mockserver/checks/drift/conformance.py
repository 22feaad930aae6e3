"""Whether one answer is as the contract says: where it leaves it, and by which rule."""

import math
from typing import Any, NamedTuple

from mockserver.checks.drift.ask import Answer, Path
from mockserver.openapi.contract import Contract
from mockserver.openapi.contract import DeclaredResponse as Declared
from mockserver.openapi.declared_answers import declared_response, declared_type
from mockserver.openapi.resources import Call
from mockserver.openapi.structure import is_json_type
from mockserver.violations import Violation

STATUS, MEDIA_TYPE, HEADER, BODY = "status", "media type", "header", "body"
_NUMBERS = {"integer": int, "number": float}


class Departure(NamedTuple):
    """A way in which an answer leaves the contract. `part` is status, media type, header or body; `path` leads through
    the body, or names the header; `keyword` is the rule."""

    part: str
    path: Path
    keyword: str


def departures(contract: Contract, call: Call, answer: Answer) -> list[Departure]:
    """The ways in which an answer leaves the contract; only the first of status, media type and body is told."""
    declared = declared_response(call.operation.responses, answer.status)
    if declared is None:
        return [Departure(STATUS, (), "responses")]
    headers = [
        Departure(HEADER, (name,), "required" if value is None else "schema")
        for name, header in declared.headers.items()
        if ((value := answer.headers.get(name.lower())) is None and header.required)
        or (value is not None and header.pointer and not _holds(contract, header.pointer, value, header.schema))
    ]
    return [*headers, *_of_body(contract, declared, answer)]


def _of_body(contract: Contract, declared: Declared, answer: Answer) -> list[Departure]:
    if not declared.media_types:
        return [Departure(MEDIA_TYPE, (), "content")] if answer.text else []
    declared_as = declared_type(declared.media_types, answer.media_type)
    if declared_as is None:
        return [Departure(MEDIA_TYPE, (), "content")]
    pointer = declared.media_types[declared_as]
    if pointer is None:
        return []
    if not answer.is_json:
        return [Departure(BODY, (), "json")] if is_json_type(answer.media_type) else []
    if not _is_finite(answer.content):
        return [Departure(BODY, (), "json")]
    found: list[Violation] = contract.validator(pointer).violations(answer.content)
    return [Departure(BODY, one.path, one.keyword) for one in found]


def _holds(contract: Contract, pointer: str, text: str, schema: Any) -> bool:
    """Whether a header's text is a value of its schema."""
    convert = _NUMBERS.get(schema.get("type"))
    try:
        value: Any = convert(text) if convert else text
    except ValueError:
        return False
    return contract.validator(pointer).violations(value) == []


def _is_finite(value: Any) -> bool:
    """Whether all numbers are such as JSON has them."""
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    if isinstance(value, list):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or math.isfinite(value)
