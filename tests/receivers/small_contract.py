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


def one_event(folder: Path) -> str:
    """Its path; it is written into a folder."""
    body = {"required": True, "content": {"application/json": {"schema": SCHEMA}}}
    event = {"post": {"operationId": "onMoved", "requestBody": body, "responses": {"2XX": {"description": "taken"}}}}
    path = folder / "small.json"
    document = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}, "x-webhooks": {"Moved": event}}
    path.write_text(json.dumps(document), "utf-8")
    return str(path)
