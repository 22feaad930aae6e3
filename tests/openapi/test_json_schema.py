"""mockserver.openapi.json_schema: schemas of OpenAPI 3.0 as JSON Schema 2020-12."""

from typing import Any

import jsonschema_rs
import pytest

from mockserver.openapi.contract import Contract
from mockserver.openapi.json_schema import DIALECT, json_schema

REFERENCE = {"$ref": "#/components/schemas/Pet"}
KEYWORDS = {
    "null": ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
    "null beside choices": (
        {"type": "string", "nullable": True, "enum": ["a"]},
        {"type": ["string", "null"], "enum": ["a", None]},
    ),
    "null without a type": ({"nullable": True, "minLength": 1}, {"minLength": 1}),
    "example": ({"example": None}, {"examples": [None]}),
    "excluded bounds": (
        {"minimum": 1, "exclusiveMinimum": True, "maximum": 9, "exclusiveMaximum": True},
        {"exclusiveMinimum": 1, "exclusiveMaximum": 9},
    ),
    "included bounds": ({"minimum": 1, "exclusiveMinimum": False}, {"minimum": 1}),
    "no bound to exclude": ({"exclusiveMaximum": True}, {}),
    "size": (
        {"type": "integer", "format": "int32", "minimum": 1},
        {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    ),
    "size of a text": ({"type": "string", "format": "int32"}, {"type": "string"}),
    "known format": ({"format": "uuid"}, {"format": "uuid"}),
    "unknown format": ({"format": "password"}, {}),
    "encoded": ({"format": "byte"}, {"contentEncoding": "base64"}),
    "OpenAPI alone": ({"x-a": 1, "xml": {}, "externalDocs": {}, "discriminator": {"propertyName": "a"}}, {}),
    "deep": (
        {"items": {"example": 1}, "properties": {"example": {"nullable": True, "type": "object"}}},
        {"items": {"examples": [1]}, "properties": {"example": {"type": ["object", "null"]}}},
    ),
    "alternatives": ({"oneOf": [{"x-a": 1}], "not": {"example": 1}}, {"oneOf": [{}], "not": {"examples": [1]}}),
    "closed": ({"additionalProperties": False}, {"additionalProperties": False}),
    "data": ({"enum": [{"example": 1, "$ref": "#/a"}]}, {"enum": [{"example": 1, "$ref": "#/a"}]}),
    "beside a reference": ({"items": REFERENCE | {"nullable": True}}, {"items": {"$ref": "#/$defs/Pet"}}),
}


def _of(schema: Any, **schemas: Any) -> dict[str, Any]:
    return json_schema({"components": {"schemas": {"A": schema, "Pet": {}} | schemas}}, "/components/schemas/A", "A")


@pytest.mark.parametrize(("ours", "theirs"), KEYWORDS.values(), ids=KEYWORDS)
def test_keywords_are_translated(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Each keyword of OpenAPI says the same in JSON Schema, or is left out."""
    made = _of(ours)

    assert {key: value for key, value in made.items() if key not in ("$schema", "title", "$defs")} == theirs
    assert made["$schema"] == DIALECT


def test_what_is_referred_to_comes_along() -> None:
    """References are followed at all depths, to themselves too, and end within the schema."""
    pets = {
        "Pet": {"properties": {"a": REFERENCE, "b": {"$ref": "#/components/schemas/B~1c"}}},
        "B/c": {"type": "null"},
    }

    made = _of({"items": REFERENCE}, **pets)

    assert made["$defs"]["Pet"]["properties"] == {"a": {"$ref": "#/$defs/Pet"}, "b": {"$ref": "#/$defs/B~1c"}}
    assert made["$defs"].keys() == {"Pet", "B/c"}
    jsonschema_rs.meta.validate(made)


def test_equal_names_are_told_apart() -> None:
    """Two targets whose pointers end alike have a definition each."""
    made = _of(
        {"items": REFERENCE, "not": {"$ref": "#/components/schemas/B/items/Pet"}}, B={"items": {"Pet": {"a": 1}}}
    )

    assert made["items"] == {"$ref": "#/$defs/Pet"}
    assert made["not"] == {"$ref": "#/$defs/Pet2"}
    assert made["$defs"]["Pet2"] == {"a": 1}


def test_a_name_with_a_number_may_be_taken() -> None:
    """Where what would tell a definition apart is the name of another one, the next number does."""
    names = ("Line2", "Line", "Order/properties/Line")
    made = _of(
        {"allOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]},
        Line={},
        Line2={},
        Order={"properties": {"Line": {}}},
    )

    assert [one["$ref"] for one in made["allOf"]] == ["#/$defs/Line2", "#/$defs/Line", "#/$defs/Line3"]


def test_a_title_stays() -> None:
    """The title is used where there is none; a reference at the beginning is followed."""
    assert _of({"title": "Mine"})["title"] == "Mine"
    assert _of(REFERENCE, Pet={"title": "A pet"})["title"] == "A pet"
    assert _of(REFERENCE)["title"] == "A"


def test_nothing_there_is_an_error() -> None:
    """A pointer, or a reference, that leads nowhere is a LookupError."""
    with pytest.raises(LookupError):
        json_schema({}, "/components/schemas/A", "A")
    with pytest.raises(LookupError):
        _of({"$ref": "#/nowhere"})


@pytest.mark.parametrize("name", Contract.load().event_names)
def test_both_schemas_agree(contract: Contract, name: str) -> None:
    """By the JSON Schema of an event the same is valid as by the contract's own validator, value by value."""
    content = f"/x-webhooks/{name}/post/requestBody/content/application~1json"
    ours = contract.validator(f"{content}/schema")
    schema = json_schema(contract.document, f"{content}/schema", name)
    theirs = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    values = [example["value"] for example in contract.at(content)["examples"].values()]

    assert all(theirs.is_valid(value) for value in values)
    changed = [change for value in values for change in _changes(value)]
    assert [change for change in changed if ours.is_valid(change) != theirs.is_valid(change)] == []


def _changes(value: Any) -> list[Any]:
    """The value with one of its parts replaced by null, or by something else, in all ways."""
    changed: list[Any] = [None, 17.5, "nothing", {}, []]
    if isinstance(value, dict):
        changed += [value | {key: change} for key in value for change in _changes(value[key])]
        changed += [{name: inner for name, inner in value.items() if name != key} for key in value]
    if isinstance(value, list) and value:
        changed += [[change, *value[1:]] for change in _changes(value[0])]
    return changed
