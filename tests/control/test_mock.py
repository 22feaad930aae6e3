"""mockserver.control.mock: snapshots that come back. tests/scenarios/control shows the rest."""

import json
from dataclasses import replace
from pathlib import Path

from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.http.messages import MAX_BODY
from mockserver.world import World

API_KEY = {"X-AUTH-TOKEN": "mock-api-key"}


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


def test_store_is_reset_alone(client: TestClient) -> None:
    """A reset of a store leaves the other one alone; an unknown store is told, and nothing is lost."""
    for store in ("DEFAULT", "OTHER"):
        client.post(f"/api/{store}/member", json={"customer": {"email": "a@example.com"}}, headers=API_KEY)

    refused = client.post("/_mock/reset?storeCode=NOWHERE")
    done = client.post("/_mock/reset?storeCode=OTHER")

    assert (refused.status_code, refused.json()["errors"][0]["path"], done.status_code) == (400, "storeCode", 204)
    members = [row["storeCode"] for row in client.get("/_mock/state").json()["members"]]
    assert sorted(members) == ["DEFAULT", "DEFAULT", "OTHER"]


def test_described_records_are_added(client: TestClient) -> None:
    """What is described is there for the API, and no event is emitted for it; what doesn't fit is told by its path."""
    description = {
        "subscriptions": [{"eventName": "CustomerRegistered", "url": "http://127.0.0.1:9/"}],
        "members": [{"email": "jo@example.com", "password": "secret"}],
    }

    assert client.post("/_mock/state", json=description).status_code == 204
    refused = client.post("/_mock/state", json=description)

    login = client.post("/api/DEFAULT/member/login_check", json={"username": "jo@example.com", "password": "secret"})
    assert login.status_code == 200
    assert client.get("/_mock/deliveries").json()["total"] == 0
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (400, "members[0].email")


def test_presets_are_listed_and_applied(client: TestClient) -> None:
    """Each preset that is listed can be applied; others are not found, and one of the whole mock takes no store."""
    presets = {preset["name"]: preset["ofStore"] for preset in client.get("/_mock/presets").json()["items"]}

    assert presets == {"empty": True, "busy-store": True, "expired-sessions": False}
    assert [client.post(f"/_mock/presets/{name}").status_code for name in presets] == [204] * 3
    assert client.post("/_mock/presets/none").status_code == 404
    assert client.post("/_mock/presets/expired-sessions?storeCode=OTHER").status_code == 400
    assert client.post("/_mock/presets/empty?storeCode=NOWHERE").status_code == 400


def test_presets_of_a_folder_that_broke_are_told(world: World, tmp_path: Path) -> None:
    """A folder or file that can't be read is a 400 that names it."""
    (tmp_path / "mine.yaml").write_text("members: 3\n")
    here = world._replace(settings=replace(world.settings, presets=str(tmp_path)))
    gone = world._replace(settings=replace(world.settings, presets=str(tmp_path / "gone")))
    with TestClient(create_app(here)) as client:
        broken = client.post("/_mock/presets/mine")
    with TestClient(create_app(gone)) as client:
        missing = client.get("/_mock/presets")

    assert (broken.status_code, "mine.yaml:1" in broken.text) == (400, True)
    assert (missing.status_code, "can't be read" in missing.text) == (400, True)
