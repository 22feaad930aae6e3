"""mockserver.control.events: every event can be fired, with data of one's own."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from starlette.testclient import TestClient

from mockserver.control.events import MOST_SHOWN, merged
from mockserver.openapi.contract import Contract
from tests.support.foreign import answering, serving
from tests.support.subscriptions import subscribe

SCHEMAS = ("WebhookEvent", *Contract.load().event_names)
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


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_event_has_a_schema(client: TestClient, name: str) -> None:
    """The schema is one of JSON Schema 2020-12, and refers to nothing outside of it."""
    schema = client.get(f"/_mock/schemas/{name}.json").json()

    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["title"] == name
    assert set(re.findall(r'"\$ref": "([^"]*)"', json.dumps(schema))) <= {f"#/$defs/{key}" for key in schema["$defs"]}


def test_any_event_is_told_by_its_name(client: TestClient, contract: Contract) -> None:
    """What isn't one of the events, or is one under the name of another, isn't valid as any of them."""
    validator = jsonschema.Draft202012Validator(client.get("/_mock/schemas/WebhookEvent.json").json())
    declared = contract.document["x-webhooks"]["CustomerUpdated"]["post"]["requestBody"]["content"]
    (example,) = [example["value"] for example in declared["application/json"]["examples"].values()]

    assert validator.is_valid(example)
    assert not validator.is_valid(example | {"eventName": "CustomerRegistered"})
    assert not validator.is_valid(example | {"eventName": "Unknown"})
    assert not validator.is_valid({})


def test_an_unknown_event_has_no_schema(client: TestClient) -> None:
    """The answer names those that have one."""
    answer = client.get("/_mock/schemas/CustomerRegisterd.json")

    assert answer.status_code == 404
    assert answer.json()["message"].startswith(
        "The contract has no event 'CustomerRegisterd' whose payload has a schema. It has WebhookEvent, "
    )


def test_a_contract_without_events_has_no_schemas(tmp_path: Path) -> None:
    """Of another contract the mock says so."""
    with serving(tmp_path, {"/a": {"get": answering()}}) as client:
        answer = client.get("/_mock/schemas/WebhookEvent.json")

    assert (answer.status_code, answer.json()["message"]) == (
        404,
        "The contract has no event 'WebhookEvent' whose payload has a schema. It has none.",
    )
