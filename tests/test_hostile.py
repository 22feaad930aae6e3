"""Hostile input: it gets a plain refusal, soon, and breaks nothing."""

import time
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

KEY = {"X-AUTH-TOKEN": "mock-api-key", "Content-Type": "application/json"}
LOGIN = "/api/admin/login_check"
SUBSCRIPTION = "/api/DEFAULT/webhook/subscription"
TRANSACTION = "/api/DEFAULT/transaction"
SOON = 2.0  # seconds, generous


def nested(levels: int, opening: bytes = b"[", closing: bytes = b"]") -> bytes:
    """JSON that is so many levels deep."""
    return opening * levels + b"1" + closing * levels


BODIES: dict[str, tuple[str, bytes]] = {
    "deep list": (LOGIN, nested(300)),
    "deep object": (LOGIN, nested(300, b'{"a":', b"}")),
    "deeper than any parser": (LOGIN, nested(100_000)),
    "deep value": (LOGIN, b'{"username":' + nested(300) + b"}"),
    "deep event name": (SUBSCRIPTION, b'{"webhookSubscription":{"eventName":' + nested(253) + b"}}"),
    "deep header": (SUBSCRIPTION, b'{"webhookSubscription":{"headers":[{"x":' + nested(300) + b"}]}}"),
    "huge integer": (LOGIN, b'{"username":' + b"9" * 5_000 + b"}"),
    "huge exponent": (LOGIN, b'{"username":1e999}'),
    "not a number": (LOGIN, b'{"username":NaN}'),
    "lone surrogate": (LOGIN, b'{"username":"\\ud800","password":"x"}'),
    "invalid UTF-8": (LOGIN, b'{"username":"\xff"}'),
    "UTF-16": (LOGIN, '{"username":"admin"}'.encode("utf-16")),
    "byte order mark": (LOGIN, b"\xef\xbb\xbf{}"),
    "a thousand items too many": (
        TRANSACTION,
        b'{"transaction":{"header":{"documentNumber":"1","purchasedAt":"2026-01-01"},"items":['
        + b",".join([b"{}"] * 300_000)
        + b"]}}",
    ),
    "a hundred thousand properties": (
        TRANSACTION,
        orjson.dumps({"transaction": {f"p{number}": 1 for number in range(60_000)}}),
    ),
}


@pytest.mark.parametrize(("path", "body"), BODIES.values(), ids=BODIES)
def test_hostile_body_is_refused_soon(client: TestClient, path: str, body: bytes) -> None:
    """A body that no client means gets a short 400 in the vendor's shape, or a 413, within a moment."""
    started = time.monotonic()

    answer = client.post(path, content=body, headers=KEY)

    assert answer.status_code in (400, 413), answer.text[:300]
    assert time.monotonic() - started < SOON
    assert len(answer.content) < 200_000
    assert {"code", "message"} <= answer.json().keys()


@pytest.mark.parametrize("operator", ["eq", "lt", "lte", "gt", "gte"])
@pytest.mark.parametrize("text", ["2026-01-15T10:30:0,+00:00", "20,6-12-31T18:59:60-05:00", "0000-00-00T00:00:00Z"])
def test_odd_dates_are_refused(client: TestClient, operator: str, text: str) -> None:
    """A date-time that no calendar knows is a 400, not a surprise further on."""
    answer = client.get(SUBSCRIPTION, params={f"createdAt[{operator}]": text}, headers=KEY)

    assert answer.status_code == 400


def test_all_problems_of_an_ordinary_body_are_told(client: TestClient) -> None:
    """A hundred items that are all wrong are told of one by one, up to a limit."""
    header = {"documentNumber": "1", "purchasedAt": "2026-01-01"}
    answer = client.post(TRANSACTION, json={"transaction": {"header": header, "items": [{}] * 100}}, headers=KEY)

    errors: list[Any] = answer.json()["errors"]
    assert len(errors) == 200
    assert errors[0]["path"] == "transaction.items[0].sku"


@pytest.mark.parametrize("headers", [[{"headername": "X-A"}], [{"headerName": "X-A", "more": 1}]])
def test_header_objects_are_closed(client: TestClient, headers: list[Any]) -> None:
    """A misspelt property of a subscription's header is told, not stored."""
    wanted = {"eventName": "CustomerRegistered", "url": "http://localhost:9/", "headers": headers}

    answer = client.post(SUBSCRIPTION, json={"webhookSubscription": wanted}, headers=KEY)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"] == "This field was not expected."


@pytest.mark.parametrize("length", ["000042", "0000000000000000000042"])
def test_length_may_have_leading_zeros(client: TestClient, length: str) -> None:
    """A length with leading zeros is as long as it says."""
    body = b'{"username":"admin","password":"password"}'
    answer = client.post(LOGIN, content=body, headers=KEY | {"Content-Length": length})

    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["_orderBy[createdAt]]]]", "_orderBy[[createdAt]", "createdAt[gte]]", "url[like"])
def test_odd_brackets_are_refused(client: TestClient, name: str) -> None:
    """A parameter with one bracket too many is not the parameter."""
    answer = client.get(SUBSCRIPTION, params={name: "desc"}, headers=KEY)

    assert answer.status_code == 400
