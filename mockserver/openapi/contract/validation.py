"""A schema that is compiled when used."""

from collections import deque
from collections.abc import Callable

import jsonschema_rs

from mockserver import violations
from mockserver.openapi.contract.keywords import Check, Enough, Search
from mockserver.violations import Path, Violation

MOST_VIOLATIONS = 200
Compile = Callable[[], jsonschema_rs.Validator]


class Validator:
    """A schema, compiled when it is first used. `is_valid` says whether it accepts a value.

    `compile_` compiles it; `read` reads its keywords, which are asked what is wrong with a value that isn't valid.
    """

    def __init__(self, compile_: Compile, read: Callable[[], Check], shelf: "CompiledSchemaCache | None") -> None:
        """Without a shelf it stays compiled."""
        self._compile, self._read = compile_, read
        self._compiled_cache = shelf
        self._compiled: jsonschema_rs.Validator | None = None
        self._check: Check | None = None
        self.is_valid: Callable[[object], bool] = self._is_valid

    def compiled(self) -> jsonschema_rs.Validator:
        """What validates, compiled now if it isn't. Raises what `compile_` raises."""
        if self._compiled is None:
            self._compiled = self._compile()
            self.is_valid = self._compiled.is_valid  # from now on, nothing of ours is between caller and compiled code
            if self._compiled_cache:
                self._compiled_cache.put(self)
        return self._compiled

    def forget(self) -> None:
        """Be as before the first use."""
        self._compiled = self._check = None
        self.is_valid = self._is_valid

    def _is_valid(self, value: object) -> bool:
        return self.compiled().is_valid(value)

    def violations(self, value: object, path: Path = ()) -> list[Violation]:
        """Every violation in `value`, MOST_VIOLATIONS at most; `path` is where the value itself stands."""
        return self.found(value, path, Search(MOST_VIOLATIONS, {}))

    def first_violation(self, value: object, path: Path = ()) -> list[Violation]:
        """A violation in `value`, if there is any: for values so large that to find all would take long."""
        return self.found(value, path, Search(1, {}))

    def found(self, value: object, path: Path, search: Search) -> list[Violation]:
        """What a search finds in `value`."""
        if self._check is None:
            self.compiled()  # a shelf makes room for both at once
            self._check = self._read()
        try:
            self._check(value, path, search)
        except Enough:
            return search.found
        return search.found or self._unexplained(value, path)

    def _unexplained(self, value: object, path: Path) -> list[Violation]:
        """What is said where no keyword finds anything: nothing, if there is nothing wrong."""
        return [] if self.is_valid(value) else [violations.otherwise_wrong(path, "schema", "It doesn't fit.")]


class CompiledSchemaCache:
    """Holds the validators that were compiled last, `most` of them. The others forget what they compiled."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: deque[Validator] = deque()

    def put(self, validator: Validator) -> None:
        """Hold one that was just compiled."""
        self._held.append(validator)
        if len(self._held) > self._most:
            self._held.popleft().forget()
