"""Schemas as a maker of values needs them: references followed, `allOf` merged into one, alternatives as a list.

A flat schema is a dict with the keywords of Draft 4, but for these: `types` (a tuple, with "null" for `nullable`),
`low` and `high` (the bound and whether it is excluded, or included), `multiples`, `patterns` and `negations` (all that
apply), `barred` (names that an object must do without) and `choices` (the alternatives, undecided).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any
from urllib.parse import unquote

Schema = Mapping[str, Any]
Flat = dict[str, Any]
Refs = tuple[str, ...]

_COMPONENTS = "#/components/schemas/"
_OWN_ONLY = ("example", "default")  # what is said about a whole, which one part can't say for it
_STRUCTURE = ("properties", "items")


class Impossible(Exception):
    """No value can fulfil the schema."""


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
    """The schemas of an OpenAPI document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._named: dict[str, Flat] = {}

    def at(self, pointer: str) -> Schema:
        """The schema at a JSON pointer, as `#/…` or `/…`. Raises Impossible if there is none."""
        node: Any = self._document
        for step in unquote(pointer.removeprefix("#")).split("/")[1:]:
            try:
                node = node[int(step) if isinstance(node, list) else step.replace("~1", "/").replace("~0", "~")]
            except (KeyError, TypeError, ValueError, IndexError):
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
        for index in range(len(choice.branches)):
            with suppress(Impossible):
                for variant in self._exclusive(undecided, choice, index):
                    yield from self.variants(variant)

    def _merged(self, schema: Schema, above: Refs) -> Flat:
        members = schema.get("allOf", ())
        merged: Flat = reduce(merge, (self.flat(member, above) for member in members), {})
        own = _own(schema, above)
        if len(members) > 1 or any(keyword in own for keyword in _STRUCTURE):
            merged = {keyword: value for keyword, value in merged.items() if keyword not in _OWN_ONLY}
        merged = merge(own, merged)
        if "discriminator" in schema and not ("oneOf" in schema or "anyOf" in schema):
            return self._typed(merged, schema["discriminator"], above)
        return merged

    def _exclusive(self, undecided: Flat, choice: Choice, index: int) -> Iterator[Flat]:
        """One branch taken; then, where no other may fit, also without what another asks for, or with what it bans."""
        taken = self._taken(undecided, choice, index)
        yield taken
        if choice.exclusive and "properties" in taken:
            others = [self.flat(other, choice.above) for other in choice.branches if other != choice.branches[index]]
            yield without_traits(taken, others)
            yield with_strangers(taken, [self.flat(flat_of(other)) for other in others], self.flat)

    def _taken(self, undecided: Flat, choice: Choice, index: int) -> Flat:
        branch = choice.branches[index]
        taken = merge(undecided, self.flat(branch, choice.above))
        tag = choice.discriminator.get("propertyName")
        if tag and isinstance(branch.get("$ref"), str):
            return self._tagged(taken, tag, _names(branch["$ref"], choice.discriminator))
        return taken

    def _typed(self, merged: Flat, discriminator: Mapping[str, Any], above: Refs) -> Flat:
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
        if declared is False:
            return flat
        allowed = self.flat(declared if isinstance(declared, Mapping) else {}).get("enum", values)
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
