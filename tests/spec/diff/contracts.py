"""Contracts to compare, and the changes between them."""

from typing import Any

from mockserver.spec.diff import ChangeKind, compare

Json = dict[str, Any]


BREAKING, FINE, TOLD = ChangeKind.BREAKING, ChangeKind.NON_BREAKING, ChangeKind.DOCUMENTATION


MISSING: Any = object()


ID = {"type": "integer"}


TEXT = {"type": "string"}
A = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string", "enum": ["a"]}, "x": TEXT}}
B = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string", "enum": ["b"]}, "y": TEXT}}


def pet(**properties: Json) -> Json:
    """An object with a required name, and more."""
    return {"type": "object", "required": ["name"], "properties": {"name": TEXT, **properties}}


def document(operation: Json, path: str = "/pets/{id}", **components: Json) -> Json:
    """A contract with one operation."""
    parameters = [{"name": "id", "in": "path", "required": True, "schema": TEXT}]
    return {
        "openapi": "3.0.3",
        "info": {"title": "Pets", "version": "1"},
        "paths": {path: {"parameters": parameters, "post": {"responses": {"200": {"description": "ok"}}} | operation}},
        "components": components,
    }


def answered(schema: Json) -> Json:
    """A contract whose responses carry a schema."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/S"}}}
    responses = {"200": {"description": "ok", "content": content}}
    return document({"responses": responses}, schemas={"S": schema, "Id": ID, "A": A, "B": B})


def changed(old: Json, new: Json) -> list[tuple[str, str]]:
    """What changed, with its kind."""
    return [(change.kind, change.what) for change in compare(old, new)]
