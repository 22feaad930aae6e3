"""The normal form of a schema: of one without its `allOf`, and of two that both apply.

A normalised schema is a dict with the keywords of JSON Schema, except for these: `types` (a tuple, with "null" for
`nullable`), `low` and `high` (the bound and whether it is excluded, or included), `multiples`, `patterns` and
`negations` (all that apply), `forbidden` (properties that an object must not have), `choices` (alternatives that are
still open), `prefix` (the schemas of the first items), `contained` (the least number of items, and their schema), and
`named` (schemas by patterns of property names), `otherProperties` and `otherItems` (what unevaluated ones have to be
while alternatives are open). `enum` has the value of a `const`, `example` the first of `examples`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import Any

import jsonschema_rs

from mockserver.openapi.expressions import OPTIONS

Schema = Mapping[str, Any]
NormalizedSchema = dict[str, Any]
Refs = tuple[str, ...]

NOTHING: Schema = {"not": {}}
LIMITS = ("minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties")


class Unsatisfiable(Exception):
    """A schema that no value can fulfil."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The alternatives of a `oneOf` or `anyOf`, one of which applies. `exclusive` (`oneOf`): the others must not fit.

    `above` are the references that were followed to get here: their schemas already apply.
    """

    branches: Sequence[Schema]
    exclusive: bool
    above: Refs
    discriminator: Mapping[str, Any]


def merge(first: NormalizedSchema, second: NormalizedSchema) -> NormalizedSchema:
    """The normalised schema for values that fulfil both. Of keywords that can't be merged, the first schema's counts.

    Raises Unsatisfiable if the two contradict.
    """
    merged = {**second, **first}
    for keyword in first:
        if keyword in second and keyword in _MERGES:
            merged[keyword] = _MERGES[keyword](first[keyword], second[keyword])
    if "properties" in merged:
        members = {name: both(member(first, name), member(second, name)) for name in _property_names(first, second)}
        merged["properties"] = {name: schema for name, schema in members.items() if schema is not NOTHING}
    return merged


def member(normalized: NormalizedSchema, name: str) -> Schema:
    """The schema of a property in a normalised schema; NOTHING if the property must not be there."""
    declared, others = normalized.get("properties", {}).get(name), normalized.get("additionalProperties", {})
    found: Schema = others if declared is None else declared
    for pattern, schema in normalized.get("named", {}).items():
        if matches(pattern, name):
            found = schema if declared is None and found is others else both(found, schema)
    return found


@lru_cache(maxsize=1024)
def _pattern(pattern: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft4Validator({"pattern": pattern}, pattern_options=OPTIONS)


def matches(pattern: str, name: str) -> bool:
    """Whether the name of a property matches a pattern of names; it doesn't match one that can't be compiled."""
    try:
        return _pattern(pattern).is_valid(name)
    except ValueError:
        return False


def both(first: Schema, second: Schema) -> Schema:
    """The schema for values that fulfil both."""
    if first is NOTHING or second is NOTHING:
        return NOTHING
    if not first or not second or first is second:
        return first or second
    return {"allOf": [first, second]}


def _property_names(first: NormalizedSchema, second: NormalizedSchema) -> list[str]:
    return list(dict.fromkeys([*first.get("properties", ()), *second.get("properties", ())]))


# ---------------------------------------------------------------- one schema, without its allOf
_AS_THEY_ARE = (
    *("format", *LIMITS, "items", "additionalProperties", "required", "propertyNames"),
    *("example", "default", "readOnly", "writeOnly"),
)
_UNEVALUATED = {  # keywords, and what they are in the end
    "otherProperties": ("unevaluatedProperties", "additionalProperties"),
    "otherItems": ("unevaluatedItems", "items"),
}
_MOST_CONTAINED = 1_000  # items with a schema of their own
_BASE_64 = ("base64", "base64url")
_COLLECTED = {"multipleOf": "multiples", "pattern": "patterns", "not": "negations"}


def own(schema: Schema, above: Refs) -> NormalizedSchema:
    """The normalised schema of one schema without its `allOf`, its alternatives still open."""
    normalized: NormalizedSchema = {keyword: schema[keyword] for keyword in _AS_THEY_ARE if keyword in schema}
    if schema.get("not") == {}:
        raise Unsatisfiable("nothing is allowed here")
    _add_newer(schema, normalized)
    normalized |= {flat_name: (schema[keyword],) for keyword, flat_name in _COLLECTED.items() if keyword in schema}
    if isinstance(schema.get("additionalProperties"), bool):
        normalized["additionalProperties"] = {} if schema["additionalProperties"] else NOTHING
    if "properties" in schema:
        normalized["properties"] = {str(name): declared for name, declared in schema["properties"].items()}
    if "minimum" in schema:
        normalized["low"] = (schema["minimum"], schema.get("exclusiveMinimum") is True)
    if "maximum" in schema:
        normalized["high"] = (schema["maximum"], schema.get("exclusiveMaximum") is not True)
    normalized = _bounded(schema, normalized)
    if choices := _choices(schema, above):
        normalized["choices"] = choices
    if forbidden := tuple(schema.get("not", {}).get("required", ())[-1:]):
        normalized["forbidden"] = forbidden
    return normalized | _typed(schema)


def _bounded(schema: Schema, normalized: NormalizedSchema) -> NormalizedSchema:
    """With exclusive bounds that are numbers, as since OpenAPI 3.1."""
    found = {
        key: (schema[keyword], key == "low")
        for key, keyword in (("low", "exclusiveMinimum"), ("high", "exclusiveMaximum"))
        if isinstance(schema.get(keyword), int | float) and not isinstance(schema[keyword], bool)
    }
    if "low" in found:
        normalized["low"] = max(found["low"], normalized.get("low", found["low"]))
    if "high" in found:
        normalized["high"] = min(found["high"], normalized.get("high", found["high"]))
    return normalized


def _typed(schema: Schema) -> NormalizedSchema:
    """The types and the enum. `nullable` counts only beside a type (OpenAPI 3.0.3)."""
    declared = schema.get("type", ())
    types: tuple[str, ...] = (declared,) if isinstance(declared, str) else tuple(declared)
    is_nullable = isinstance(declared, str) and schema.get("nullable") is True
    types += ("null",) if is_nullable else ()
    normalized: NormalizedSchema = {"types": types} if types else {}
    if "enum" in schema:
        extra = [None] if is_nullable and None not in schema["enum"] else []
        normalized["enum"] = [*schema["enum"], *extra]
    if "const" in schema:
        normalized["enum"] = [schema["const"]]
    return normalized


def _add_newer(schema: Schema, normalized: NormalizedSchema) -> None:
    """Add the keywords that OpenAPI 3.0 doesn't have."""
    if isinstance(schema.get("examples"), list) and schema["examples"]:
        normalized.setdefault("example", schema["examples"][0])
    if str(schema.get("contentEncoding")).lower() in _BASE_64:
        normalized.setdefault("format", "byte")
    if "prefixItems" in schema:
        normalized["prefix"] = tuple(schema["prefixItems"])
    if "contains" in schema and schema.get("minContains", 1):
        normalized["contained"] = ((schema.get("minContains", 1), schema["contains"]),)
    if "patternProperties" in schema:
        normalized["named"] = dict(schema["patternProperties"])
    for key, (keyword, _) in _UNEVALUATED.items():
        if isinstance(schema.get(keyword), Mapping):
            normalized[key] = schema[keyword]


def settled(normalized: NormalizedSchema) -> NormalizedSchema:
    """The normalised schema in which what is unevaluated counts for all members that nothing else describes, once no
    alternative is open that may describe some."""
    if normalized.get("choices") or _UNEVALUATED.keys().isdisjoint(normalized):
        return normalized
    found = {key: value for key, value in normalized.items() if key not in _UNEVALUATED}
    for key, (_, place) in _UNEVALUATED.items():
        if key in normalized and place not in found:
            found[place] = normalized[key]
            if place == "items" and "contained" in found:  # what a list has to contain is evaluated by that
                first = found.get("prefix", ())
                missing = sum(least for least, _ in found["contained"]) - len(first)
                found["prefix"] = (*first, *({} for _ in range(min(missing, _MOST_CONTAINED))))
    return found


def discriminator_of(schema: Schema) -> Mapping[str, Any]:
    """The discriminator object; empty if the discriminator is only a name, as in Swagger 2."""
    found = schema.get("discriminator")
    return found if isinstance(found, Mapping) and "propertyName" in found else {}


def _choices(schema: Schema, above: Refs) -> tuple[Choice, ...]:
    alternatives = [
        Choice(schema[keyword], keyword == "oneOf", above, discriminator_of(schema))
        for keyword in ("oneOf", "anyOf")
        if keyword in schema
    ]
    conditions = [Choice(branches, exclusive=False, above=above, discriminator={}) for branches in _conditions(schema)]
    return (*alternatives, *conditions)


def _conditions(schema: Schema) -> Iterator[list[Schema]]:
    """The alternatives of each condition: it holds, with what follows from that, or it doesn't."""
    for name, names in schema.get("dependentRequired", {}).items():
        yield [{"required": [name, *names]}, {"not": {"required": [name]}}]
    for name, part in schema.get("dependentSchemas", {}).items():
        yield [{"allOf": [{"required": [name]}, part]}, {"not": {"required": [name]}}]
    if "if" in schema and ("then" in schema or "else" in schema):
        holds, otherwise = schema["if"], {"allOf": [{"not": schema["if"]}, schema.get("else", {})]}
        yield [{"allOf": [holds, schema.get("then", {})]}, otherwise]


# ---------------------------------------------------------------- two schemas as one
def _joined(first: Sequence[Any], second: Sequence[Any]) -> tuple[Any, ...]:
    return (*first, *second)


def _shared(first: Sequence[Any], second: Sequence[Any]) -> list[Any]:
    shared = [value for value in first if value in second]
    if not shared:
        raise Unsatisfiable("no value is in both enums")
    return shared


def _shared_types(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    """The types that both allow. An integer is a number, too."""
    wider = {"integer": "number"}
    shared = [name for name in first if name in second or wider.get(name) in second]
    shared += [name for name in second if name not in shared and wider.get(name) in first]
    if not shared:
        raise Unsatisfiable(f"nothing is both {' or '.join(first)} and {' or '.join(second)}")
    return tuple(shared)


def _side_by_side(first: Sequence[Schema], second: Sequence[Schema]) -> tuple[Schema, ...]:
    nothing: Schema = {}
    return tuple(both(one, other) for one, other in zip_longest(first, second, fillvalue=nothing))


def _by_pattern(first: Mapping[str, Schema], second: Mapping[str, Schema]) -> dict[str, Schema]:
    return {name: both(first.get(name, {}), second.get(name, {})) for name in {**first, **second}}


_MERGES: dict[str, Callable[[Any, Any], Any]] = {
    "types": _shared_types,
    "enum": _shared,
    "required": lambda first, second: list(dict.fromkeys([*first, *second])),
    **dict.fromkeys(("items", *_UNEVALUATED), both),
    "propertyNames": both,
    "prefix": _side_by_side,
    "named": _by_pattern,
    "additionalProperties": both,
    "uniqueItems": max,
    **dict.fromkeys(("readOnly", "writeOnly"), max),
    **dict.fromkeys(("low", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("high", "maxLength", "maxItems", "maxProperties"), min),
    **dict.fromkeys(("multiples", "patterns", "negations", "forbidden", "choices", "contained"), _joined),
}
