"""Contracts of a few hundred bytes that become enormous for who writes them out or follows their references.

Each shape has a number of levels, and doubles on each; so nobody lives long enough to go through `TOO_MUCH` of them.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

Schema = dict[str, Any]
Make = Callable[[Schema, int], Schema]

TOO_MUCH = 40
LEAF: Schema = {"type": "object", "properties": {"z": {"type": "string"}}}


def document(schemas: dict[str, Any], **more: Any) -> str:
    """A contract as JSON whose one operation takes and answers the schema S0."""
    content = {"content": {"application/json": {"schema": to("S0")}}}
    operation = {"operationId": "a", "requestBody": content, "responses": {"200": {"description": "ok", **content}}}
    whole = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"post": operation}}}
    return json.dumps({**whole, "components": {"schemas": schemas}, **more})


def to(name: str) -> Schema:
    """A reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def chain(make: Make, levels: int, leaf: Schema = LEAF, **more: Any) -> str:
    """Schemas of which each is made of the next, by its reference and number."""
    schemas = {f"S{number}": make(to(f"S{number + 1}"), number) for number in range(levels)}
    return document(schemas | {f"S{levels}": leaf}, **more)


def _both(keyword: str) -> Make:
    return lambda to_next, _: {keyword: [to_next, to_next]}


def _below_both(keyword: str) -> Make:
    return lambda to_next, _: {"anyOf": [{keyword: to_next}, {keyword: to_next}]}


_CHAINS: dict[str, Make] = {
    **{f"{keyword} twice": _both(keyword) for keyword in ("allOf", "anyOf", "oneOf")},
    "not twice": lambda to_next, _: {"not": {"allOf": [to_next, to_next]}},
    "by turns": lambda to_next, number: {("allOf", "anyOf", "oneOf")[number % 3]: [to_next, to_next]},
    "with properties": lambda to_next, number: {"allOf": [to_next, to_next], "properties": {f"p{number}": to_next}},
    "one inside": lambda to_next, _: {"allOf": [{"anyOf": [to_next]}, {"oneOf": [to_next, {"type": "object"}]}]},
    "told": lambda to_next, _: {"oneOf": [to_next, to_next], "discriminator": {"propertyName": "k"}},
    "below properties": lambda to_next, _: {
        "allOf": [{"type": "object", "required": ["a"], "properties": {"a": to_next}}, {"properties": {"a": to_next}}]
    },
    "below items": lambda to_next, _: {
        "allOf": [{"type": "array", "minItems": 1, "items": to_next}, {"items": to_next}]
    },
    "below others": lambda to_next, _: {
        "anyOf": [{"additionalProperties": to_next}, {"additionalProperties": to_next}]
    },
    "below a choice": lambda to_next, _: {"properties": {"a": {"anyOf": [to_next, to_next]}}},
}


_NEWER: dict[str, Make] = {  # since OpenAPI 3.1
    "if and else": lambda to_next, _: {"if": to_next, "else": to_next},
    "if and then": lambda to_next, _: {"if": to_next, "then": to_next},
    "dependentSchemas twice": lambda to_next, _: {"dependentSchemas": {"a": to_next, "b": to_next}},
    "prefixItems twice": lambda to_next, _: {"anyOf": [{"prefixItems": [to_next]}, {"prefixItems": [to_next]}]},
    "patternProperties twice": lambda to_next, _: {"patternProperties": {"a": to_next, "b": to_next}},
    "named twice": lambda _, number: {
        "$dynamicAnchor": f"n{number}",
        "allOf": [{"$dynamicRef": f"#n{number + 1}"}, {"$dynamicRef": f"#n{number + 1}"}],
    },
    "below names": lambda _, number: {
        "$dynamicAnchor": f"n{number}",
        "anyOf": [{"items": {"$dynamicRef": f"#n{number + 1}"}}, {"contains": {"$dynamicRef": f"#n{number + 1}"}}],
    },
    "unevaluated": lambda to_next, _: {"anyOf": [{"properties": {"a": to_next}}], "unevaluatedProperties": False},
    "unevaluated items": lambda to_next, _: {"allOf": [{"items": to_next}], "unevaluatedItems": False},
    "unevaluated by names": lambda _, number: {
        "$dynamicAnchor": f"n{number}",
        "if": {"properties": {"a": {"$dynamicRef": f"#n{number + 1}"}}},
        "unevaluatedProperties": False,
    },
    "named by an id": lambda _, number: {
        "$id": f"urn:s{number}",
        "$anchor": "n",
        "allOf": [{"$ref": f"urn:s{number + 1}#n"}, {"$ref": f"urn:s{number + 1}"}],
    },
    **{
        f"{keyword} twice": _below_both(keyword)
        for keyword in ("contains", "propertyNames", "unevaluatedItems", "unevaluatedProperties")
    },
}
_LAST = {"$dynamicAnchor": f"n{TOO_MUCH}", "$anchor": "n", "$id": f"urn:s{TOO_MUCH}", **LEAF}


def refused() -> Iterator[tuple[str, str]]:
    """Contracts by name, as JSON, that can't be served."""
    for name, make in _NEWER.items():
        yield name, chain(make, TOO_MUCH, _LAST, openapi="3.1.0")
    for name, make in _CHAINS.items():
        yield name, chain(make, TOO_MUCH)
    for keyword in ("allOf", "anyOf", "oneOf"):
        yield f"each {keyword} of all below", document(_triangle(keyword, TOO_MUCH))
    yield (
        "each oneOf of all",
        document({f"S{row}": {"oneOf": [to(f"S{each}") for each in range(12)]} for row in range(12)}),
    )
    yield "a long row of anyOf", chain(lambda to_next, _: {"anyOf": [to_next]}, 2_000)
    yield "a long row of references", chain(lambda to_next, _: to_next, 2_000)
    yield "replaced properties", document({"S0": {"properties": {"$ref": "#/x-0"}}}, **_replaced(_two_objects))
    item = {"get": {"$ref": "#/x-0"}}
    yield "replaced operations", document({"S0": LEAF}, **_replaced(_two_callbacks), paths={"/a": item})


def _triangle(keyword: str, levels: int) -> dict[str, Schema]:
    rows = {f"S{row}": {keyword: [to(f"S{below}") for below in range(row + 1, levels + 1)]} for row in range(levels)}
    return rows | {f"S{levels}": LEAF}


def _replaced(make: Callable[[str], Any]) -> dict[str, Any]:
    """Extensions of which each holds the next twice, by references that have to be replaced."""
    rows = {f"x-{number}": make(f"#/x-{number + 1}") for number in range(TOO_MUCH)}
    return rows | {f"x-{TOO_MUCH}": {}}


def _two_objects(reference: str) -> Any:
    return {name: {"type": "object", "properties": {"$ref": reference}} for name in "ab"}


def _two_callbacks(reference: str) -> Any:
    item = {"get": {"$ref": reference}, "put": {"$ref": reference}}
    return {"responses": {"200": {"description": "ok"}}, "callbacks": {"c": {"{$url}": item}}}


def served() -> Iterator[tuple[str, str]]:
    """Contracts by name, as JSON, that look much like these, and can be served."""
    yield (
        "properties twice",
        chain(lambda to_next, _: {"type": "object", "properties": {"a": to_next, "b": to_next}}, 40),
    )
    yield "items in items", chain(lambda to_next, _: {"type": "array", "minItems": 2, "items": to_next}, 40)
    yield (
        "all know all",
        document({f"S{row}": {"properties": {f"p{each}": to(f"S{each}") for each in range(20)}} for row in range(20)}),
    )
    yield "not without end", document({"S0": {"not": {"anyOf": [to("S1")]}}, "S1": {"properties": {"a": to("S0")}}})
    yield "an alternative to itself", document({"S0": {"anyOf": [to("S0"), {"type": "object"}]}})
    for name, more in _recursive().items():
        yield name, document(more)
    choices = [{"anyOf": [_object(f"a{number}"), _object(f"b{number}")]} for number in range(40)]
    yield "many choices", document({"S0": {"allOf": choices}})
    wrong = {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    yield "many choices, all in vain", document({"S0": {"allOf": [*choices, wrong, {"type": "object"}]}})
    for minimum in (10**9, 10**400):
        yield f"{len(str(minimum))} digits", document({"S0": {"type": "string", "minLength": min(minimum, 10**300)}})


def _object(name: str) -> Schema:
    return {"type": "object", "properties": {name: {"type": "string"}}}


def _recursive() -> dict[str, dict[str, Schema]]:
    """Schemas that contain themselves in more than one way."""
    first, second = to("S0"), to("S1")
    crossed = [{"properties": {"a": first, "b": second}}, {"properties": {"a": second, "b": first}}]
    return {
        "itself twice": {"S0": {"allOf": [{"properties": {"a": first}}, {"properties": {"a": first}}]}},
        "each other crosswise": {"S0": {"allOf": crossed}, "S1": {"allOf": [*reversed(crossed)]}},
        "itself as alternatives": {"S0": {"anyOf": [_object("k") | {"properties": {"a": first}}, {"items": first}]}},
    }


_TOP = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\nx-0: &a0 {k: 1}\n"
_LEVELS = {  # what is made of the anchor before, four times
    "anchors": "{p: @, q: @, r: @, s: @}",
    "lists of anchors": "[@, @, @, @]",
    "merges": "{p: {<<: @}, q: {<<: @}, r: {<<: @}, s: {<<: @}}",
    "merged lists": "{p: {<<: [@]}, q: {<<: [@]}, r: {<<: [@]}, s: {<<: [@]}}",
    "merges in merges": "{p: {<<: {<<: [{<<: @}]}}, q: {<<: {a: @}}, <<: [{r: @}, {s: @}]}",
    "merged over themselves": "{p: {<<: @, t: @}, <<: [{q: @}, {r: {<<: [@, @]}}]}",
}
_WIDE = "x-1: &a {" + ", ".join(f"k{number}: 1" for number in range(2_000)) + "}\n"


def anchored() -> Iterator[tuple[str, str]]:
    """Contracts by name, as YAML, whose anchors stand for more than there is room for."""
    for name, form in _LEVELS.items():
        rows = (f"x-{row}: &a{row} {form.replace('@', f'*a{row - 1}')}\n" for row in range(1, TOO_MUCH))
        yield name, _TOP + "".join(rows)
    yield "a wide one, merged often", _TOP + _WIDE + "x-2: [" + "{<<: *a}, " * 2_000 + "]\n"
    yield "a wide one, merged often at once", _TOP + _WIDE + "x-2: {<<: [" + "*a, " * 2_000 + "]}\n"
    yield "a wide one, merged often in a row", _TOP + _WIDE + "x-2: {" + "<<: *a, " * 2_000 + "}\n"
