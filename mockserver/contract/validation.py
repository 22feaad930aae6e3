"""A schema that is compiled when used, and its validator's errors as violations in the vendor's words."""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import jsonschema_rs
from jsonschema_rs import ValidationError
from jsonschema_rs import ValidationErrorKind as Kind

from mockserver import violations
from mockserver.contract.draft4 import ALTERNATIVES, original
from mockserver.contract.formats import NAMES
from mockserver.violations import Path, Violation

MOST_VIOLATIONS = 200
Compile = Callable[[], jsonschema_rs.Validator]
Known = dict[
    tuple[str, Path], list[Violation]
]  # by the pointer of a schema with alternatives and the place of the value


class Alternatives(Protocol):
    """Tells what is wrong with a value by the alternatives of the schema at a JSON pointer."""

    def violations(self, pointer: str, value: object, path: Path, known: Known | None) -> list[Violation] | None:
        """None if there are no alternatives. What is `known` already isn't looked for again; without that, one
        violation is enough."""


class Validator:
    """A schema, compiled when it is first used. `is_valid` says whether it accepts a value.

    `compile_` compiles it. `compile_telling` does so with alternatives that accept nothing, so that each value that
    gets there is an error: `alternatives` are asked about it then.
    """

    def __init__(
        self, compile_: Compile, compile_telling: Compile, alternatives: Alternatives, shelf: "Shelf | None"
    ) -> None:
        """Without a shelf it stays compiled."""
        self._compile, self._compile_telling = compile_, compile_telling
        self._alternatives = alternatives
        self._shelf = shelf
        self._compiled: jsonschema_rs.Validator | None = None
        self._telling: jsonschema_rs.Validator | None = None
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
        self._compiled = self._telling = None
        self.is_valid = self._is_valid

    def _is_valid(self, value: object) -> bool:
        return self.compiled().is_valid(value)

    def violations(self, value: object, path: Path = (), known: Known | None = None) -> list[Violation]:
        """Every violation in `value`, MOST_VIOLATIONS at most; `path` is where the value itself stands. `known` is what
        was found on the way to it."""
        known = {} if known is None else known
        found = [one for error in self._told().iter_errors(value) for one in self._of(error, path, known)]
        return found[:MOST_VIOLATIONS]

    def first_violation(self, value: object, path: Path = ()) -> list[Violation]:
        """A violation in `value`, if there is any: for values so large that to find all would take long."""
        for validator in (self._told(), self.compiled()):  # the other one where alternatives that fit came first
            try:
                validator.validate(value)
            except ValidationError as error:
                if found := list(self._of(error, path, None)):
                    return found[:1]
        return []

    def _told(self) -> jsonschema_rs.Validator:
        if self._telling is None:
            self.compiled()  # a shelf makes room for both at once
            self._telling = self._compile_telling()
        return self._telling

    def _of(self, error: ValidationError, base: Path, known: Known | None) -> Iterable[Violation]:
        """A validator's error as violations."""
        kind = error.kind
        path = (*base, *error.instance_path)
        if words := _WORDS.get(type(kind)):
            return (words(path, error.instance, kind),)
        if isinstance(kind, Kind.AdditionalProperties):
            return [violations.unexpected((*path, name)) for name in kind.unexpected]
        if isinstance(kind, _OF_ALTERNATIVES) or (isinstance(kind, Kind.Not) and kind.schema == ALTERNATIVES):
            location = str(error.absolute_keyword_location).partition("#")[2]
            pointer = original(location.rpartition("/")[0])
            told = self._alternatives.violations(pointer, error.instance, path, known)
            if told is not None:
                return told
        return (_bound_or_other(path, kind, error.message),)


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


def _not_matching(path: Path, value: object, kind: Kind.Pattern) -> Violation:
    name = NAMES.get(kind.pattern)
    return violations.wrong_format(path, value, name) if name else violations.wrong_pattern(path, value, kind.pattern)


_OF_ALTERNATIVES = (Kind.OneOfNotValid, Kind.OneOfMultipleValid, Kind.AnyOf)
_WORDS: dict[type[Kind], Callable[[Path, object, Any], Violation]] = {
    Kind.Required: lambda path, _value, kind: violations.missing((*path, kind.property)),
    Kind.Type: lambda path, value, kind: violations.wrong_type(path, value, kind.types),
    Kind.Enum: lambda path, value, kind: violations.not_a_choice(path, value, kind.options),
    Kind.Format: lambda path, value, kind: violations.wrong_format(path, value, kind.format),
    Kind.Pattern: _not_matching,
}


def _bound_or_other(path: Path, kind: Kind, message: str) -> Violation:
    limit = getattr(kind, "limit", getattr(kind, "multiple_of", None))
    if limit is None:
        return violations.otherwise_wrong(path, kind.name, message)
    return violations.out_of_bounds(path, kind.name, limit)
