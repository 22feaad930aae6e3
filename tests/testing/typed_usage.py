"""A use of everything that tests do to a mock, with the types that a reader gets: `make check` has mypy prove them.

`test_typing.py` runs it, too: what is typed is also true.
"""

from collections.abc import Callable
from typing import Any, assert_type

from mockserver.testing import (
    ClockJson,
    ConfigJson,
    DeclaredEventJson,
    DeliveryJson,
    ExchangeJson,
    FaultJson,
    MockServer,
    Receiver,
    ReceiverJson,
    ReceiverListJson,
    RequestMatchJson,
    Subscribed,
)

EVENT = "CustomerRegistered"


def as_a_whole(mock: MockServer) -> None:
    """Reset, settings, tokens, state and presets."""
    mock.reset()
    mock.reset(store_code="DEFAULT")
    assert_type(mock.url, str)
    assert_type(mock.api_key, str)
    assert_type(mock.token("member", store_code="DEFAULT"), str)
    config = assert_type(mock.config(), ConfigJson)
    assert_type(config["version"], str)
    kept = mock.state.snapshot()
    mock.state.add(members=[{"email": "jo@example.com"}])
    mock.state.restore(kept)
    mock.presets.apply("empty", store_code="DEFAULT")
    assert_type([one["ofStore"] for one in mock.presets.list()], list[bool])


def time(mock: MockServer) -> None:
    """The clock."""
    assert_type(mock.clock.get(), ClockJson)
    assert_type(mock.clock.set("2026-01-15T10:30:00Z", frozen=True)["frozen"], bool)
    assert_type(mock.clock.freeze()["now"], str)
    mock.clock.advance(1.5)
    mock.clock.release()


def events(mock: MockServer) -> None:
    """Events, and what was sent."""
    with Receiver() as receiver:
        made = assert_type(mock.subscribe(EVENT, receiver, signed=True, headers={"X-Tenant": "a"}), Subscribed)
        assert_type(made.secret, str)
        assert_type(mock.subscribe("CustomerUpdated", "http://127.0.0.1:9", store_code="DEFAULT").subscription_id, str)
        caused = mock.trigger(EVENT, data={}, count=1)
        assert_type(caused["items"], list[DeliveryJson])
        assert_type(mock.events()["items"], list[DeclaredEventJson])
        added = assert_type(mock.receivers.add(EVENT, receiver.url), ReceiverJson)
        assert_type(mock.trigger(EVENT, receiver_id=added["receiverId"])["total"], int)
        assert_type(mock.receivers.list(), ReceiverListJson)
        mock.receivers.remove(added["receiverId"])
        found = mock.deliveries.wait(timeout=30, event_name=EVENT, status="delivered")
    assert_type(found, list[DeliveryJson])
    response = found[0]["attempts"][0]["response"]
    assert response is not None
    assert_type(response["status"], int)
    assert_type(found[0].get("reason"), str | None)
    mock.deliveries.get(found[0]["deliveryId"])
    assert_type(mock.deliveries.redeliver(found[0]["deliveryId"]), DeliveryJson)
    assert_type(mock.deliveries.list(store_code="DEFAULT"), list[DeliveryJson])
    assert_type(mock.event_schema(EVENT), dict[str, Any])


def faults(mock: MockServer) -> None:
    """Faults, in both forms."""
    fault = assert_type(mock.faults.add(operation_id="memberPost", status=503, times=1), FaultJson)
    mock.faults.add(match={"path": {"contains": "member"}, "calls": [2, None]}, answer={"delay": 0.1}, name="slow")
    assert_type(mock.faults.get(fault["faultId"])["applied"], int)
    assert_type(mock.faults.change(fault["faultId"], enabled=False).get("enabled"), bool | None)
    mock.faults.remove(fault["faultId"])
    assert_type(mock.faults.list(), list[FaultJson])
    mock.faults.clear(store_code="DEFAULT")


def requests(mock: MockServer) -> None:
    """Requests, listed, waited for and judged."""
    mock.token()
    login: RequestMatchJson = {"method": "POST", "path": "/api/admin/login_check"}
    (call,) = assert_type(mock.requests.verify(login, at_least=1, at_most=2, wait=1), list[ExchangeJson])
    assert_type(mock.requests.verify(sequence=[login]), list[ExchangeJson])
    (found, *_) = assert_type(mock.requests.wait(1, timeout=30, method="POST"), list[ExchangeJson])
    assert_type(found["status"], int | None)
    assert_type(found["queryParameters"], dict[str, list[str]])
    assert_type(mock.requests.get(call["requestId"]), ExchangeJson)
    assert_type(mock.requests.list(answered=True, last=1), list[ExchangeJson])
    mock.requests.clear()


USES: list[Callable[[MockServer], None]] = [as_a_whole, time, events, faults, requests]
