"""Contracts of one operation, and of a few paths, made in a line."""

from typing import Any

from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Call, Surface

Json = dict[str, Any]
INFO: Json = {"title": "Made", "version": "1"}


def surface_of(paths: Json, **more: Any) -> Surface:
    """The resource model of a contract of OpenAPI 3.1 with these paths."""
    return Surface(Contract(b"", {"openapi": "3.1.0", "info": INFO, "paths": paths, **more}))


def call_with(path: str = "/pets", method: str = "post", **declared: Any) -> Call:
    """An operation that is declared so."""
    operation = {"operationId": "one", "responses": {}, **declared}
    return surface_of({path: {method: operation}}).calls["one"]


def json_body(schema: Json, **more: Any) -> Json:
    """The body of a request, or of a response, in JSON."""
    return {"description": "", "content": {"application/json": {"schema": schema, **more}}}
