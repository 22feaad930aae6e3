"""A schema that is compiled when used, and its validator's errors as violations in the vendor's words."""

from collections import deque
from collections.abc import Callable, Iterable

import jsonschema_rs
from jsonschema_rs import ValidationError
from jsonschema_rs import ValidationErrorKind as Kind

from mockserver import violations
from mockserver.formats import NAMES
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
    path = (*base, *error.instance_path)
    match error.kind:
        case Kind.OneOfNotValid(context) | Kind.AnyOf(context):
            return [found for nested in _closest(context) for found in _violations(nested, base)]
        case Kind.AdditionalProperties(names):
            return [violations.unexpected((*path, name)) for name in names]
        case Kind.Required(name):
            return [violations.missing((*path, name))]
        case _:
            return [_of_value(error, path)]


def _of_value(error: ValidationError, path: violations.Path) -> Violation:
    """The violation of a value by itself."""
    value = error.instance
    match error.kind:
        case Kind.Type(types):
            return violations.wrong_type(path, value, types)
        case Kind.Enum(options):
            return violations.not_a_choice(path, value, options)
        case Kind.Format(name):
            return violations.wrong_format(path, value, name)
        case Kind.Pattern(pattern) if pattern in NAMES:
            return violations.wrong_format(path, value, NAMES[pattern])
        case Kind.Pattern(pattern):
            return violations.wrong_pattern(path, value, pattern)
        case kind:
            return _bound_or_other(path, kind, error.message)


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
