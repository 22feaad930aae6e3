"""mockserver.webhooks.events: the catalogue of the contract, and the envelope."""

import json

import pytest

from mockserver.errors import BadRequest
from mockserver.openapi.contract import Contract
from mockserver.openapi.examples import Examples
from mockserver.webhooks.events import Event, Events, SharedContent, enveloped

NOW = 1_768_473_000.0
ONE, OTHER = "30a05691-acc8-4cdb-a255-014fbe7366d9", "ce581f86-1862-4fa9-89cd-4023459039ca"


@pytest.fixture(scope="session")
def events(contract: Contract) -> Events:
    """The catalogue of the contract."""
    return Events(contract, Examples(contract, 1))


def test_names_are_those_of_the_contract(events: Events) -> None:
    """There are the 29 events of vendor-facts §4."""
    assert len(events.names) == 29
    assert "AchievementsWereProcessed" in events.names


def test_what_is_shared_is_written_once() -> None:
    """A payload put together from ids, head and data is the envelope, key by key in the vendor's order."""
    event = Event(1, "CustomerUpdated", "DEFAULT", NOW, {"customer": {"name": 'Zoë "Z"'}})

    body = enveloped(ONE, OTHER, event.head(), SharedContent(event.data).data)

    assert json.loads(body) == event.payload(ONE, OTHER)
    assert list(json.loads(body)) == ["messageId", "requestId", "eventName", "storeCode", "createdAt", "data"]


@pytest.mark.parametrize("name", Contract.load().event_names)
def test_generated_data_is_valid(events: Events, contract: Contract, name: str) -> None:
    """Every event can be generated, always the same for one seed."""
    data = events.generated(name)

    assert events.violations(Event(1, name, "DEFAULT", NOW, data).payload(ONE, OTHER)) == []
    assert Events(contract, Examples(contract, 1)).generated(name) == data


def test_violations_are_found(events: Events) -> None:
    """A payload that leaves the contract is told where: in the envelope, and in its data."""
    nobody = {"customerId": "7", "email": None, "phone": None}
    event = Event(1, "CustomerUpdated", "DEFAULT", NOW, {"customer": nobody})

    found = events.violations(event.payload("x", OTHER))

    assert {one.path for one in found} == {
        ("messageId",),
        ("data", "customer", "customerId"),
        ("data", "customer", "loyaltyCardNumber"),
    }


def test_unknown_events(events: Events) -> None:
    """An event that the contract doesn't know can neither be judged nor generated."""
    with pytest.raises(KeyError, match="MadeUp"):
        events.generated("MadeUp")
    with pytest.raises(KeyError, match="MadeUp"):
        events.violations({"eventName": "MadeUp"})


@pytest.mark.parametrize("media_type", ["application/json", "text/plain"])
def test_events_of_another_form_are_only_described(media_type: str) -> None:
    """A webhook of anybody's, whose payload isn't an envelope, or no JSON, is refused with the reason."""
    content = {"content": {media_type: {"schema": {"type": "object"}}}}
    contract = Contract(b"", {"openapi": "3.1.0", "webhooks": {"born": {"post": {"requestBody": content}}}})

    with pytest.raises(BadRequest, match="born can't be sent: its payload is no JSON with `data`"):
        Events(contract, Examples(contract, 1)).generated("born")


def test_every_event_has_a_schema(events: Events, contract: Contract) -> None:
    """Each event has the schema of its payloads, and there is one of them all."""
    found = {name: contract.at(events.schema_pointer(name)) for name in events.schema_names}

    assert len(found.pop("WebhookEvent")["oneOf"]) == 29
    assert found == {name: {"$ref": f"#/components/schemas/{name}Event"} for name in contract.event_names}
    with pytest.raises(KeyError, match="MadeUp"):
        events.schema_pointer("MadeUp")


def test_names_of_events_may_be_odd() -> None:
    """An event with a slash in its name has a schema, too; one that isn't sent as JSON has none."""
    json_body = {"content": {"application/json": {"schema": {"type": "object"}}}}
    document = {
        "openapi": "3.0.3",
        "paths": {},
        "x-webhooks": {
            "order/created~%": {"post": {"requestBody": json_body}},
            "Form": {"post": {"requestBody": {"content": {"text/plain": {"schema": {}}}}}},
        },
    }
    contract = Contract(b"", document)
    events = Events(contract, Examples(contract, 1))

    assert events.schema_names == ["order/created~%"]
    assert contract.at(events.schema_pointer("order/created~%")) == {"type": "object"}
    assert events.violations({"eventName": "order/created~%"}) == []
