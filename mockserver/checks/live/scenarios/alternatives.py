"""Alternatives: which choice of a `oneOf` or `anyOf` a body is, and what is known of its properties there."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.checks.live.scenarios.answer_shapes import Schema, required_of
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import properties

CHOICES = ("oneOf", "anyOf")


def form_of(contract: Contract, schema: Schema, body: Any, where: str = "") -> dict[str, str]:
    """The names of the alternatives that a body is, by their places in it. Bodies of one form are spoiled alike."""
    if not isinstance(body, dict):
        return {}
    names = [name for name, _ in fitting(contract, schema, body)]
    found = {where: " and ".join(names)} if names else {}
    for name, declared in known_properties(contract, schema, body).items():
        if name in body:
            found |= form_of(contract, declared, body[name], f"{where}{name}.")
    return found


def known_properties(contract: Contract, schema: Schema, body: Mapping[str, Any]) -> dict[str, Schema]:
    """The properties that a schema knows where an object is as this one: those of other alternatives aren't among
    them."""
    chosen = [part for _, part in fitting(contract, schema, body)]
    if not chosen:
        return dict(properties(contract, schema))
    resolved = contract.resolved(schema)
    own = properties(contract, {key: value for key, value in resolved.items() if key not in CHOICES})
    found: dict[str, Schema] = {}
    for part in chosen:
        found = {**known_properties(contract, part, body), **found}
    return {**found, **own}


def needed_properties(contract: Contract, schema: Schema, body: Mapping[str, Any]) -> set[str]:
    """The properties that a schema requires where an object is as this one."""
    chosen = (needed_properties(contract, part, body) for _, part in fitting(contract, schema, body))
    return required_of(contract, schema).union(*chosen)


def fitting(contract: Contract, schema: Schema, body: Mapping[str, Any]) -> Iterator[tuple[str, Schema]]:
    """The alternatives that an object is, as far as its names and choices tell, each with its name."""
    resolved = contract.resolved(schema)
    for keyword in CHOICES:
        for number, part in enumerate(resolved.get(keyword, ()), start=1):
            if _fits(contract, part, body):
                yield str(part.get("$ref", "")).rpartition("/")[2] or f"alternative {number}", part


def _fits(contract: Contract, part: Schema, body: Mapping[str, Any]) -> bool:
    known, is_closed = properties(contract, part), contract.resolved(part).get("additionalProperties") is False
    if not required_of(contract, part) <= body.keys() or (is_closed and not body.keys() <= known.keys()):
        return False
    choices = ((value, known[name]["enum"]) for name, value in body.items() if "enum" in known.get(name, {}))
    return all(value in enumeration for value, enumeration in choices)
