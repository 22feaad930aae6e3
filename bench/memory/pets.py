"""A small document about pets, and the same pets in the words of each peer."""

import copy
import json
from pathlib import Path
from typing import Any

from bench.shared.cache import CACHE

PATH = "/pets"
NEW = {"name": "Rex", "tag": "dog"}
_FOLDER = CACHE / "configuration" / "pets"
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
    return _written("openapi.json", _DOCUMENT)


def scalar() -> Path:
    """The document with Scalar's handlers, which keep pets in its store."""
    told = copy.deepcopy(_DOCUMENT)
    for (method, path), code in _HANDLERS.items():
        told["paths"][path][method]["x-handler"] = code
    return _written("scalar.json", told)


def file() -> Path:
    """The file of json-server, without a pet; it is written anew, as json-server keeps what it got."""
    return _written("json-server.json", {"pets": []})


def mockoon() -> Path:
    """A Mockoon environment with one CRUD route, on a data bucket."""
    answer = {
        "uuid": _uuid(2),
        "body": "{}",
        "latency": 0,
        "statusCode": 200,
        "label": "",
        "headers": [],
        "bodyType": "DATABUCKET",
        "filePath": "",
        "databucketID": "pets",
        "sendFileAsBody": False,
        "rules": [],
        "rulesOperator": "AND",
        "disableTemplating": True,
        "fallbackTo404": False,
        "default": True,
        "crudKey": "id",
        "callbacks": [],
    }
    route = {
        "uuid": _uuid(1),
        "type": "crud",
        "documentation": "",
        "method": "",
        "endpoint": PATH.removeprefix("/"),
        "responses": [answer],
        "responseMode": None,
        "streamingMode": None,
        "streamingInterval": 0,
    }
    bucket = {"uuid": _uuid(3), "id": "pets", "name": "pets", "documentation": "", "value": "[]"}
    environment = {
        "uuid": _uuid(4),
        "lastMigration": 33,
        "name": "pets",
        "endpointPrefix": "",
        "latency": 0,
        "port": 3000,
        "hostname": "127.0.0.1",
        "routes": [route],
        "folders": [],
        "rootChildren": [{"type": "route", "uuid": route["uuid"]}],
        "proxyMode": False,
        "cors": False,
        "headers": [],
        "data": [bucket],
        "callbacks": [],
    }
    return _written("mockoon.json", environment)


def _uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def _written(name: str, content: Any) -> Path:
    path = _FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    return path
