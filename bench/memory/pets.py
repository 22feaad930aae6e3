"""A small document about pets, and the same pets in the words of each peer."""

import copy
from pathlib import Path
from typing import Any

from bench.shared import mockoon as parts
from bench.shared.cache import written

PATH = "/pets"
NEW = {"name": "Rex", "tag": "dog"}
_PET = {"$ref": "#/components/schemas/Pet"}
_KEY = {"name": "petId", "in": "path", "required": True, "schema": {"type": "string"}}
_LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 20}}


def _json(schema: Any, description: str = "A pet.") -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


_DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Pets", "version": "1"},
    "paths": {
        PATH: {
            "get": {
                "operationId": "listPets",
                "parameters": [_LIMIT],
                "responses": {"200": _json({"type": "array", "items": _PET}, "Pets.")},
            },
            "post": {
                "operationId": "addPet",
                "requestBody": {**_json({"$ref": "#/components/schemas/NewPet"}), "required": True},
                "responses": {"201": _json(_PET)},
            },
        },
        f"{PATH}/{{petId}}": {
            "parameters": [_KEY],
            "get": {
                "operationId": "getPet",
                "responses": {"200": _json(_PET), "404": {"description": "No such pet."}},
            },
        },
    },
    "components": {
        "schemas": {
            "NewPet": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string", "minLength": 1}, "tag": {"type": "string"}},
            },
            "Pet": {
                "type": "object",
                "required": ["id", "name"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "name": {"type": "string"},
                    "tag": {"type": "string"},
                },
            },
        }
    },
}
_HANDLERS = {
    ("get", PATH): "return store.list('Pet').slice(0, Number(req.query.limit ?? 20))",
    ("post", PATH): "return store.create('Pet', req.body)",
    ("get", f"{PATH}/{{petId}}"): "return store.get('Pet', req.params.petId)",
}


def document() -> Path:
    """The document."""
    return written("pets/openapi.json", _DOCUMENT)


def scalar() -> Path:
    """The document with Scalar's handlers, which keep pets in its store."""
    told = copy.deepcopy(_DOCUMENT)
    for (method, path), code in _HANDLERS.items():
        told["paths"][path][method]["x-handler"] = code
    return written("pets/scalar.json", told)


def file() -> Path:
    """The file of json-server, without a pet; it is written anew, as json-server keeps what it got."""
    return written("pets/json-server.json", {"pets": []})


def mockoon() -> Path:
    """A Mockoon environment with one CRUD route, on a data bucket."""
    answer = parts.answer(2, bodyType="DATABUCKET", databucketID="pets")
    route = parts.route(1, "crud", "", PATH, [answer])
    environment = parts.environment(4, "pets", [route], parts.bucket(3, "pets", "[]"))
    return written("pets/mockoon.json", environment)
