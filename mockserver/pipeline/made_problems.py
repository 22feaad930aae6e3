"""Made problems: generated bodies of errors that don't contradict their status.

What a schema leaves open (a status, a title, a message) is said as the status has it. What the contract wrote itself,
an example, a default or a choice, stays.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from mockserver.openapi.contract import Contract

STATUSES = frozenset({"status", "statuscode", "httpstatus", "code"})  # names as `_plain` writes them
TITLES = frozenset({"title", "reason", "error"})
MESSAGES = frozenset({"detail", "details", "message", "description", "errormessage", "errordescription"})
_WRITTEN = ("example", "examples", "default", "enum", "const")
_FORMATS = (None, "uri-reference", "uri", "url")  # of a `type`: about:blank is one of each
_ERRORS = range(400, 600)
_DEEPEST = 3  # objects within objects
_PHRASES = {one.value: (one.phrase, one.description or one.phrase) for one in HTTPStatus}


def corrected(contract: Contract, pointer: str, body: Any, status: int) -> Any:
    """The generated body of an error with what its status says; the body itself where its schema doesn't take that."""
    told = _told(contract, contract.at(pointer), body, status, _DEEPEST)
    return told if told != body and contract.validator(pointer, strict=True).is_valid(told) else body


def _told(contract: Contract, schema: Mapping[str, Any], body: Any, status: int, left: int) -> Any:
    if not isinstance(body, dict) or not left:
        return body
    parts = _parts(contract, schema)
    is_written = any(keyword in part for part in parts for keyword in ("example", "examples", "default"))
    declared: dict[str, Mapping[str, Any]] = {}
    for part in parts:
        for name, each in part.get("properties", {}).items():
            declared.setdefault(name, contract.resolved(each))
    told = {
        name: _value(name, declared.get(name, {}), value, status, is_written=is_written) for name, value in body.items()
    }
    if "about:blank" not in body.values() and {"title", "status"} <= told.keys() and not is_written:
        told |= _kind(told, declared.get("type"))
    return {name: _told(contract, declared.get(name, {}), value, status, left - 1) for name, value in told.items()}


def _value(name: str, schema: Mapping[str, Any], value: Any, status: int, *, is_written: bool) -> Any:
    """What a field says of a status: the number is always the real one, words only where the contract has none."""
    plain = name.replace("_", "").replace("-", "").lower()
    if isinstance(value, int) and not isinstance(value, bool) and plain in STATUSES:
        is_own = any(keyword in schema for keyword in _WRITTEN) or is_written
        return value if is_own and value not in _ERRORS else status
    if not isinstance(value, str) or is_written or any(keyword in schema for keyword in (*_WRITTEN, "format")):
        return value
    phrase, said = _PHRASES.get(status, ("Error", "Error"))
    return phrase if plain in TITLES else said if plain in MESSAGES else value


def _kind(told: Mapping[str, Any], schema: Mapping[str, Any] | None) -> dict[str, Any]:
    """The `type` of a problem that says no more than its status (RFC 9457, section 4.2.1)."""
    if schema is None or not isinstance(told.get("type"), str) or schema.get("format") not in _FORMATS:
        return {}
    return {} if any(keyword in schema for keyword in _WRITTEN) else {"type": "about:blank"}


def _parts(contract: Contract, schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A schema and all that it consists of: its parts and its alternatives."""
    found, seen, waiting = list[Mapping[str, Any]](), set[int](), [schema]
    while waiting:
        one = contract.resolved(waiting.pop(0))
        if id(one) not in seen:  # a schema may be a part of itself
            seen.add(id(one))
            found.append(one)
            waiting += [part for keyword in ("allOf", "oneOf", "anyOf") for part in one.get(keyword, ())]
    return found
