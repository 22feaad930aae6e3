"""tools.cluster.cluster: several mocks with one state behind one address, of which one may be killed."""

import asyncio
import http.client
import json
import signal
import socket
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from tools.cluster.__main__ import banner
from tools.cluster.cluster import MockCluster, Plan, until_healthy
from tools.programs import Failure, Missing

EVENTS = "/api/DEFAULT/webhook/event"
SUBSCRIPTIONS = "/api/DEFAULT/webhook/subscription"
NEW = {"webhookSubscription": {"eventName": "CustomerRegistered", "url": "http://127.0.0.1:9/", "headers": []}}

SEEN = 3.0  # seconds in which HAProxy has seen for long that no replica is healthy
AWAY = "The database of this mock can't be reached"

pytestmark = pytest.mark.postgres


def _ask(url: str, method: str, path: str, content: object = None, **more: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    headers = {"X-AUTH-TOKEN": "mock-api-key", "Content-Type": "application/json"} | more
    connection.request(method, path, None if content is None else json.dumps(content), headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


@pytest.fixture
async def cluster() -> AsyncIterator[MockCluster]:
    """Two mocks behind HAProxy."""
    try:
        async with MockCluster(Plan(replicas=2), lambda _: None) as running:
            yield running
    except Missing as error:
        pytest.skip(str(error))


@pytest.mark.anyio
async def test_what_was_answered_outlives_its_replica(cluster: MockCluster) -> None:
    """What one replica has made another one knows, after the first was killed; it comes back by itself."""
    first, second = cluster.replicas
    status, body = _ask(first.url, "POST", SUBSCRIPTIONS, NEW)
    first.process.signal(signal.SIGKILL)
    known = _ask(second.url, "GET", f"{SUBSCRIPTIONS}/{json.loads(body)['webhookSubscriptionId']}")
    through = [_ask(cluster.url, "GET", EVENTS)[0] for _ in range(10)]
    await until_healthy(first.process, first.port)

    assert (status, known[0], set(through)) == (200, 200, {200})
    assert _ask(first.url, "GET", EVENTS)[0] == 200
    assert cluster.url in banner(cluster)


@pytest.mark.anyio
async def test_absence_of_the_database_is_told_in_the_mocks_words(cluster: MockCluster) -> None:
    """While no replica reaches the database the mock's own 503 reaches the client, also if it had asked before."""
    under_way = asyncio.create_task(asyncio.to_thread(_ask, cluster.url, "POST", SUBSCRIPTIONS, NEW, Prefer="delay=2"))
    await asyncio.to_thread(cluster.postgres.stop)
    loop = asyncio.get_running_loop()
    until, answers = loop.time() + SEEN, list[tuple[int, bytes]]()
    while loop.time() < until:
        answers.append(await asyncio.to_thread(_ask, cluster.url, "GET", EVENTS))
    answers.append(await under_way)
    await asyncio.to_thread(cluster.postgres.start)
    await until_healthy(cluster.balancer, cluster.port)

    assert {status for status, _ in answers} == {503}
    assert {json.loads(body)["message"].partition(" (")[0] for _, body in answers} == {AWAY}
    assert _ask(cluster.url, "GET", EVENTS)[0] == 200


@pytest.mark.anyio
async def test_bad_setting_fails_the_start_with_its_words() -> None:
    """Where no mock starts, the failure has what it said, and nothing is left running."""
    plan = Plan(replicas=1, variables={"MOCKSERVER_PORT": "1", "MOCKSERVER_STORES": "a b"})

    with pytest.raises(Failure, match=r"(?s)replica-1 doesn't start.*The stores must be comma-separated"):
        await MockCluster(plan, lambda _: None).__aenter__()


@pytest.mark.anyio
async def test_taken_port_is_told_before_anything_starts() -> None:
    """A port that somebody uses is refused at once."""
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(Failure, match="can't be used"):
        await MockCluster(Plan(other.getsockname()[1]), lambda _: None).__aenter__()
