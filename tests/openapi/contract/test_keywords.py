"""mockserver.openapi.contract.keywords: what is found wrong with a value, and in which order."""

import random  # noqa: TID251 (made-up values, the same in every run)
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from jsonschema_rs import ValidationErrorKind as Kind

from mockserver.openapi.contract import Contract, Validator
from mockserver.violations import Violation

TEXT = {"type": "string", "minLength": 1, "maxLength": 2, "pattern": "^a"}
NUMBER = {"type": "integer", "minimum": 1, "maximum": 3, "exclusiveMaximum": True, "multipleOf": 2}
MEMBERS = {"a": TEXT, "b": NUMBER, "c": {"type": "array", "items": TEXT, "maxItems": 1}}
SCHEMAS: dict[str, dict[str, Any]] = {
    "a text": TEXT,
    "a number": NUMBER,
    "one of a few": {"type": "string", "enum": ["a", "b"]},
    "a format": {"type": "string", "format": "email"},
    "a list": {"type": "array", "items": TEXT, "minItems": 1, "maxItems": 2, "uniqueItems": True},
    "a list of other things": {"items": [TEXT, NUMBER], "additionalItems": False},
    "an object": {"type": "object", "required": ["a", "b"], "properties": MEMBERS},
    "a small object": {"type": "object", "minProperties": 1, "maxProperties": 2},
    "a closed object": {"required": ["a", "b"], "properties": MEMBERS, "additionalProperties": False},
    "a closed object with one that is required": {
        "required": ["a"],
        "properties": MEMBERS,
        "additionalProperties": False,
    },
    "a map": {"properties": {"a": TEXT}, "additionalProperties": NUMBER},
    "a map by pattern": {
        "properties": {"a": TEXT},
        "patternProperties": {"[ab]": NUMBER, "b": TEXT},
        "additionalProperties": False,
    },
    "an open map by pattern": {"patternProperties": {"a": NUMBER}},
    "all of them": {"allOf": [{"type": "object", "required": ["c"]}, {"properties": MEMBERS}, {"required": ["a"]}]},
    "what is forbidden": {"not": {"type": "object"}},
    "a tree": {"type": "object", "required": ["a"], "additionalProperties": {"$ref": "#"}},
}


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_what_compiled_code_finds_is_found_in_its_order(schema: dict[str, Any]) -> None:
    """The violations have the places and keywords of the library's errors, neither more nor fewer."""
    compiled, validator = jsonschema_rs.Draft4Validator(schema, validate_formats=True), _validator(schema)
    chance = random.Random(0)  # noqa: S311 (no secret)
    values = [_value(chance) for _ in range(400)]

    told = [[(one.path, one.keyword) for one in validator.violations(value)] for value in values]

    assert told == [[one for error in compiled.iter_errors(value) for one in _told(error)] for value in values]
    assert any(told)


def _validator(schema: dict[str, Any]) -> Validator:
    document = {"schema": {name: {"$ref": "#/schema"} if one == {"$ref": "#"} else one for name, one in schema.items()}}
    return Contract(b"", document).validator("/schema")


def _value(chance: random.Random, levels: int = 3) -> Any:
    kind = chance.choice(("text", "number", "nothing", "list", "object", "object", "object"))
    if kind == "object" and levels:
        return {name: _value(chance, levels - 1) for name in chance.sample("abcde", chance.randrange(5))}
    if kind == "list" and levels:
        return [_value(chance, levels - 1) for _ in range(chance.randrange(4))]
    texts, numbers = ("", "a", "ab", "ba", "aab", "a@b.cd"), (0, 1, 2, 3, 4.5)
    return {"text": chance.choice(texts), "number": chance.choice(numbers)}.get(kind)


def _told(error: jsonschema_rs.ValidationError) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Where and what, as violations have it: with the names of members that are missing or not expected."""
    kind, place = error.kind, tuple(error.instance_path)
    name: str = kind.name
    names: list[str | None] = [None]
    if isinstance(kind, Kind.AdditionalProperties | Kind.UnevaluatedProperties):
        name, names = "additionalProperties", [*kind.unexpected]
    elif isinstance(kind, Kind.Required):
        names = [kind.property]
    return (((*place, each) if each else place, name) for each in names)


EVEN = {"type": "integer", "minimum": 1, "maximum": 3, "multipleOf": 2}
NEWER: dict[str, dict[str, Any]] = {
    "one value": {"properties": {"a": {"const": "a"}, "b": {"const": 1}}},
    "exclusive bounds": {"properties": {"a": {"exclusiveMinimum": 1, "exclusiveMaximum": 3}, "b": {"type": "number"}}},
    "several types": {"type": ["object", "null"], "properties": {"a": {"type": ["integer", "null"]}}},
    "a tuple": {"prefixItems": [TEXT, EVEN], "items": {"type": "null"}, "minItems": 1},
    "a list that has to contain something": {"contains": {"const": "a"}, "minContains": 1, "maxContains": 2},
    "a condition": {"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"properties": {"c": TEXT}}},
    "what depends on a member": {
        "dependentRequired": {"a": ["b", "c"]},
        "dependentSchemas": {"b": {"properties": {"c": TEXT}}},
    },
    "names": {"type": "object", "propertyNames": {"pattern": "[abc]"}},
}


@pytest.mark.parametrize("schema", NEWER.values(), ids=NEWER)
def test_keywords_since_openapi_31_are_found_where_compiled_code_finds_them(schema: dict[str, Any]) -> None:
    """The violations have the places and keywords of the library's errors, neither more nor fewer, in any order."""
    compiled = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    validator = Contract(b"", {"openapi": "3.1.0", "schema": schema}).validator("/schema")
    chance = random.Random(0)  # noqa: S311 (no secret)
    values = [_value(chance) for _ in range(400)]

    told = [{(one.path, one.keyword) for one in validator.violations(value)} for value in values]

    assert told == [{one for error in compiled.iter_errors(value) for one in _told(error)} for value in values]
    assert any(told)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": "a", "b": 2, "c": 1}, {("c", "additionalProperties")}),
        ({"a": "b", "b": 2, "c": 1}, {("a", "pattern"), ("c", "additionalProperties")}),
        ({"a": "b"}, {("a", "pattern")}),
        ({"a": "a", "b": 2}, set()),
        (["a"], set()),
        (["a", 1], {("", "unevaluatedItems")}),
        (["b", 1], {(0, "pattern")}),
    ],
)
def test_unevaluated_members_are_told_once(value: object, expected: set[tuple[str | int, str]]) -> None:
    """What isn't valid by a part counts as unevaluated, too: only what no part declares is told as unexpected."""
    schemas = {"part": {"properties": {"a": TEXT}}}
    whole = {"allOf": [{"$ref": "#/part"}], "properties": {"b": EVEN}, "unevaluatedProperties": False}
    whole |= {"prefixItems": [TEXT], "unevaluatedItems": False}
    validator = Contract(b"", {"openapi": "3.1.0", "schema": whole, **schemas}).validator("/schema")

    assert {((*one.path, "")[0], one.keyword) for one in validator.violations(value)} == expected


@pytest.mark.parametrize("schema", [one for name, one in NEWER.items() if "bounds" not in name])
def test_openapi_30_knows_none_of_these_keywords(schema: dict[str, Any]) -> None:
    """In a document of OpenAPI 3.0 they mean nothing, as its compiled code says."""
    compiled, validator = jsonschema_rs.Draft4Validator(schema, validate_formats=True), _validator(schema)
    chance = random.Random(0)  # noqa: S311 (no secret)

    for value in [_value(chance) for _ in range(100)]:
        assert bool(validator.violations(value)) is not compiled.is_valid(value)


@pytest.mark.parametrize(
    ("schema", "value", "detail"),
    [
        ({"uniqueItems": True}, [1, 1], "[1,1] has non-unique elements"),
        ({"not": {"type": "string"}}, "a", '{"type":"string"} is not allowed for "a"'),
        ({"dependencies": {"a": ["b"]}}, {"a": 1}, '"b" is a required property'),
    ],
)
def test_keywords_that_the_vendor_has_no_words_for_are_told_too(
    schema: dict[str, Any], value: object, detail: str
) -> None:
    """The detail of such a violation is what the library says."""
    (violation,) = _validator(schema).violations(value)

    assert violation.parameters == {"detail": detail}


@pytest.mark.parametrize("wrong", [0, 63, 64, 150])
def test_in_a_long_list_what_is_wrong_is_found(wrong: int) -> None:
    """Violations in a long list have the indices of their items."""
    value = ["a"] * 151
    value[wrong] = "b"

    (violation,) = _validator({"items": TEXT}).violations(value)

    assert violation.path == (wrong,)


@pytest.mark.parametrize("value", [[1] * 16_000, {str(name): 1 for name in range(4_000)}, [[1] * 150] * 3])
def test_no_more_than_200_violations_are_told(value: object) -> None:
    """The violations up to the limit are the first ones."""
    schema = {"items": {"type": "array", "items": TEXT}, "properties": {}, "additionalProperties": False}

    assert len(_validator(schema).violations(value)) == 200


def test_a_schema_may_lead_back_to_itself() -> None:
    """A schema may refer to itself, by a member or for the same value: no violation is found twice."""
    node = {"allOf": [{"$ref": "#/node"}, {"required": ["a"]}], "properties": {"a": {"$ref": "#/node"}}}
    validator = Contract(b"", {"node": node}).validator("/node")

    assert [one.path for one in validator.violations({"a": {"a": {}}})] == [("a", "a", "a")]


def test_what_is_not_valid_has_a_violation() -> None:
    """An invalid value has a violation even if no keyword finds one."""
    compiled = jsonschema_rs.Draft4Validator({"type": "string"})
    validator = Validator(lambda: compiled, lambda: lambda _value, _path, _search: None, None)

    found: list[Violation] = validator.violations(1, ("a",))

    assert [one.path for one in found] == [("a",)]
    assert validator.violations("a") == []
