"""Postman's format of collections, version 2.1."""

import json
from typing import Any
from uuid import NAMESPACE_URL, uuid5  # noqa: TID251 - made of a name, not by chance

from tools.api_collections.model import SUCCESS, Collection, QueryParameter, Request

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def text(collection: Collection, base: str) -> str:
    """The collection as a file; `base` is the variable with the host."""
    content = {
        "info": {
            "_postman_id": str(uuid5(NAMESPACE_URL, collection.title)),  # by it Postman knows a newer version
            "name": collection.title,
            "description": collection.description,
            "schema": SCHEMA,
        },
        "item": [
            {"name": folder, "item": [_item(request, base) for request in requests]}
            for folder, requests in collection.folders.items()
        ],
        "variable": [
            {"key": variable.name, "value": variable.value, "type": "string", "description": variable.description}
            for variable in collection.variables
        ],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _item(request: Request, base: str) -> dict[str, Any]:
    content: dict[str, Any] = {
        "method": request.method,
        "header": [{"key": "Accept", "value": "application/json"}],
        "auth": _auth(request),
        "url": _url(request, base),
        "description": request.description,
    }
    if request.body is not None:
        content["header"].append({"key": "Content-Type", "value": "application/json"})
        content["body"] = {"mode": "raw", "raw": request.body, "options": {"raw": {"language": "json"}}}
    scripts = (("prerequest", _before(request)), ("test", _after(request)))
    events = [
        {"listen": when, "script": {"type": "text/javascript", "exec": lines}} for when, lines in scripts if lines
    ]
    return {"name": request.name, "event": events, "request": content, "response": []}


def _auth(request: Request) -> dict[str, Any]:
    if request.token is None:
        return {"type": "noauth"}
    return {"type": "bearer", "bearer": [{"key": "token", "value": f"{{{{{request.token}}}}}", "type": "string"}]}


def _url(request: Request, base: str) -> dict[str, Any]:
    sent = "&".join(f"{parameter.name}={parameter.value}" for parameter in request.query if parameter.enabled)
    url: dict[str, Any] = {
        "raw": f"{{{{{base}}}}}{request.path}" + (f"?{sent}" if sent else ""),
        "host": [f"{{{{{base}}}}}"],
        "path": request.path.strip("/").split("/"),
    }
    if request.query:
        url["query"] = [_parameter(parameter) for parameter in request.query]
    return url


def _parameter(parameter: QueryParameter) -> dict[str, Any]:
    content = {"key": parameter.name, "value": parameter.value, "description": parameter.description}
    return content if parameter.enabled else {**content, "disabled": True}


def _before(request: Request) -> list[str]:
    return [
        f'pm.variables.set("{one.escaped}", JSON.stringify(pm.variables.get("{one.variable}")).slice(1, -1));'
        for one in request.escapes
    ]


def _after(request: Request) -> list[str]:
    test = f'pm.test("{SUCCESS}", () => pm.expect(pm.response.code).to.be.within(200, 299));'
    stored = [
        f'  pm.collectionVariables.set("{capture.variable}", {capture.expression("body")});'
        for capture in request.captures
    ]
    if not stored:
        return [test]
    return [test, "if (pm.response.code < 300) {", "  const body = pm.response.json();", *stored, "}"]
