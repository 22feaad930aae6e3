"""mockserver.openapi.normal_forms: keywords of one schema, and of two that both apply."""

from typing import Any

import pytest

from mockserver.openapi.normal_forms import NOTHING, Schema, Unsatisfiable, matches, member, merge, own, settled


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": ["string", "null"], "enum": ["a"]}, {"types": ("string", "null"), "enum": ["a"]}),
        ({"type": "string", "nullable": True, "enum": ["a"]}, {"types": ("string", "null"), "enum": ["a", None]}),
        ({"const": 3}, {"enum": [3]}),
        ({"exclusiveMinimum": 3, "exclusiveMaximum": 5}, {"low": (3, True), "high": (5, False)}),
        ({"minimum": 3, "exclusiveMinimum": 3}, {"low": (3, True)}),
        ({"minimum": 4, "exclusiveMinimum": 3}, {"low": (4, False)}),
        ({"maximum": 4, "exclusiveMaximum": 4}, {"high": (4, False)}),
        ({"minimum": 3, "exclusiveMinimum": True}, {"low": (3, True)}),
        ({"examples": ["a", "b"]}, {"example": "a"}),
        ({"example": "c", "examples": ["a"]}, {"example": "c"}),
        ({"contentEncoding": "base64"}, {"format": "byte"}),
        ({"prefixItems": [{}]}, {"prefix": ({},)}),
        ({"contains": {"type": "null"}}, {"contained": ((1, {"type": "null"}),)}),
        ({"contains": {}, "minContains": 0}, {}),
        ({"patternProperties": {"^a": {}}}, {"named": {"^a": {}}}),
        ({"unevaluatedProperties": {"type": "null"}}, {"otherProperties": {"type": "null"}}),
        ({"unevaluatedProperties": False, "unevaluatedItems": True}, {}),
    ],
)
def test_keywords_have_one_form(schema: Schema, expected: dict[str, Any]) -> None:
    """The same is said in the same way, whatever the version of OpenAPI."""
    assert own(schema, ()) == expected


@pytest.mark.parametrize(
    ("schema", "branches"),
    [
        ({"dependentRequired": {"a": ["b"]}}, [{"required": ["a", "b"]}, {"not": {"required": ["a"]}}]),
        (
            {"if": {"type": "null"}, "then": {"const": None}},
            [{"allOf": [{"type": "null"}, {"const": None}]}, {"allOf": [{"not": {"type": "null"}}, {}]}],
        ),
    ],
)
def test_conditions_are_alternatives(schema: Schema, branches: list[Schema]) -> None:
    """A condition holds, with what follows from that, or it doesn't."""
    (choice,) = own(schema, ())["choices"]

    assert choice.branches == branches
    assert not choice.exclusive


def test_two_schemas_apply_at_each_place() -> None:
    """First items, patterns of names, and what a list has to contain are those of both."""
    first: dict[str, Any] = {
        "prefix": ({"type": "string"},),
        "named": {"^a": {"minLength": 1}},
        "contained": ((1, {}),),
    }
    second: dict[str, Any] = {
        "prefix": ({"minLength": 2}, {"type": "null"}),
        "named": {"^a": {"maxLength": 3}},
        "contained": ((2, {}),),
    }

    assert merge(first, second) == {
        "prefix": ({"allOf": [{"type": "string"}, {"minLength": 2}]}, {"type": "null"}),
        "named": {"^a": {"allOf": [{"minLength": 1}, {"maxLength": 3}]}},
        "contained": ((1, {}), (2, {})),
    }


def test_a_property_has_the_schema_of_its_name() -> None:
    """A pattern of names applies beside what is declared, and in place of what undeclared ones have to be."""
    normalized = {"properties": {"ab": {"minLength": 1}}, "named": {"^a": {"type": "string"}}}
    normalized["additionalProperties"] = dict(NOTHING)

    assert member(normalized, "ab") == {"allOf": [{"minLength": 1}, {"type": "string"}]}
    assert member(normalized, "ac") == {"type": "string"}
    assert member(normalized, "b") == NOTHING
    assert not matches("(", "a")


@pytest.mark.parametrize(
    ("normalized", "expected"),
    [
        ({"otherProperties": {}}, {"additionalProperties": {}}),
        ({"otherProperties": {}, "additionalProperties": NOTHING}, {"additionalProperties": NOTHING}),
        ({"otherItems": {"type": "null"}}, {"items": {"type": "null"}}),
        ({"otherItems": {}, "choices": (1,)}, {"otherItems": {}, "choices": (1,)}),
        (
            {"otherItems": {"type": "null"}, "contained": ((2, {}),), "prefix": ({"const": 1},)},
            {"items": {"type": "null"}, "contained": ((2, {}),), "prefix": ({"const": 1}, {})},
        ),
    ],
)
def test_unevaluated_are_those_that_nothing_else_describes(normalized: Schema, expected: dict[str, Any]) -> None:
    """They are known once all alternatives are decided; what a list has to contain is none of them."""
    assert settled(dict(normalized)) == expected


def test_what_allows_nothing_is_told() -> None:
    """Contradictions are found when a schema is read, or merged."""
    with pytest.raises(Unsatisfiable):
        own({"not": {}}, ())
    with pytest.raises(Unsatisfiable):
        merge({"enum": [1]}, {"enum": [2]})
