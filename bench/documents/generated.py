"""A document of any number of operations, in the style of the contract:
`python -m bench.documents.generated 240 > large.json`.

Six operations for each of its resources: list with filters, add, read, replace, delete, and one action; schemas of
their own, shared errors, examples throughout.
"""

import json
import sys
from itertools import islice
from pathlib import Path
from typing import Any

Json = dict[str, Any]
STORE = {"name": "storeCode", "in": "path", "required": True, "schema": {"type": "string", "example": "DEFAULT"}}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
A_UUID = "5a1f1f0e-6f42-4d0e-9a63-3b6f8f3a2c11"
A_DATE = "2026-01-15T10:30:00+00:00"
SHARED = {400: "BadRequest", 401: "Unauthorized", 403: "AccessDenied", 404: "NotFound"}


def document(operations: int) -> Json:
    """An OpenAPI 3.0 document with so many operations."""
    paths: Json = {}
    schemas: Json = {"Error": _error_schema()}
    for number in range(-(-operations // 6)):
        schemas |= _schemas(f"Resource{number}")
    for path, method, operation in islice(_operations(), operations):
        paths.setdefault(path, {"parameters": [STORE, *([ID] if "{id}" in path else [])]})[method] = operation
    schemes = {
        "Bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "token": {"type": "apiKey", "in": "header", "name": "X-AUTH-TOKEN"},
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": f"{operations} generated operations", "version": "1.0.0"},
        "security": [{"Bearer": []}, {"token": []}],
        "paths": paths,
        "components": {"schemas": schemas, "responses": _responses(), "securitySchemes": schemes},
    }


def write(folder: Path, operations: int) -> Path:
    """The document as a file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{operations}-operations.json"
    path.write_text(json.dumps(document(operations)), encoding="utf-8")
    return path


def last_path(operations: int, method: str) -> str:
    """The path of the last list ("get") or addition ("post") that a document of this size has."""
    found = [path for path, item in document(operations)["paths"].items() if method in item and "{id}" not in path]
    return str(found[-1]).replace("{storeCode}", "DEFAULT")


def body() -> Json:
    """A valid body for any addition."""
    return {"resource": {"name": "north", "url": "https://crm.example.com/hook", "tags": [{"key": "a", "value": "b"}]}}


def _operations() -> Any:
    """Path, method and operation, without end."""
    number = 0
    while True:
        base, name = f"/api/{{storeCode}}/resource{number}", f"Resource{number}"
        yield base, "get", _list(name)
        yield base, "post", _write(name, "Add", f"{name}Post", f"{name}Created")
        yield f"{base}/{{id}}", "get", _operation(name, "Read", name)
        yield f"{base}/{{id}}", "put", _write(name, "Replace", f"{name}Put", f"{name}Created")
        yield f"{base}/{{id}}", "delete", _operation(name, "Delete", None)
        yield f"{base}/{{id}}/activate", "post", _operation(name, "Activate", f"{name}Created")
        number += 1


def _operation(name: str, verb: str, answer: str | None) -> Json:
    success: Json = {"204": {"description": "Done."}}
    if answer:
        content = {"application/json": {"schema": _ref(answer)}}
        success = {"200": {"description": f"What {verb.lower()} answers.", "content": content}}
    errors = {str(status): {"$ref": f"#/components/responses/{error}"} for status, error in SHARED.items()}
    words = f"**Management.** {verb}s one {name}, as its owner sees it. What isn't there is a 404."
    summary = f"{verb} a {name}"
    return {"operationId": f"{verb.lower()}{name}", "tags": [name], "summary": summary, "description": words} | {
        "responses": success | errors
    }


def _list(name: str) -> Json:
    fields = [("name", "string"), ("name[like]", "string"), ("legacy", "boolean"), ("createdAt[gte]", "string")]
    paging = [("_page", "integer"), ("_itemsOnPage", "integer")]
    parameters = [{"name": field, "in": "query", "schema": {"type": kind}} for field, kind in fields + paging]
    return _operation(name, "List", f"{name}List") | {"parameters": parameters}


def _write(name: str, verb: str, asked: str, answer: str) -> Json:
    content = {"application/json": {"schema": _ref(asked), "example": body()}}
    return _operation(name, verb, answer) | {"requestBody": {"required": True, "content": content}}


def _schemas(name: str) -> Json:
    """The schemas of one resource."""
    tag = {"type": "object", "required": ["key"], "properties": {"key": _text(1, 64), "value": _text(0, 255)}}
    written = {
        "name": _text(1, 255, "north"),
        "url": {"type": "string", "pattern": "^https?://[A-Za-z0-9._-]+", "example": "https://crm.example.com/hook"},
        "kind": {"type": "string", "enum": ["rest", "queue"], "example": "rest"},
        "tags": {"type": "array", "maxItems": 50, "items": _ref(f"{name}Tag")},
    }
    asked = {"type": "object", "required": ["name", "url"], "properties": written}
    row = {
        "id": _uuid(),
        **written,
        "legacy": {"type": "boolean"},
        "createdAt": {"type": "string", "format": "date-time"},
    }
    one = {"id": A_UUID, "name": "north", "url": "https://crm.example.com/hook", "legacy": False, "createdAt": A_DATE}
    total = {"type": "object", "properties": {"all": {"type": "integer"}, "filtered": {"type": "integer"}}}
    page = {"type": "object", "properties": {"items": {"type": "array", "items": _ref(name)}, "total": total}}
    wrapped = {"type": "object", "required": ["resource"], "properties": {"resource": _ref(f"{name}Written")}}
    return {
        name: {"type": "object", "required": ["id", "name"], "properties": row, "example": one},
        f"{name}Tag": tag,
        f"{name}Written": asked,
        f"{name}Post": wrapped,
        f"{name}Put": wrapped,
        f"{name}Created": {
            "type": "object",
            "required": ["id"],
            "properties": {"id": _uuid()},
            "example": {"id": A_UUID},
        },
        f"{name}List": page | {"example": {"items": [one], "total": {"all": 1, "filtered": 1}}},
    }


def _responses() -> Json:
    content = {"application/json": {"schema": _ref("Error")}}
    return {
        name: {
            "description": name,
            "content": {
                "application/json": content["application/json"] | {"example": {"code": status, "message": name}}
            },
        }
        for status, name in SHARED.items()
    }


def _error_schema() -> Json:
    return {"type": "object", "properties": {"code": {"type": "integer"}, "message": {"type": "string"}}}


def _text(shortest: int, longest: int, example: str = "a") -> Json:
    return {"type": "string", "minLength": shortest, "maxLength": longest, "example": example}


def _uuid() -> Json:
    return {"type": "string", "format": "uuid", "example": A_UUID}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


if __name__ == "__main__":
    print(json.dumps(document(int(sys.argv[1])), indent=1))
