"""The violations of a schema in a value, keyword by keyword.

Only compiled code (jsonschema_rs) decides whether a keyword holds. It could also list its errors, but slowly: it
formats messages and copies values that nobody reads. So schema and value are walked through here together, and the
keywords are evaluated one by one, in the order in which the compiled code would list their errors.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any, Protocol

import jsonschema_rs

from mockserver import violations
from mockserver.openapi.contract.formats import NAMES
from mockserver.openapi.contract.translation import Translation, has_alternatives, original
from mockserver.openapi.dialects import Dialect
from mockserver.openapi.expressions import OPTIONS
from mockserver.openapi.structure import find, pointer_to, steps_of
from mockserver.violations import Path, Violation, Words

AT_ONCE = 64  # items of a long list that are validated together
Schema = Mapping[str, Any]
Place = tuple[str, Path]  # the pointer of a schema with alternatives, and the path of the value


class Enough(Exception):
    """A search has found as many violations as are wanted."""


class Search:
    """A search for at most `most` violations. `known` holds results that are not searched for again.

    `by_name` visits the members of an object in the order of their names, rather than as they were sent.
    """

    __slots__ = ("by_name", "found", "known", "most")

    def __init__(self, most: int, known: dict[Place, list[Violation]], *, by_name: bool = False) -> None:
        self.found: list[Violation] = []
        self.most, self.known, self.by_name = most, known, by_name

    def add(self, violation: Violation) -> None:
        """Add a violation. Raises Enough with the last that is wanted."""
        self.found.append(violation)
        if len(self.found) >= self.most:
            raise Enough


Check = Callable[[Any, Path, Search], None]  # adds the violations of a value at a path to a search
Holds = Callable[[Any], bool]


class AlternativesValidator(Protocol):
    """Finds the violations of `oneOf` and `anyOf`."""

    def check(self, pointer: str, value: object, path: Path, search: Search) -> None:
        """Add the violations of the alternatives in the schema at a JSON pointer to the search."""


class Keywords:
    """Makes the checks for the schemas of a translated document."""

    def __init__(
        self,
        translation: Translation,
        dialect: Dialect,
        registry: jsonschema_rs.Registry,
        alternatives: AlternativesValidator,
    ) -> None:
        self._translation, self._registry, self._alternatives = translation, registry, alternatives
        self._validator, self._is_newer = dialect.validator, dialect.has_json_schema
        self._words = _WORDS | _NEWER_WORDS if self._is_newer else _WORDS
        self._made: dict[str, Check] = {}

    def check(self, pointer: str) -> Check:
        """The check of the schema at a JSON pointer; without a pointer it accepts anything."""
        if pointer not in self._made:
            schema = self._at(pointer) if pointer else {}
            self._made[pointer] = self._of(schema, pointer, (pointer,))
        return self._made[pointer]

    def _at(self, pointer: str) -> Any:
        return find(self._translation.document, steps_of(f"#{pointer}"))

    def _of(self, schema: Schema, pointer: str, passed: tuple[str, ...] = ()) -> Check:
        """The check of a schema. `passed` are the schemas that already apply to the same value: a reference back to one
        of them adds nothing."""
        if isinstance(schema.get("$ref"), str):
            return self._referred(self._translation.pointer(schema["$ref"]), passed)
        plain = {keyword: _alone(schema, keyword) for keyword in self._words if keyword in schema}
        inner = (
            *self._of_objects(schema, pointer),
            *self._of_lists(schema, pointer),
            *self._of_any(schema, pointer, passed),
        )
        if self._is_newer and not _UNEVALUATED.isdisjoint(schema):
            inner = (self._unevaluated(schema, inner),)
        return self._whole(plain, inner) if plain else _each(inner)

    def _referred(self, pointer: str, passed: tuple[str, ...]) -> Check:
        if not passed:
            return self.check(pointer)
        if pointer in passed:
            return _each(())
        return self._of(self._at(pointer), pointer, (*passed, pointer))

    def _of_objects(self, schema: Schema, pointer: str) -> Iterator[Check]:
        required, others = schema.get("required", ()), schema.get("additionalProperties", True)
        declared = self._later(schema.get("properties", {}), f"{pointer}/properties")
        patterns = self._later(schema.get("patternProperties", {}), f"{pointer}/patternProperties")
        is_reported_last = len(required) == 1 and others is False and "properties" in schema and not patterns
        if required and not is_reported_last:
            yield _required(required)
        if patterns or others is not True:
            matching = [(self._holds({"pattern": pattern}), pattern) for pattern in patterns]
            yield _all_members(declared, matching, patterns, self._of_others(others, pointer))
        elif declared:
            yield _declared_members(declared)
        if is_reported_last:
            yield _required(required)

    def _of_others(self, others: Any, pointer: str) -> dict[str, Check]:
        """The check of undeclared members; empty if none are allowed."""
        if isinstance(others, dict):
            return self._later({"additionalProperties": others}, pointer)
        return {"additionalProperties": _each(())} if others else {}

    def _of_lists(self, schema: Schema, pointer: str) -> Iterator[Check]:
        if "uniqueItems" in schema:
            yield self._unworded(schema, "uniqueItems")
        first = schema.get("prefixItems", ()) if self._is_newer else ()
        for index, part in enumerate(first):
            yield _item(index, self._later({str(index): part}, f"{pointer}/prefixItems"))
        if isinstance(schema.get("items"), dict):
            part = {"items": schema["items"]}
            yield _items(len(first), self._later(part, pointer), cache(partial(self._compiled, part)))
        elif "items" in schema:
            yield self._unworded(schema, "items", "additionalItems")

    def _of_any(self, schema: Schema, pointer: str, passed: tuple[str, ...]) -> Iterator[Check]:
        if "dependencies" in schema:
            yield self._unworded(schema, "dependencies")
        if self._is_newer:
            yield from self._of_newer(schema, pointer, passed)
        for index, part in enumerate(schema.get("allOf", ())):
            yield self._of(part, f"{pointer}/allOf/{index}", passed)
        if has_alternatives(schema):
            yield partial(self._alternatives.check, original(pointer))
        if "not" in schema:
            yield self._unworded(schema, "not")

    def _of_newer(self, schema: Schema, pointer: str, passed: tuple[str, ...]) -> Iterator[Check]:
        """The checks of keywords that Draft 4 doesn't have."""
        for name, names in schema.get("dependentRequired", {}).items():
            yield _dependent(name, _required(names))
        for name, part in schema.get("dependentSchemas", {}).items():
            place = f"{pointer}/dependentSchemas{pointer_to(name)}"
            yield _dependent(name, self._of(part, place, passed))
        if "if" in schema:
            branches = [
                self._of(schema[key], f"{pointer}/{key}", passed) if key in schema else _each(())
                for key in ("then", "else")
            ]
            yield _conditional(cache(partial(self._compiled, schema["if"])), *branches)
        for keywords in _UNWORDED:
            if keywords[0] in schema:
                yield self._unworded(schema, *keywords)

    def _unevaluated(self, schema: Schema, inner: Sequence[Check]) -> Check:
        """The checks of a schema with keywords that depend on all others. Where another doesn't hold, what it is about
        counts as unevaluated: that isn't told a second time."""
        compiled, others = cache(partial(self._compiled, schema)), _each(inner)
        declared = cache(partial(self._translation.declared, schema))

        def check(value: Any, path: Path, search: Search) -> None:
            before = len(search.found)
            others(value, path, search)
            is_told = len(search.found) > before
            for error in compiled().iter_errors(value):
                if len(error.schema_path) == 1 and error.schema_path[0] in _UNEVALUATED:
                    names = getattr(error.kind, "unexpected", ()) if isinstance(value, dict) else ()
                    for name in names:
                        if not (is_told and name in declared()):
                            search.add(violations.unexpected((*path, name)))
                    if not (names or is_told):
                        search.add(violations.otherwise_wrong(path, error.kind.name, error.message))

        return check

    def _later(self, schemas: Mapping[str, Schema], pointer: str) -> dict[str, Check]:
        """The checks of these schemas, by name. Each is made with its first value: schemas may be recursive, and few
        are ever needed."""
        checks: dict[str, Check] = {}

        def make(name: str, value: Any, path: Path, search: Search) -> None:
            checks[name] = self._of(schemas[name], pointer + pointer_to(name))
            checks[name](value, path, search)

        checks |= {name: partial(make, name) for name in sorted(schemas)}
        return checks

    def _unworded(self, schema: Schema, *keywords: str) -> Check:
        """The check of keywords for which the vendor has no message: that of the compiled code is used."""
        part = {keyword: schema[keyword] for keyword in keywords if keyword in schema}
        compiled = cache(partial(self._compiled, part))

        def check(value: Any, path: Path, search: Search) -> None:
            for error in compiled().iter_errors(value):
                place = (*path, *error.instance_path)
                search.add(violations.otherwise_wrong(place, error.kind.name, error.message))

        return check

    def _compiled(self, schema: Schema) -> jsonschema_rs.Validator:
        return self._validator(schema, registry=self._registry, validate_formats=True, pattern_options=OPTIONS)

    def _whole(self, plain: Mapping[str, dict[str, Any]], inner: Sequence[Check]) -> Check:
        """The check of keywords about a value as a whole, followed by those about its members."""
        all_hold = self._holds({name: one for part in plain.values() for name, one in part.items()})
        each = [(self._holds(part), self._words[keyword](part)) for keyword, part in plain.items()]

        def check(value: Any, path: Path, search: Search) -> None:
            if not all_hold(value):
                for holds, words in each:
                    if not holds(value):
                        search.add(words(path, value))
            for look in inner:
                look(value, path, search)

        return check

    def _holds(self, schema: dict[str, Any]) -> Holds:
        return self._validator(schema, validate_formats=True, pattern_options=OPTIONS).is_valid


# ---------------------------------------------------------------- the keywords of a value as a whole
def _alone(schema: Schema, keyword: str) -> dict[str, Any]:
    """The schema of one keyword, with the keyword that modifies it, if any."""
    exclusive = _EXCLUSIVE.get(keyword)
    part = {keyword: schema[keyword]}
    return part | {exclusive: True} if exclusive and schema.get(exclusive) is True else part


_EXCLUSIVE = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}


def _words_of_type(part: Schema) -> Words:
    return violations.of_types([part["type"]] if isinstance(part["type"], str) else part["type"])


def _words_of_pattern(part: Schema) -> Words:
    name = NAMES.get(part["pattern"])
    return violations.of_format(name) if name else violations.of_pattern(part["pattern"])


def _words_of_bound(part: Schema) -> Words:
    (keyword, limit), *exclusive = part.items()
    return violations.of_bound(exclusive[0][0] if exclusive else keyword, limit)


_WORDS: dict[str, Callable[[Schema], Words]] = {
    "type": _words_of_type,
    "enum": lambda part: violations.of_choices(part["enum"]),
    **dict.fromkeys(("minimum", "maximum", "multipleOf", "minLength", "maxLength"), _words_of_bound),
    **dict.fromkeys(("minItems", "maxItems", "minProperties", "maxProperties"), _words_of_bound),
    "pattern": _words_of_pattern,
    "format": lambda part: violations.of_format(part["format"]),
}
_NEWER_WORDS: dict[str, Callable[[Schema], Words]] = {
    "const": lambda part: violations.of_choices([part["const"]], "const"),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), _words_of_bound),
}
_UNEVALUATED = frozenset({"unevaluatedProperties", "unevaluatedItems"})
# Keywords for which the vendor has no message, each with those that change what it means.
_UNWORDED = (("contains", "minContains", "maxContains"), ("propertyNames",))


# ---------------------------------------------------------------- checks of its members
def _each(checks: Sequence[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]

    def check(value: Any, path: Path, search: Search) -> None:
        for look in checks:
            look(value, path, search)

    return check


def _required(names: Sequence[str]) -> Check:
    def check(value: Any, path: Path, search: Search) -> None:
        if isinstance(value, dict):
            for name in names:
                if name not in value:
                    search.add(violations.missing((*path, name)))

    return check


def _declared_members(declared: Mapping[str, Check]) -> Check:
    """The check of declared members if others are allowed. The shorter of object and schema is iterated."""

    def check(value: Any, path: Path, search: Search) -> None:
        if isinstance(value, dict):
            is_shorter = len(value) <= len(declared) and not search.by_name
            for name in value if is_shorter else declared:
                if name in declared and name in value:
                    declared[name](value[name], (*path, name), search)

    return check


def _dependent(name: str, look: Check) -> Check:
    """The check of an object that has a member of this name."""

    def check(value: Any, path: Path, search: Search) -> None:
        if isinstance(value, dict) and name in value:
            look(value, path, search)

    return check


def _conditional(condition: Callable[[], jsonschema_rs.Validator], then: Check, otherwise: Check) -> Check:
    def check(value: Any, path: Path, search: Search) -> None:
        (then if condition().is_valid(value) else otherwise)(value, path, search)

    return check


def _all_members(
    declared: Mapping[str, Check],
    matching: Sequence[tuple[Holds, str]],
    patterns: Mapping[str, Check],
    others: Mapping[str, Check],
) -> Check:
    """The check of all members if not any others are allowed."""

    def check(value: Any, path: Path, search: Search) -> None:
        if not isinstance(value, dict):
            return
        unexpected = []
        for name in sorted(value) if search.by_name else value:
            place, is_declared = (*path, name), name in declared
            if is_declared:
                declared[name](value[name], place, search)
            for matches, pattern in matching:
                if matches(name):
                    is_declared = True
                    patterns[pattern](value[name], place, search)
            if not is_declared and others:
                others["additionalProperties"](value[name], place, search)
            elif not is_declared:
                unexpected.append(place)
        for place in unexpected:
            search.add(violations.unexpected(place, declared))

    return check


def _item(index: int, inner: Mapping[str, Check]) -> Check:
    """The check of the item at one place of a list."""

    def check(value: Any, path: Path, search: Search) -> None:
        if isinstance(value, list) and index < len(value):
            inner[str(index)](value[index], (*path, index), search)

    return check


def _items(begin: int, inner: Mapping[str, Check], all_valid: Callable[[], jsonschema_rs.Validator]) -> Check:
    """The check of all items from an index on."""

    def check(value: Any, path: Path, search: Search) -> None:
        if isinstance(value, list):
            is_short = len(value) <= AT_ONCE
            all_of_them = enumerate(value[begin:], begin) if begin else enumerate(value)
            for index, one in all_of_them if is_short else _suspect(value, begin, all_valid().is_valid):
                inner["items"](one, (*path, index), search)

    return check


def _suspect(items: list[Any], begin: int, all_valid: Holds) -> Iterator[tuple[int, Any]]:
    """The items of a long list that may be invalid, with their indices: groups that are valid are left out."""
    for start in range(begin, len(items), AT_ONCE):
        some = items[start : start + AT_ONCE]
        if not all_valid(some):
            yield from enumerate(some, start)
