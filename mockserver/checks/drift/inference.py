"""Schemas that are made of values: what describes all that was seen, and no more than that."""

import re
from collections.abc import Iterable
from typing import Any

Schema = dict[str, Any]
SEEN = "Not in the contract before; a live instance shows it."
_FORMATS = {
    "uuid": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE),
    "date-time": re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)"),
}


def schema_of(values: Iterable[Any], *, nullable: str = "nullable") -> Schema:
    """The schema of some values. `nullable` is the keyword for a null; without one it is a type among others."""
    values = list(values)
    given = [one for one in values if one is not None]
    kinds = dict.fromkeys(map(_kind, given))
    if {"integer", "number"} <= kinds.keys():
        del kinds["integer"]
    schemas = [_of_kind(kind, [one for one in given if _fits(one, kind)], nullable) for kind in kinds]
    found: Schema = schemas[0] if len(schemas) == 1 else {"anyOf": schemas} if schemas else {}
    if len(given) == len(values):
        return found
    if nullable and schemas:
        return {**found, nullable: True} if "type" in found else {"anyOf": schemas, nullable: True}
    return found if nullable or not schemas else {"anyOf": [*schemas, {"type": "null"}]}


def _of_kind(kind: str, values: list[Any], nullable: str) -> Schema:
    if kind == "object":
        names = dict.fromkeys(name for one in values for name in one)
        shown = {name: [one[name] for one in values if name in one] for name in names}
        if not names:
            return {"type": "object"}
        return {
            "type": "object",
            "properties": {name: schema_of(found, nullable=nullable) for name, found in shown.items()},
        }
    if kind == "array":
        return {"type": "array", "items": schema_of([item for one in values for item in one], nullable=nullable)}
    if kind == "string":
        formats = [name for name, form in _FORMATS.items() if all(form.fullmatch(one) for one in values)]
        return {"type": "string", **({"format": formats[0]} if formats else {})}
    return {"type": kind}


def _fits(value: Any, kind: str) -> bool:
    own = _kind(value)
    return own == kind or (own == "integer" and kind == "number")


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    return "array" if isinstance(value, list) else "object" if isinstance(value, dict) else "string"
