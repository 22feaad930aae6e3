"""mockserver.webhooks.deliveries.records: what a record of a delivery shows, and what it doesn't."""

import json
from typing import Any

import pytest

from mockserver.control.deliveries import get_delivery
from mockserver.testing import Receiver
from mockserver.webhooks.deliveries.records import Attempt, ReceiverResponse, SentRequest
from mockserver.world import World
from tests.support.deliveries import PATIENCE, delivered, emitted
from tests.support.subscriptions import SECRET, subscribe_in

pytestmark = pytest.mark.anyio


async def test_no_record_holds_the_key(world: World, receiver: Receiver) -> None:
    """Neither a pending nor a finished delivery holds the key that signs it."""
    await subscribe_in(world, receiver.url, 1, signed=True)
    await emitted(world)
    pending = (await world.deliveries.listing({})).rows
    await world.deliveries.drain(PATIENCE)

    records = [*pending, *(await world.deliveries.listing({})).rows]
    assert "delivered" in {record.status for record in records}
    assert SECRET.removeprefix("whsec_") not in repr(records)


async def test_credentials_are_masked(world: World, receiver: Receiver) -> None:
    """The credentials that a subscription sends along arrive, but aren't shown."""
    await subscribe_in(world, receiver.url, headers='[{"headerName":"Authorization","headerValue":"Bearer hidden"}]')
    delivery = await delivered(world)

    assert receiver.captured[0].headers["Authorization"] == "Bearer hidden"
    assert "hidden" not in json.dumps(delivery.as_json())


def test_cookies_of_a_receiver_are_masked() -> None:
    """A cookie that a receiver sets is a credential, as is a key: their values aren't shown."""
    response = ReceiverResponse(200, (("Set-Cookie", "session=hidden"), ("X-Api-Key", "hidden"), ("Server", "crm")), "")
    attempt = Attempt(1, "r-1", 0.0, 0.1, SentRequest("POST", "http://127.0.0.1:9/", (), ""), response)

    shown = json.dumps(attempt.as_json())

    assert "hidden" not in shown
    assert "crm" in shown


SHOWN = {
    "number": 2,
    "requestId": "r-2",
    "at": "1970-01-01T00:00:00+00:00",
    "seconds": 0.123457,
    "request": {
        "method": "POST",
        "url": "http://127.0.0.1:9/",
        "headers": [{"name": "Content-Type", "value": "application/json"}],
        "body": "{}",
    },
    "response": {"status": 200, "headers": [{"name": "Server", "value": "crm"}], "body": "ok"},
    "error": None,
}


def test_an_attempt_is_shown_whole() -> None:
    """What the control plane shows of an attempt: request, response or error, and when; nothing else."""
    request = SentRequest("POST", "http://127.0.0.1:9/", (("Content-Type", "application/json"),), "{}")
    answered = Attempt(2, "r-2", 0.0, 0.1234567, request, ReceiverResponse(200, (("Server", "crm"),), "ok"))
    lost = Attempt(2, "r-2", 0.0, 0.1234567, request, error="refused")

    assert answered.as_json() == SHOWN
    assert lost.as_json() == SHOWN | {"response": None, "error": "refused"}


@pytest.mark.parametrize("value", ["abc", "", "9" * 5_000, "-1"])
@pytest.mark.parametrize("signed", [True, False])
async def test_what_was_signed_is_shown_whatever_a_subscription_sends(
    world: World, receiver: Receiver, value: str, *, signed: bool
) -> None:
    """A header of the subscription may replace the time that is sent; what was signed is the mock's."""
    headers = json.dumps([{"headerName": "X-Webhook-Timestamp", "headerValue": value}])
    await subscribe_in(world, receiver.url, signed=signed, headers=headers)
    await delivered(world)
    shown: Any = (await get_delivery(world, "1-1"))[0]
    lines = shown["attempts"][0]["canonical"]

    assert (lines and lines[4]) == (str(int(world.clock.now())) if signed else None)
