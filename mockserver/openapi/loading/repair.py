"""Repair of documents: keywords that JSON Schema doesn't allow are left out with a warning, as published documents have
some; refusing those documents would help nobody. So every schema of a repaired document compiles.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from mockserver.openapi.dialects import Dialect
from mockserver.openapi.expressions import Expressions
from mockserver.openapi.identifiers import can_be_id
from mockserver.openapi.loading.canonical import COUNTS, LARGEST_COUNT, MEANINGLESS
from mockserver.openapi.loading.places import Place

logger = logging.getLogger("mockserver")

MOST_WARNINGS = 20
MAX_SHOWN = 80  # characters of a value in a warning
_TYPES = frozenset(("string", "integer", "number", "boolean", "array", "object", "null"))


def repair(schemas: Iterable[Place], ignored: Iterable[Place], dialect: Dialect) -> bool:
    """Remove the keywords that can't be used from the schemas; return whether a warning was logged. They are warned
    of, and so are those that were `ignored` before: the places of their schemas.

    Each warning has file and line; MOST_WARNINGS are logged, and the number of the others.
    """
    can_use = Expressions().can_use
    wrong = [
        (place, name, place.node.pop(name)) for place in schemas for name in unusable(place.node, dialect, can_use)
    ]
    removed = [
        (place, keyword, value) for place, keyword, value in wrong if value not in (None, [])
    ]  # these have no effect
    removed += [(place, MEANINGLESS, True) for place in ignored]
    for place, keyword, value in removed[:MOST_WARNINGS]:
        where = place.source.at(*place.steps, keyword)
        shown = repr(value)
        shown = shown if len(shown) <= MAX_SHOWN else shown[:MAX_SHOWN] + " …"
        logger.warning("%s: `%s` can't be used, and is left out: %s", where, keyword, shown)
    if len(removed) > MOST_WARNINGS:
        logger.warning("%s: %d more keywords can't be used", removed[0][0].source.shown, len(removed) - MOST_WARNINGS)
    return bool(removed)


def unusable(schema: dict[str, Any], dialect: Dialect, can_use: Callable[[str], bool]) -> list[str]:
    """The keywords whose values JSON Schema doesn't allow. A property declared as null becomes one of any value."""
    allowed = _ALLOWED_2020 if dialect.has_json_schema else _ALLOWED
    properties = schema.get("properties")
    if isinstance(properties, dict):
        properties.update({name: {} for name, declared in properties.items() if declared is None})
    wrong = [keyword for keyword in schema if keyword in allowed and not allowed[keyword](schema[keyword])]
    pattern, patterns = schema.get("pattern"), schema.get("patternProperties")
    if isinstance(patterns, dict) and "patternProperties" in set(allowed) - set(wrong):
        wrong += [] if all(map(can_use, patterns)) else ["patternProperties"]
    return [*wrong, "pattern"] if isinstance(pattern, str) and not can_use(pattern) else wrong


# ---------------------------------------------------------------- what drafts allow
def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_whole(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= LARGEST_COUNT and value == int(value)


def _is_type(value: Any) -> bool:
    return value in _TYPES if isinstance(value, str) else _is_list_of(str)(value) and set(value) <= _TYPES


def _is_list_of(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and bool(value) and all(isinstance(each, kind) for each in value)


def _is_mapping_of_schemas(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(each, dict) for each in value.values())


def _is(*kinds: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kinds)


_ALLOWED: dict[str, Callable[[Any], bool]] = {
    "type": _is_type,
    "enum": lambda value: isinstance(value, list) and bool(value),
    "pattern": lambda value: isinstance(value, str),
    "required": _is_list_of(str),
    "properties": _is_mapping_of_schemas,
    "additionalProperties": _is(bool, dict),
    "multipleOf": lambda value: _is_number(value) and value > 0,
    **dict.fromkeys(("format", "$ref"), _is(str)),
    **dict.fromkeys(("minimum", "maximum"), _is_number),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum", "uniqueItems"), _is(bool)),
    **dict.fromkeys(COUNTS[2:], _is_count),
    **dict.fromkeys(("allOf", "anyOf", "oneOf"), _is_list_of(dict)),
    **dict.fromkeys(("items", "not"), _is(dict)),
}


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


_SCHEMAS = ("items", "not", "if", "then", "else", "contains", "propertyNames", "contentSchema")
_MAPPINGS = ("properties", "patternProperties", "dependentSchemas", "$defs")
_ALLOWED_2020: dict[str, Callable[[Any], bool]] = {
    **_ALLOWED,
    "enum": _is(list),
    "required": _is_names,
    "dependentRequired": lambda value: isinstance(value, dict) and all(map(_is_names, value.values())),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), _is_number),
    **dict.fromkeys(COUNTS, _is_whole),
    **dict.fromkeys(("contentEncoding", "contentMediaType", "$anchor", "$dynamicAnchor", "$dynamicRef"), _is(str)),
    "$id": lambda value: isinstance(value, str) and can_be_id(value),
    "prefixItems": _is_list_of(dict),
    **dict.fromkeys(_SCHEMAS, _is(dict)),
    **dict.fromkeys(("unevaluatedItems", "unevaluatedProperties"), _is(bool, dict)),
    **dict.fromkeys(_MAPPINGS, _is_mapping_of_schemas),
}
