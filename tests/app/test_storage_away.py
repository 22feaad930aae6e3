"""A mock whose database goes away: it says so, breaks no contract, and goes on by itself."""

from typing import Any

import httpx2

from mockserver.settings import Settings
from mockserver.testing import MockServer
from tests.support.postgres import Databases

API_KEY = {"X-AUTH-TOKEN": "mock-api-key"}
STATS = "/api/DEFAULT/analytics/members"


def test_absence_of_the_database_is_told(databases: Databases, signing_key: str) -> None:
    """While the database is away requests get a 503 that is marked as the mock's own; then they are answered again."""
    settings = Settings(signing_key=signing_key, storage=databases.new(), strict=True)
    with MockServer(settings) as mock, httpx2.Client(base_url=mock.url, headers=API_KEY) as client:
        before = client.get(STATS).status_code
        databases.cluster.stop()
        away = [client.get(path) for path in (STATS, "/_mock/state", "/_mock/metrics")]
        health = client.get("/_mock/health")
        databases.cluster.start()
        _back(client, STATS)  # its connections come back one after the other
        after = _back(client, "/_mock/health").json()["status"]  # and one listens to what others change

    assert (before, after) == (200, "ok")
    assert (health.status_code, health.json()["status"]) == (503, "storageAway")
    assert {answer.status_code for answer in away} == {503}
    assert {answer.headers["X-Mock-Source"] for answer in away} == {"mock"}
    assert "try again" in away[0].json()["message"]


FROZEN = {"now": "2030-01-01T00:00:00Z", "frozen": True}
REFUSED: dict[str, tuple[str, str, object]] = {
    "clock": ("PUT", "/_mock/clock", FROZEN),
    "advance": ("POST", "/_mock/clock/advance", {"seconds": 86_400}),
    "reset": ("POST", "/_mock/reset", None),
    "preset": ("POST", "/_mock/presets/expired-sessions", None),
    "fault": ("POST", "/_mock/faults", {"match": {"path": "/a"}, "answer": {"status": 500}}),
}


def test_refused_changes_change_nothing(databases: Databases, signing_key: str) -> None:
    """A change of the control plane that is refused, as the database is away, is not made in the replica that was asked
    either: the clock, frozen or not, and the faults of all stay the same."""
    settings = Settings(signing_key=signing_key, storage=databases.new())
    with MockServer(settings) as one, MockServer(settings) as other:
        with httpx2.Client(base_url=one.url) as client:
            client.put("/_mock/clock", json=FROZEN).raise_for_status()
            client.post("/_mock/faults", json=REFUSED["fault"][2]).raise_for_status()
            databases.cluster.stop()
            answers = {name: _asked(client, *call) for name, call in REFUSED.items()}
            databases.cluster.start()
            _back(client, "/_mock/health")
        shown = [[_shown(mock, path) for mock in (one, other)] for path in ("/_mock/clock", "/_mock/faults")]

    assert answers == dict.fromkeys(REFUSED, 503)
    assert shown[0] == [{"now": "2030-01-01T00:00:00+00:00", "frozen": True}] * 2
    assert [len(faults["items"]) for faults in shown[1]] == [1, 1]


def _asked(client: httpx2.Client, method: str, path: str, body: object) -> int:
    return client.request(method, path, json=body).status_code


def _shown(mock: MockServer, path: str) -> dict[str, Any]:
    with httpx2.Client(base_url=mock.url) as client:
        shown: dict[str, Any] = _back(client, path).json()
    return shown


def _back(client: httpx2.Client, path: str) -> httpx2.Response:
    """The first answer that tells of no absence."""
    while (answer := client.get(path)).status_code == 503:
        pass
    return answer


def test_deliveries_reach_no_replica(databases: Databases, signing_key: str) -> None:
    """A delivery, by its header, is refused by a mock that shares its state, with valid credentials too: it may be one
    of another replica, whose own address it doesn't know. To a mock alone the header means nothing."""
    found = []
    for storage in (databases.new(), "memory"):
        with MockServer(Settings(signing_key=signing_key, storage=storage)) as mock:
            answer = httpx2.get(f"{mock.url}{STATS}", headers={**API_KEY, "X-Mock-Delivery": "1-1"})
            found.append((answer.status_code, answer.headers["X-Mock-Source"], "X-Mock-Replica" in answer.headers))

    assert found == [(403, "mock", True), (200, "behaviour", False)]


def test_replicas_name_themselves(databases: Databases, signing_key: str) -> None:
    """Each answer names the replica that has given it; so do health and metrics, which count those that are alive."""
    settings = Settings(signing_key=signing_key, storage=databases.new())
    paths = ("/_mock/requests", "/_mock/health", "/_mock/metrics", STATS, "/nowhere")
    with MockServer(settings) as one, MockServer(settings) as other:
        answers = [[httpx2.get(f"{mock.url}{path}", headers=API_KEY) for path in paths] for mock in (one, other)]

    numbers = [{answer.headers["X-Mock-Replica"] for answer in of_one} for of_one in answers]
    assert [len(of_one) for of_one in (*numbers, numbers[0] | numbers[1])] == [1, 1, 2]
    for (number,), of_one in zip(numbers, answers, strict=True):
        assert of_one[1].json() == {"status": "ok", "replica": int(number)}
        assert f'replica="{number}"' in of_one[2].text
    assert "mockserver_replicas 2\n" in answers[0][2].text
