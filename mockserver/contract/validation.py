"""A schema that is compiled when used, and its validator's errors as violations in the vendor's words."""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import jsonschema_rs
from jsonschema_rs import ValidationError
from jsonschema_rs import ValidationErrorKind as Kind

from mockserver import violations
from mockserver.contract.formats import NAMES
from mockserver.violations import Violation

MOST_VIOLATIONS = 200


class Validator:
    """A schema, compiled when it is first used. `is_valid` says whether it accepts a value."""

    def __init__(self, compile_: Callable[[], jsonschema_rs.Validator], shelf: "Shelf | None" = None) -> None:
        """Without a shelf it stays compiled."""
        self._compile = compile_
        self._shelf = shelf
        self._compiled: jsonschema_rs.Validator | None = None
        self.is_valid: Callable[[object], bool] = self._is_valid

    def compiled(self) -> jsonschema_rs.Validator:
        """What validates, compiled now if it isn't. Raises what `compile_` raises."""
        if self._compiled is None:
            self._compiled = self._compile()
            self.is_valid = self._compiled.is_valid  # from now on, nothing of ours is between caller and compiled code
            if self._shelf:
                self._shelf.put(self)
        return self._compiled

    def forget(self) -> None:
        """Be as before the first use."""
        self._compiled = None
        self.is_valid = self._is_valid

    def _is_valid(self, value: object) -> bool:
        return self.compiled().is_valid(value)

    def violations(self, value: object, path: violations.Path = ()) -> list[Violation]:
        """Every violation in `value`, MOST_VIOLATIONS at most; `path` is where the value itself stands."""
        found = [one for error in self.compiled().iter_errors(value) for one in _violations(error, path)]
        return found[:MOST_VIOLATIONS]

    def first_violation(self, value: object) -> list[Violation]:
        """The first violation in `value`, if any: for values so large that to find all would take long."""
        try:
            self.compiled().validate(value)
        except ValidationError as error:
            return list(_violations(error, ()))[:1]
        return []


class Shelf:
    """Holds the validators that were compiled last, `most` of them. The others forget what they compiled."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: deque[Validator] = deque()

    def put(self, validator: Validator) -> None:
        """Hold one that was just compiled."""
        self._held.append(validator)
        if len(self._held) > self._most:
            self._held.popleft().forget()


def _violations(error: ValidationError, base: violations.Path) -> Iterable[Violation]:
    """A validator's error as violations; alternatives are reported by the branch that came closest."""
    kind = error.kind
    path = (*base, *error.instance_path)
    if isinstance(kind, Kind.OneOfNotValid | Kind.AnyOf):
        return [found for nested in _closest(kind.context) for found in _violations(nested, base)]
    if isinstance(kind, Kind.AdditionalProperties):
        return [violations.unexpected((*path, name)) for name in kind.unexpected]
    words = _WORDS.get(type(kind))
    return (words(path, error.instance, kind),) if words else (_bound_or_other(path, kind, error.message),)


def _not_matching(path: violations.Path, value: object, kind: Kind.Pattern) -> Violation:
    name = NAMES.get(kind.pattern)
    return violations.wrong_format(path, value, name) if name else violations.wrong_pattern(path, value, kind.pattern)


_WORDS: dict[type[Kind], Callable[[violations.Path, object, Any], Violation]] = {
    Kind.Required: lambda path, _value, kind: violations.missing((*path, kind.property)),
    Kind.Type: lambda path, value, kind: violations.wrong_type(path, value, kind.types),
    Kind.Enum: lambda path, value, kind: violations.not_a_choice(path, value, kind.options),
    Kind.Format: lambda path, value, kind: violations.wrong_format(path, value, kind.format),
    Kind.Pattern: _not_matching,
}


def _bound_or_other(path: violations.Path, kind: Kind, message: str) -> Violation:
    limit = getattr(kind, "limit", getattr(kind, "multiple_of", None))
    if limit is None:
        return violations.otherwise_wrong(path, kind.name, message)
    return violations.out_of_bounds(path, kind.name, limit)


def _closest(branches: list[list[ValidationError]]) -> list[ValidationError]:
    """The branch that the sender most likely meant: one whose tag (an enum of one value) fits, then the one with the
    fewest errors."""

    def distance(errors: list[ValidationError]) -> tuple[int, int]:
        return sum(_misses_tag(error) for error in errors), len(errors)

    return min(branches, key=distance)


def _misses_tag(error: ValidationError) -> bool:
    kind = error.kind
    return isinstance(kind, Kind.Enum) and len(kind.options) == 1
