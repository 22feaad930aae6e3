"""mockserver.storage.model: every record goes to JSON and back."""

import json
from typing import Any, get_args

import pytest

from mockserver.storage.model import (
    AnyRecord,
    Destination,
    Member,
    RefreshToken,
    SigningState,
    Subscription,
    Transaction,
    User,
    from_json,
    to_json,
)

NESTED = {"a": [1, 2.5, None, True, {"destination": {}, "signing": {"headers": ["ł", "\ud800"]}}], "": 2**70}
HEADERS = '[{"headerName":"X-A","headerValue":"1"},{}]'
FULL_DESTINATION = Destination("https://a.test", "queue", HEADERS, "X-B", "2", "key", "secret", "encryption")
RECORDS: list[AnyRecord] = [
    User("u1", "admin", None, "admin", "password", "api-key", 1_768_473_000.25),
    User("u2", "member", "DEFAULT", "member", "pass\ud800word"),
    RefreshToken("ab" * 64, "u1", "admin", None, 1_771_065_000.125),
    RefreshToken("cd" * 64, "u2", "member", "DEFAULT", 0.1 + 0.2),
    Member("m1", "DEFAULT", "a@example.com", "+48600700800", "LC-1", "0A1B2C3D", 1_768_473_000.0, NESTED),
    Member("m2", "OTHER", None, None, None, "", -1.5, {}),
    Transaction("t1", "DEFAULT", 1_768_473_000.0, "m1", NESTED),
    Transaction("t2", "DEFAULT", 1_768_473_000.0, None, {"headers": [1, 2], "destination": None}),
    Subscription("s1", "DEFAULT", "CustomerRegistered", 1.0, FULL_DESTINATION, SigningState("whsec_1", 3, 2.5), True),  # noqa: FBT003 (the last field of a record)
    Subscription("s2", "DEFAULT", "CustomerRegistered", 1.0, Destination("https://a.test"), SigningState("whsec_2")),
    Subscription("s3", "DEFAULT", "CustomerRegistered", 1.0, Destination("https://a.test")),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_record_goes_to_json_and_back(record: AnyRecord) -> None:
    """A record that went through real JSON equals the one that went in."""
    kind: Any = type(record)

    assert from_json(kind, json.loads(json.dumps(to_json(record)))) == record


def test_every_kind_of_record_is_tried() -> None:
    """No kind of record escapes the round trip."""
    assert {type(record) for record in RECORDS} == set(get_args(AnyRecord))


def test_nested_records_come_back_as_records() -> None:
    """Nested records and texts in JSON come back as what they were, not as JSON's objects and arrays."""
    subscription = Subscription("s1", "DEFAULT", "X", 1.0, FULL_DESTINATION, SigningState("whsec_1"))

    restored = from_json(Subscription, json.loads(json.dumps(to_json(subscription))))

    assert type(restored.destination) is Destination
    assert restored.destination.headers == HEADERS
    assert type(restored.signing) is SigningState


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_json_is_a_copy(record: AnyRecord) -> None:
    """Changing what `to_json` returned doesn't change the record."""
    before = json.dumps(to_json(record))
    changed = to_json(record)

    for value in changed.values():
        if isinstance(value, dict):
            value.clear()

    assert json.dumps(to_json(record)) == before


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_records_are_frozen(record: AnyRecord) -> None:
    """A record never changes: what is stored is replaced as a whole."""
    with pytest.raises(AttributeError):
        setattr(record, record._fields[0], "another")


def test_secrets_are_part_of_the_json() -> None:
    """Passwords, keys and secrets are kept: a snapshot that lost them couldn't be restored."""
    user = to_json(User("u1", "admin", None, "admin", "password", "api-key"))

    assert (user["password"], user["apiKey"]) == ("password", "api-key")
