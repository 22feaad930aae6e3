"""The same seed, key, clock and requests: the same bytes, in another process, after a reset, and after a restore."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from mockserver.settings import Settings
from mockserver.testing import MockServer, Receiver

TIMEOUT = 30  # seconds; nothing waits for them unless it is broken
SEED = 7
FROZEN = {"now": "2026-01-15T10:30:00Z", "frozen": True}
STORE = "/api/DEFAULT"
MEMBER = {"customer": {"email": "ada@example.com", "firstName": "Ada"}}
ITEM = {"sku": "S1", "name": "Tea", "quantity": 1, "grossValue": 3.5, "category": "drinks"}
TRANSACTION = {
    "transaction": {
        "header": {"documentNumber": "1", "purchasedAt": "2026-01-15T10:00:00+00:00"},
        "items": [ITEM],
        "customerData": {"email": "ada@example.com"},
    }
}
FIRST, SECOND = 4, 6  # deliveries of the first run of the script, and of a second one after it

Answer = tuple[int, dict[str, str], bytes]
Arrived = tuple[str, str]  # headers and body


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Where deliveries go; its port is the same in all runs of a test, as it is part of what is sent."""
    with Receiver() as receiver:
        yield receiver


@contextmanager
def _process(signing_key: str) -> Iterator[str]:
    """The URL of a mock in a fresh process."""
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--seed", str(SEED)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
    with subprocess.Popen(  # noqa: S603 (our own command)
        [*command, "--signing-key", signing_key], stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        watchdog = threading.Timer(TIMEOUT, process.kill)
        watchdog.start()
        assert process.stderr is not None
        yield process.stderr.readline().split()[-1]
        process.terminate()
        process.communicate()
        watchdog.cancel()


def _script(http: httpx2.Client, receiver: str) -> list[Answer]:
    """What a test might do. Each answer, without what no seed can repeat."""

    asked: list[Answer] = []

    def ask(method: str, path: str, body: object = None) -> Any:
        answer = http.request(method, path, json=body) if body is not None else http.request(method, path)
        headers = {key: value for key, value in answer.headers.items() if key != "date"}
        asked.append((answer.status_code, headers, answer.content))
        return answer.json() if answer.content else None

    login = ask("POST", "/api/admin/login_check", {"username": "admin", "password": "password"})
    http.headers["Authorization"] = f"Bearer {login['token']}"
    for event_name in (
        "CustomerRegistered",
        "TransactionRegistered",
        "TransactionAssignedToCustomer",
        "LevelWillExpire",
    ):
        wanted = {"eventName": event_name, "url": receiver, "hmacEnabled": True}
        ask("POST", f"{STORE}/webhook/subscription", {"webhookSubscription": wanted})
    ask("POST", "/_mock/faults", {"operationId": "webhookEventGetList", "status": 503, "probability": 0.5})
    ask("POST", f"{STORE}/member", MEMBER)
    ask("POST", f"{STORE}/member", MEMBER)
    ask("POST", f"{STORE}/transaction", TRANSACTION)
    ask("POST", "/_mock/events", {"eventName": "LevelWillExpire", "storeCode": "DEFAULT"})
    for _ in range(8):
        ask("GET", f"{STORE}/webhook/event")
    ask("POST", "/api/token/refresh", {"refresh_token": login["refresh_token"]})
    ask("GET", f"{STORE}/webhook/subscription?_orderBy[createdAt]=desc")
    ask("GET", f"{STORE}/analytics/members")
    return asked


def _run(
    http: httpx2.Client, receiver: Receiver, count: int, before: int = 0
) -> tuple[list[Answer], list[tuple[str, str]]]:
    """All answers to the script, and the deliveries that it caused, as they came over the wire; `before` is how many
    were remembered before."""
    receiver.clear()
    answers = _script(http, receiver.url)
    query: dict[str, str | int] = {"status": "delivered", "atLeast": before + count, "wait": TIMEOUT}
    listed = http.get("/_mock/deliveries", params=query, timeout=TIMEOUT + 10).json()
    captured = [(one.headers.as_string(), one.body.decode()) for one in receiver.captured]
    assert (listed["total"], len(captured)) == (before + count, count)
    return answers, sorted(captured)


def test_two_processes_agree(signing_key: str, receiver: Receiver) -> None:
    """Two fresh processes with the same seed, key and frozen clock give the same answers and deliveries to the byte."""
    seen = []
    for _ in range(2):
        with _process(signing_key) as mock, httpx2.Client(base_url=mock) as http:
            http.put("/_mock/clock", json=FROZEN).raise_for_status()
            seen.append(_run(http, receiver, FIRST))

    assert seen[0][0] == seen[1][0]
    assert seen[0][1] == seen[1][1]
    assert {status for status, _, _ in seen[0][0]} == {200, 201, 202, 400, 503}


@pytest.fixture
def http(signing_key: str) -> Iterator[httpx2.Client]:
    """A client of a mock in this process, with a seed and a key, whose clock stands still."""
    settings = Settings(port=0, seed=SEED, signing_key=signing_key)
    with MockServer(settings) as mock, httpx2.Client(base_url=mock.url) as http:
        http.put("/_mock/clock", json=FROZEN).raise_for_status()
        yield http


def test_a_reset_repeats_everything(http: httpx2.Client, receiver: Receiver) -> None:
    """After a reset the same requests get the same answers and deliveries as after the start."""
    first = _run(http, receiver, FIRST)
    http.post("/_mock/reset").raise_for_status()
    http.put("/_mock/clock", json=FROZEN).raise_for_status()

    assert _run(http, receiver, FIRST) == first


def test_a_restored_snapshot_repeats_everything(http: httpx2.Client, receiver: Receiver) -> None:
    """Take a snapshot, change everything, put it back: what was answered and sent after it is answered and sent
    again."""
    _run(http, receiver, FIRST)
    snapshot = http.get("/_mock/state").content
    first = _run(http, receiver, SECOND, before=FIRST)
    http.put("/_mock/clock", json={"now": "2031-01-01T00:00:00Z", "frozen": False}).raise_for_status()
    http.delete("/_mock/faults").raise_for_status()

    restored = http.put("/_mock/state", content=snapshot, headers={"Content-Type": "application/json"})

    assert restored.status_code == 204
    assert http.get("/_mock/state").content == snapshot
    assert _run(http, receiver, SECOND) == first


def test_a_snapshot_moves_to_another_mock(signing_key: str, http: httpx2.Client, receiver: Receiver) -> None:
    """A snapshot put into another mock with the same seed and key makes it answer as the first would."""
    _run(http, receiver, FIRST)
    snapshot = http.get("/_mock/state").json()
    first = _run(http, receiver, SECOND, before=FIRST)

    another = Settings(port=0, stores=("ELSEWHERE",), seed=SEED, signing_key=signing_key)
    with MockServer(another) as mock, httpx2.Client(base_url=mock.url) as client:
        client.put("/_mock/state", json=snapshot).raise_for_status()

        assert _run(client, receiver, SECOND) == first
