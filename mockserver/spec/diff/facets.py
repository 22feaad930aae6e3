"""Facets in which two normalised schemas differ: each described in words, and as a schema that has only this
difference."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from mockserver.openapi.normal_forms import LIMITS, NOTHING, NormalizedSchema
from mockserver.openapi.structure import Steps
from mockserver.spec.diff.changes import shown, signature

_KEYWORDS = {
    "format": "format",
    "low": "minimum",
    "high": "maximum",
    "multiples": "multipleOf",
    "patterns": "pattern",
    "negations": "not",
    "prefix": "prefixItems",
    "contained": "contains",
    "named": "patternProperties",
    "propertyNames": "propertyNames",
    **{name: name for name in LIMITS},
}


class Facet(NamedTuple):
    """A difference of two schemas. `path` leads to it within the old or the new schema; `tried` is the old normalised
    schema with only this difference."""

    what: str
    path: Steps
    in_old: bool
    tried: NormalizedSchema


def facets(old: NormalizedSchema, new: NormalizedSchema) -> Iterator[Facet]:
    """All differences, except for those within subschemas that both have at the same place."""
    yield from _types(old, new)
    yield from _enum(old, new)
    for key, keyword in _KEYWORDS.items():
        if signature(old.get(key)) != signature(new.get(key)):
            what = _changed(keyword, _text(key, old), _text(key, new))
            yield Facet(what, (keyword,), key not in new, _taken(old, new, key))
    yield from _properties(old, new)
    yield from _required(old, new)
    yield from _others(old, new)
    if ("items" in old) != ("items" in new):
        word = "are not described any more" if "items" in old else "are described now"
        yield Facet(f"the items {word}", ("items",), "items" in old, _taken(old, new, "items"))


def _taken(old: NormalizedSchema, new: NormalizedSchema, key: str) -> NormalizedSchema:
    """The old normalised schema with one keyword of the new one."""
    rest = {name: value for name, value in old.items() if name != key}
    return {**rest, key: new[key]} if key in new else rest


def _changed(keyword: str, before: str | None, after: str | None) -> str:
    if before is None:
        return f"{keyword} {after} is new"
    if after is None:
        return f"{keyword} {before} is gone"
    return f"{keyword} was {before}, and is {after} now"


def _text(key: str, normalized: NormalizedSchema) -> str | None:
    value = normalized.get(key)
    if value is None or value is False:
        return None
    if key in ("low", "high"):
        bound, flag = value
        return f"{bound}{' (excluded)' if flag is (key == 'low') else ''}"
    if isinstance(value, tuple):
        return " and ".join(shown(each) for each in value)
    return str(value)


def _types(old: NormalizedSchema, new: NormalizedSchema) -> Iterator[Facet]:
    before, after = set(old.get("types", ())), set(new.get("types", ()))
    if before == after:
        return
    tried, gone = _taken(old, new, "types"), not after
    if before and after and before ^ after == {"null"}:
        if "enum" in old and "enum" in new:
            values = [value for value in old["enum"] if value is not None]
            tried["enum"] = [*values, *([None] if None in new["enum"] else [])]
        what = "may be null now" if "null" in after else "may no longer be null"
        yield Facet(what, ("nullable",), gone, tried)
    else:
        yield Facet(_changed("the type", _listed(old), _listed(new)), ("type",), gone, tried)


def _signed(normalized: NormalizedSchema) -> set[str]:
    return {signature(value) for value in normalized.get("enum", ())}


def _listed(normalized: NormalizedSchema) -> str | None:
    return " or ".join(normalized["types"]) if normalized.get("types") else None


def _enum(old: NormalizedSchema, new: NormalizedSchema) -> Iterator[Facet]:
    if "enum" not in old or "enum" not in new:
        if "enum" in old or "enum" in new:
            values = ", ".join(shown(value) for value in (old | new)["enum"][:5])
            what = f"the enum ({values}) is gone" if "enum" in old else f"an enum restricts it now: {values}"
            yield Facet(what, ("enum",), "enum" in old, _taken(old, new, "enum"))
        return
    before, after = _signed(old), _signed(new)
    is_nullable = "null" in new.get("types", ()) or "null" in old.get("types", ())
    for value in old["enum"]:
        if signature(value) not in after and not (value is None and is_nullable):
            left = [each for each in old["enum"] if signature(each) != signature(value)]
            yield Facet(f"the enum has lost {shown(value)}", ("enum",), in_old=True, tried={**old, "enum": left})
    for index, value in enumerate(new["enum"]):
        if signature(value) not in before and not (value is None and is_nullable):
            tried = {**old, "enum": [*old["enum"], value]}
            yield Facet(f"the enum has the new value {shown(value)}", ("enum", index), in_old=False, tried=tried)


def _properties(old: NormalizedSchema, new: NormalizedSchema) -> Iterator[Facet]:
    """Properties that are new or gone, together with whether they are required."""
    olds, news = old.get("properties", {}), new.get("properties", {})
    for name in [name for name in olds if name not in news]:
        kept = {key: schema for key, schema in olds.items() if key != name}
        required = [key for key in old.get("required", ()) if key != name or name in new.get("required", ())]
        yield Facet(
            f"the property {name} is gone",
            ("properties", name),
            in_old=True,
            tried={**old, "properties": kept, "required": required},
        )
    for name in [name for name in news if name not in olds]:
        is_required = name in new.get("required", ()) and name not in old.get("required", ())
        required = [*old.get("required", ()), *([name] if is_required else [])]
        yield Facet(
            f"the {'required ' if is_required else ''}property {name} is new",
            ("properties", name),
            in_old=False,
            tried={**old, "properties": {**olds, name: news[name]}, "required": required},
        )


def _required(old: NormalizedSchema, new: NormalizedSchema) -> Iterator[Facet]:
    """Properties that both have, and that are required now, or no longer."""
    before, after = old.get("required", ()), new.get("required", ())
    moved = old.get("properties", {}).keys() ^ new.get("properties", {}).keys()
    for name in [name for name in before if name not in after and name not in moved]:
        tried = {**old, "required": [each for each in before if each != name]}
        path: Steps = ("properties", name)
        yield Facet(f"the property {name} is no longer required", path, in_old=False, tried=tried)
    for name in [name for name in after if name not in before and name not in moved]:
        tried = {**old, "required": [*before, name]}
        yield Facet(f"the property {name} is required now", ("properties", name), in_old=False, tried=tried)


def _others(old: NormalizedSchema, new: NormalizedSchema) -> Iterator[Facet]:
    """Whether other properties are allowed; schemas for them in both are compared by themselves."""
    before, after = old.get("additionalProperties"), new.get("additionalProperties")
    words: dict[bool, Callable[[Any], str]] = {
        True: lambda _: "other properties are refused",
        False: lambda schema: "other properties are allowed" if not schema else "other properties have to fit a schema",
    }
    if (before is NOTHING) != (after is NOTHING) or (before is None) != (after is None):
        what = f"{words[after is NOTHING](after)} now; before, {words[before is NOTHING](before)}"
        yield Facet(what, ("additionalProperties",), after is None, _taken(old, new, "additionalProperties"))
