"""What is wrong with a value that may be one of several, as `oneOf` and `anyOf` have it.

It is told by the alternative that its sender most likely meant. The compiled validator would tell the errors of all of
them, and takes three times as long for that; so it is asked about everything but the alternatives (`draft4`), and they
are asked here, one by one.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from mockserver import violations
from mockserver.contract.validation import Known, Validator
from mockserver.errors import ContractError
from mockserver.violations import Path, Violation

Schema = Mapping[str, Any]


class Alternatives:
    """The alternatives at any place of a document. `at` is what stands at a JSON pointer, `resolved` follows a
    reference, `validator` compiles what is at a pointer."""

    def __init__(
        self,
        at: Callable[[str], Schema],
        resolved: Callable[[Schema], Schema],
        validator: Callable[[str], Validator],
        *,
        strict: bool,
    ) -> None:
        self._at, self._resolved, self._validator, self._strict = at, resolved, validator, strict
        self._choices = cache(self._read)

    def violations(self, pointer: str, value: object, path: Path, known: Known | None) -> list[Violation] | None:
        """The violations of the alternatives in the schema at a pointer; empty if they accept the value, None if there
        are no alternatives.

        Two alternatives may lead to the same place: what is `known` of it isn't looked for again, or it would take
        twice as long on each level of nesting. Without `known`, one violation is enough.
        """
        choices = self._choices(pointer)
        if known is None or not choices:
            return [one for choice in choices for one in choice.violation(value, path)] if choices else None
        key = pointer, path
        if key not in known:
            known[key] = [one for choice in choices for one in choice.violations(value, path, known)]
        return known[key]

    def _read(self, pointer: str) -> "tuple[_Choice, ...]":
        try:
            schema = self._at(pointer)
        except ContractError:
            return ()  # it stands in the translation only
        is_told = "discriminator" in schema and not self._strict
        return tuple(
            _Choice(keyword == "oneOf" and not is_told, tuple(self._branches(schema[keyword], f"{pointer}/{keyword}")))
            for keyword in ("oneOf", "anyOf")
            if keyword in schema
        )

    def _branches(self, schemas: list[Schema], pointer: str) -> "Iterator[_Branch]":
        for index, schema in enumerate(schemas):
            yield _Branch.of(list(self._parts(schema)), self._validator(f"{pointer}/{index}"))

    def _parts(self, schema: Schema) -> Iterator[Schema]:
        schema = self._resolved(schema)
        yield schema
        for part in schema.get("allOf", ()):
            yield from self._parts(part)


class _Branch(NamedTuple):
    """An alternative: what validates it, and what can be seen of it at a glance."""

    validator: Validator
    required: frozenset[str]
    known: frozenset[str] | None  # None if it takes any property
    tags: tuple[tuple[str, object], ...]  # properties that may have one value only

    @classmethod
    def of(cls, parts: list[Schema], validator: Validator) -> "_Branch":
        """Read off the schemas that have to hold together."""
        properties = {name: one for part in parts for name, one in part.get("properties", {}).items()}
        is_closed = any(part.get("additionalProperties") is False for part in parts)
        tags = ((name, one.get("enum", ())) for name, one in properties.items())
        return cls(
            validator,
            frozenset(name for part in parts for name in part.get("required", ())),
            frozenset(properties) if is_closed else None,
            tuple((name, values[0]) for name, values in tags if len(values) == 1),
        )

    def distance(self, value: Mapping[str, object]) -> tuple[int, int]:
        """How far an object is from it, by its keys and tags."""
        unknown = value.keys() - self.known if self.known is not None else ()
        misses = sum(name in value and value[name] != tag for name, tag in self.tags)
        return misses, len(self.required - value.keys()) + len(unknown)


class _Choice(NamedTuple):
    """Alternatives, of which a value may fit several unless they are exclusive."""

    is_exclusive: bool
    branches: tuple[_Branch, ...]

    def violations(self, value: object, path: Path, known: Known) -> list[Violation]:
        """The fewest that an alternative has; none if the value fits."""
        misfit = self._misfit(value, path)
        if misfit is not None:
            return misfit
        return min((one.validator.violations(value, path, known) for one in self._likely(value)), key=_distance)

    def violation(self, value: object, path: Path) -> list[Violation]:
        """One of a likely alternative; none if the value fits."""
        misfit = self._misfit(value, path)
        return self._likely(value)[0].validator.first_violation(value, path) if misfit is None else misfit

    def _misfit(self, value: object, path: Path) -> list[Violation] | None:
        """What is wrong with a value that fits some of the alternatives; None if it fits none of them."""
        fitting = sum(branch.validator.is_valid(value) for branch in self.branches)
        if fitting > 1 and self.is_exclusive:
            return [violations.otherwise_wrong(path, "oneOf", f"It fits {fitting} alternatives, and may fit only one.")]
        return [] if fitting else None

    def _likely(self, value: object) -> list[_Branch]:
        """Those that the sender may have meant: for an object, the nearest ones by its keys."""
        if not isinstance(value, dict):
            return list(self.branches)
        distances = [branch.distance(value) for branch in self.branches]
        nearest = min(distances)
        return [branch for branch, distance in zip(self.branches, distances, strict=True) if distance == nearest]


def _distance(found: list[Violation]) -> tuple[int, int]:
    """Wrong tags count most, then the number of violations."""
    choices = [one.parameters["choices"] for one in found if one.keyword == "enum" and one.parameters]
    return sum(isinstance(values, list) and len(values) == 1 for values in choices), len(found)
