"""What is written for Mockoon: an environment and its parts, with all the fields that it wants."""

from collections.abc import Sequence
from typing import Any

Part = dict[str, Any]


def environment(number: int, name: str, routes: Sequence[Part], bucket: Part) -> Part:
    """An environment with these routes and one data bucket."""
    return {
        "uuid": uuid(number),
        "lastMigration": 33,
        "name": name,
        "endpointPrefix": "",
        "latency": 0,
        "port": 3000,
        "hostname": "127.0.0.1",
        "routes": [*routes],
        "folders": [],
        "rootChildren": [{"type": "route", "uuid": route["uuid"]} for route in routes],
        "proxyMode": False,
        "cors": False,
        "headers": [],
        "data": [bucket],
        "callbacks": [],
    }


def bucket(number: int, name: str, value: str) -> Part:
    """A data bucket that holds a text."""
    return {"uuid": uuid(number), "id": name, "name": name, "documentation": "", "value": value}


def route(number: int, kind: str, method: str, path: str, answers: Sequence[Part]) -> Part:
    """A route of a kind: `http`, or `crud` with no method."""
    return {
        "uuid": uuid(number),
        "type": kind,
        "documentation": "",
        "method": method,
        "endpoint": path.removeprefix("/"),
        "responses": [*answers],
        "responseMode": None,
        "streamingMode": None,
        "streamingInterval": 0,
    }


def answer(number: int, **own: Any) -> Part:
    """An answer with what is its own in place of nothing in particular."""
    return {
        "uuid": uuid(number),
        "body": "{}",
        "latency": 0,
        "statusCode": 200,
        "label": "",
        "headers": [],
        "bodyType": "INLINE",
        "filePath": "",
        "databucketID": "",
        "sendFileAsBody": False,
        "rules": [],
        "rulesOperator": "AND",
        "disableTemplating": True,
        "fallbackTo404": False,
        "default": True,
        "crudKey": "id",
        "callbacks": [],
        **own,
    }


def uuid(number: int) -> str:
    """The UUID of a part."""
    return f"00000000-0000-4000-8000-{number:012d}"
