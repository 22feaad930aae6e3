"""Counterexamples: a search for a value that is sent and not accepted, i.e. that one Draft 4 schema allows and another
refuses.

A value that is found proves that the schemas are incompatible; none that is found proves nothing, as only simple values
are tried: bounds and their neighbours, and small objects. It is asked where the canonical forms of jsonschema_rs prove
neither that a schema accepts all that is sent, nor that it doesn't.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import jsonschema_rs

from mockserver.openapi.expressions import OPTIONS

_MOST = 10**15  # floats represent all integers up to about here
_VALUES: tuple[Any, ...] = ("x", 1, 0.5, True, None, [], {}, "2026-01-15", "2026-01-15T10:30:00Z", 10**10, -1)
_UNNAMED = "an unnamed property"


def is_refuted(sent: dict[str, Any], accepted: dict[str, Any]) -> bool:
    """Whether a counterexample is found: a value that is sent, and not accepted."""
    sends, accepts = (
        jsonschema_rs.Draft4Validator(schema, validate_formats=True, pattern_options=OPTIONS).is_valid
        for schema in (sent, accepted)
    )
    candidates = chain(_VALUES, _numbers(sent, accepted), _objects(sent, accepted))
    return any(sends(value) and not accepts(value) for value in candidates)


def _numbers(sent: dict[str, Any], accepted: dict[str, Any]) -> Iterator[float]:
    """Numbers at and on both sides of each bound."""
    for bound in (-_MOST, _MOST, *_bounds([sent, accepted])):
        if abs(bound) <= _MOST:
            yield from (bound, bound - 1, bound + 1, bound + 0.5, bound * 2)


def _bounds(node: Any) -> Iterator[float]:
    if isinstance(node, (dict, list)):
        for child in node.values() if isinstance(node, dict) else node:
            yield from _bounds(child)
    elif isinstance(node, (int, float)) and not isinstance(node, bool):
        yield node


def _objects(sent: dict[str, Any], accepted: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The smallest object that is sent, and copies of it with one property added or changed."""
    properties = _described(sent)
    least = {name: _value(properties.get(name, {}), sent) for name in _required(sent)}
    yield least
    for name in dict.fromkeys((*properties, *_described(accepted), _UNNAMED)):
        own = properties.get(name, {})
        for value in (_value(own, sent), *own.get("enum", ()), *_VALUES):
            yield {**least, name: value}


def _described(schema: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = schema.get("properties", {})
    return described


def _required(schema: dict[str, Any]) -> list[str]:
    required: list[str] = schema.get("required", [])
    return required


def _value(schema: dict[str, Any], root: dict[str, Any]) -> Any:
    """A simple value that is valid by the schema of a property, or "x"."""
    whole = {"allOf": [schema], "definitions": root.get("definitions", {})}
    fits = jsonschema_rs.Draft4Validator(whole, validate_formats=True, pattern_options=OPTIONS).is_valid
    return next((value for value in (*schema.get("enum", ()), *_VALUES) if fits(value)), "x")
