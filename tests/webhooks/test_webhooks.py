"""Webhooks as a user sees them: a mock and a receiver, two real servers, and nothing in between but HTTP."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx2
import jsonschema  # type: ignore[import-untyped]
import pytest

from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.storage.model import Destination, Subscription
from mockserver.testing import MockServer, Receiver, Respond
from tests.support.deliveries import PATIENCE
from tests.support.subscriptions import subscribe

EVENTS = Contract.load().event_names
FORMATS = jsonschema.Draft202012Validator.FORMAT_CHECKER


@pytest.fixture
def mock(settings: Settings) -> Iterator[MockServer]:
    """A mock with its own clock."""
    with MockServer(replace(settings, retry_delay=0.05)) as mock:
        yield mock


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that answers 204."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def client(mock: MockServer) -> Iterator[httpx2.Client]:
    """A client with the permanent key, at the paths of one store."""
    with httpx2.Client(base_url=f"{mock.url}/api/DEFAULT", headers={"X-AUTH-TOKEN": "mock-api-key"}) as client:
        yield client


def _register(client: httpx2.Client, **customer: Any) -> str:
    answer = client.post("/member", json={"customer": customer})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["customerId"])


def _buy(client: httpx2.Client, **transaction: Any) -> str:
    item = {"sku": "S1", "name": "Shoe", "category": "shoes", "grossValue": 59.99, "quantity": 1}
    header = {"documentNumber": "R-1", "purchasedAt": "2026-01-15"}
    answer = client.post("/transaction", json={"transaction": {"items": [item] * 3, "header": header, **transaction}})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["transactionId"])


# ---------------------------------------------------------------- what operations cause
def test_registered_member_is_told(client: httpx2.Client, receiver: Receiver) -> None:
    """Subscribe, register a member, receive CustomerRegistered with the member's data."""
    subscribe(client, f"{receiver.url}/hook")
    profile = {"firstName": "Jo", "birthDate": "1990-05-17", "labels": [{"key": "roast", "value": "dark"}]}
    customer_id = _register(client, email="jo@example.com", address={"city": "Lodz"}, company={}, **profile)

    arrived = receiver.wait_for("CustomerRegistered", data__customerId=customer_id)
    customer = arrived.data["customerData"]
    assert (customer["firstName"], customer["lastName"], customer["gender"]) == ("Jo", None, "not_disclosed")
    assert customer["birthDate"] == "1990-05-17T00:00:00+00:00"
    assert (customer["address"]["city"], customer["address"]["street"]) == ("Lodz", None)
    assert customer["company"] == {"name": None, "nip": None}
    assert customer["customAttributes"] == [{"key": "roast", "value": "dark"}]
    assert [customer[f"agreement{number}"] for number in (1, 2, 3)] == [False, False, False]


def test_matched_transaction_is_told_twice(client: httpx2.Client, receiver: Receiver) -> None:
    """A transaction of a member causes TransactionRegistered and TransactionAssignedToCustomer."""
    for event in ("TransactionRegistered", "TransactionAssignedToCustomer"):
        subscribe(client, receiver.url, event)
    customer_id = _register(client, email="jo@example.com", phone="+48600700800")
    transaction_id = _buy(client, customerData={"email": "JO@example.com", "name": "Jo"})

    registered = receiver.wait_for("TransactionRegistered", data__transactionId=transaction_id).data
    assigned = receiver.wait_for("TransactionAssignedToCustomer", data__transactionId=transaction_id).data
    assert registered["items"][0]["sku"] == {"code": "S1"}
    assert (registered["purchasedAt"], registered["documentType"]) == ("2026-01-15T00:00:00+00:00", "sell")
    assert registered["customerData"]["address"] is None
    assert assigned["grossValue"] == 179.97
    identifiers = {"email": "jo@example.com", "phone": "+48600700800", "loyaltyCardNumber": None}
    assert assigned["customer"] == {"customerId": customer_id, **identifiers}


def test_anonymous_transaction_is_told_once(client: httpx2.Client, receiver: Receiver) -> None:
    """A transaction of nobody causes TransactionRegistered alone, without a buyer."""
    for event in ("TransactionRegistered", "TransactionAssignedToCustomer"):
        subscribe(client, receiver.url, event)
    first, second = _buy(client), _buy(client, customerData={"email": "nobody@example.com"})

    receiver.wait_for("TransactionRegistered", data__transactionId=second)
    assert [one.data["transactionId"] for one in receiver.captured] == [first, second]
    assert receiver.captured[0].data["customerData"] is None


def test_failed_operations_cause_nothing(client: httpx2.Client, receiver: Receiver) -> None:
    """A member who isn't added isn't told of."""
    subscribe(client, receiver.url)
    _register(client, email="jo@example.com")
    assert client.post("/member", json={"customer": {"email": "jo@example.com"}}).status_code == 400
    _register(client, email="sam@example.com")

    receiver.wait_for("CustomerRegistered", data__customerData__email="sam@example.com")
    assert len(receiver.captured) == 2


def test_the_mock_delivers_nothing_to_itself(client: httpx2.Client, mock: MockServer) -> None:
    """A subscription that leads back to the mock is accepted, and its deliveries are blocked."""
    own = mock.url.replace("127.0.0.1", "localhost")
    subscribe(client, f"{own}/api/DEFAULT/member")
    _register(client, email="jo@example.com")

    (delivery,) = _settled(mock, 1)
    assert delivery["status"] == "blocked"
    assert "the mock itself" in delivery["reason"]


# ---------------------------------------------------------------- every event
@pytest.fixture(scope="module")
def serving() -> Iterator[MockServer]:
    """A mock for all events: each of them has its own subscription."""
    with MockServer() as mock:
        yield mock


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_arrives_and_is_valid(event: str, serving: MockServer, receiver: Receiver) -> None:
    """All 29 events: generated from the contract, delivered over HTTP, and valid to a validator of other people, by the
    event's schema that the mock serves, and by that of all events."""
    assert len(EVENTS) == 29
    headers = {"X-AUTH-TOKEN": "mock-api-key"}
    with httpx2.Client(base_url=f"{serving.url}/api/DEFAULT", headers=headers) as client:
        subscribe(client, receiver.url, event)
    _emit(serving, event)

    arrived = receiver.wait_for(event)
    assert arrived.signature
    for name in (event, "WebhookEvent"):
        schema = httpx2.get(f"{serving.url}/_mock/schemas/{name}.json").json()
        jsonschema.Draft202012Validator(schema, format_checker=FORMATS).validate(arrived.payload)


def _emit(mock: MockServer, event: str) -> None:
    """An event happens inside of the mock."""

    async def happen() -> None:
        await mock.world.emit(event, "DEFAULT", mock.world.events.generated(event))

    _inside(mock, happen())


def _settled(mock: MockServer, count: int) -> list[dict[str, Any]]:
    """The deliveries of a mock, when so many have been made."""

    async def wait() -> list[dict[str, Any]]:
        deliveries = mock.world.deliveries
        while sum(row.is_finished for row in (await deliveries.listing({})).rows) < count:
            await deliveries.drain(PATIENCE)
        return [row.as_json() for row in (await deliveries.listing({})).rows]

    deliveries: list[dict[str, Any]] = _inside(mock, wait())
    return deliveries


def _inside(mock: MockServer, work: Any) -> Any:
    return asyncio.run_coroutine_threadsafe(work, mock.loop).result(PATIENCE)


# ---------------------------------------------------------------- whatever receivers do
def test_api_answers_while_receivers_dont(client: httpx2.Client, mock: MockServer) -> None:
    """The answer of the API doesn't wait for any receiver, nor for their number."""
    gate = threading.Event()

    class Closed:
        def react(self, handler: Any, ended: threading.Event) -> None:
            gate.wait(PATIENCE)
            Respond().react(handler, ended)

    with Receiver(Closed()) as receiver:
        for number in range(20):
            subscribe(client, f"{receiver.url}/{number}")
        answered = [_register(client, email=f"m{number}@example.com") for number in range(5)]
        before = [row.status for row in _inside(mock, mock.world.deliveries.listing({})).rows]
        gate.set()

        assert len(set(answered)) == 5
        assert "delivered" not in before
        assert len(receiver.wait_for_all(100, timeout=PATIENCE)) == 100


def test_a_failed_delivery_is_repeated(client: httpx2.Client, receiver: Receiver) -> None:
    """Over HTTP and on a running clock: a 500 is followed by a second attempt."""
    receiver.answer_with(Respond(500), Respond())
    subscribe(client, receiver.url)
    _register(client, email="jo@example.com")

    first, second = receiver.wait_for_all(2, "CustomerRegistered")
    assert first.payload["messageId"] == second.payload["messageId"]


def test_queued_subscriptions_are_served_in_their_store_only(client: httpx2.Client, mock: MockServer) -> None:
    """Events of one store are nobody's business in another."""
    with Receiver() as receiver:
        subscription = Subscription("s", "OTHER", "CustomerRegistered", 0, Destination(receiver.url))
        _inside(mock, mock.world.state.add_subscription(subscription))
        _register(client, email="jo@example.com")
        _emit(mock, "CustomerRegistered")

        assert _inside(mock, mock.world.deliveries.drain(PATIENCE)) == 0
        assert receiver.captured == []
