"""mockserver.spec.diff.schemas and facets: each difference of two schemas is named, and breaks who it breaks."""

from typing import NamedTuple

import pytest

from mockserver.spec.diff import ChangeKind
from tests.spec.diff.contracts import BREAKING, FINE, ID, TEXT, TOLD, A, B, Json, answered, changed, document, pet


def tree(**properties: Json) -> Json:
    """A schema that refers to itself."""
    return {
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/S"}}} | properties,
    }


def sent(schema: Json) -> Json:
    """A contract whose requests carry a schema."""
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/S"}}}}
    return document({"requestBody": body}, schemas={"S": schema, "Id": ID, "A": A, "B": B})


class Case(NamedTuple):
    """Two schemas, the kind of the change in a request and in a response, and a part of what is said."""

    old: Json
    new: Json
    request: ChangeKind
    response: ChangeKind
    said: str


SCHEMAS = {
    "one value": Case(TEXT, {"const": "a", "type": "string"}, BREAKING, FINE, "an enum restricts it now: 'a'"),
    "exclusive bound": Case(ID, ID | {"exclusiveMinimum": 3}, BREAKING, FINE, "minimum 3 (excluded) is new"),
    "null in a list": Case(TEXT, {"type": ["string", "null"]}, FINE, BREAKING, "may be null now"),
    "names": Case(
        {"type": "object"}, {"type": "object", "propertyNames": {"maxLength": 3}}, BREAKING, BREAKING, "propertyNames"
    ),
    "optional property": Case(pet(), pet(tag=TEXT), FINE, FINE, "S: the property tag is new"),
    "property gone": Case(pet(tag=TEXT), pet(), FINE, FINE, "S: the property tag is gone"),
    "required property": Case(
        pet(), pet(tag=TEXT) | {"required": ["name", "tag"]}, BREAKING, FINE, "S: the required property tag is new"
    ),
    "required property gone": Case(
        pet(tag=TEXT) | {"required": ["name", "tag"]}, pet(), FINE, BREAKING, "S: the property tag is gone"
    ),
    "required now": Case(
        pet(tag=TEXT), pet(tag=TEXT) | {"required": ["name", "tag"]}, BREAKING, FINE, "the property tag is required now"
    ),
    "property of a closed object": Case(
        pet() | {"additionalProperties": False}, pet(tag=TEXT) | {"additionalProperties": False}, FINE, BREAKING, "tag"
    ),
    "property gone from a closed object": Case(
        pet(tag=TEXT) | {"additionalProperties": False}, pet() | {"additionalProperties": False}, BREAKING, FINE, "tag"
    ),
    "closed object": Case(
        pet(), pet() | {"additionalProperties": False}, FINE, FINE, "other properties are refused now"
    ),
    "map that is closed": Case(
        pet() | {"additionalProperties": True}, pet() | {"additionalProperties": False}, BREAKING, FINE, "refused now"
    ),
    "narrower map": Case(
        {"type": "object", "additionalProperties": {"type": "number"}},
        {"type": "object", "additionalProperties": ID},
        BREAKING,
        FINE,
        "S.*: the type was number",
    ),
    "type": Case(pet(age=ID), pet(age=TEXT), BREAKING, BREAKING, "S.age: the type was integer, and is string now"),
    "wider type": Case(pet(age=ID), pet(age={"type": "number"}), FINE, BREAKING, "S.age: the type was integer"),
    "any type": Case(pet(age=ID), pet(age={}), FINE, BREAKING, "S.age: the type integer is gone"),
    "nullable": Case(pet(age=ID), pet(age=ID | {"nullable": True}), FINE, BREAKING, "S.age: may be null now"),
    "nullable enum": Case(
        pet(age={"type": "string", "enum": ["a"]}),
        pet(age={"type": "string", "enum": ["a"], "nullable": True}),
        FINE,
        BREAKING,
        "S.age: may be null now",
    ),
    "enum value": Case(
        {"type": "string", "enum": ["a"]}, {"type": "string", "enum": ["a", "b"]}, FINE, BREAKING, "new value 'b'"
    ),
    "enum": Case(TEXT, {"type": "string", "enum": ["a"]}, BREAKING, FINE, "an enum restricts it now: 'a'"),
    "pattern instead of an enum": Case(
        {"type": "string", "enum": ["a", "aa"]}, {"type": "string", "pattern": "^a+$"}, FINE, BREAKING, "the enum"
    ),
    "longer": Case(
        {"type": "string", "maxLength": 3}, {"type": "string", "maxLength": 5}, FINE, BREAKING, "was 3, and is 5 now"
    ),
    "minimum": Case(ID, {"type": "integer", "minimum": 1}, BREAKING, FINE, "S: minimum 1 is new"),
    "the same bound": Case(
        {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
        {"type": "integer", "minimum": 1},
        FINE,
        FINE,
        "minimum was 0 (excluded), and is 1 now",
    ),
    "32 bits": Case(ID, {"type": "integer", "format": "int32"}, BREAKING, FINE, "S: format int32 is new"),
    "date": Case(TEXT, {"type": "string", "format": "date"}, BREAKING, FINE, "format date is new"),
    "precision": Case({"type": "number"}, {"type": "number", "format": "double"}, FINE, FINE, "format double is new"),
    "unknown format": Case(TEXT, {"type": "string", "format": "zork"}, BREAKING, FINE, "format zork is new"),
    "pattern": Case(
        {"type": "string", "pattern": "^a+$"},
        {"type": "string", "pattern": "^a*$"},
        BREAKING,
        BREAKING,
        "pattern was '^a+$'",
    ),
    "items": Case(
        {"type": "array", "items": {"type": "number"}}, {"type": "array", "items": ID}, BREAKING, FINE, "S[]: the type"
    ),
    "unique items": Case({"type": "array"}, {"type": "array", "uniqueItems": True}, BREAKING, FINE, "uniqueItems True"),
    "items described": Case({"type": "array"}, {"type": "array", "items": ID}, BREAKING, FINE, "are described now"),
    "alternative": Case(
        {"oneOf": [A]}, {"oneOf": [A, {"$ref": "#/components/schemas/B"}]}, FINE, BREAKING, "the alternative B is new"
    ),
    "alternative to a schema": Case(
        {"allOf": [{"$ref": "#/components/schemas/A"}]},
        {"oneOf": [{"$ref": "#/components/schemas/A"}, B]},
        FINE,
        BREAKING,
        "the alternative number 1 is new",
    ),
    "within an alternative": Case(
        {"oneOf": [A, B]}, {"oneOf": [B, A | {"required": ["kind", "x"]}]}, BREAKING, FINE, "property x is required now"
    ),
    "oneOf": Case({"anyOf": [A, B]}, {"oneOf": [A, B]}, BREAKING, FINE, "oneOf stands where anyOf stood"),
    "part": Case(
        {"allOf": [pet(), {"properties": {"age": ID}}]},
        {"allOf": [pet(), {"properties": {"age": TEXT}}]},
        BREAKING,
        BREAKING,
        "S.age: the type was integer",
    ),
    "parts instead of one": Case(
        pet(age=ID),
        {
            "allOf": [
                {"required": ["name"]},
                {"type": "object", "properties": {"age": ID, "name": TEXT}},
                {"properties": {"more": TEXT}},
            ]
        },
        FINE,
        FINE,
        "the property more is new",
    ),
    "recursion": Case(tree(), tree(name=TEXT), FINE, FINE, "the property name is new"),
    "recursion, required": Case(tree(a=ID), tree(a=ID) | {"required": ["a"]}, BREAKING, FINE, "a is required now"),
    "readOnly and required": Case(
        pet(id=ID | {"readOnly": True}),
        pet(id=ID | {"readOnly": True}) | {"required": ["name", "id"]},
        FINE,
        FINE,
        "the property id is required now",
    ),
    "no longer readOnly": Case(
        pet(id=ID | {"readOnly": True}) | {"required": ["id"]},
        pet(id=ID) | {"required": ["id"]},
        BREAKING,
        FINE,
        "id",
    ),
    "default": Case(
        ID | {"default": 1}, ID | {"default": 2}, BREAKING, FINE, "the default changed: it was 1, and is 2 now"
    ),
    "deprecated": Case(pet(a=ID), pet(a=ID | {"deprecated": True}), FINE, FINE, "S.a: the deprecated is new"),
    "description": Case(pet(), pet() | {"description": "A pet"}, TOLD, TOLD, "S: the description is new"),
    "example": Case(pet(a=ID | {"example": 1}), pet(a=ID | {"example": 2}), TOLD, TOLD, "S.a: the example changed"),
    "negation": Case({"not": ID}, {"not": TEXT}, BREAKING, BREAKING, "not was"),
}


@pytest.mark.parametrize("case", SCHEMAS.values(), ids=SCHEMAS)
def test_schema_changes_in_a_request(case: Case) -> None:
    """A change of what clients send is named, and breaks if what they could send is refused now."""
    changes = changed(sent(case.old), sent(case.new))

    assert changes[0][0] is case.request
    assert any(case.said in what for _, what in changes)


@pytest.mark.parametrize("case", SCHEMAS.values(), ids=SCHEMAS)
def test_schema_changes_in_a_response(case: Case) -> None:
    """A change of what clients get is named, and breaks if they can get what they couldn't before."""
    changes = changed(answered(case.old), answered(case.new))

    assert changes[0][0] is case.response
    assert any(case.said in what for _, what in changes)


@pytest.mark.parametrize("case", SCHEMAS.values(), ids=SCHEMAS)
def test_no_change_is_found_where_none_is(case: Case) -> None:
    """A contract doesn't differ from itself, however its schemas look."""
    assert changed(sent(case.old), sent(case.old)) == []
    assert changed(answered(case.new), answered(case.new)) == []
