"""mockserver.webhooks.payloads: the data of events, whatever the API has accepted."""

from typing import Any

import pytest

from mockserver.openapi.contract import Contract
from mockserver.openapi.examples import Examples
from mockserver.storage.model import Member, Transaction
from mockserver.webhooks.events import Event, Events
from mockserver.webhooks.payloads import customer_registered, transaction_assigned, transaction_registered

NOW = 1_768_473_000.0
ID = "7239e6f7-e52e-466b-8c24-699709b64076"
ITEM = {"sku": "S1", "name": "Shoe", "category": "shoes", "grossValue": 0.1}
HEADER = {"documentNumber": "R-1", "purchasedAt": "2026-01-15T10:30:00Z"}


@pytest.fixture(scope="session")
def events(contract: Contract) -> Events:
    """The catalogue of the contract."""
    return Events(contract, Examples(contract, 1))


def _member(**given: Any) -> Member:
    return Member(ID, "DEFAULT", given.get("email"), given.get("phone"), None, "AB12CD", NOW, given)


def _transaction(items: list[dict[str, Any]], **given: Any) -> Transaction:
    return Transaction(ID, "DEFAULT", NOW, None, {"items": items, "header": HEADER, **given})


def _problems(events: Events, name: str, data: dict[str, Any]) -> list[Any]:
    return events.violations(name, Event(1, name, "DEFAULT", NOW, data).payload(ID, ID))


@pytest.mark.parametrize(
    "given",
    [
        {"email": "jo@example.com"},
        {"email": "jo@example.com", "labels": [{}, {"key": "a"}, {"value": "b"}]},
        {"email": "jo@example.com", "address": {}, "company": {"name": "Doe"}, "gender": "male"},
        {"email": "jo@example.com", "birthDate": "0001-01-01", "agreement1": True, "customFieldsData": None},
    ],
)
def test_members_are_valid_events(events: Events, given: dict[str, Any]) -> None:
    """Whatever member the API accepts, its event obeys the contract, and every key is there."""
    data = customer_registered(_member(**given))

    assert _problems(events, "CustomerRegistered", data) == []
    assert len(data["customerData"]) == 15


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"customerData": {}},
        {"customerData": {"name": "Jo", "address": {"city": "Lodz"}}, "channelId": ID},
    ],
)
def test_transactions_are_valid_events(events: Events, given: dict[str, Any]) -> None:
    """Whatever transaction the API accepts, its events obey the contract."""
    transaction = _transaction([{**ITEM, "quantity": 1}, {**ITEM, "highPrecisionQuantity": 1.125}], **given)

    assert _problems(events, "TransactionRegistered", transaction_registered(transaction)) == []
    assigned = transaction_assigned(transaction, _member(email="jo@example.com"))
    assert _problems(events, "TransactionAssignedToCustomer", assigned) == []


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"quantity": 3}, 3),
        ({"highPrecisionQuantity": 2.0}, 2),
        ({"highPrecisionQuantity": 1.125}, None),
        ({"highPrecisionQuantity": 1e12}, None),
        ({"quantity": 1, "highPrecisionQuantity": 1.125}, 1),
    ],
)
def test_quantities_are_whole_or_null(given: dict[str, Any], shown: int | None) -> None:
    """An event shows whole quantities only (assumption A66)."""
    (line,) = transaction_registered(_transaction([{**ITEM, **given}]))["items"]

    assert line["quantity"] == shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2026-01-15", "2026-01-15T00:00:00+00:00"),
        ("2026-01-15T10:30", "2026-01-15T10:30:00+00:00"),
        ("2026-01-15 10:30:05", "2026-01-15T10:30:05+00:00"),
        ("2026-01-15T10:30:05.5+02:00", "2026-01-15T08:30:05+00:00"),
        ("2026-01-15T10:30Z", "2026-01-15T10:30:00+00:00"),
        ("0000-01-01", "0001-01-01T00:00:00+00:00"),
        ("9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59+00:00"),
        ("2026-02-30", "2026-03-02T00:00:00+00:00"),
    ],
)
def test_purchases_have_a_moment(given: str, shown: str) -> None:
    """When it was bought is a date-time with an offset, in whatever form it came (assumptions A30 and A42)."""
    header = {**HEADER, "purchasedAt": given}

    assert transaction_registered(_transaction([], header=header))["purchasedAt"] == shown


def test_totals_are_exact() -> None:
    """The total of a transaction is that of its lines, to the last decimal."""
    data = transaction_assigned(_transaction([{**ITEM, "quantity": 1}] * 3), _member(email="jo@example.com"))

    assert data["grossValue"] == 0.3
