"""mockserver.pipeline.preferences: `Prefer` chooses status, example and delay."""

import pytest
from starlette.testclient import TestClient

PREFERENCES: list[tuple[str, int, str, bytes]] = [
    ("code=404", 404, "code=404", b"There is no such animal."),
    ("example=dog", 200, "example=dog", b'{"kind":"dog","name":"Rex","tricks":["sit"]}'),
    ('code=200; example="dog"', 200, "code=200, example=dog", b'{"kind":"dog","name":"Rex","tricks":["sit"]}'),
    ("delay=0.01", 200, "delay=0.01", b'{"kind":"cat","name":"Tom","lives":9}'),
    ("code=404, delay=0.01", 404, "code=404, delay=0.01", b"There is no such animal."),
]


@pytest.mark.parametrize(("prefer", "status", "applied", "body"), PREFERENCES)
def test_preference_steers_the_answer(
    zoo_client: TestClient, prefer: str, status: int, applied: str, body: bytes
) -> None:
    """A client chooses status and example, and can have it later."""
    answer = zoo_client.get("/v1/animals/1", headers={"Prefer": prefer})

    assert (answer.status_code, answer.headers["preference-applied"], answer.content) == (status, applied, body)


@pytest.mark.parametrize("prefer", ["respond-async", "", "dynamic=true", ",,;;=", "wait=10"])
def test_other_preferences_are_ignored(zoo_client: TestClient, prefer: str) -> None:
    """Preferences that the mock doesn't know change nothing."""
    answer = zoo_client.get("/v1/animals/1", headers={"Prefer": prefer})

    assert answer.status_code == 200
    assert "preference-applied" not in answer.headers


@pytest.mark.parametrize(
    ("prefer", "told"),
    [
        ("code=418", "It declares the codes 200, 404, and the examples cat, dog; a fault can"),
        ("example=cow", "It declares the codes 200, 404, and the examples cat, dog; a fault can"),
        ("code=404, example=cat", "It declares the codes 200, 404, and the examples cat, dog; a fault can"),
        ("code=many", "give 200 to 599"),
        ("code=101", "give 200 to 599"),
        ("delay=31", "30 at most"),
        ("delay=-1", "30 at most"),
        ("delay=1e9", "30 at most"),
    ],
)
def test_impossible_preference_is_told(zoo_client: TestClient, prefer: str, told: str) -> None:
    """A preference that the contract can't meet is a 400 that lists what it could, and leads to faults."""
    answer = zoo_client.get("/v1/animals/1", headers={"Prefer": prefer})

    assert (answer.status_code, answer.headers["x-mock-source"]) == (400, "mock")
    assert told in answer.json()["message"]
    assert answer.json()["message"].endswith(": docs/control-plane.md#faults.")
