"""mockserver.control.mock: snapshots that come back. tests/scenarios/control shows the rest."""

import json
from dataclasses import replace
from pathlib import Path

from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.http.messages import MAX_BODY
from mockserver.world import World
from tests.support.remembering import pets_document, remembering, with_toys

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


def test_records_of_resources_come_back_with_a_snapshot() -> None:
    """A snapshot has the records of another contract's resources: put back, the same requests get the same answers."""
    with remembering(with_toys()) as client:
        client.post("/pets", json={"name": "Rex"})
        client.delete("/pets/1")
        taken = client.get("/_mock/state").json()
        first = client.post("/pets", json={"name": "Tom"}).json()

        assert client.put("/_mock/state", json=taken).status_code == 204
        assert client.get("/_mock/state").json() == taken
        assert client.post("/pets", json={"name": "Tom"}).json() == first
        assert client.get("/pets/1").status_code == 404


def _refused(client: TestClient, snapshot: object) -> list[str]:
    """Where a snapshot is wrong, by the refusal of it."""
    answer = client.put("/_mock/state", json=snapshot)
    assert answer.status_code == 400
    return [error["path"] for error in answer.json()["errors"]]


def test_a_snapshot_of_another_contract_is_refused(client: TestClient) -> None:
    """A snapshot names its contract; one of another one is refused with words."""
    ours = client.get("/_mock/state").json()
    with remembering(with_toys()) as other:
        theirs = other.get("/_mock/state").json()

        assert "Open Loyalty" in other.put("/_mock/state", json=ours).text
        assert _refused(other, ours) == _refused(client, theirs) == ["contract"]


def test_records_that_are_not_the_contracts_are_refused() -> None:
    """Records of unknown resources, in other places, and with one key are refused; all are if none is remembered."""
    row = {"resource": "pets", "within": [], "key": "1", "data": {}}
    with remembering(with_toys()) as other, remembering(pets_document(), memory=False) as stateless:
        theirs = other.get("/_mock/state").json()
        unknown = [row | {"within": ["1"]}, row | {"resource": "cats"}]

        assert _refused(stateless, theirs | {"records": [row]}) == ["records"]
        assert _refused(other, theirs | {"records": unknown}) == ["records[0].within", "records[1].resource"]
        assert _refused(other, theirs | {"records": [row, row]}) == ["records[1].key"]


def test_records_are_reset_by_resource() -> None:
    """A resource starts over alone, with what is in its records; an unknown one is told, and so are two scopes."""
    with remembering(with_toys()) as client:
        client.post("/pets", json={"name": "Rex"})
        client.post("/pets/1/toys", json={})
        steps = [client.post(f"/_mock/reset?resource={name}").status_code for name in ("toys", "cats")]
        assert (steps, client.get("/pets").json()["total"]) == ([204, 400], 4)

        assert client.post("/_mock/reset?resource=pets&storeCode=DEFAULT").status_code == 400
        assert client.post("/_mock/reset?resource=pets").status_code == 204
        assert client.get("/pets").json()["total"] == 3


def test_described_records_of_resources_are_added() -> None:
    """Records are added beside those that are there, in others too; all of them, or none with each problem's path."""
    with remembering(with_toys()) as client:
        tom = {"id": 70, "name": "Tom"}
        added = {"pets": [{"name": "Rex"}, tom], "toys": [{"petId": 70, "id": "ball"}]}
        wrong = {"pets": [{"name": "Jo"}, {"id": 70}], "toys": [{}, {"petId": 99}]}

        assert client.post("/_mock/state", json={"records": added}).status_code == 204
        refused = client.post("/_mock/state", json={"records": wrong}).json()["errors"]
        taken = client.post("/_mock/state", json={"records": {"pets": [{"name": "Jo"}, tom]}})

        assert client.get("/pets/70/toys/ball").json()["petId"] == 70
        assert [error["path"] for error in refused] == ["records.toys[0].petId", "records.toys[1].petId"]
        assert [error["path"] for error in taken.json()["errors"]] == ["records.pets[1].id"]
        assert client.get("/pets").json()["total"] == 5


def test_presets_take_what_they_know(client: TestClient) -> None:
    """`many` takes a count and a resource; of what a preset doesn't take it says so."""
    with remembering(pets_document()) as other:
        answers = [
            other.post(f"/_mock/presets/{call}").status_code
            for call in ("many?count=2&resource=pets", "many?resource=cats", "many?storeCode=DEFAULT", "empty?count=2")
        ]
        assert other.get("/pets").json()["total"] == 5
        assert other.get("/_mock/presets").json()["total"] == 2

    assert answers == [204, 400, 400, 400]
    assert client.post("/_mock/presets/many").status_code == 404


def test_records_at_the_top_of_a_description_are_told_where_they_belong() -> None:
    """A resource's name at the top isn't expected: its records stand below `records`."""
    with remembering(pets_document()) as client:
        refused = client.post("/_mock/state", json={"pets": [{"name": "Rex"}]})

    (error,) = refused.json()["errors"]
    assert error["path"] == "pets"
    assert "takes records below `records`, by the names of its resources." in error["message"]
    assert "below `records`" in refused.headers["x-mock-hint"]


def test_a_slip_in_a_fault_is_told(client: TestClient) -> None:
    """A field that a fault doesn't have names the one that was meant."""
    refused = client.post("/_mock/faults", json={"operation": "memberPost", "status": 500})

    assert "Did you mean operationId?" in refused.text
