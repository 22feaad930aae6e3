"""mockserver.control.requests: the list of requests, of any contract. tests/scenarios/control shows the filters."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.openapi.contract import Contract
from mockserver.operations import OPERATIONS
from mockserver.settings import Settings
from mockserver.testing import MockServer
from mockserver.world import World

API_KEY = {"X-AUTH-TOKEN": "mock-api-key"}

EVENTS = "/api/DEFAULT/webhook/event"


async def _lie(world: World) -> tuple[object, int]:
    return {"items": [len(world.contract.event_names)]}, 200


@pytest.mark.parametrize("strict", [False, True])
def test_violations_are_listed(settings: Settings, contract: Contract, *, strict: bool) -> None:
    """An answer that leaves the contract can be found, with what is wrong, in strict mode too."""
    world = World.build(replace(settings, strict=strict), contract)
    with TestClient(create_app(world, OPERATIONS | {"webhookEventGetList": _lie})) as client:
        client.get(EVENTS, headers=API_KEY)
        client.get("/nowhere")
        listed = client.get("/_mock/requests?contractViolation=true").json()

    assert [(one["path"], one["status"]) for one in listed["items"]] == [(EVENTS, 500 if strict else 200)]
    assert listed["items"][0]["contractViolation"].startswith("body.items[0]: ")


@pytest.fixture
def petstore(settings: Settings, tmp_path: Path) -> Iterator[TestClient]:
    """A client of a mock of another contract, whose API key is in a header of its own."""
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Pets", "version": "1"},
        "paths": {"/pets": {"get": {"operationId": "listPets", "responses": {"200": {"description": "All."}}}}},
        "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "Pet-Key"}}},
    }
    path = tmp_path / "pets.json"
    path.write_text(json.dumps(document), "utf-8")
    with TestClient(create_app(World.build(settings, Contract.load(path)))) as client:
        yield client


def test_other_contracts_are_steered_too(petstore: TestClient) -> None:
    """Faults, the list of requests and a reset work for any contract."""
    fault = petstore.post("/_mock/faults", json={"operationId": "listPets", "status": 503, "times": 1})
    statuses = [petstore.get("/pets", headers={"Pet-Key": "secret"}).status_code for _ in range(2)]
    listed = petstore.get("/_mock/requests?operationId=listPets").json()

    assert (fault.status_code, statuses, listed["total"]) == (201, [503, 200], 2)
    assert "secret" not in json.dumps(listed)
    assert petstore.post("/_mock/reset").status_code == 204
    assert petstore.get("/_mock/nowhere").json()["message"].startswith("The control plane has no such path")


@pytest.fixture
def mock() -> Iterator[MockServer]:
    """A mock with its own HTTP server."""
    with MockServer(Settings(port=0)) as running:
        yield running


def _unanswered(mock: MockServer, count: int) -> list[dict[str, Any]]:
    """So many calls that were not answered, as soon as they are known."""
    query: dict[str, str | int] = {"answered": "false", "atLeast": count, "wait": 10}
    listed: list[dict[str, Any]] = httpx2.get(f"{mock.url}/_mock/requests", params=query, timeout=20).json()["items"]
    return listed


def _send_and_leave(mock: MockServer, data: bytes) -> None:
    host, port = mock.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(data)


@pytest.mark.parametrize("length", [100, 100_000])
def test_client_that_leaves_while_it_sends_is_listed(mock: MockServer, length: int) -> None:
    """A call whose client hung up within its body has its operation, or none, but no status and no answer."""
    for path in (b"/api/admin/login_check", b"/_mock/reset"):
        _send_and_leave(mock, b"POST %b?a=1 HTTP/1.1\r\nHost: mock\r\nContent-Length: %d\r\n\r\n{" % (path, length))

    (call,) = _unanswered(mock, 1)

    assert (call["operationId"], call["status"], call["answer"], call["query"]) == (
        "adminLoginCheck",
        None,
        None,
        "a=1",
    )


def test_unknown_path_that_was_not_sent_whole_is_listed(mock: MockServer) -> None:
    """A call to nowhere whose client hung up within its body is there, too."""
    _send_and_leave(mock, b"POST /nowhere HTTP/1.1\r\nHost: mock\r\nContent-Length: 9\r\n\r\n{")

    (call,) = _unanswered(mock, 1)

    assert (call["path"], call["operationId"], call["storeCode"], call["status"]) == ("/nowhere", None, None, None)


def test_client_that_leaves_before_its_answer_is_listed(mock: MockServer) -> None:
    """A call whose client didn't wait was done, but not answered."""
    head = b"GET %b HTTP/1.1\r\nHost: mock\r\nX-AUTH-TOKEN: mock-api-key\r\nPrefer: delay=0.2\r\n\r\n"
    _send_and_leave(mock, head % EVENTS.encode())

    (call,) = _unanswered(mock, 1)

    assert (call["status"], call["storeCode"], call["answered"]) == (200, "DEFAULT", False)


@pytest.mark.parametrize("effect", ["dropConnection", "truncateBody", "hang"])
def test_broken_answers_are_listed_as_such(mock: MockServer, effect: str) -> None:
    """An answer that a fault broke names the fault, and was not answered; one that it only falsified was."""
    with httpx2.Client(base_url=mock.url) as http:
        for wanted in ({"effect": effect}, {"status": 503}):
            fault = {"operationId": "webhookEventGetList", "times": 1, **wanted}
            assert http.post("/_mock/faults", json=fault).status_code == 201
        with pytest.raises(httpx2.HTTPError):
            http.get(EVENTS, headers=API_KEY, timeout=httpx2.Timeout(10, read=0.5))
        assert http.get(EVENTS, headers=API_KEY).status_code == 503
        first, second = http.get("/_mock/requests").json()["items"]

    assert (first["answered"], first["fault"]["effect"], first["status"]) == (False, effect, 200)
    assert (second["answered"], second["fault"]["effect"], second["status"]) == (True, None, 503)
    assert first["durationMs"] > 0


def test_verifying_waits_for_calls_that_come_later(mock: MockServer) -> None:
    """A test that verifies before its page has asked needn't sleep: the verdict comes with the call."""
    expected = {"match": {"path": EVENTS}, "atLeast": 2}
    with httpx2.Client(base_url=mock.url, timeout=20) as http, ThreadPoolExecutor() as threads:
        verdict = threads.submit(http.post, "/_mock/requests/verify?wait=10", json=expected)
        for _ in range(2):
            httpx2.get(mock.url + EVENTS)

        assert verdict.result().json()["ok"] is True


def test_nothing_comes_within_the_time(mock: MockServer) -> None:
    """Who verifies that nothing comes waits the whole time, but a call that is too much ends that."""
    expected = {"match": {"path": EVENTS}, "atMost": 0}
    with httpx2.Client(base_url=mock.url, timeout=20) as http:
        assert http.post("/_mock/requests/verify?wait=0.05", json=expected).json()["ok"] is True
        http.get(EVENTS)
        assert http.post("/_mock/requests/verify?wait=60", json=expected).json()["ok"] is False


def test_a_sequence_is_bounded_as_a_whole(mock: MockServer) -> None:
    """The regular expressions of all steps are weighed together: the first step that is too much is named."""
    step = {"path": "/a", "body": {"$.x": {"matches": "a[abcd]{600}d"}}}

    answer = httpx2.post(f"{mock.url}/_mock/requests/verify", json={"sequence": [step] * 12})

    assert answer.status_code == 400
    assert "sequence[10].body.$.x.matches" in answer.text


@pytest.mark.parametrize(("made", "reason"), [(0, "No calls fit"), (1, "1 call fits"), (3, "3 calls fit")])
def test_a_failed_count_says_so_in_words(petstore: TestClient, made: int, reason: str) -> None:
    """The reason of a count that isn't met has how many calls fit, and how many were wanted."""
    for _ in range(made):
        petstore.get("/pets", headers={"Pet-Key": "secret"})

    verdict = petstore.post("/_mock/requests/verify", json={"match": {}, "atLeast": 4}).json()

    assert verdict["reason"] == f"{reason}, not 4 at least."
