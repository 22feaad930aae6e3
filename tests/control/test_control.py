"""mockserver.control: what scenarios can't show."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.control.events import MOST_SHOWN, merged
from mockserver.http.messages import MAX_BODY
from mockserver.openapi.contract import Contract
from mockserver.operations import OPERATIONS
from mockserver.settings import Settings
from mockserver.world import World
from tests.subscriptions import subscribe

API_KEY = {"X-AUTH-TOKEN": "mock-api-key"}
EVENTS = "/api/DEFAULT/webhook/event"
ELSEWHERE = "http://example.com/"  # not on this machine: nothing is sent


def test_every_event_can_be_fired(client: TestClient, contract: Contract) -> None:
    """Each of the 29 events has a payload, and goes to its subscription."""
    caused = {}
    for event_name in contract.event_names:
        subscribe(client, ELSEWHERE, event_name)
        answer = client.post("/_mock/events", json={"eventName": event_name, "storeCode": "DEFAULT"})
        caused[event_name] = (answer.status_code, answer.json().get("total"))

    assert caused == dict.fromkeys(contract.event_names, (202, 1))
    assert len(caused) == 29


def test_only_so_many_deliveries_are_shown(client: TestClient) -> None:
    """An event that causes a flood is answered by a part of it, and its size."""
    for _ in range(2):
        subscribe(client, ELSEWHERE, "CustomerUpdated")

    answer = client.post("/_mock/events", json={"eventName": "CustomerUpdated", "storeCode": "DEFAULT", "count": 600})

    assert (len(answer.json()["items"]), answer.json()["total"]) == (MOST_SHOWN, 1200)


@pytest.mark.parametrize(
    ("base", "changes", "result"),
    [
        ({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 4}}, {"a": {"b": 4, "c": 2}, "d": 3}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"b": 1}}, {"a": None}, {"a": None}),
        ({"a": 1}, {"a": {"b": 2}}, {"a": {"b": 2}}),
        ({}, {"a": {"b": 2}}, {"a": {"b": 2}}),
    ],
)
def test_data_is_merged_at_any_depth(base: Any, changes: Any, result: Any) -> None:
    """Objects are merged key by key, anything else is replaced; what was merged into stays as it was."""
    before = json.dumps(base)

    assert merged(base, changes) == result
    assert json.dumps(base) == before


def test_a_large_snapshot_comes_back(client: TestClient) -> None:
    """A snapshot may be larger than what the API takes."""
    snapshot = client.get("/_mock/state").json()
    member = snapshot["members"][0]
    snapshot["members"][1:1] = [
        member | {"customerId": f"{number:08x}{member['customerId'][8:]}", "email": f"{number}@example.com"}
        for number in range(4000)
    ]
    assert len(json.dumps(snapshot)) > MAX_BODY

    assert client.put("/_mock/state", json=snapshot).status_code == 204
    assert client.get("/_mock/state").json() == snapshot


def test_a_refused_snapshot_leaves_chance_alone(client: TestClient) -> None:
    """A snapshot that is refused for its records doesn't change which ids come next."""
    snapshot = client.get("/_mock/state").json()
    client.post("/api/DEFAULT/member", json={"customer": {"email": "a@example.com"}}, headers=API_KEY)
    before = client.get("/_mock/state").content

    refused = client.put("/_mock/state", json=snapshot | {"stores": ["DEFAULT"]})

    assert refused.status_code == 400
    assert client.get("/_mock/state").content == before


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
    assert petstore.get("/_mock/nowhere").json() == {"code": 404, "message": "Not Found"}
