"""A contract with one event, which takes no time to be fuzzed."""

import json
from pathlib import Path

SCHEMA = {
    "type": "object",
    "required": ["messageId", "requestId", "eventName", "storeCode", "createdAt", "data"],
    "properties": {
        "messageId": {"type": "string", "format": "uuid"},
        "requestId": {"type": "string", "format": "uuid"},
        "eventName": {"type": "string", "enum": ["Moved"]},
        "storeCode": {"type": "string"},
        "createdAt": {"type": "string", "format": "date-time"},
        "data": {"type": "object", "required": ["to"], "properties": {"to": {"type": "string", "maxLength": 9}}},
    },
}


DATA_31 = {
    "type": "object",
    "required": ["to", "kind", "note", "number", "share"],
    "properties": {
        "to": {"type": ["string", "null"], "maxLength": 9},
        "kind": {"const": "house"},
        "note": {"type": "null"},
        "number": {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 6},
        "share": {"type": ["null", "number"], "exclusiveMinimum": 0, "exclusiveMaximum": 1, "examples": [0.5]},
    },
}


def one_event_of_31(folder: Path) -> str:
    """The path of one in OpenAPI 3.1, with what only that can say."""
    document = json.loads(Path(one_event(folder)).read_text("utf-8"))
    document |= {"openapi": "3.1.0", "webhooks": document.pop("x-webhooks")}
    content = document["webhooks"]["Moved"]["post"]["requestBody"]["content"]["application/json"]
    content["schema"]["properties"] |= {"data": DATA_31, "eventName": {"const": "Moved"}}
    path = folder / "small-3.1.json"
    path.write_text(json.dumps(document), "utf-8")
    return str(path)


def one_event(folder: Path) -> str:
    """Its path; it is written into a folder."""
    body = {"required": True, "content": {"application/json": {"schema": SCHEMA}}}
    event = {"post": {"operationId": "onMoved", "requestBody": body, "responses": {"2XX": {"description": "taken"}}}}
    path = folder / "small.json"
    document = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}, "x-webhooks": {"Moved": event}}
    path.write_text(json.dumps(document), "utf-8")
    return str(path)
