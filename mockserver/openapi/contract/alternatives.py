"""What is wrong with a value that may be one of several, as `oneOf` and `anyOf` have it.

It is told by the alternative that its sender most likely meant.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from mockserver import violations
from mockserver.errors import ContractError
from mockserver.openapi.contract.keywords import Schema, Search
from mockserver.openapi.contract.validation import Validator
from mockserver.violations import Path, Violation


class ClosestBranchValidator:
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

    def check(self, pointer: str, value: object, path: Path, search: Search) -> None:
        """Look for the violations of the alternatives in the schema at a pointer.

        Two alternatives may lead to the same place: what is known of it isn't looked for again, or it would take twice
        as long on each level of nesting.
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

    def found(self, value: object, path: Path, search: Search) -> list[Violation]:
        """The violations of it, which are searched for by name."""
        return self.validator.found(value, path, Search(search.most, search.known, by_name=True))

    def distance(self, value: Mapping[str, object]) -> tuple[int, int]:
        """How far an object is from it, by its tags and keys."""
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
    """Alternatives, of which a value may fit several unless they are exclusive."""

    is_exclusive: bool
    branches: tuple[_Branch, ...]

    def violations(self, value: object, path: Path, search: Search) -> list[Violation]:
        """The fewest that an alternative has; none if the value fits."""
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
        """Those that the sender may have meant: for an object, the nearest ones by its keys."""
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
    """Wrong tags count most, then the number of violations."""
    choices = [one.parameters["choices"] for one in found if one.keyword == "enum" and one.parameters]
    return sum(isinstance(values, list) and len(values) == 1 for values in choices), len(found)
