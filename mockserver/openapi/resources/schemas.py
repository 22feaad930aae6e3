"""Schemas of bodies, by their JSON pointers: which fields they have, and where a record or a list of records stands."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mockserver.openapi.contract import Contract, DeclaredResponse
from mockserver.openapi.structure import escaped, is_json_type

_DEEPEST = 12  # schemas within schemas, before a search ends
_PARTS = ("allOf", "oneOf", "anyOf")
BODILESS = frozenset({204, 205})  # statuses of answers without a body
SCALARS = frozenset({"string", "integer", "number", "boolean"})


def followed(contract: Contract, pointer: str) -> tuple[Mapping[str, Any], str]:
    """The schema at a pointer with its references followed, and the pointer to where it stands."""
    passed: set[str] = set()
    schema = contract.at(pointer)
    while isinstance(schema.get("$ref"), str) and pointer not in passed:
        passed.add(pointer)
        pointer = schema["$ref"].removeprefix("#")
        schema = contract.at(pointer)
    return schema, pointer


def parts(contract: Contract, pointer: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The schema at a pointer and all that it consists of: its `allOf` parts and its alternatives, with theirs."""
    waiting, seen = [(pointer, 0)], set[str]()
    while waiting:
        schema, place = followed(contract, (top := waiting.pop(0))[0])
        if place in seen:
            continue
        seen.add(place)
        yield schema, place
        if top[1] < _DEEPEST:
            waiting += [
                (f"{place}/{keyword}/{index}", top[1] + 1)
                for keyword in _PARTS
                for index, part in enumerate(schema.get(keyword, ()))
                if isinstance(part, Mapping)
            ]


def fields(contract: Contract, pointer: str) -> dict[str, str]:
    """The pointers to the schemas of an object's properties, by name; those of its parts count. Of several of one name
    it is the one that says most of what is in it, else the first."""
    found: dict[str, str] = {}
    for schema, place in parts(contract, pointer):
        for name, each in (schema.get("properties") or {}).items():
            if isinstance(each, Mapping):
                at = f"{place}/properties/{escaped(str(name))}"
                if name not in found or _told(contract, at) > _told(contract, found[name]):
                    found[str(name)] = at
    return found


def _told(contract: Contract, pointer: str) -> int:
    """How much a schema says of what is in an object or a list."""
    schema, _ = followed(contract, pointer)
    inner = schema.get("items")
    inner = contract.resolved(inner) if isinstance(inner, Mapping) else {}
    return len(schema.get("properties") or ()) + len(inner.get("properties") or ()) + len(inner.get("allOf") or ())


def field_at(contract: Contract, pointer: str, place: Iterable[str]) -> str | None:
    """The pointer to the schema of a field at a place of an object; None if it isn't declared."""
    found: str | None = pointer
    for step in place:
        found = None if found is None else fields(contract, found).get(step)
    return found


def required(contract: Contract, pointer: str) -> frozenset[str]:
    """The properties that an object must have; of alternatives none counts."""
    found: set[str] = set()
    waiting, seen = [pointer], set[str]()
    while waiting:
        schema, place = followed(contract, waiting.pop())
        if place not in seen:
            seen.add(place)
            found.update(schema.get("required", ()))
            waiting += [f"{place}/allOf/{index}" for index, _ in enumerate(schema.get("allOf", ()))]
    return frozenset(found)


def allows_others(contract: Contract, pointer: str) -> bool:
    """Whether an object may have properties of any name: it declares none, or says so."""
    found = list(parts(contract, pointer))
    return any(schema.get("additionalProperties") for schema, _ in found) or not any(
        schema.get("properties") for schema, _ in found
    )


def kinds(contract: Contract, pointer: str) -> frozenset[str]:
    """The types that values of a schema may have, but for null; what is plain from its keywords counts."""
    found: set[str] = set()
    for schema, _ in parts(contract, pointer):
        declared = schema.get("type", ())
        found.update([declared] if isinstance(declared, str) else declared)
        found.update({"object"} if "properties" in schema else {"array"} if "items" in schema else ())
    return frozenset(found - {"null"})


def items(contract: Contract, pointer: str) -> str | None:
    """The pointer to the schema of an array's items; None if it is no array, or says nothing of them."""
    for schema, place in parts(contract, pointer):
        if isinstance(schema.get("items"), Mapping):
            return f"{place}/items"
    return None


def bound(contract: Contract, whole: str, pointer: str) -> str:
    """The pointer to the schema that a `$dynamicRef` at a pointer means in a body with the schema at `whole`: that of
    the outermost `$dynamicAnchor` of its name among the `$defs` on the way; the same pointer if it is none."""
    wanted = followed(contract, pointer)[0].get("$dynamicRef")
    name, passed = str(wanted).rpartition("#")[2], set[str]()
    while wanted is not None and whole not in passed:
        passed.add(whole)
        schema = contract.at(whole)
        for each, inner in (schema.get("$defs") or {}).items():
            if isinstance(inner, Mapping) and inner.get("$dynamicAnchor") == name:
                return f"{whole}/$defs/{escaped(str(each))}"
        whole = str(schema.get("$ref", whole)).removeprefix("#")
    return pointer


def is_nullable(contract: Contract, pointer: str) -> bool:
    """Whether a schema says that null is a value, by itself or as an alternative."""
    return any(
        part.get("nullable") is True or "null" in part.get("type", ()) or None in part.get("enum", ())
        for part, _ in parts(contract, pointer)
    )


def is_scalar(contract: Contract, pointer: str) -> bool:
    """Whether the values of a schema are texts, numbers or flags."""
    found = kinds(contract, pointer)
    return bool(found) and found <= SCALARS


def json_schema_of(media_types: Mapping[str, str | None]) -> str | None:
    """The pointer to the schema of the JSON among some media types; None if there is none with a schema."""
    return next((pointer for name, pointer in media_types.items() if pointer and is_json_type(name)), None)


def success_of(responses: Mapping[str, DeclaredResponse]) -> tuple[int, DeclaredResponse] | None:
    """The status and declaration of a success: the lowest 2xx, else `default`; None if there is none."""
    exact = sorted(status for status in responses if status[:1] == "2" and status.isdigit())
    written = next(iter(exact), next((name for name in ("2XX", "2xx", "default") if name in responses), None))
    return None if written is None else (int(written) if written.isdigit() else 200, responses[written])
