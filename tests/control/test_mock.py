"""mockserver.control.mock: snapshots that come back. tests/scenarios/control shows the rest."""

import json

from starlette.testclient import TestClient

from mockserver.http.messages import MAX_BODY

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
