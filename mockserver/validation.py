"""A compiled schema, and its validator's errors as violations in the vendor's words."""

from collections.abc import Iterable

import jsonschema_rs
from jsonschema_rs import ValidationError
from jsonschema_rs import ValidationErrorKind as Kind

from mockserver import violations
from mockserver.formats import NAMES
from mockserver.violations import Violation

MOST_VIOLATIONS = 200


class Validator:
    """A compiled schema."""

    def __init__(self, compiled: jsonschema_rs.Validator) -> None:
        self.is_valid = compiled.is_valid
        self._validate = compiled.validate
        self._iter_errors = compiled.iter_errors

    def violations(self, value: object, path: violations.Path = ()) -> list[Violation]:
        """Every violation in `value`, MOST_VIOLATIONS at most; `path` is where the value itself stands."""
        found = [one for error in self._iter_errors(value) for one in _violations(error, path)]
        return found[:MOST_VIOLATIONS]

    def first_violation(self, value: object) -> list[Violation]:
        """The first violation in `value`, if any: for values so large that to find all would take long."""
        try:
            self._validate(value)
        except ValidationError as error:
            return list(_violations(error, ()))[:1]
        return []


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
