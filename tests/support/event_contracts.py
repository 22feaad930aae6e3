"""Contracts of others with events: callbacks in OpenAPI 3.0, webhooks in 3.1."""

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def body_of(schema: Json, media_type: str = "application/json", **more: Any) -> Json:
    """A request body."""
    return {"content": {media_type: {"schema": schema, **more}}}


def event_of(body: Json | None, **more: Any) -> Json:
    """The operation of an event."""
    return ({} if body is None else {"requestBody": body}) | {"responses": {"200": {"description": "taken"}}} | more


STREAMED = {
    "type": "object",
    "required": ["streamId", "value"],
    "properties": {"streamId": {"type": "string", "minLength": 3}, "value": {"type": "integer"}},
}
_STREAM = {"type": "object", "required": ["streamId"], "properties": {"streamId": {"type": "string"}}}
_URL = {"type": "string", "maxLength": 3000}
STREAMS: Json = {  # one operation with callbacks to three places
    "openapi": "3.0.3",
    "info": {"title": "Streams", "version": "1"},
    "paths": {
        "/streams": {
            "post": {
                "operationId": "openStream",
                "requestBody": {
                    **body_of({"type": "object", "properties": {"url": _URL, "name": {"type": "string"}}}),
                    "required": True,
                },
                "responses": {
                    "201": {
                        "description": "open",
                        "content": {"application/json": {"schema": _STREAM, "example": {"streamId": "s-42"}}},
                    },
                    "409": {"description": "there are too many"},
                },
                "callbacks": {
                    "onData": {"{$request.body#/url}/data": {"post": event_of(body_of(STREAMED))}},
                    "onEnd": {"$ref": "#/components/callbacks/End"},
                },
            }
        },
    },
    "components": {"callbacks": {"End": {"$request.header.X-End": {"put": event_of(None)}}}},
}
SHIPPED = {
    "type": "object",
    "required": ["type", "timestamp", "data"],
    "properties": {
        "type": {"const": "order.shipped"},
        "timestamp": {"type": "string", "format": "date-time"},
        "data": {"type": "object", "required": ["orderId"], "properties": {"orderId": {"type": "string"}}},
    },
}
ORDERS: Json = {  # webhooks alone: an object, a form, a text, and one that can't be made up
    "openapi": "3.1.0",
    "info": {"title": "Orders", "version": "1"},
    "webhooks": {
        "order.shipped": {
            "post": event_of(
                body_of(SHIPPED),
                parameters=[
                    {"name": "X-Shop", "in": "header", "schema": {"type": "string", "const": "north"}},
                    {"name": "webhook-id", "in": "header", "schema": {"type": "string"}, "example": "declared"},
                    {"name": "X-Mock-Delivery", "in": "header", "schema": {"type": "string"}, "example": "declared"},
                ],
            )
        },
        "order/form": {
            "put": event_of(
                body_of(
                    {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
                    "application/x-www-form-urlencoded",
                    example={"id": 7},
                )
            )
        },
        "note": {"post": event_of(body_of({"type": "string"}, "text/plain", example="shipped"))},
        "never": {"post": event_of(body_of({"type": "object", "required": ["a"], "properties": {"a": {"not": {}}}}))},
    },
}


def written(folder: Path, document: Json) -> str:
    """The path of a document, which is written into a folder."""
    path = folder / f"{document['info']['title'].lower()}.json"
    path.write_text(json.dumps(document), "utf-8")
    return str(path)
