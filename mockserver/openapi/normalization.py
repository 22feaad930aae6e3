"""Normalised schemas, for making values and for comparing: references are followed, `allOf` is merged into one schema,
and alternatives are listed.

A normalised schema is a dict with the keywords of Draft 4, except for these: `types` (a tuple, with "null" for
`nullable`), `low` and `high` (the bound and whether it is excluded, or included), `multiples`, `patterns` and
`negations` (all that apply), `forbidden` (properties that an object must not have) and `choices` (alternatives that are
still open).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, reduce
from math import inf
from typing import Any

from mockserver.openapi.structure import at, steps_of

Schema = Mapping[str, Any]
NormalizedSchema = dict[str, Any]
Refs = tuple[str, ...]

NOTHING: Schema = {"not": {}}
LIMITS = ("minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties")
_NULL: Schema = {"enum": [None]}
_COMPONENTS = "#/components/schemas/"
_OWN_ONLY = (
    "example",
    "default",
)  # keywords about a whole schema: those of one part of an `allOf` don't count for the whole
_STRUCTURE = ("properties", "items")


class Unsatisfiable(Exception):
    """A schema that no value can fulfil."""


class TooComplex(Exception):
    """A schema with more alternatives or subschemas than can be processed in time."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The alternatives of a `oneOf` or `anyOf`, one of which applies. `exclusive` (`oneOf`): the others must not fit.

    `above` are the references that were followed to get here: their schemas already apply.
    """

    branches: Sequence[Schema]
    exclusive: bool
    above: Refs
    discriminator: Mapping[str, Any]


class SchemaNormalizer:
    """Normalises the schemas of an OpenAPI document.

    With `subtypes`, a schema with a discriminator is a choice among the schemas that inherit from it; without, it
    stands for itself, as for validators.
    """

    def __init__(self, document: Mapping[str, Any], *, subtypes: bool = True) -> None:
        self._document = document
        self._with_subtypes = subtypes
        self._left = inf
        self._named: dict[str, NormalizedSchema] = {}

    def allow(self, steps: float) -> None:
        """Limit merging and choosing to so many steps from now on; one more raises TooComplex."""
        self._left = steps

    def _step(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise TooComplex

    def at(self, pointer: str) -> Schema:
        """The schema at a JSON pointer, as `#/…` or `/…`. Raises Unsatisfiable if there is none."""
        try:
            node = at(self._document, steps_of(f"#{pointer.removeprefix('#')}"))
        except LookupError:
            raise Unsatisfiable(f"{pointer} leads nowhere") from None
        return node if isinstance(node, Mapping) else {}

    def normalized(self, schema: Schema, above: Refs = ()) -> NormalizedSchema:
        """The normalised schema: references followed, `allOf` merged. Raises Unsatisfiable if the parts contradict."""
        if not isinstance(schema.get("$ref"), str):
            return self._merged(schema, above)
        ref: str = schema["$ref"]
        if ref in above:
            return {}
        if above:
            return self.normalized(self.at(ref), (*above, ref))
        if ref not in self._named:
            self._named[ref] = self.normalized(self.at(ref), (ref,))
        return self._named[ref]

    def variants(self, normalized: NormalizedSchema) -> Iterator[NormalizedSchema]:
        """The variants of a normalised schema, one for each combination of alternatives, the most likely ones first."""
        if not normalized.get("choices"):
            yield normalized
            return
        choice, *rest = normalized["choices"]
        undecided = {**normalized, "choices": tuple(rest)}
        for index in self._order(choice):
            with suppress(Unsatisfiable):
                for taken in self._exclusive(undecided, choice, index):
                    yield from self.variants(taken)

    def _merged(self, schema: Schema, above: Refs) -> NormalizedSchema:
        self._step()
        members = schema.get("allOf", ())
        merged: NormalizedSchema = reduce(merge, (self.normalized(member, above) for member in members), {})
        own = _own(schema, above)
        if len(members) > 1 or any(keyword in own for keyword in _STRUCTURE):
            merged = {keyword: value for keyword, value in merged.items() if keyword not in _OWN_ONLY}
        merged = merge(own, merged)
        discriminator = _discriminator(schema) if self._with_subtypes else {}
        if discriminator and not ("oneOf" in schema or "anyOf" in schema):
            return self._inherited(merged, discriminator, above)
        return merged

    def _order(self, choice: Choice) -> Iterator[int]:
        """The branches in the order to try: the first one, then, if only one may fit, those with the fewest required
        properties: values of the others would fit these as well."""
        yield 0
        others = range(1, len(choice.branches))
        yield from sorted(others, key=lambda index: self._demand(choice, index)) if choice.exclusive else others

    def _demand(self, choice: Choice, index: int) -> int:
        with suppress(Unsatisfiable):
            return len(self.normalized(choice.branches[index], choice.above).get("required", ()))
        return 0

    def _exclusive(self, undecided: NormalizedSchema, choice: Choice, index: int) -> Iterator[NormalizedSchema]:
        """One branch chosen; then, for `oneOf`, also with a condition that makes the value fit no other branch: without
        a property that another requires, or with one that another refuses."""
        taken = self._taken(undecided, choice, index)
        yield taken
        if choice.exclusive and taken.get("types", ("object",)) == ("object",):
            others = [
                self.normalized(other, choice.above) for place, other in enumerate(choice.branches) if place != index
            ]
            if traits := _traits(taken, others):
                yield {**taken, "forbidden": (*taken.get("forbidden", ()), *traits)}
            if strangers := self._strangers(taken, others):
                yield merge(taken, {"properties": dict.fromkeys(strangers, _NULL), "required": strangers})

    def _strangers(self, taken: NormalizedSchema, others: list[NormalizedSchema]) -> list[str]:
        """For each other branch, a property that `taken` doesn't declare, and which must not be null there."""
        if taken.get("additionalProperties"):
            return []
        unknown = [
            [name for name in other.get("properties", {}) if name not in taken.get("properties", {})]
            for other in others
        ]
        telling = [
            [name for name in names if "null" not in self.normalized(other["properties"][name]).get("types", ("null",))]
            for other, names in zip(others, unknown, strict=True)
        ]
        return list(dict.fromkeys(names[0] for names in telling if names))

    def _taken(self, undecided: NormalizedSchema, choice: Choice, index: int) -> NormalizedSchema:
        self._step()
        branch = choice.branches[index]
        taken = merge(undecided, self.normalized(branch, choice.above))
        tag = choice.discriminator.get("propertyName")
        if tag and isinstance(branch.get("$ref"), str):
            return self._tagged(taken, tag, _names(branch["$ref"], choice.discriminator))
        return taken

    def _inherited(self, merged: NormalizedSchema, discriminator: Mapping[str, Any], above: Refs) -> NormalizedSchema:
        """A schema with a discriminator: of the subtype whose reference led here, or else a choice among all
        subtypes."""
        subtypes = list(dict.fromkeys(map(_target, discriminator.get("mapping", {}).values())))
        subtypes = subtypes or (self._subtypes.get(above[-1], []) if above else [])
        for ref in above:
            if ref in subtypes or not subtypes:
                return self._tagged(merged, discriminator["propertyName"], _names(ref, discriminator))
        choice = Choice([{"$ref": ref} for ref in subtypes], exclusive=False, above=above, discriminator=discriminator)
        return {**merged, "choices": (*merged.get("choices", ()), choice)} if subtypes else merged

    def _tagged(self, normalized: NormalizedSchema, name: str, values: list[str]) -> NormalizedSchema:
        """The schema with the discriminator property set to this branch, if the property's own schema allows that."""
        declared = member(normalized, name)
        allowed = [] if declared is NOTHING else self.normalized(declared).get("enum", values)
        values = [value for value in values if value in allowed]
        if not values:
            return normalized
        tagged = both(declared, {"type": "string", "enum": values})
        return {
            **normalized,
            "properties": {**normalized.get("properties", {}), name: tagged},
            "required": list(dict.fromkeys([*normalized.get("required", ()), name])),
        }

    @cached_property
    def _subtypes(self) -> dict[str, list[str]]:
        """The component schemas that refer to a schema in their `allOf`, by the reference to it."""
        found: dict[str, list[str]] = {}
        for name, schema in self._document.get("components", {}).get("schemas", {}).items():
            for part in schema.get("allOf", ()) if isinstance(schema, Mapping) else ():
                found.setdefault(str(part.get("$ref")), []).append(_COMPONENTS + name)
        return found


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
    found: Schema = normalized.get("properties", {}).get(name, normalized.get("additionalProperties", {}))
    return found


def both(first: Schema, second: Schema) -> Schema:
    """The schema for values that fulfil both."""
    if first is NOTHING or second is NOTHING:
        return NOTHING
    if not first or not second or first is second:
        return first or second
    return {"allOf": [first, second]}


def _property_names(first: NormalizedSchema, second: NormalizedSchema) -> list[str]:
    return list(dict.fromkeys([*first.get("properties", ()), *second.get("properties", ())]))


def _traits(taken: NormalizedSchema, others: list[NormalizedSchema]) -> list[str]:
    """For each other branch, a property that it requires, and `taken` doesn't."""
    known = frozenset(taken.get("required", ()))
    asked = [[name for name in other.get("required", ()) if name not in known] for other in others]
    return list(dict.fromkeys(names[0] for names in asked if names))


def _names(ref: str, discriminator: Mapping[str, Any]) -> list[str]:
    """The discriminator values for the schema that a reference leads to."""
    mapped = [name for name, target in discriminator.get("mapping", {}).items() if _target(target) == ref]
    return mapped or [ref.rsplit("/", 1)[-1]]


def _target(target: str) -> str:
    """The reference that a value of a discriminator's mapping stands for: the value may be the name of a component."""
    return target if "#" in target else _COMPONENTS + target


# ---------------------------------------------------------------- one schema, without its allOf
_AS_THEY_ARE = (
    *("format", *LIMITS, "items", "additionalProperties", "required"),
    *("example", "default", "readOnly", "writeOnly"),
)
_COLLECTED = {"multipleOf": "multiples", "pattern": "patterns", "not": "negations"}


def _own(schema: Schema, above: Refs) -> NormalizedSchema:
    """The normalised schema of one schema without its `allOf`, its alternatives still open."""
    normalized: NormalizedSchema = {keyword: schema[keyword] for keyword in _AS_THEY_ARE if keyword in schema}
    if schema.get("not") == {}:
        raise Unsatisfiable("nothing is allowed here")
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
    if isinstance(declared, str) and schema.get("nullable") is True:
        types += ("null",)
    normalized: NormalizedSchema = {"types": types} if types else {}
    if "enum" in schema:
        extra = [None] if "null" in types and None not in schema["enum"] else []
        normalized["enum"] = [*schema["enum"], *extra]
    if "const" in schema:
        normalized["enum"] = [schema["const"]]
    return normalized


def _discriminator(schema: Schema) -> Mapping[str, Any]:
    """The discriminator object; empty if the discriminator is only a name, as in Swagger 2."""
    found = schema.get("discriminator")
    return found if isinstance(found, Mapping) and "propertyName" in found else {}


def _choices(schema: Schema, above: Refs) -> tuple[Choice, ...]:
    return tuple(
        Choice(schema[keyword], keyword == "oneOf", above, _discriminator(schema))
        for keyword in ("oneOf", "anyOf")
        if keyword in schema
    )


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


_MERGES: dict[str, Callable[[Any, Any], Any]] = {
    "types": _shared_types,
    "enum": _shared,
    "required": lambda first, second: list(dict.fromkeys([*first, *second])),
    "items": both,
    "additionalProperties": both,
    "uniqueItems": max,
    **dict.fromkeys(("readOnly", "writeOnly"), max),
    **dict.fromkeys(("low", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("high", "maxLength", "maxItems", "maxProperties"), min),
    **dict.fromkeys(("multiples", "patterns", "negations", "forbidden", "choices"), _joined),
}
