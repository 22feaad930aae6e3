"""Violations of `oneOf` and `anyOf`: those of the branch that the sender most likely meant."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from mockserver import violations
from mockserver.errors import ContractError
from mockserver.openapi.contract.keywords import Schema, Search
from mockserver.openapi.contract.validation import Validator
from mockserver.violations import Path, Violation


class ClosestBranchValidator:
    """Finds the violations of `oneOf` and `anyOf` in any schema of a document.

    `at` gives the schema at a JSON pointer, `resolved` follows a reference, `validator` compiles the schema at a
    pointer. `strict` is explained by `translation.Interpretation`.
    """

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

    def check(self, pointer: str, value: object, path: Path, search: Search) -> None:
        """Add the violations of the alternatives in the schema at a pointer to the search.

        Two alternatives may refer to the same schema: its violations are searched for once. Else the time would double
        with each level of nesting.
        """
        key = pointer, path
        found = search.known.get(key)
        if found is None:
            found = search.known[key] = []
            for choice in self._choices(pointer):
                found += choice.violations(value, path, search)
        for violation in found:
            search.add(violation)

    def _read(self, pointer: str) -> "tuple[_Choice, ...]":
        try:
            schema = self._at(pointer)
        except ContractError:
            return ()  # the schema exists in the translation only
        has_discriminator = "discriminator" in schema and not self._strict
        return tuple(
            _Choice(
                keyword == "oneOf" and not has_discriminator,
                tuple(self._branches(schema[keyword], f"{pointer}/{keyword}")),
            )
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
    """An alternative: its validator, and the keywords by which its distance from a value is measured."""

    validator: Validator
    required: frozenset[str]
    known: frozenset[str] | None  # None if it allows any property
    tags: tuple[tuple[str, object], ...]  # properties that may have one value only

    @classmethod
    def of(cls, parts: list[Schema], validator: Validator) -> "_Branch":
        """The branch of these schemas, all of which apply."""
        properties = {name: one for part in parts for name, one in part.get("properties", {}).items()}
        is_closed = any(part.get("additionalProperties") is False for part in parts)
        tags = ((name, [one["const"]] if "const" in one else one.get("enum", ())) for name, one in properties.items())
        return cls(
            validator,
            frozenset(name for part in parts for name in part.get("required", ())),
            frozenset(properties) if is_closed else None,
            tuple((name, values[0]) for name, values in tags if len(values) == 1),
        )

    def found(self, value: object, path: Path, search: Search) -> list[Violation]:
        """The violations of this branch in a value; members are searched in the order of their names."""
        return self.validator.found(value, path, Search(search.most, search.known, by_name=True))

    def distance(self, value: Mapping[str, object]) -> tuple[int, int]:
        """The distance of an object from this branch: wrong tags, then missing and unknown properties."""
        misses = unlike = 0
        for name, tag in self.tags:
            if value.get(name, tag) != tag:
                misses += 1
        for name in self.required:
            if name not in value:
                unlike += 1
        if self.known is not None:
            for name in value:
                if name not in self.known:
                    unlike += 1
        return misses, unlike


class _Choice(NamedTuple):
    """The alternatives of one keyword. A value may fit several unless they are exclusive."""

    is_exclusive: bool
    branches: tuple[_Branch, ...]

    def violations(self, value: object, path: Path, search: Search) -> list[Violation]:
        """The violations of the closest branch; none if the value is valid."""
        fitting = 0
        for branch in self.branches:
            if branch.validator.is_valid(value):
                fitting += 1
        if fitting > 1 and self.is_exclusive:
            return [violations.otherwise_wrong(path, "oneOf", f"It fits {fitting} alternatives, and may fit only one.")]
        if fitting:
            return []
        likely = self._likely(value)
        if len(likely) == 1 or search.most == 1:
            return likely[0].found(value, path, search)
        return min((one.found(value, path, search) for one in likely), key=_distance)

    def _likely(self, value: object) -> Sequence[_Branch]:
        """The branches that the sender may have meant: for an object, the closest ones by its properties."""
        if not isinstance(value, dict):
            return self.branches
        nearest: list[_Branch] = []
        least = None
        for branch in self.branches:
            distance = branch.distance(value)
            if least is None or distance < least:
                nearest, least = [branch], distance
            elif distance == least:
                nearest.append(branch)
        return nearest


def _distance(found: list[Violation]) -> tuple[int, int]:
    """The distance of a value from a branch by its violations: wrong tags count most, then their number."""
    choices = [one.parameters["choices"] for one in found if one.keyword in ("const", "enum") and one.parameters]
    return sum(isinstance(values, list) and len(values) == 1 for values in choices), len(found)
