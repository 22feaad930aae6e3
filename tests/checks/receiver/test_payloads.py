"""Payloads of all events, in all sizes: valid, and about nobody who might exist."""

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.checks.receiver.fuzzed_payloads import FuzzedPayloads
from mockserver.checks.receiver.payloads import EventPayloads, Size, spellings
from mockserver.clock import Ids
from mockserver.openapi.contract import Contract
from tests.receivers.small_contract import one_event, one_event_of_31

NOW = 1_768_473_000.0  # 2026-01-15T10:30:00Z
EVENT = "CustomerRegistered"


@pytest.fixture
def payloads(contract: Contract) -> EventPayloads:
    """Those of our contract."""
    return EventPayloads(contract, Ids(1), "abcd1234", "DEFAULT")


@pytest.mark.parametrize("size", Size)
def test_payloads_of_every_event_are_valid(size: Size, payloads: EventPayloads) -> None:
    """All 29, in each size."""
    assert len(payloads.names) == 29
    assert [name for name in payloads.names if not payloads.fits(name, payloads.event(name, NOW, size))] == []


@pytest.mark.parametrize("size", Size)
def test_payloads_of_newer_contracts_are_valid(size: Size, tmp_path: Path) -> None:
    """With lists of types, constants, and bounds that are excluded."""
    payloads = EventPayloads(Contract.load(one_event_of_31(tmp_path)), Ids(1), "abcd1234", "DEFAULT")

    payload = payloads.event("Moved", NOW, size)

    assert payloads.fits("Moved", payload), payload["data"]


def test_events_have_ids_of_their_own(payloads: EventPayloads) -> None:
    """Two events share neither ids nor people."""
    first, second = (payloads.event(EVENT, NOW) for _ in range(2))

    for name in ("messageId", "requestId"):
        assert first[name] != second[name]
    assert first["data"]["customerId"] != second["data"]["customerId"]
    assert first["data"]["customerData"]["email"] != second["data"]["customerData"]["email"]


def test_people_are_made_up_and_marked(payloads: EventPayloads) -> None:
    """No mail reaches their addresses, nobody has their numbers, and their names say where they come from."""
    profile = payloads.event(EVENT, NOW)["data"]["customerData"]

    assert profile["email"] == "mockserver-check-abcd1234-1@mockserver-check.invalid"
    assert profile["phone"].startswith("+1202555010")
    assert profile["firstName"] == "mockserver-check"


def test_sizes_are_extremes(payloads: EventPayloads) -> None:
    """As little as the contract allows is nulls; as much is long texts; and there are scripts beyond Latin."""
    minimal, maximal, unicode = (
        payloads.event(EVENT, NOW, size)["data"]["customerData"] for size in (Size.MINIMAL, Size.MAXIMAL, Size.UNICODE)
    )

    assert minimal["address"] is minimal["email"] is None
    assert len(maximal["address"]["city"]) == 255
    assert "愛子" in unicode["firstName"]
    assert not json.dumps(unicode, ensure_ascii=False).isascii()


def test_payloads_of_others_become_those_of_the_run(payloads: EventPayloads) -> None:
    """Whoever made a payload: its envelope, its people and its properties are those that a run may send."""
    made: Any = payloads.event(EVENT, NOW) | {"unknown": 1, "messageId": "theirs"}
    made["data"]["customerData"] |= {"email": "jane@example.com", "unknown": 1}

    own = payloads.own(EVENT, made, NOW)

    assert payloads.fits(EVENT, own)
    assert "unknown" not in str(own)
    assert own["messageId"] != "theirs"
    assert own["data"]["customerData"]["email"].endswith("@mockserver-check.invalid")


def test_spellings_say_the_same(payloads: EventPayloads) -> None:
    """A parser reads the same JSON from each, and no two are the same bytes."""
    event = payloads.event(EVENT, NOW)

    written = [write(event) for _, write in spellings()]

    assert [json.loads(body) for body in written] == [event] * len(written)
    assert len({*written, json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()}) == len(written) + 1


def test_fuzzed_payloads_are_those_of_the_seed(tmp_path: Path) -> None:
    """The same seed makes the same payloads, and all of them are valid."""
    contract = Contract.load(one_event(tmp_path))
    payloads = EventPayloads(contract, Ids(1), "abcd1234", "DEFAULT")

    first, again, other = (FuzzedPayloads(contract, seed).of("Moved", 5) for seed in (1, 1, 2))

    assert first == again != other
    assert all(payloads.fits("Moved", payloads.own("Moved", one, NOW)) for one in first)
