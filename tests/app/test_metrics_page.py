"""mockserver.app.metrics_page: what Prometheus reads."""

import re
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from mockserver import __version__
from mockserver.app import create_app
from mockserver.app.metrics_page import page
from mockserver.openapi.contract import Contract
from mockserver.operations import OPERATIONS
from mockserver.settings import Settings
from mockserver.webhooks.deliveries import Backlog
from mockserver.world import World

KEY = {"X-AUTH-TOKEN": "mock-api-key"}
EVENTS = "/api/DEFAULT/webhook/event"
SAMPLE = re.compile(r'mockserver_[a-z_]+(\{([a-z]+="([^"\\\n]|\\["\\n])*",?)+\})? [0-9.e+-]+')


def _samples(text: str) -> dict[str, float]:
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name.removeprefix("mockserver_"): float(value) for name, _, value in lines}


def test_what_happened_is_counted(client: TestClient) -> None:
    """Requests are counted by operation and status, faults by operation, records by kind."""
    fault = {"operationId": "webhookEventGetList", "status": 500, "times": 1}
    client.post("/_mock/faults", json=fault)
    for headers in (KEY, KEY, {}):
        client.get(EVENTS, headers=headers)
    client.get("/nothing")

    samples = _samples(client.get("/_mock/metrics").text)

    of_events = 'requests_total{operation="webhookEventGetList",status='
    assert [samples[f'{of_events}"{status}"}}'] for status in (200, 401, 500)] == [1, 1, 1]
    assert samples['requests_total{operation="",status="404"}'] == 1
    assert samples['request_seconds_count{operation="webhookEventGetList",status="200"}'] == 1
    assert samples['faults_applied_total{operation="webhookEventGetList",on="answer"}'] == 1
    assert (samples['records{kind="members"}'], samples['records{kind="stores"}']) == (2, 2)


def test_page_says_what_it_is(client: TestClient) -> None:
    """It has the type of Prometheus' text, the version, the uptime, and zero where nothing happened."""
    answer = client.get("/_mock/metrics")
    samples = _samples(answer.text)

    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert f'version="{__version__}"' in answer.text
    assert samples["uptime_seconds"] > 0
    assert samples['deliveries_total{status="delivered"}'] == 0


def test_queue_is_measured(client: TestClient, world: World) -> None:
    """What isn't delivered yet is counted, and the oldest has its age."""
    body = {"webhookSubscription": {"eventName": "CustomerRegistered", "url": "http://127.0.0.1:9/nobody"}}
    client.post("/api/DEFAULT/webhook/subscription", headers=KEY, json=body)
    before = _samples(client.get("/_mock/metrics").text)["queue_length"]
    client.post("/_mock/faults", json={"eventName": "CustomerRegistered", "delay": 3600})
    client.post("/_mock/events", json={"eventName": "CustomerRegistered", "storeCode": "DEFAULT"})
    world.clock.advance(60)
    samples = _samples(client.get("/_mock/metrics").text)

    assert (before, samples["queue_length"]) == (0, 1)
    assert samples["queue_age_seconds"] >= 60


async def _strange(_world: World) -> tuple[object, int]:
    return {"odd": True}, 200


def test_violations_are_counted(world: World) -> None:
    """An answer that left the contract is counted under its operation."""
    with TestClient(create_app(world, {**OPERATIONS, "webhookEventGetList": _strange})) as client:
        client.get(EVENTS, headers=KEY)
        samples = _samples(client.get("/_mock/metrics").text)

    assert samples['contract_violations_total{operation="webhookEventGetList"}'] == 1


def test_reset_leaves_the_counters(client: TestClient) -> None:
    """Counters only grow: a reset in between doesn't look like a new process."""
    client.get(EVENTS, headers=KEY)
    client.post("/_mock/reset")

    assert 'requests_total{operation="webhookEventGetList",status="200"} 1' in client.get("/_mock/metrics").text


@pytest.mark.parametrize("title", ['a "b"', "a\\b", "a\nb 1\nmockserver_forged 1", "a\ud800", "}"])
def test_labels_are_escaped(settings: Settings, title: str) -> None:
    """Whatever a contract is called, the page has samples of the mock alone, each in a line of the right form."""
    document = {"openapi": "3.0.3", "info": {"title": title, "version": "1"}, "paths": {}}

    text = page(World.build(settings, Contract(b"", document)), {"members": 1}, Backlog(0, 0.0))

    samples = [line for line in text.encode().decode().splitlines() if not line.startswith("#")]
    assert all(SAMPLE.fullmatch(line) for line in samples)
    assert not any(line.startswith("mockserver_forged") for line in samples)


def test_open_like_health_but_for_other_origins(settings: Settings, contract: Contract) -> None:
    """No token is needed; pages of other origins, and names that might be public, get nothing; off with the plane."""
    client = TestClient(create_app(World.build(replace(settings, control_token="secret"), contract)))

    foreign = client.get("/_mock/metrics", headers={"Origin": "http://evil.com"})

    assert foreign.status_code == 200
    assert "access-control-allow-origin" not in foreign.headers
    assert client.get("/_mock/metrics", headers={"Host": "evil.com"}).status_code == 403
    off = TestClient(create_app(World.build(replace(settings, control=False), contract)))
    assert off.get("/_mock/metrics").status_code == 404
