"""mockserver.control.requests: the list of requests, of any contract. tests/scenarios/control shows the filters."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.openapi.contract import Contract
from mockserver.operations import OPERATIONS
from mockserver.settings import Settings
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
    assert petstore.get("/_mock/nowhere").json() == {"code": 404, "message": "Not Found"}
