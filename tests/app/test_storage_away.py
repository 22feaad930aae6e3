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
        health = client.get("/_mock/health").status_code
        databases.cluster.start()
        while client.get(STATS).status_code == 503:  # its connections come back one after the other
            pass
        after = client.get(STATS).status_code

    assert (before, health, after) == (200, 200, 200)
    assert {answer.status_code for answer in away} == {503}
    assert {answer.headers["X-Mock-Source"] for answer in away} == {"mock"}
    assert "try again" in away[0].json()["message"]
