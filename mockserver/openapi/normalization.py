"""Normalised schemas, for making values and for comparing: references are followed, `allOf` is merged into one schema,
and alternatives are listed. `normal_forms` says what they look like."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property, reduce
from math import inf
from typing import Any
from urllib.parse import unquote

from mockserver.openapi.normal_forms import (
    NOTHING,
    Choice,
    NormalizedSchema,
    Refs,
    Schema,
    Unsatisfiable,
    both,
    discriminator_of,
    member,
    merge,
    own,
    settled,
)
from mockserver.openapi.structure import at, pointer_to, steps_of

_NULL: Schema = {"enum": [None]}
_COMPONENTS = "#/components/schemas/"
_OWN_ONLY = (
    "example",
    "default",
)  # keywords about a whole schema: those of one part of an `allOf` don't count for the whole
_STRUCTURE = ("properties", "items", "prefix")


class TooComplex(Exception):
    """A schema with more alternatives or subschemas than can be processed in time."""


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
        self._bound: dict[str, str] = {}  # references by their dynamic anchors

    def allow(self, steps: float) -> None:
        """Limit merging and choosing to so many steps from now on; one more raises TooComplex."""
        self._left = steps

    def bind(self, pointer: str) -> None:
        """Let dynamic references lead to what the schema at a pointer, and what it refers to, bind them to."""
        bound: dict[str, str] = {}
        waiting = [pointer.removeprefix("#")]
        for place in waiting:
            schema = self.at(place)
            for name, each in (schema.get("$defs") or {}).items():
                if isinstance(each, Mapping) and isinstance(each.get("$dynamicAnchor"), str):
                    bound.setdefault(each["$dynamicAnchor"], f"#{place}{pointer_to('$defs', name)}")
            parts = [f"{place}/allOf/{index}" for index, _ in enumerate(schema.get("allOf", ()))]
            target = schema.get("$ref")
            parts += [target.removeprefix("#")] if isinstance(target, str) else []
            waiting += [part for part in parts if part not in waiting]
        if bound != self._bound:
            self._bound, self._named = bound, {}

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
            anchor = unquote(str(schema.get("$dynamicRef")).partition("#")[2])
            dynamic = self._bound.get(anchor) or self._dynamic.get(anchor)
            if dynamic:
                schema = {**schema, "allOf": [*schema.get("allOf", ()), {"$ref": dynamic}]}
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
            yield settled(normalized)
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
        alone = own(schema, above)
        if len(members) > 1 or any(keyword in alone for keyword in _STRUCTURE):
            merged = {keyword: value for keyword, value in merged.items() if keyword not in _OWN_ONLY}
        merged = settled(merge(alone, merged))
        discriminator = discriminator_of(schema) if self._with_subtypes else {}
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
    def _dynamic(self) -> dict[str, str]:
        """A reference for each `$dynamicAnchor`, by its name: to a component that has it, as a rule the only one."""
        schemas = self._document.get("components", {}).get("schemas", {}).items()
        found = {each["$dynamicAnchor"]: name for name, each in schemas if "$dynamicAnchor" in each}
        return {anchor: _COMPONENTS + name for anchor, name in found.items()}

    @cached_property
    def _subtypes(self) -> dict[str, list[str]]:
        """The component schemas that refer to a schema in their `allOf`, by the reference to it."""
        found: dict[str, list[str]] = {}
        for name, schema in self._document.get("components", {}).get("schemas", {}).items():
            for part in schema.get("allOf", ()) if isinstance(schema, Mapping) else ():
                found.setdefault(str(part.get("$ref")), []).append(_COMPONENTS + name)
        return found


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
