"""The schemas by which texts are read: of parameters, of fields of a form, of headers.

A text has no type. What a schema says of it may be spread over references, parts and alternatives. `null` is left out:
no text is that.
"""

from collections.abc import Iterator, Mapping
from itertools import chain, repeat
from typing import Any

from mockserver.openapi.contract import Contract

Schema = Mapping[str, Any]
DEEPEST = 8  # parts within parts
_KINDS = (
    "type",
    "items",
    "prefixItems",
    "properties",
    "additionalProperties",
    "const",
    "enum",
)  # what says how to read a text


def read_by(contract: Contract, schema: Schema, depth: int = 0) -> Schema:
    """A schema of one type, if there is one for all texts that are valid; else the schema itself, without its
    reference."""
    schema = contract.resolved(schema)
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return _of_types(schema, [kind for kind in kinds if kind != "null"])
    if kinds is not None or depth == DEEPEST:
        return schema
    for keyword in ("allOf", "anyOf", "oneOf"):
        parts = [read_by(contract, part, depth + 1) for part in schema.get(keyword, ())]
        told = [part for part in parts if part.get("type") not in ("null", None)]
        if told and (keyword == "allOf" or len(told) == len(parts) - _nulls(parts) == 1):
            return {**{key: told[0][key] for key in _KINDS if key in told[0]}, **_without(schema, keyword)}
    return schema


class ItemSchemas:
    """The schemas of the items of a list: those of the first ones, then endlessly that of all others."""

    def __init__(self, first: list[Schema], others: Schema) -> None:
        self._first, self._others = first, others

    def __iter__(self) -> Iterator[Schema]:
        return chain(self._first, repeat(self._others))


def items_read_by(contract: Contract, schema: Schema) -> ItemSchemas:
    """The schemas by which the items of a list are read."""
    first = [read_by(contract, each) for each in schema.get("prefixItems", ())]
    return ItemSchemas(first, read_by(contract, schema.get("items", {})))


def _of_types(schema: Schema, kinds: list[str]) -> Schema:
    if len(kinds) == 1:
        return {**schema, "type": kinds[0]}
    return {**_without(schema, "type"), "anyOf": [{**schema, "type": kind} for kind in kinds]}


def _nulls(parts: list[Schema]) -> int:
    return sum(part.get("type") == "null" for part in parts)


def _without(schema: Schema, keyword: str) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != keyword}
