"""mockserver.control.events: every event can be fired, with data of one's own."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockserver.control.events import MOST_SHOWN, merged
from mockserver.openapi.contract import Contract
from tests.support.subscriptions import subscribe

ELSEWHERE = "http://example.com/"  # not on this machine: nothing is sent


def test_every_event_can_be_fired(client: TestClient, contract: Contract) -> None:
    """Each of the 29 events has a payload, and goes to its subscription."""
    caused = {}
    for event_name in contract.event_names:
        subscribe(client, ELSEWHERE, event_name)
        answer = client.post("/_mock/events", json={"eventName": event_name, "storeCode": "DEFAULT"})
        caused[event_name] = (answer.status_code, answer.json().get("total"))

    assert caused == dict.fromkeys(contract.event_names, (202, 1))
    assert len(caused) == 29


def test_only_so_many_deliveries_are_shown(client: TestClient) -> None:
    """An event that causes a flood is answered by a part of it, and its size."""
    for _ in range(2):
        subscribe(client, ELSEWHERE, "CustomerUpdated")

    answer = client.post("/_mock/events", json={"eventName": "CustomerUpdated", "storeCode": "DEFAULT", "count": 600})

    assert (len(answer.json()["items"]), answer.json()["total"]) == (MOST_SHOWN, 1200)


@pytest.mark.parametrize(
    ("base", "changes", "result"),
    [
        ({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 4}}, {"a": {"b": 4, "c": 2}, "d": 3}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"b": 1}}, {"a": None}, {"a": None}),
        ({"a": 1}, {"a": {"b": 2}}, {"a": {"b": 2}}),
        ({}, {"a": {"b": 2}}, {"a": {"b": 2}}),
    ],
)
def test_data_is_merged_at_any_depth(base: Any, changes: Any, result: Any) -> None:
    """Objects are merged key by key, anything else is replaced; what was merged into stays as it was."""
    before = json.dumps(base)

    assert merged(base, changes) == result
    assert json.dumps(base) == before
