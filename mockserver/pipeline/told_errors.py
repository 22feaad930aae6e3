"""Told errors: an error in the forms that other people's contracts usually declare for it.

Whoever serves such a contract learns from the body what is wrong, and not only from X-Mock-Hint. Which form it is, the
schema decides.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from mockserver.errors import ApiError, BadRequest
from mockserver.openapi.contract import Contract
from mockserver.violations import Violation, dotted

MESSAGES = ("detail", "message", "error")
OTHERWISE = "value_error"
_KINDS = {  # Pydantic's words for what a schema's keyword means
    "required": "missing",
    "additionalProperties": "extra_forbidden",
    "enum": "enum",
    "const": "literal_error",
    "pattern": "string_pattern_mismatch",
    "minLength": "string_too_short",
    "maxLength": "string_too_long",
    "minItems": "too_short",
    "maxItems": "too_long",
    "minimum": "greater_than_equal",
    "maximum": "less_than_equal",
    "exclusiveMinimum": "greater_than",
    "exclusiveMaximum": "less_than",
    "multipleOf": "multiple_of",
}


def bodies(error: ApiError, status: int) -> Iterator[dict[str, Any]]:
    """The bodies that say an error answered with this status, those that say most first: FastAPI's, that of a list of
    errors, a problem of RFC 9457, and a message alone."""
    yield {"detail": [_as_fastapi(one) for one in _violations(error)]}
    yield {"message": error.message, "errors": [_in_words(one) for one in _violations(error)]}
    said = error.hint or error.message
    problem = {"title": _title(status), "status": status, "detail": said}
    yield {"type": "about:blank", **problem}
    yield problem
    yield {"code": status, "message": said}
    for name in MESSAGES:
        yield {name: said}


def best(fitting: Sequence[dict[str, Any]], names: Collection[str]) -> dict[str, Any] | None:
    """The first of some bodies that has only properties of these names; else the first, or None if there is none. A
    schema usually allows others, too, but who declares `detail` alone expects no more."""
    return next((one for one in fitting if one.keys() <= set(names)), fitting[0] if fitting else None)


def names_in(contract: Contract, schema: Mapping[str, Any]) -> set[str]:
    """The names of the properties that a schema declares, with those of its parts and alternatives."""
    found, seen, waiting = set[str](), set[int](), [schema]
    while waiting:
        one = contract.resolved(waiting.pop())
        if id(one) not in seen:  # a schema may be a part of itself
            seen.add(id(one))
            found.update(one.get("properties", ()))
            waiting += [part for keyword in ("allOf", "oneOf", "anyOf") for part in one.get(keyword, ())]
    return found


def _violations(error: ApiError) -> tuple[Violation, ...]:
    """The violations of an error; a whole that can't be read is one, too."""
    found = error.violations if isinstance(error, BadRequest) else ()
    return found or (Violation((), "", error.hint or error.message, ""),)


def _as_fastapi(violation: Violation) -> dict[str, Any]:
    """A violation as FastAPI tells it (`ValidationError` of its documents)."""
    kind = _KINDS.get(violation.keyword, OTHERWISE)
    if violation.keyword == "type":
        kind = f"{(violation.parameters or {}).get('type', 'value')}_type".replace(" or ", "_or_")
    return {"loc": [violation.location, *violation.path], "msg": violation.message, "type": kind}


def _in_words(violation: Violation) -> str:
    place = dotted(violation.path)
    return f"{place}: {violation.message}" if place else violation.message


def _title(status: int) -> str:
    return HTTPStatus(status).phrase if status in {one.value for one in HTTPStatus} else "Error"
