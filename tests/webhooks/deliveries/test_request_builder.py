"""mockserver.webhooks.deliveries.request_builder: headers, signature and body as a receiver gets them."""

import hashlib
import hmac
import json
import re

import pytest

from mockserver.clock import Clock
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.testing import Receiver, Respond
from mockserver.webhooks.deliveries import DeliveryFault
from mockserver.world import World
from tests.support.deliveries import PATIENCE, PlannedFaults, delivered, emitted
from tests.support.subscriptions import EVENT, SECRET, subscribe_in

pytestmark = pytest.mark.anyio


async def test_signature_is_the_vendors(world: World, receiver: Receiver) -> None:
    """A signed delivery has the five headers, and its signature comes out by hand."""
    await subscribe_in(world, f"{receiver.url}/hook?a=b", signed=True)
    await delivered(world)

    (arrived,) = receiver.captured
    request_id = arrived.payload["requestId"]
    lines = ["POST", "9:localhost", "5:/hook", hashlib.sha256(arrived.body).hexdigest(), "1768473000", request_id]
    expected = hmac.new(SECRET.removeprefix("whsec_").encode(), "\n".join(lines).encode(), "sha256").hexdigest()
    assert arrived.headers["X-Webhook-Signature"] == expected
    assert arrived.headers["X-Webhook-Signature-Algorithm"] == "hmac-sha256"
    assert arrived.headers["X-Webhook-Timestamp"] == "1768473000"
    assert arrived.headers["X-Webhook-Request-Id"] == request_id
    assert arrived.headers["X-Webhook-Signature-Version"] == "1"


async def test_custom_headers_override(world: World, receiver: Receiver) -> None:
    """Headers of the subscription come last, the old single pair included, and replace those of the same name."""
    pairs = {"content-type": "text/plain", "X-Empty": ""}
    headers = json.dumps([{"headerName": name, "headerValue": value} for name, value in pairs.items()])
    await subscribe_in(world, receiver.url, headers=headers, header_name="User-Agent", header_value="partner")
    await delivered(world)

    (arrived,) = receiver.captured
    assert arrived.headers.get_all("Content-Type") == ["text/plain"]
    assert arrived.headers.get_all("User-Agent") == ["partner"]
    assert arrived.headers["X-Empty"] == ""


@pytest.mark.parametrize("name", ["Content-Length", "TRANSFER-ENCODING", "Host", "connection", "Expect"])
async def test_custom_headers_dont_frame(world: World, receiver: Receiver, name: str) -> None:
    """A header that would break the request apart is left out, and the delivery arrives as a whole."""
    await subscribe_in(world, receiver.url, headers=json.dumps([{"headerName": name, "headerValue": "5"}]))
    delivery = await delivered(world)

    (arrived,) = receiver.captured
    assert delivery.status == "delivered"
    assert arrived.headers.get(name) != "5"
    assert arrived.payload["eventName"] == EVENT


async def test_deliveries_are_marked(world: World, receiver: Receiver) -> None:
    """Each delivery says that a mock has sent it, and which it is, whatever the subscription says."""
    await subscribe_in(world, receiver.url, headers=json.dumps([{"headerName": "x-mock-delivery", "headerValue": "5"}]))
    delivery = await delivered(world)

    (arrived,) = receiver.captured
    assert arrived.headers.get_all("X-Mock-Delivery") == [delivery.message.delivery_id]


@pytest.mark.parametrize("slow", [(), ("/1", "/3")], ids=["alike", "in another order"])
async def test_same_seed_gives_the_same_bytes(settings: Settings, contract: Contract, slow: tuple[str, ...]) -> None:
    """Two worlds with one seed and time send the same bytes, whichever receiver is the fastest."""
    sent = []
    for delayed in ((), slow):
        world = World.build(settings, contract, Clock(frozen_at=1_768_473_000.0))
        with Receiver() as receiver:
            for number in range(5):
                await subscribe_in(world, f"{receiver.url}/{number}", number, signed=True)
            for path in delayed:
                receiver.answer_with(Respond(delay=0.02), path=path)
            receiver.answer_with(Respond(500), Respond(), path="/2")
            await _twice(world)
            sent.append(
                sorted((one.path, one.body, str(one.headers["X-Webhook-Signature"])) for one in receiver.captured)
            )

    assert len(sent[0]) == 11
    assert sent[0] == sent[1]


async def _twice(world: World) -> None:
    """Two members register, and all is delivered."""
    await emitted(world, "a")
    await emitted(world, "b")
    await world.deliveries.drain(PATIENCE)
    world.clock.advance(1)
    await world.deliveries.drain(PATIENCE)
    await world.deliveries.stop()


async def test_faults_that_a_receiver_must_notice(faulty: World, planned: PlannedFaults, receiver: Receiver) -> None:
    """A wrong signature, a stale timestamp (rightly signed), and a body that was changed after it was signed."""
    planned.faults = [
        DeliveryFault(wrong_signature=True),
        DeliveryFault(timestamp_shift=-600),
        DeliveryFault(corrupt_body=True),
    ]
    await subscribe_in(faulty, receiver.url, signed=True)
    for _ in range(3):
        await delivered(faulty)

    wrong, stale, corrupt = receiver.captured
    assert [_is_signed(one.headers, one.body) for one in (wrong, stale, corrupt)] == [False, True, False]
    assert re.fullmatch("[0-9a-f]{64}", wrong.headers["X-Webhook-Signature"])
    assert int(stale.headers["X-Webhook-Timestamp"]) == faulty.clock.now() - 600
    assert corrupt.payload is None


async def test_a_wrong_signature_is_nearly_right(faulty: World, planned: PlannedFaults, receiver: Receiver) -> None:
    """Only the last digit of a wrong signature is another one, so that a receiver has to compare it whole."""
    planned.faults = [DeliveryFault(wrong_signature=True) for _ in range(40)]
    await subscribe_in(faulty, receiver.url, signed=True)
    for _ in range(40):
        await delivered(faulty)

    pairs = [(str(one.headers["X-Webhook-Signature"]), _signature(one.headers, one.body)) for one in receiver.captured]
    assert [wrong[:-1] == right[:-1] for wrong, right in pairs] == [True] * 40
    assert {(right[-1] == "0", wrong[-1]) for wrong, right in pairs} == {(True, "1"), (False, "0")}


def _is_signed(headers: object, body: bytes) -> bool:
    assert hasattr(headers, "get")
    return bool(headers.get("X-Webhook-Signature") == _signature(headers, body))


def _signature(headers: object, body: bytes) -> str:
    """The right signature, worked out by hand."""
    assert hasattr(headers, "get")
    lines = ["POST", "9:localhost", "1:/", hashlib.sha256(body).hexdigest()]
    lines += [headers.get("X-Webhook-Timestamp"), headers.get("X-Webhook-Request-Id")]
    return hmac.new(SECRET.removeprefix("whsec_").encode(), "\n".join(lines).encode(), "sha256").hexdigest()
