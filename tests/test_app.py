"""mockserver.app: from a request to an answer."""

from starlette.testclient import TestClient


def test_events_are_listed(admin: TestClient) -> None:
    """An admin reads the event names."""
    answer = admin.get("/api/DEFAULT/webhook/event")

    assert answer.status_code == 200
    assert "CustomerRegistered" in answer.json()["items"]
