"""Identifiers in bodies, as the contract marks them. What is tried with them is in tests/checks/findings."""

from mockserver.checks.live.scenarios.append_only import EXACTLY, IGNORING_CASE, unique_places, value_at
from mockserver.openapi.contract import Contract


def test_identifiers_are_found_where_the_contract_marks_them() -> None:
    """Each that a body has, at any depth, with how it is compared; one that isn't a text is none."""
    text = {"type": "string"}
    person = {"name": text, "email": {**text, "x-unique": IGNORING_CASE}, "card": {**text, "x-unique": EXACTLY}}
    schema = {"type": "object", "properties": {"person": {"type": "object", "properties": person}}}
    contract = Contract(b"", {"schema": schema})

    found = dict(unique_places(contract, schema, {"person": {"name": "Jo", "email": "jo@example.com", "card": 7}}))

    assert found == {("person", "email"): IGNORING_CASE}


def test_our_contract_marks_what_identifies_members() -> None:
    """E-mail addresses and phone numbers are compared without regard to case, card numbers exactly."""
    contract = Contract.load()
    schema = contract.document["components"]["schemas"]["MemberPostRequest"]
    body = {"customer": {"email": "jo@example.com", "phone": "+48", "loyaltyCardNumber": "C", "lastName": "Doe"}}

    found = {path[-1]: how for path, how in unique_places(contract, schema, body)}

    assert found == {"email": IGNORING_CASE, "phone": IGNORING_CASE, "loyaltyCardNumber": EXACTLY}


def test_values_are_found_at_their_places() -> None:
    """Through objects and lists."""
    assert value_at({"rows": [{"a": 1}, {"a": 2}]}, ("rows", 1, "a")) == 2
