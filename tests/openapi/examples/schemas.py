"""Schemas for the tests of examples, and the examples made for them."""

from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types

from mockserver.openapi.contract import Contract
from mockserver.openapi.examples import Examples

Json = dict[str, Any]


ROOT = "/components/schemas/Root"


STRING, INTEGER, BOOLEAN = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}


def ref(name: str) -> Json:
    """A reference to a component schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def contract_of(root: Json, **others: Json) -> Contract:
    """A contract with these component schemas; the first one is `Root`."""
    schemas = {"Root": root, **others}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "", "version": ""},
        "paths": {},
        "components": {"schemas": schemas},
    }
    return Contract(b"", document)


def made(root: Json, seed: int = 1, **others: Json) -> Any:
    """The example of a schema."""
    return Examples(contract_of(root, **others), seed).response(ROOT)


def newer(root: Json, **others: Json) -> Any:
    """The example of a schema of OpenAPI 3.1, which plain JSON Schema 2020-12 must accept, too."""
    schemas = {"Root": root, **others}
    document = {"openapi": "3.1.0", "paths": {}, "components": {"schemas": schemas}}
    value = Examples(Contract(b"", document), 1).response(ROOT)
    Draft202012Validator({**document, "$ref": f"#{ROOT}"}).validate(value)
    return value


def record(*required: str, **properties: Json) -> Json:
    """The schema of an object."""
    return {"type": "object", "properties": properties} | ({"required": list(required)} if required else {})


def closed(*required: str, **properties: Json) -> Json:
    """The schema of an object that has no other properties."""
    return {**record(*required, **properties), "additionalProperties": False}


def array(items: Json, **more: object) -> Json:
    """The schema of an array."""
    return {"type": "array", "items": items, **more}


def nested(depth: int) -> Json:
    """Objects in objects, so many deep."""
    return record("inner", inner=nested(depth - 1)) if depth else STRING
