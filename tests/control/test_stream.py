"""mockserver.control.stream and the open responses of mockserver.http: events on a connection that stays."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import orjson
import pytest
from starlette.testclient import TestClient

from mockserver.settings import Settings
from mockserver.testing import MockServer, Receiver
from tests.support.commands import PATIENCE
from tests.support.postgres import Databases
from tests.support.subscriptions import EVENT, NOWHERE, subscribe

Events = list[tuple[str, str, Any]]
KEY = {"X-AUTH-TOKEN": "mock-api-key"}


def events_of(text: str) -> Events:
    """The events in a stream: id, name and data."""
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.strip().split("\n\n")]
    return [(block["id"], block["event"], orjson.loads(block["data"])) for block in blocks if "event" in block]


@contextmanager
def listening(mock: MockServer, **headers: str) -> Iterator[Iterator[tuple[str, str, Any]]]:
    """The events of a mock as they come."""
    with (
        httpx2.Client(timeout=PATIENCE) as client,
        client.stream("GET", f"{mock.url}/_mock/stream", headers=headers) as answer,
    ):
        assert answer.headers["content-type"] == "text/event-stream"
        lines = answer.iter_lines()
        assert next(lines) == "retry: 1000"
        yield _events(lines)


def _events(lines: Iterator[str]) -> Iterator[tuple[str, str, Any]]:
    block: list[str] = []
    for line in lines:
        block.append(line)
        if not line:
            yield from events_of("\n".join(block) + "\n")
            block.clear()


def test_requests_are_told_as_they_happen(mock: MockServer) -> None:
    """A call of the API is an event, which shows what the list of requests shows: no secret."""
    with listening(mock) as events:
        httpx2.get(f"{mock.url}/api/DEFAULT/webhook/event", headers=KEY)
        _, kind, told = next(events)

    assert kind == "request"
    assert told == httpx2.get(f"{mock.url}/_mock/requests").json()["items"][-1]
    assert told["request"]["headers"]["x-auth-token"] == "********"


def test_delivery_is_told_at_each_change(mock: MockServer) -> None:
    """A delivery is told when it is queued, and again with each attempt until it is given up."""
    subscribe(mock, NOWHERE)
    with listening(mock) as events:
        httpx2.post(f"{mock.url}/_mock/events", json={"eventName": EVENT, "storeCode": "DEFAULT"})
        told = [next(events) for _ in range(3)]

    assert [(kind, delivery["status"]) for _, kind, delivery in told] == [
        ("delivery", "pending"),
        ("delivery", "attempted"),
        ("delivery", "failed"),
    ]


def test_client_that_comes_again_goes_on(mock: MockServer) -> None:
    """With Last-Event-ID the events go on after that one, also if they happened while nobody listened."""
    with listening(mock) as events:
        httpx2.post(f"{mock.url}/_mock/clock/advance", json={"seconds": 1})
        last, *_ = next(events)
    httpx2.post(f"{mock.url}/_mock/clock/advance", json={"seconds": 1})

    with listening(mock, **{"Last-Event-ID": last}) as events:
        assert next(events)[1] == "clock"
    with listening(mock, **{"Last-Event-ID": "another-1"}) as events:
        assert next(events)[1] == "missed"


def test_client_that_leaves_is_forgotten(mock: MockServer) -> None:
    """Clients that have left don't count: as many as one likes may come, one after another."""
    for _ in range(100):
        with listening(mock):
            pass


def test_client_that_fetches_nothing_holds_nobody_up(mock: MockServer) -> None:
    """A client that never reads neither slows the mock nor others: those get all events."""
    with socket.create_connection(("127.0.0.1", int(mock.url.rpartition(":")[2]))) as deaf:
        deaf.sendall(b"GET /_mock/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with listening(mock) as events, httpx2.Client(headers=KEY) as client:
            for _ in range(500):
                client.get(f"{mock.url}/api/DEFAULT/webhook/event")
            told = [next(events)[1] for _ in range(500)]

    assert told == ["request"] * 500


def test_end_of_the_mock_ends_the_stream() -> None:
    """A mock that ends doesn't wait for those who listen: their streams are complete."""
    with MockServer() as mock:
        answer: list[httpx2.Response] = []
        url = f"{mock.url}/_mock/stream"
        client = threading.Thread(target=lambda: answer.append(httpx2.get(url, timeout=PATIENCE)))
        client.start()
        while not mock.world.feed.is_open:
            httpx2.get(f"{mock.url}/_mock/health")
    client.join(PATIENCE)

    assert answer[0].text.startswith("retry: 1000\nid: ")


def test_stream_works_by_asgi(client: TestClient) -> None:
    """A server that isn't ours gets the same stream, by ASGI; with `wait` it ends when nothing happens any more."""
    first = client.get("/_mock/stream?wait=0")
    client.post("/_mock/clock/advance", json={"seconds": 1})
    answer = client.get("/_mock/stream?wait=0", headers={"Last-Event-ID": "lost"})

    assert re.fullmatch(r"retry: 1000\nid: [0-9a-f]+-0\n\n", first.text)
    assert [(kind, told) for _, kind, told in events_of(answer.text)] == [
        ("missed", {}),
        ("clock", {"now": "2026-01-15T10:30:01+00:00", "frozen": True}),
    ]


def test_restart_is_noticed_by_who_has_heard_nothing() -> None:
    """The stream begins with an id. A mock that was started in place of the first tells who comes back with it that
    something was missed; the first one has nothing to tell."""
    with MockServer() as before, MockServer() as after:
        (heard,) = re.findall(r"(?m)^id: (.+)$", httpx2.get(f"{before.url}/_mock/stream?wait=0").text)
        again, elsewhere = (
            events_of(httpx2.get(f"{mock.url}/_mock/stream?wait=0", headers={"Last-Event-ID": heard}).text)
            for mock in (before, after)
        )

    assert again == []
    assert [kind for _, kind, _ in elsewhere] == ["missed"]


@pytest.mark.parametrize("wait", ["-1", "61", "soon"])
def test_wait_is_bounded(client: TestClient, wait: str) -> None:
    """A wait that doesn't fit is refused before the stream begins."""
    assert client.get(f"/_mock/stream?wait={wait}").status_code == 400


@pytest.mark.postgres
def test_deliveries_of_other_replicas_are_told(databases: Databases, signing_key: str) -> None:
    """Who listens at one replica is told of a delivery that another one has caused, at each change; who waits for it
    there gets it, too, and so does who looks it up."""
    settings = Settings(signing_key=signing_key, storage=databases.new())
    with MockServer(settings) as one, MockServer(settings) as other, Receiver() as receiver:
        one.subscribe(EVENT, receiver)
        with listening(one) as events:
            delivery_id = other.trigger(EVENT)["items"][0]["deliveryId"]
            told = _until_delivered(events)
        waited = one.deliveries.wait(timeout=PATIENCE, status="delivered")
        looked_up = one.deliveries.get(delivery_id)

    assert [told["deliveryId"], told["status"]] == [delivery_id, "delivered"]
    assert [delivery["deliveryId"] for delivery in waited] == [delivery_id]
    assert looked_up["status"] == "delivered"


def _until_delivered(events: Iterator[tuple[str, str, Any]]) -> Any:
    return next(told for _, kind, told in events if kind == "delivery" and told["status"] == "delivered")


@pytest.mark.postgres
def test_faults_that_strike_at_other_replicas_are_told(databases: Databases, signing_key: str) -> None:
    """Who listens at one replica is told that a fault has struck at another one, and that it is gone."""
    settings = Settings(signing_key=signing_key, storage=databases.new())
    with MockServer(settings) as one, MockServer(settings) as other:
        one.faults.add(operation_id="membersStatsGet", status=500, times=2)
        with listening(one) as events:
            statuses, told = [], []
            for _ in range(2):
                statuses.append(httpx2.get(f"{other.url}/api/DEFAULT/analytics/members", headers=KEY).status_code)
                told.append(next(faults["items"] for _, kind, faults in events if kind == "faults"))

    assert statuses == [500, 500]
    assert [[fault["applied"] for fault in faults] for faults in told] == [[1], []]
