"""mockserver.webhooks.events: the catalogue of the contract, and the envelope."""

import json

import pytest

from mockserver.errors import BadRequest
from mockserver.openapi.contract import Contract
from mockserver.openapi.examples import Examples
from mockserver.webhooks.events import Event, EventForm, Events, SharedContent, enveloped
from tests.support.event_contracts import ORDERS

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

    assert events.violations(name, Event(1, name, "DEFAULT", NOW, data).payload(ONE, OTHER)) == []
    assert Events(contract, Examples(contract, 1)).generated(name) == data


def test_violations_are_found(events: Events) -> None:
    """A payload that leaves the contract is told where: in the envelope, and in its data."""
    nobody = {"customerId": "7", "email": None, "phone": None}
    event = Event(1, "CustomerUpdated", "DEFAULT", NOW, {"customer": nobody})

    found = events.violations("CustomerUpdated", event.payload("x", OTHER))

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
        events.violations("MadeUp", {})
    with pytest.raises(KeyError, match="MadeUp"):
        events.form("MadeUp")


@pytest.mark.parametrize(
    ("name", "form", "written_as"),
    [
        ("order.shipped", EventForm("POST", "application/json", has_envelope=False), b'{"type":"order.shipped",'),
        ("order/form", EventForm("PUT", "application/x-www-form-urlencoded", has_envelope=False), b"id=7"),
        ("note", EventForm("POST", "text/plain", has_envelope=False), b"shipped"),
    ],
)
def test_events_of_others_have_forms_of_their_own(name: str, form: EventForm, written_as: bytes) -> None:
    """What isn't Open Loyalty's has no envelope: its data is its payload, in the media type that is declared."""
    contract = Contract(b"", ORDERS)
    events = Events(contract, Examples(contract, 1))
    data = events.generated(name)
    event = Event(1, name, "DEFAULT", NOW, data, events.form(name))

    assert events.form(name)._replace(headers=()) == form
    assert event.payload(ONE, OTHER) is data
    assert events.violations(name, data) == []
    body = enveloped(ONE, OTHER, event.head(), SharedContent(data, form.media_type).data)
    assert body.startswith(written_as)


def test_declared_headers_go_along() -> None:
    """An event has the headers that its contract declares with a value."""
    contract = Contract(b"", ORDERS)
    headers = dict(Events(contract, Examples(contract, 1)).form("order.shipped").headers)

    assert headers == {"X-Shop": "north", "webhook-id": "declared", "X-Mock-Delivery": "declared"}


def test_an_event_without_a_payload_that_can_be_made_is_refused() -> None:
    """An event whose schema accepts nothing can't be made up; the error says what to do."""
    contract = Contract(b"", ORDERS)

    with pytest.raises(BadRequest, match=r"No payload of never was found.*Give the mock an `example`"):
        Events(contract, Examples(contract, 1)).generated("never")


def test_all_of_ours_have_an_envelope(events: Events) -> None:
    """Each of the 29 events is sent in Open Loyalty's envelope, by POST."""
    assert {events.form(name) for name in events.names} == {EventForm()}


def test_every_event_has_a_schema(events: Events, contract: Contract) -> None:
    """Each event has the schema of its payloads, and there is one of them all."""
    found = {name: contract.at(events.schema_pointer(name)) for name in events.schema_names}

    assert len(found.pop("WebhookEvent")["oneOf"]) == 29
    assert found == {name: {"$ref": f"#/components/schemas/{name}Event"} for name in contract.event_names}
    with pytest.raises(KeyError, match="MadeUp"):
        events.schema_pointer("MadeUp")


def test_names_of_events_may_be_odd() -> None:
    """An event with a slash in its name has a schema, too; one without a payload has none."""
    json_body = {"content": {"application/json": {"schema": {"type": "object"}}}}
    document = {
        "openapi": "3.0.3",
        "paths": {},
        "x-webhooks": {
            "order/created~%": {"post": {"requestBody": json_body}},
            "Empty": {"post": {"requestBody": {"content": {"text/plain": {}}}}},
        },
    }
    contract = Contract(b"", document)
    events = Events(contract, Examples(contract, 1))

    assert events.schema_names == ["order/created~%"]
    assert contract.at(events.schema_pointer("order/created~%")) == {"type": "object"}
    assert events.violations("order/created~%", {}) == []
