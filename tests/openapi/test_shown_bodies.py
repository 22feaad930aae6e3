"""mockserver.openapi.shown_bodies: what a contract shows as the body of an operation."""

from typing import Any

import pytest

from mockserver.openapi.shown_bodies import can_be_made, shown_bodies
from tests.support.contracts_of import json_body, surface_of

TOOL: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 3, "examples": ["Drill"]},
        "kind": {"enum": ["wood", "metal"]},
        "price": {"type": "integer", "minimum": 5},
        "note": {"anyOf": [{"type": "null"}, {"type": "string", "maxLength": 3}]},
        "tags": {"type": "array", "items": {"type": "string", "const": "a"}},
        "since": {"type": "string", "format": "date"},
        "id": {"type": "integer", "readOnly": True},
        "on": {"type": "boolean", "default": True},
    },
}
PART = {"type": "object", "required": ["a"]}


def _shown(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    operation = {"operationId": "one", "requestBody": json_body(schema, **more), "responses": {}}
    surface = surface_of({"/pets": {"post": operation}})
    return shown_bodies(surface.contract, surface.calls["one"])


def test_examples_come_first() -> None:
    """What a contract shows as a whole is taken as it is, even if it doesn't fit."""
    assert _shown({"type": "object"}, example=1) == {"example": 1}
    assert _shown({"type": "object"}, examples={"a": {"value": 2}, "b": {"value": 3}}) == {"a": 2, "b": 3}


def test_a_body_is_put_together_of_what_its_properties_show() -> None:
    """As FastAPI writes them: examples, defaults, choices, and else the least that fits."""
    shown = _shown(TOOL)

    assert [*shown] == ["least", "example"]
    assert shown["least"] == {"name": "Drill"}
    assert shown["example"] == {
        "name": "Drill",
        "kind": "wood",
        "price": 5,
        "note": "sam",
        "tags": ["a"],
        "since": "2026-01-15",
        "on": True,
    }


def test_what_is_required_does_if_more_does_not() -> None:
    """Properties that rule each other out are left away, but for those that have to be there."""
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        "maxProperties": 1,
    }

    assert _shown(schema) == {"example": {"a": "sample"}}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"allOf": [PART | {"properties": {"a": {"const": 1}}}, {"example": {"b": 2}}]}, {"a": 1, "b": 2}),
        ({"oneOf": [{"type": "null"}, {"const": "x"}]}, "x"),
        ({"type": ["null", "number"], "exclusiveMinimum": 1}, 2),
        ({"type": "array", "minItems": 2, "items": {"type": "boolean"}}, [False, False]),
        ({"type": "number", "maximum": 0.5}, 0.5),
    ],
)
def test_schemas_of_all_kinds(schema: dict[str, Any], expected: Any) -> None:
    """Parts are put together, and of alternatives the first that isn't null is taken."""
    assert _shown(schema) == {"example": expected}


def test_nothing_is_shown_where_nothing_is_known() -> None:
    """A pattern that a plain text doesn't have needs an example: no wrong body is made up."""
    assert (
        _shown({"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "pattern": "^Q{9}$"}}})
        == {}
    )


def test_recursion_ends() -> None:
    """A body that has to contain itself can't be put together."""
    node: dict[str, Any] = {
        "type": "object",
        "required": ["next"],
        "properties": {"next": {"$ref": "#/components/schemas/N"}},
    }
    operation = {"operationId": "one", "requestBody": json_body({"$ref": "#/components/schemas/N"}), "responses": {}}
    surface = surface_of({"/pets": {"post": operation}}, components={"schemas": {"N": node}})

    assert shown_bodies(surface.contract, surface.calls["one"]) == {}


@pytest.mark.parametrize(
    ("body", "parameters", "is_made"),
    [
        (None, [], True),
        ({"required": True, **json_body({"type": "object"}, example={})}, [], True),
        ({"required": True, **json_body({"type": "string", "pattern": "^Q{9}$"})}, [], False),
        ({"required": True, "content": {"multipart/form-data": {"example": {"a": 1}}}}, [], False),
        ({"content": {"multipart/form-data": {}}}, [], True),
        (None, [{"name": "a", "in": "query", "required": True, "schema": {}}], False),
    ],
)
def test_a_call_that_needs_more_than_is_shown(body: Any, parameters: list[Any], is_made: bool) -> None:  # noqa: FBT001
    """Only a body in JSON is made, and no parameter of the query."""
    operation = {"operationId": "one", "parameters": parameters, "responses": {}}
    operation |= {} if body is None else {"requestBody": body}
    surface = surface_of({"/pets": {"post": operation}})

    assert can_be_made(surface.contract, surface.calls["one"]) is is_made
