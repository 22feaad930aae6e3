"""Validators, each compiled at its first use."""

from collections import deque
from collections.abc import Callable
from itertools import islice

import jsonschema_rs

from mockserver import violations
from mockserver.openapi.contract.keywords import Check, Enough, Search
from mockserver.violations import Path, Violation

MOST_VIOLATIONS = 200
Compile = Callable[[], jsonschema_rs.Validator]


class Validator:
    """A validator of one schema, compiled at its first use. `is_valid` says whether a value is valid.

    `compile_` compiles the schema; `read` makes the check that finds the violations of an invalid value.
    """

    def __init__(self, compile_: Compile, read: Callable[[], Check], cache: "CompiledSchemaCache | None") -> None:
        """Without a cache it stays compiled."""
        self._compile, self._read = compile_, read
        self._compiled_cache = cache
        self._compiled: jsonschema_rs.Validator | None = None
        self._check: Check | None = None
        self.is_valid: Callable[[object], bool] = self._is_valid

    def compiled(self) -> jsonschema_rs.Validator:
        """The compiled validator, compiled now if it isn't yet. Raises what `compile_` raises."""
        if self._compiled is None:
            self._compiled = self._compile()
            self.is_valid = self._compiled.is_valid  # from now on, callers call compiled code directly
            if self._compiled_cache:
                self._compiled_cache.put(self)
        return self._compiled

    def forget(self) -> None:
        """Drop what was compiled; the next use compiles it again."""
        self._compiled = self._check = None
        self.is_valid = self._is_valid

    def _is_valid(self, value: object) -> bool:
        return self.compiled().is_valid(value)

    def violations(self, value: object, path: Path = ()) -> list[Violation]:
        """All violations in `value`, MOST_VIOLATIONS at most; `path` is the path of the value itself."""
        return self.found(value, path, Search(MOST_VIOLATIONS, {}))

    def first_violation(self, value: object, path: Path = ()) -> list[Violation]:
        """One violation in `value`, if there is any: for values so large that finding all would take long."""
        return self.found(value, path, Search(1, {}))

    def found(self, value: object, path: Path, search: Search) -> list[Violation]:
        """The violations that a search finds in `value`."""
        if self._check is None:
            self.compiled()  # the cache counts the two as one
            self._check = self._read()
        try:
            self._check(value, path, search)
        except Enough:
            return search.found
        return search.found or self._unexplained(value, path, search.most)

    def _unexplained(self, value: object, path: Path, most: int) -> list[Violation]:
        """What the compiled code says if the value is invalid, although no keyword reported it."""
        if self.is_valid(value):
            return []
        errors = islice(self.compiled().iter_errors(value), most)
        found = [
            violations.otherwise_wrong((*path, *each.instance_path), each.kind.name, each.message) for each in errors
        ]
        return found or [violations.otherwise_wrong(path, "schema", "It doesn't fit.")]


class CompiledSchemaCache:
    """A cache of the `most` validators that were compiled last. Older ones drop what they compiled."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: deque[Validator] = deque()

    def put(self, validator: Validator) -> None:
        """Add a validator that was just compiled."""
        self._held.append(validator)
        if len(self._held) > self._most:
            self._held.popleft().forget()
