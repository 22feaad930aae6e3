"""Schemas as those need them who make values or compare: references followed, `allOf` merged into one, alternatives as
a list.

A flat schema is a dict with the keywords of Draft 4, but for these: `types` (a tuple, with "null" for `nullable`),
`low` and `high` (the bound and whether it is excluded, or included), `multiples`, `patterns` and `negations` (all that
apply), `barred` (names that an object must do without) and `choices` (the alternatives, undecided).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, reduce
from math import inf
from typing import Any

from mockserver.openapi.structure import at, steps_of

Schema = Mapping[str, Any]
Flat = dict[str, Any]
Refs = tuple[str, ...]

NOTHING: Schema = {"not": {}}
LIMITS = ("minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties")
_NULL: Schema = {"enum": [None]}
_COMPONENTS = "#/components/schemas/"
_OWN_ONLY = ("example", "default")  # what is said about a whole, which one part can't say for it
_STRUCTURE = ("properties", "items")


class Impossible(Exception):
    """No value can fulfil the schema."""


class TooInvolved(Exception):
    """The schema has more alternatives, or schemas below it, than can be looked through in time."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Alternatives of which one has to be taken, and `exclusive`ly where the others must not fit.

    `above` are the references that were followed to get here: what they lead to is in force already.
    """

    branches: Sequence[Schema]
    exclusive: bool
    above: Refs
    discriminator: Mapping[str, Any]


class Schemas:
    """The schemas of an OpenAPI document.

    With `heirs`, a schema with a discriminator is a choice among the schemas that inherit from it; without, it is what
    it says by itself, as validators see it.
    """

    def __init__(self, document: Mapping[str, Any], *, heirs: bool = True) -> None:
        self._document = document
        self._with_heirs = heirs
        self._left = inf
        self._named: dict[str, Flat] = {}

    def allow(self, steps: float) -> None:
        """Let merging and choosing take so many steps from now on, then raise TooInvolved."""
        self._left = steps

    def _step(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise TooInvolved

    def at(self, pointer: str) -> Schema:
        """The schema at a JSON pointer, as `#/…` or `/…`. Raises Impossible if there is none."""
        try:
            node = at(self._document, steps_of(f"#{pointer.removeprefix('#')}"))
        except LookupError:
            raise Impossible(f"{pointer} leads nowhere") from None
        return node if isinstance(node, Mapping) else {}

    def flat(self, schema: Schema, above: Refs = ()) -> Flat:
        """A schema with its references followed and its `allOf` merged. Raises Impossible if they contradict."""
        if not isinstance(schema.get("$ref"), str):
            return self._merged(schema, above)
        ref: str = schema["$ref"]
        if ref in above:
            return {}
        if above:
            return self.flat(self.at(ref), (*above, ref))
        if ref not in self._named:
            self._named[ref] = self.flat(self.at(ref), (ref,))
        return self._named[ref]

    def variants(self, flat: Flat) -> Iterator[Flat]:
        """The flat schema with its choices made, in each way in turn, the obvious ones first."""
        if not flat.get("choices"):
            yield flat
            return
        choice, *rest = flat["choices"]
        undecided = {**flat, "choices": tuple(rest)}
        for index in self._order(choice):
            with suppress(Impossible):
                for taken in self._exclusive(undecided, choice, index):
                    yield from self.variants(taken)

    def _merged(self, schema: Schema, above: Refs) -> Flat:
        self._step()
        members = schema.get("allOf", ())
        merged: Flat = reduce(merge, (self.flat(member, above) for member in members), {})
        own = _own(schema, above)
        if len(members) > 1 or any(keyword in own for keyword in _STRUCTURE):
            merged = {keyword: value for keyword, value in merged.items() if keyword not in _OWN_ONLY}
        merged = merge(own, merged)
        discriminator = _discriminator(schema) if self._with_heirs else {}
        if discriminator and not ("oneOf" in schema or "anyOf" in schema):
            return self._inherited(merged, discriminator, above)
        return merged

    def _order(self, choice: Choice) -> Iterator[int]:
        """The branches in the order to try: as they stand, but if the first fits others too, those that ask for little
        come before those whose values would fit these as well."""
        yield 0
        others = range(1, len(choice.branches))
        yield from sorted(others, key=lambda index: self._demand(choice, index)) if choice.exclusive else others

    def _demand(self, choice: Choice, index: int) -> int:
        with suppress(Impossible):
            return len(self.flat(choice.branches[index], choice.above).get("required", ()))
        return 0

    def _exclusive(self, undecided: Flat, choice: Choice, index: int) -> Iterator[Flat]:
        """One branch taken; then, where no other may fit, also without what another asks for, or with what it bans."""
        taken = self._taken(undecided, choice, index)
        yield taken
        if choice.exclusive and taken.get("types", ("object",)) == ("object",):
            others = [self.flat(other, choice.above) for place, other in enumerate(choice.branches) if place != index]
            if traits := _traits(taken, others):
                yield {**taken, "barred": (*taken.get("barred", ()), *traits)}
            if strangers := self._strangers(taken, others):
                yield merge(taken, {"properties": dict.fromkeys(strangers, _NULL), "required": strangers})

    def _strangers(self, taken: Flat, others: list[Flat]) -> list[str]:
        """For each of the other branches, a property that `taken` doesn't know, and which must not be null there."""
        if taken.get("additionalProperties"):
            return []
        unknown = [
            [name for name in other.get("properties", {}) if name not in taken.get("properties", {})]
            for other in others
        ]
        telling = [
            [name for name in names if "null" not in self.flat(other["properties"][name]).get("types", ("null",))]
            for other, names in zip(others, unknown, strict=True)
        ]
        return list(dict.fromkeys(names[0] for names in telling if names))

    def _taken(self, undecided: Flat, choice: Choice, index: int) -> Flat:
        self._step()
        branch = choice.branches[index]
        taken = merge(undecided, self.flat(branch, choice.above))
        tag = choice.discriminator.get("propertyName")
        if tag and isinstance(branch.get("$ref"), str):
            return self._tagged(taken, tag, _names(branch["$ref"], choice.discriminator))
        return taken

    def _inherited(self, merged: Flat, discriminator: Mapping[str, Any], above: Refs) -> Flat:
        """A schema whose discriminator tells which heir it is: the one that led here, or else any of them."""
        heirs = list(dict.fromkeys(map(_target, discriminator.get("mapping", {}).values())))
        heirs = heirs or (self._heirs.get(above[-1], []) if above else [])
        for ref in above:
            if ref in heirs or not heirs:
                return self._tagged(merged, discriminator["propertyName"], _names(ref, discriminator))
        choice = Choice([{"$ref": ref} for ref in heirs], exclusive=False, above=above, discriminator=discriminator)
        return {**merged, "choices": (*merged.get("choices", ()), choice)} if heirs else merged

    def _tagged(self, flat: Flat, name: str, values: list[str]) -> Flat:
        """With a property that says which branch this is, as far as its own schema lets it."""
        declared = member(flat, name)
        allowed = [] if declared is NOTHING else self.flat(declared).get("enum", values)
        values = [value for value in values if value in allowed]
        if not values:
            return flat
        tagged = both(declared, {"type": "string", "enum": values})
        return {
            **flat,
            "properties": {**flat.get("properties", {}), name: tagged},
            "required": list(dict.fromkeys([*flat.get("required", ()), name])),
        }

    @cached_property
    def _heirs(self) -> dict[str, list[str]]:
        """By reference: the component schemas whose `allOf` refers to it."""
        found: dict[str, list[str]] = {}
        for name, schema in self._document.get("components", {}).get("schemas", {}).items():
            for part in schema.get("allOf", ()) if isinstance(schema, Mapping) else ():
                found.setdefault(str(part.get("$ref")), []).append(_COMPONENTS + name)
        return found


def merge(first: Flat, second: Flat) -> Flat:
    """What fulfils both flat schemas; where only one can speak, the first. Raises Impossible if they contradict."""
    merged = {**second, **first}
    for keyword in first:
        if keyword in second and keyword in _MERGES:
            merged[keyword] = _MERGES[keyword](first[keyword], second[keyword])
    if "properties" in merged:
        members = {name: both(member(first, name), member(second, name)) for name in _property_names(first, second)}
        merged["properties"] = {name: schema for name, schema in members.items() if schema is not NOTHING}
    return merged


def member(flat: Flat, name: str) -> Schema:
    """What a flat schema says about a property; NOTHING if it may not be there."""
    found: Schema = flat.get("properties", {}).get(name, flat.get("additionalProperties", {}))
    return found


def both(first: Schema, second: Schema) -> Schema:
    """The schema for what has to fulfil two."""
    if first is NOTHING or second is NOTHING:
        return NOTHING
    if not first or not second or first is second:
        return first or second
    return {"allOf": [first, second]}


def _property_names(first: Flat, second: Flat) -> list[str]:
    return list(dict.fromkeys([*first.get("properties", ()), *second.get("properties", ())]))


def _traits(taken: Flat, others: list[Flat]) -> list[str]:
    """For each of the other branches, a property that it asks for, and `taken` doesn't."""
    known = frozenset(taken.get("required", ()))
    asked = [[name for name in other.get("required", ()) if name not in known] for other in others]
    return list(dict.fromkeys(names[0] for names in asked if names))


def _names(ref: str, discriminator: Mapping[str, Any]) -> list[str]:
    """How a discriminator calls the schema that a reference leads to."""
    mapped = [name for name, target in discriminator.get("mapping", {}).items() if _target(target) == ref]
    return mapped or [ref.rsplit("/", 1)[-1]]


def _target(target: str) -> str:
    """A value of a discriminator's mapping as a reference: it may be the bare name of a component."""
    return target if "#" in target else _COMPONENTS + target


# ---------------------------------------------------------------- one schema, without its allOf
_AS_THEY_ARE = (
    *("format", *LIMITS, "items", "additionalProperties", "required"),
    *("example", "default", "readOnly", "writeOnly"),
)
_COLLECTED = {"multipleOf": "multiples", "pattern": "patterns", "not": "negations"}


def _own(schema: Schema, above: Refs) -> Flat:
    """A schema by itself as a flat one, its choices open."""
    flat: Flat = {keyword: schema[keyword] for keyword in _AS_THEY_ARE if keyword in schema}
    if schema.get("not") == {}:
        raise Impossible("nothing is allowed here")
    flat |= {flat_name: (schema[keyword],) for keyword, flat_name in _COLLECTED.items() if keyword in schema}
    if isinstance(schema.get("additionalProperties"), bool):
        flat["additionalProperties"] = {} if schema["additionalProperties"] else NOTHING
    if "properties" in schema:
        flat["properties"] = {str(name): declared for name, declared in schema["properties"].items()}
    if "minimum" in schema:
        flat["low"] = (schema["minimum"], schema.get("exclusiveMinimum") is True)
    if "maximum" in schema:
        flat["high"] = (schema["maximum"], schema.get("exclusiveMaximum") is not True)
    if choices := _choices(schema, above):
        flat["choices"] = choices
    if barred := tuple(schema.get("not", {}).get("required", ())[-1:]):
        flat["barred"] = barred
    return flat | _typed(schema)


def _typed(schema: Schema) -> Flat:
    """Types and enum. `nullable` counts only beside a type, as OpenAPI 3.0.3 has it."""
    declared = schema.get("type", ())
    types: tuple[str, ...] = (declared,) if isinstance(declared, str) else tuple(declared)
    if isinstance(declared, str) and schema.get("nullable") is True:
        types += ("null",)
    flat: Flat = {"types": types} if types else {}
    if "enum" in schema:
        extra = [None] if "null" in types and None not in schema["enum"] else []
        flat["enum"] = [*schema["enum"], *extra]
    return flat


def _discriminator(schema: Schema) -> Mapping[str, Any]:
    """The discriminator object; none if it is only a name, as Swagger 2 had it."""
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
        raise Impossible("no value is in both enums")
    return shared


def _shared_types(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    """The types that both allow; an integer is a number."""
    wider = {"integer": "number"}
    shared = [name for name in first if name in second or wider.get(name) in second]
    shared += [name for name in second if name not in shared and wider.get(name) in first]
    if not shared:
        raise Impossible(f"nothing is both {' or '.join(first)} and {' or '.join(second)}")
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
    **dict.fromkeys(("multiples", "patterns", "negations", "barred", "choices"), _joined),
}
