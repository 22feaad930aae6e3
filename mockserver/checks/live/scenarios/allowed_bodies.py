"""Bodies that the contract allows: a good one with a single change each, which is named in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.checks.live.marks import lengthened
from mockserver.checks.live.scenarios.answer_shapes import Path, dotted, required_of
from mockserver.checks.live.scenarios.forbidden_bodies import with_value
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Call, properties

MOST_CHOICES = 40  # of an enumeration
LONGEST = 10_000  # characters of a text that is made
Varied = tuple[str, Path, Any]


def is_allowed(contract: Contract, call: Call, body: Any) -> bool:
    """Whether the contract lets an operation take a body in JSON, or in what it takes instead."""
    declared = call.operation.media_types
    in_json = [pointer for media_type, pointer in declared.items() if "json" in media_type] or declared.values()
    return any(contract.validator(pointer, sent=True).is_valid(body) for pointer in in_json)


def varied(contract: Contract, call: Call, bodies: list[Any]) -> Iterator[Varied]:
    """The bodies of an operation with each property left out, with each choice of an enumeration, with null, an empty
    list and text, the longest text, and the least and largest number in the place of each value: what the contract
    allows of these, once, with the place that was changed. No choice is taken that one of the bodies shows."""
    seen = set[str]()
    for pointer in [pointer for kind, pointer in call.operation.media_types.items() if "json" in kind]:
        for body in sorted(bodies, key=lambda one: len(str(one)), reverse=True):
            for words, path, changed in _varied(contract, contract.at(pointer), body, bodies):
                if words not in seen and changed not in bodies and is_allowed(contract, call, changed):
                    seen.add(words)
                    yield words, path, changed


def _varied(contract: Contract, schema: Mapping[str, Any], body: Any, shown: list[Any]) -> Iterator[Varied]:
    for path, declared, value, is_needed in _places(contract, schema, body, ()):
        place = dotted(path)
        if not is_needed:
            yield f"without {place}", path, without(body, path)
        taken = [found for one in shown if (found := _at(one, path)) is not None]
        for words, other in _values(declared, value, taken):
            yield f"{place} {words}", path, with_value(body, path, other)


def _places(
    contract: Contract, schema: Mapping[str, Any], body: Any, path: Path
) -> Iterator[tuple[Path, Mapping[str, Any], Any, bool]]:
    """The properties in a body: place, schema, value, and whether it has to be there. Of a list the first item."""
    if isinstance(body, list) and body:
        yield from _places(contract, contract.resolved(schema.get("items", {})), body[0], (*path, 0))
    if not isinstance(body, dict):
        return
    needed = required_of(contract, schema)
    for name, declared in properties(contract, schema).items():
        if name in body:
            yield (*path, name), declared, body[name], name in needed
            yield from _places(contract, declared, body[name], (*path, name))


def _values(declared: Mapping[str, Any], value: Any, taken: list[Any]) -> Iterator[tuple[str, Any]]:
    """Other values of a property that may be allowed, in words that follow its name."""
    for choice in [one for one in declared.get("enum", ()) if one not in taken][:MOST_CHOICES]:
        yield f"as {choice}", choice
    yield "as null", None
    if isinstance(value, list):
        yield "empty", []
    if isinstance(value, str) and "enum" not in declared:
        yield "empty", ""
        longest = declared.get("maxLength")
        if isinstance(longest, int) and len(value) < longest <= LONGEST:
            yield "as long as it may be", lengthened(value, longest)
    for keyword, words in (("minimum", "as small as it may be"), ("maximum", "as large as it may be")):
        if keyword in declared and isinstance(value, int | float) and not isinstance(value, bool):
            yield words, declared[keyword]


def without(body: Any, path: Path) -> Any:
    """A body like another one, but without the property at a place."""
    step, *deeper = path
    if deeper:
        return with_value(body, (step,), without(body[step], tuple(deeper)))
    return {name: value for name, value in body.items() if name != step}


def _at(body: Any, path: Path) -> Any:
    """The value at a place of a body; None if it has none there."""
    for step in path:
        try:
            body = body[step]
        except (KeyError, IndexError, TypeError):
            return None
    return body
