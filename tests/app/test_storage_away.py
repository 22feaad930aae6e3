"""A mock whose database goes away: it says so, breaks no contract, and goes on by itself."""

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


def _back(client: httpx2.Client, path: str) -> httpx2.Response:
    """The first answer that tells of no absence."""
    while (answer := client.get(path)).status_code == 503:
        pass
    return answer


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
