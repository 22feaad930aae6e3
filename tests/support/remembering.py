"""A contract of others whose records a mock remembers, and mocks of such contracts."""

import copy
from typing import Any

from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.clock import Clock
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World
from tests.support.contracts_of import INFO, Json, json_body

NOW = 1_768_473_000.0  # 2026-01-15T10:30:00+00:00
PET, NEW_PET = {"$ref": "#/components/schemas/Pet"}, {"$ref": "#/components/schemas/NewPet"}
_INTEGER: Json = {"type": "integer"}
_GONE: Json = json_body({"type": "object", "properties": {"detail": {"type": "string"}}})
_DOCUMENT: Json = {
    "openapi": "3.0.3",
    "info": INFO,
    "paths": {
        "/pets": {
            "get": {
                "operationId": "listPets",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {**_INTEGER, "default": 20}},
                    {"name": "page", "in": "query", "schema": {**_INTEGER, "default": 1, "minimum": 1}},
                    {"name": "tag", "in": "query", "schema": {"type": "string"}},
                    {"name": "sort", "in": "query", "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": json_body(
                        {
                            "type": "object",
                            "required": ["items", "total"],
                            "properties": {"items": {"type": "array", "items": PET}, "total": _INTEGER},
                        }
                    )
                },
            },
            "post": {
                "operationId": "addPet",
                "requestBody": json_body(NEW_PET),
                "responses": {"201": {**json_body(PET), "headers": {"Location": {"schema": {"type": "string"}}}}},
            },
        },
        "/pets/{petId}": {
            "parameters": [{"name": "petId", "in": "path", "required": True, "schema": _INTEGER}],
            "get": {"operationId": "getPet", "responses": {"200": json_body(PET), "404": _GONE}},
            "put": {
                "operationId": "putPet",
                "requestBody": json_body(NEW_PET),
                "responses": {"200": json_body(PET), "404": _GONE},
            },
            "patch": {
                "operationId": "patchPet",
                "requestBody": json_body({"type": "object"}),
                "responses": {"200": json_body(PET), "404": _GONE},
            },
            "delete": {"operationId": "deletePet", "responses": {"204": {"description": ""}, "404": _GONE}},
        },
    },
    "components": {
        "schemas": {
            "NewPet": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string"}, "tag": {"type": "string"}},
            },
            "Pet": {
                "type": "object",
                "required": ["id", "name", "createdAt"],
                "properties": {
                    "id": {"type": "integer", "format": "int64"},
                    "name": {"type": "string"},
                    "tag": {"type": "string"},
                    "createdAt": {"type": "string", "format": "date-time"},
                },
            },
        }
    },
}


def pets_document() -> dict[str, Any]:
    """A document with pets that can be created, read, listed, replaced, patched and deleted; a new one each time."""
    return copy.deepcopy(_DOCUMENT)


def with_ids(schema: Json) -> dict[str, Any]:
    """Pets whose ids are texts with this schema."""
    document = pets_document()
    document["paths"]["/pets/{petId}"]["parameters"][0]["schema"] = {"type": "string"}
    document["components"]["schemas"]["Pet"]["properties"]["id"] = {"type": "string", **schema}
    return document


def with_toys() -> dict[str, Any]:
    """Pets, each with toys of its own."""
    document = pets_document()
    toy: Json = {"type": "object", "properties": {"id": {"type": "string"}, "petId": {"type": "integer"}}}
    pet_id = document["paths"]["/pets/{petId}"]["parameters"][0]
    toy_id = {"name": "toyId", "in": "path", "required": True, "schema": {"type": "string"}}
    document["paths"]["/pets/{petId}/toys"] = {
        "parameters": [pet_id],
        "post": {"operationId": "addToy", "requestBody": json_body(toy), "responses": {"201": json_body(toy)}},
    }
    document["paths"]["/pets/{petId}/toys/{toyId}"] = {
        "parameters": [pet_id, toy_id],
        "get": {"operationId": "getToy", "responses": {"200": json_body(toy)}},
    }
    return document


def with_loans() -> dict[str, Any]:
    """Pets with toys, and loans of these at a path of their own, which their field `toyId` names."""
    document = with_toys()
    loan: Json = {
        "type": "object",
        "required": ["id", "toyId"],
        "properties": {"id": _INTEGER, "toyId": {"type": "string"}, "days": _INTEGER},
    }
    document["components"]["schemas"]["Loan"] = loan
    shown = json_body({"$ref": "#/components/schemas/Loan"})
    toy_id = document["paths"]["/pets/{petId}/toys/{toyId}"]["parameters"][1]
    document["paths"]["/toys/{toyId}/loans"] = {
        "parameters": [toy_id],
        "post": {"operationId": "addLoan", "requestBody": shown, "responses": {"201": shown}},
    }
    document["paths"]["/loans/{loanId}"] = {
        "parameters": [{"name": "loanId", "in": "path", "required": True, "schema": _INTEGER}],
        "get": {"operationId": "getLoan", "responses": {"200": shown}},
    }
    return document


def with_comments() -> dict[str, Any]:
    """Shops with comments, which are made on a path of a task that is no resource."""

    def of(name: str, **properties: Json) -> Json:
        schema = {
            "type": "object",
            "required": ["id"],
            "properties": {"id": {**_INTEGER, "readOnly": True}, **properties},
        }
        schemas[name] = schema
        return {"$ref": f"#/components/schemas/{name}"}

    schemas: Json = {}
    shop, comment = of("Shop", title={"type": "string"}), of("Comment", text={"type": "string"}, taskId=_INTEGER)
    in_path = {
        name: {"name": name, "in": "path", "required": True, "schema": _INTEGER}
        for name in ("shop", "task", "commentId")
    }
    made: Json = {"201": {**json_body(comment), "headers": {"Location": {"schema": {"type": "string"}}}}}
    gone: Json = {"204": {"description": "gone"}, "404": _GONE}
    paths: Json = {
        "/shops": {"post": {"requestBody": json_body(shop), "responses": {"201": json_body(shop)}}},
        "/shops/{shop}": {"get": {"responses": {"200": json_body(shop)}}, "delete": {"responses": gone}},
        "/shops/{shop}/comments": {"get": {"responses": {"200": json_body({"type": "array", "items": comment})}}},
        "/shops/{shop}/comments/{commentId}": {"get": {"responses": {"200": json_body(comment)}}},
        "/shops/{shop}/tasks/{task}/comments": {"post": {"requestBody": json_body(comment), "responses": made}},
    }
    for path, item in paths.items():
        item["parameters"] = [one for name, one in in_path.items() if f"{{{name}}}" in path]
    return {"openapi": "3.0.3", "info": INFO, "paths": paths, "components": {"schemas": schemas}}


def with_cards(parent: str = "/account/{id}") -> dict[str, Any]:
    """Accounts, and cards in these, on paths that have another word for an account."""
    schema: Json = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
    shown, many = json_body(schema), json_body({"type": "array", "items": schema})

    def at(path: str, *names: str, **more: Json) -> dict[str, Json]:
        given = [{"name": one, "in": "path", "required": True, "schema": {"type": "integer"}} for one in names]
        return {path: {"parameters": given, **more}}

    made, listed = {"requestBody": shown, "responses": {"201": shown}}, {"responses": {"200": many}}
    read, gone = {"responses": {"200": shown}}, {"responses": {"204": {"description": "gone"}}}
    paths = at("/account", post=made, get=listed) | at("/account/{id}", "id", get=read, delete=gone)
    paths |= at("/accounts/{number}/cards", "number", post=made, get=listed)
    paths |= at("/accounts/{number}/cards/{id}", "number", "id", get=read, **{"x-mock-resource": {"parent": parent}})
    return {"openapi": "3.0.3", "info": INFO, "paths": paths}


def told_loans(parent: Any, **more: Json) -> dict[str, Any]:
    """Loans that are told to be in another resource; their own path names none."""
    document = with_loans()
    del document["paths"]["/toys/{toyId}/loans"]
    shown = json_body({"$ref": "#/components/schemas/Loan"})
    document["components"]["schemas"]["Loan"]["properties"] |= more
    adding: Json = {"operationId": "addLoan", "requestBody": shown, "responses": {"201": shown}}
    document["paths"]["/loans"] = {"post": adding}
    document["paths"]["/loans/{loanId}"]["x-mock-resource"] = {"parent": parent}
    return document


def contract_of(document: Json) -> Contract:
    """The contract of a document."""
    return Contract(b"", document)


def remembering_world(document: Json, **settings: Any) -> World:
    """A world of this document, at NOW and with the same ids in every run."""
    return World.build(Settings(seed=1, strict=True, **settings), contract_of(document), Clock(frozen_at=NOW))


def remembering(document: Json, **settings: Any) -> TestClient:
    """A client of a strict mock of this document."""
    return TestClient(create_app(remembering_world(document, **settings)))
