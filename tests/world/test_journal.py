"""mockserver.world.journal: what was asked and answered lately, without secrets."""

import json

from starlette.testclient import TestClient
from starlette.types import Message

from mockserver.clock import Clock
from mockserver.http.asgi_messages import request_of
from mockserver.http.messages import MOST_HEADERS_KEPT, Request, json_response
from mockserver.world import World
from mockserver.world.journal import LONGEST_BODY, LONGEST_HEAD, SIZE, Journal

SECRETS = ("password", "mock-api-key", "whsec_", "eyJ", "aws-secret")


def _request(path: str = "/thing", headers: list[tuple[bytes, bytes]] | None = None) -> Request:
    async def receive() -> Message:
        return {"type": "http.request"}

    scope = {"method": "GET", "raw_path": path.encode(), "query_string": b"", "headers": headers or []}
    return request_of(scope, receive)


def test_exchanges_are_kept_in_order(clock: Clock) -> None:
    """The journal holds what was asked and answered, oldest first, with its time."""
    journal = Journal(clock)
    for path in ("/a", "/b"):
        journal.record(_request(path), json_response(200, {"path": path}))

    shown = [exchange.as_json() for exchange in journal.exchanges()]

    assert [(one["path"], one["status"], one["answer"]["body"]) for one in shown] == [
        ("/a", 200, {"path": "/a"}),
        ("/b", 200, {"path": "/b"}),
    ]
    assert shown[0]["at"] == "2026-01-15T10:30:00+00:00"


def test_journal_is_bounded(clock: Clock) -> None:
    """The oldest exchanges go; long bodies are cut."""
    journal = Journal(clock)
    for number in range(SIZE + 1):
        journal.record(_request(f"/{number}"), json_response(200, "x" * (2 * LONGEST_BODY)))

    exchanges = journal.exchanges()

    assert (len(exchanges), exchanges[0].path) == (SIZE, "/1")
    assert len(exchanges[0].response_body) == LONGEST_BODY


def test_clearing_forgets_everything(clock: Clock) -> None:
    """A cleared journal is empty."""
    journal = Journal(clock)
    journal.record(_request(), json_response(200, {}))

    journal.clear()

    assert journal.exchanges() == []


def test_secrets_are_not_shown(client: TestClient, world: World) -> None:
    """Logins, keys, tokens and signing secrets of a walk through the API are nowhere in what the journal shows."""
    login = client.post("/api/admin/login_check", json={"username": "admin", "password": "password"}).json()
    client.post("/api/token/refresh", json={"refresh_token": login["refresh_token"]})
    destination = {"url": "https://sqs.example.com/q", "queueKey": "aws-key", "queueSecretKey": "aws-secret"}
    for wanted in ({"url": "http://localhost:9/", "hmacEnabled": True}, destination):
        body = {"webhookSubscription": wanted | {"eventName": "CustomerRegistered"}}
        assert client.post("/api/DEFAULT/webhook/subscription", json=body, headers={"X-AUTH-TOKEN": "mock-api-key"})

    shown = json.dumps([exchange.as_json() for exchange in world.journal.exchanges()])

    assert [one.status for one in world.journal.exchanges()] == [200, 200, 200, 200]
    values = shown.replace('"password": "********"', "")
    assert [secret for secret in (*SECRETS, login["refresh_token"]) if secret in values] == []


def test_cut_bodies_hide_secrets_too(clock: Clock) -> None:
    """A body that was cut can't be read as JSON; it is shown only if it can hold no secret that we know."""
    journal = Journal(clock)
    journal.record(_request(), json_response(200, {"token": "x" * (2 * LONGEST_BODY)}))
    journal.record(_request(), json_response(200, {"name": "x" * (2 * LONGEST_BODY)}))

    hidden, shown = [exchange.as_json()["answer"]["body"] for exchange in journal.exchanges()]

    assert hidden == "********"
    assert shown.startswith('{"name":"xxx')


def test_refusals_are_kept_too(client: TestClient, world: World) -> None:
    """Requests that no operation answers are in the journal."""
    client.get("/nowhere")
    client.patch("/api/token/revoke")

    assert [(one.method, one.path, one.status) for one in world.journal.exchanges()] == [
        ("GET", "/nowhere", 404),
        ("PATCH", "/api/token/revoke", 405),
    ]


def test_large_heads_are_cut(clock: Clock) -> None:
    """Of a request with a huge head little is kept: a share of each part, and so many headers; secrets stay secret."""
    journal = Journal(clock)
    share = LONGEST_HEAD // 8
    journal.record(_request("/", [(b"x-%d" % number, b"") for number in range(2_000)]), json_response(200, {}))
    journal.record(
        _request("/" + "p" * 60_000, [(b"n" * 60_000, b""), (b"cookie", b"c" * 60_000)]), json_response(200, {})
    )
    journal.record(_request("/", [(b"x-a", b"v" * 3 * share)]), json_response(200, {}))

    many, large, decent = journal.exchanges()

    assert len(many.request_headers) == MOST_HEADERS_KEPT
    assert large.request_headers == {b"n" * share: b"", b"cookie": b"c" * share}
    assert len(large.path) == share
    assert large.as_json()["request"]["headers"]["cookie"] == "********"
    assert decent.request_headers == {b"x-a": b"v" * 3 * share}
