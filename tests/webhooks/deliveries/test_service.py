"""Delivery service: what is sent, what becomes of it, and what is remembered. Real HTTP, to well- and ill-behaved
receivers."""

import asyncio
import hashlib
import hmac
import json
import re
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from mockserver.clock import Clock
from mockserver.control.deliveries import get_delivery
from mockserver.errors import NotFound, SettingsError
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.testing import CloseEarly, Drip, Garbage, Hang, Reaction, Receiver, Respond, redirect
from mockserver.webhooks.deliveries import DeliveryFault, DeliveryService
from mockserver.world import World
from tests.deliveries import PATIENCE, data, delivered, emitted, stage
from tests.subscriptions import EVENT, SECRET, subscribe_in

pytestmark = pytest.mark.anyio

BRIEF = 0.2  # seconds: the time-out where nothing answers


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A time-out that tests can wait for."""
    return replace(settings, delivery_timeout=BRIEF)


@pytest.fixture
async def world(settings: Settings, contract: Contract, clock: Clock) -> AsyncIterator[World]:
    """A world that stops delivering when the test is over."""
    world = World.build(settings, contract, clock)
    await world.seed()
    yield world
    world.deliveries.clear()
    await world.deliveries.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that answers 204."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def patient(settings: Settings, contract: Contract, clock: Clock) -> World:
    """A world that would wait for answers for longer than any test takes."""
    return World.build(replace(settings, delivery_timeout=60), contract, clock)


# ---------------------------------------------------------------- what is sent
async def test_event_arrives(world: World, receiver: Receiver) -> None:
    """An event is posted to its subscription in the vendor's envelope, with the default headers."""
    await subscribe_in(world, f"{receiver.url}/hook?tenant=1")
    delivery = await delivered(world)

    (arrived,) = receiver.captured
    assert (arrived.method, arrived.path) == ("POST", "/hook?tenant=1")
    assert list(arrived.payload) == ["messageId", "requestId", "eventName", "storeCode", "createdAt", "data"]
    assert (arrived.payload["eventName"], arrived.payload["storeCode"]) == (EVENT, "DEFAULT")
    assert arrived.payload["createdAt"] == "2026-01-15T10:30:00+00:00"
    assert arrived.data["customerData"]["email"] == "jo@example.com"
    assert (arrived.headers["Content-Type"], arrived.headers["User-Agent"]) == ("application/json", "OpenLoyalty")
    assert arrived.headers["Host"] == f"localhost:{receiver.port}"
    assert delivery.status == "delivered"
    assert delivery.message.message_id == arrived.payload["messageId"]


async def test_every_subscription_gets_its_own(world: World, receiver: Receiver) -> None:
    """Each subscription of the store and event gets a delivery with an id of its own, and nobody else gets one."""
    for number in (1, 2, 3):
        await subscribe_in(world, f"{receiver.url}/{number}", number)
    ticket = await world.emit(EVENT, "DEFAULT", data(world))
    others = [await world.emit(EVENT, "OTHER", data(world)), await world.emit("CustomerUpdated", "DEFAULT", {})]
    await world.deliveries.drain(PATIENCE)

    assert ticket.size == 3
    assert [other.size for other in others] == [0, 0]
    assert sorted(one.path for one in receiver.captured) == ["/1", "/2", "/3"]
    assert len({one.payload["messageId"] for one in receiver.captured}) == 3
    assert len({json.dumps(one.data) for one in receiver.captured}) == 1


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


async def test_invalid_payload_is_never_sent(
    world: World, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """A payload that leaves the contract is logged and listed with what is wrong, and not sent."""
    await subscribe_in(world, receiver.url)
    ticket = await world.emit(EVENT, "DEFAULT", {"customerId": 5})
    await world.deliveries.drain(PATIENCE)

    failed = stage(world, ticket)
    assert failed.status == "failed"
    assert failed.reason.startswith("contract violation: data.customerId:")
    assert "contract violation: event CustomerRegistered is not sent: data.customerId" in caplog.text
    assert receiver.captured == []


async def test_unknown_event_breaks_nothing(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Emitting never raises: a store or an event that doesn't exist is a logged defect, or nobody's business."""
    assert (await world.emit(EVENT, "NOWHERE", {})).size == 0
    assert "is lost: a defect of the mock" in caplog.text
    assert (await world.emit("MadeUp", "DEFAULT", {})).size == 0


async def test_lost_events_dont_flood_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """When more events happen than can be kept, that is told once, and how often at the end."""
    await subscribe_in(world, "http://localhost:1")
    content = data(world)
    tickets = [await world.emit(EVENT, "DEFAULT", content) for _ in range(10_050)]
    lost = [line for line in caplog.messages if "is lost" in line]

    assert [ticket.size for ticket in tickets].count(0) == 50
    assert lost == ["The event CustomerRegistered of store DEFAULT is lost: 10000 others wait"]


async def test_data_is_made_for_somebody_only(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """What makes the data of an event is called if there is a subscription, and may fail without breaking anything."""
    made = []
    await world.emit(EVENT, "DEFAULT", lambda: made.append("nobody"))
    await subscribe_in(world, "http://localhost:1")
    ticket = await world.emit(EVENT, "DEFAULT", lambda: 1 / 0)

    assert (made, ticket.size, world.deliveries.page({}).total) == ([], 0, 0)
    assert "ZeroDivisionError" in caplog.text


async def test_event_that_cant_be_written_fails(
    world: World, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """Deliveries of an event that is lost by a defect end as failed, with the reason; so does each redelivery."""
    await subscribe_in(world, receiver.url)
    content = data(world)
    content["customerData"]["firstName"] = "\ud800"  # a string for the contract, but no UTF-8
    ticket = await world.emit(EVENT, "DEFAULT", content)
    await world.deliveries.drain(PATIENCE)

    for delivery in (stage(world, ticket), world.deliveries.redeliver("1-1")):
        assert (delivery.status, delivery.attempts) == ("failed", ())
        assert delivery.reason == "A defect of the mock; its log says more."
    assert "The event CustomerRegistered is lost: a defect of the mock" in caplog.text


async def test_queue_destinations_are_recorded(world: World, receiver: Receiver) -> None:
    """Nothing is sent to a queue: the message that would be is shown, without the keys."""
    keys: dict[str, Any] = {"queue_key": "AKIA-1", "queue_secret_key": "hidden-2", "queue_encryption_key": "hidden-3"}
    await subscribe_in(world, receiver.url, destination_type="queue", **keys)
    delivery = await delivered(world)

    assert delivery.status == "blocked"
    assert json.loads(delivery.attempts[0].request.body)["data"]["customerData"]["email"] == "jo@example.com"
    assert receiver.captured == []
    assert not [key for key in keys.values() if key in repr(delivery)]


# ---------------------------------------------------------------- faulty receivers
FAULTY: dict[str, tuple[list[Reaction], int, str]] = {
    "500 once": ([Respond(500), Respond(200)], 2, "delivered"),
    "404 once": ([Respond(404), Respond(204)], 2, "delivered"),
    "500 always": ([Respond(500, b"broken")], 2, "failed"),
    "404": ([Respond(404)], 2, "failed"),
    "429": ([Respond(429, headers={"Retry-After": "60"})], 2, "failed"),
    "hang": ([Hang()], 2, "failed"),
    "hang once": ([Hang(), Respond()], 2, "delivered"),
    "slow body": ([Drip()], 2, "failed"),
    "slow but in time": ([Respond(200, delay=0.01)], 1, "delivered"),
    "closes early": ([CloseEarly()], 2, "failed"),
    "closes within the head": ([CloseEarly(b"HTTP/1.1 200 OK\r\nContent-")], 2, "failed"),
    "closes within the body": ([CloseEarly(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nOK")], 2, "failed"),
    "garbage": ([Garbage()], 2, "failed"),
    "garbage status": ([Garbage(b"HTTP/1.1 abc Huh\r\n\r\n")], 2, "failed"),
    "garbage once": ([Garbage(b"\x00" * 100_000), Respond()], 2, "delivered"),
    "redirect": ([redirect("http://localhost:1/elsewhere")], 1, "failed"),
    "permanent redirect": ([redirect("/elsewhere", 308)], 1, "failed"),
    "not modified": ([Respond(304)], 1, "failed"),
}


@pytest.mark.parametrize(("reactions", "attempts", "status"), FAULTY.values(), ids=FAULTY)
async def test_faulty_receivers(
    world: World, clock: Clock, reactions: list[Reaction], attempts: int, status: str
) -> None:
    """A failure is repeated once and no more, with the same messageId and a new requestId; nothing is lost or sent
    twice beyond that."""
    with Receiver(*reactions) as receiver:
        await subscribe_in(world, receiver.url)
        ticket = await emitted(world)
        for _ in range(3):
            await world.deliveries.drain(PATIENCE)
            clock.advance(world.settings.retry_delay)

        delivery = stage(world, ticket)
        assert delivery.status == status
        assert len(delivery.attempts) == len(receiver.captured) == attempts
        assert {one.payload["messageId"] for one in receiver.captured} == {delivery.message.message_id}
        assert [one.payload["requestId"] for one in receiver.captured] == [one.request_id for one in delivery.attempts]
        assert len({one.request_id for one in delivery.attempts}) == attempts


@pytest.mark.parametrize("tls", [False, True], ids=["refuses", "TLS error"])
async def test_receivers_that_cant_be_reached(world: World, clock: Clock, receiver: Receiver, *, tls: bool) -> None:
    """A refused connection, and one that is no TLS, are tried twice; the error says what was wrong."""
    with Receiver() as gone:
        port = gone.port
    await subscribe_in(world, f"https://localhost:{receiver.port}" if tls else f"http://localhost:{port}")
    ticket = await emitted(world)
    await world.deliveries.drain(PATIENCE)
    clock.advance(world.settings.retry_delay)
    await world.deliveries.drain(PATIENCE)

    delivery = stage(world, ticket)
    assert delivery.status == "failed"
    assert [one.response for one in delivery.attempts] == [None, None]
    assert ("SSL" if tls else "Connection refused") in delivery.reason


async def test_unknown_certificate_is_refused(world: World) -> None:
    """A receiver whose certificate nobody has vouched for gets nothing."""
    with Receiver(tls=True) as receiver:
        await subscribe_in(world, receiver.url)
        delivery = await delivered(world)

        assert delivery.status == "attempted"
        assert "--ca-file" in (delivery.attempts[0].error or "")
        assert receiver.captured == []


async def test_ca_file_is_trusted(settings: Settings, contract: Contract, clock: Clock) -> None:
    """With the CA file of a private receiver, deliveries reach it by TLS."""
    with Receiver(tls=True) as receiver:
        world = World.build(replace(settings, ca_file=receiver.ca_file, delivery_timeout=60), contract, clock)
        await subscribe_in(world, receiver.url)

        assert (await delivered(world)).status == "delivered"
        assert receiver.captured[0].payload["eventName"] == EVENT
        await world.deliveries.stop()


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_bad_ca_file_stops_the_world(
    settings: Settings, contract: Contract, tmp_path_factory: pytest.TempPathFactory, content: str | None
) -> None:
    """A CA file that can't be used is noticed when the world is built."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    if content:
        path.write_text(content)

    with pytest.raises(SettingsError, match="can't be read as PEM certificates"):
        World.build(replace(settings, ca_file=str(path)), contract)


@pytest.mark.parametrize("url", ["http://[1.2]/", "http://localhost:99999/", "https://[::1:2:]/"])
async def test_urls_that_nobody_can_use(world: World, receiver: Receiver, url: str) -> None:
    """A URL of the right form that leads nowhere fails without an attempt, and nobody else suffers."""
    await subscribe_in(world, url, signed=True)
    await subscribe_in(world, receiver.url, 2)
    delivery = await delivered(world)

    assert delivery.status == "failed"
    assert delivery.attempts == ()
    assert delivery.reason.startswith("Nothing can be sent to this URL: ")
    assert len(receiver.captured) == 1


async def test_retry_comes_when_the_clock_says(world: World, clock: Clock) -> None:
    """The second attempt waits for the mock's clock, then has a new timestamp and the same createdAt."""
    with Receiver(Respond(500), Respond()) as receiver:
        await subscribe_in(world, receiver.url, signed=True)
        waiting = await delivered(world)
        clock.advance(0.9)
        assert await world.deliveries.drain(PATIENCE) == 1
        clock.advance(0.2)
        assert await world.deliveries.drain(PATIENCE) == 0

        assert waiting.status == "attempted"
        assert waiting.retry_at == waiting.message.created_at + 1
        first, second = receiver.captured
        assert first.payload["createdAt"] == second.payload["createdAt"]
        stamps = [int(one.headers["X-Webhook-Timestamp"]) for one in (first, second)]
        assert stamps[1] == stamps[0] + 1


async def test_retry_follows_a_running_clock(settings: Settings, contract: Contract) -> None:
    """With a clock that runs, the second attempt comes by itself."""
    world = World.build(replace(settings, retry_delay=0.05), contract)
    with Receiver(Respond(500), Respond()) as receiver:
        await subscribe_in(world, receiver.url)

        assert (await delivered(world)).status == "delivered"
        assert len(receiver.captured) == 2
    await world.deliveries.stop()


async def test_endless_answers_are_cut(world: World) -> None:
    """Of a long answer only the beginning is kept."""
    with Receiver(Respond(200, b"x" * 1_000_000)) as receiver:
        await subscribe_in(world, receiver.url)
        delivery = await delivered(world)

        response = delivery.attempts[0].response
        assert response is not None
        assert (response.status, len(response.body)) == (200, 2048)


# ---------------------------------------------------------------- side by side
async def test_order_is_kept(world: World, clock: Clock, receiver: Receiver) -> None:
    """Deliveries of a subscription arrive in the order of their events, repeated ones before those that came later."""
    receiver.answer_with(Respond(204), Respond(500), Respond(204))
    await subscribe_in(world, receiver.url)
    for number in range(5):
        await emitted(world, f"m{number}")
    await world.deliveries.drain(PATIENCE)
    before = [one.data["customerData"]["email"][:2] for one in receiver.captured]
    clock.advance(1)
    await world.deliveries.drain(PATIENCE)

    assert before == ["m0", "m1"]
    assert [one.data["customerData"]["email"][:2] for one in receiver.captured] == ["m0", "m1", "m1", "m2", "m3", "m4"]


async def test_hanging_receivers_hold_up_nobody(patient: World, receiver: Receiver) -> None:
    """While many receivers hang, others get all of theirs at once."""
    with Receiver(Hang()) as one, Receiver(Hang()) as other:
        for number in range(100):
            await subscribe_in(patient, f"{(one, other)[number % 2].url}/{number}", number)
        healthy = await subscribe_in(patient, receiver.url, 500)
        for number in range(5):
            await emitted(patient, f"m{number}")

        wanted = {"subscriptionId": healthy, "status": "delivered"}
        assert await patient.deliveries.wait(wanted, 5, PATIENCE) == 5
        assert len(one.captured) + len(other.captured) <= 2 * 8
        patient.deliveries.clear()
        await patient.deliveries.stop()


async def test_deleted_subscription_gets_nothing(world: World, receiver: Receiver) -> None:
    """What was pending for a subscription when it was deleted is given up."""
    subscription_id = await subscribe_in(world, receiver.url)
    ticket = await emitted(world)
    await world.state.delete_subscription("DEFAULT", subscription_id)
    await world.deliveries.drain(PATIENCE)

    delivery = stage(world, ticket)
    assert delivery.status == "failed"
    assert (delivery.reason, delivery.attempts) == ("The subscription was deleted.", ())
    assert receiver.captured == []


async def test_what_was_tried_is_shown_after_giving_up(world: World, clock: Clock) -> None:
    """A delivery that is given up before it is repeated keeps its message and its first attempt."""
    with Receiver(Respond(500)) as receiver:
        subscription_id = await subscribe_in(world, receiver.url)
        await delivered(world)
        await world.state.delete_subscription("DEFAULT", subscription_id)
        clock.advance(1)
        await world.deliveries.drain(PATIENCE)

    delivery = world.deliveries.get("1-1")
    assert delivery is not None
    assert (delivery.status, delivery.message.delivery_id, len(delivery.attempts)) == ("failed", "1-1", 1)


async def test_old_key_is_dead_at_once(world: World, clock: Clock) -> None:
    """A key that was rotated between two attempts signs the second."""
    with Receiver(Respond(500), Respond()) as receiver:
        subscription_id = await subscribe_in(world, receiver.url, signed=True)
        await delivered(world)
        await world.state.rotate_key("DEFAULT", subscription_id, "whsec_" + "f" * 64, clock.now())
        clock.advance(1)
        await world.deliveries.drain(PATIENCE)

        assert [one.headers["X-Webhook-Signature-Version"] for one in receiver.captured] == ["1", "2"]


@pytest.mark.parametrize("slow", [(), ("/1", "/3")], ids=["alike", "in another order"])
async def test_same_seed_gives_the_same_bytes(settings: Settings, contract: Contract, slow: tuple[str, ...]) -> None:
    """Two worlds with one seed and time send the same bytes, whichever receiver is the fastest."""
    sent = []
    for delayed in ((), slow):
        world = World.build(replace(settings, delivery_timeout=60), contract, Clock(frozen_at=1_768_473_000.0))
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


# ---------------------------------------------------------------- what is remembered
async def test_pages_and_filters(world: World, receiver: Receiver) -> None:
    """Deliveries are listed in the order of their events, by any of the names that they are shown with."""
    ids = [await subscribe_in(world, f"{receiver.url}/{number}", number) for number in (1, 2)]
    await emitted(world)
    await world.deliveries.drain(PATIENCE)
    await emitted(world)
    await world.deliveries.drain(PATIENCE)

    page = world.deliveries.page({"subscriptionId": ids[1], "status": "delivered"}, offset=1, limit=5)
    assert [row.message.delivery_id for row in page.rows] == ["2-2"]
    assert (page.filtered, page.total) == (2, 4)
    (row,) = world.deliveries.page({"deliveryId": "1-1"}).rows
    shown = row.as_json()
    assert all(
        world.deliveries.page({name: shown[name]}).filtered
        for name in ("messageId", "eventName", "storeCode", "url", "status")
    )
    assert world.deliveries.page({"eventName": "CustomerUpdated"}).rows == []


@pytest.mark.parametrize("unknown", ["", "-", "1-0", "1-2", "2-1", "x-1", "1-1-1", "¹-1", "9" * 5000 + "-1"])
async def test_unknown_deliveries(world: World, receiver: Receiver, unknown: str) -> None:
    """There is no delivery by another name."""
    await subscribe_in(world, receiver.url)
    await delivered(world)

    assert world.deliveries.get("1-1")
    assert world.deliveries.get(unknown) is None
    with pytest.raises(NotFound):
        world.deliveries.redeliver(unknown)


async def test_history_is_bounded(world: World, receiver: Receiver) -> None:
    """Of finished deliveries the oldest are forgotten and counted, pending ones never."""
    for number in range(300):
        await subscribe_in(world, receiver.url, number, destination_type="queue")
    for _ in range(5):
        await emitted(world)
    await world.deliveries.drain(PATIENCE)

    assert world.deliveries.page({}).total == 1_000
    assert world.deliveries.forgotten == 500
    assert world.deliveries.get("2-200") is None
    assert world.deliveries.get("2-201") is not None


async def test_redelivery_is_the_same_message(world: World, receiver: Receiver) -> None:
    """A delivery that is made again keeps its ids and attempts, and has a requestId of its own."""
    await subscribe_in(world, receiver.url)
    await delivered(world)
    again = world.deliveries.redeliver("1-1")
    await world.deliveries.drain(PATIENCE)

    first, second = (one.payload for one in receiver.captured)
    assert (again.status, len(again.attempts)) == ("pending", 1)
    assert first["messageId"] == second["messageId"]
    assert first["requestId"] != second["requestId"]
    delivery = world.deliveries.get("1-1")
    assert delivery is not None
    assert delivery.status == "delivered"
    assert [one.number for one in delivery.attempts] == [1, 2]


async def test_redelivery_may_fail_once_more(world: World, clock: Clock) -> None:
    """A delivery that is made again is repeated once like the first time; asking in between changes nothing."""
    with Receiver(Respond(500)) as receiver:
        await subscribe_in(world, receiver.url)
        for _ in range(2):
            await delivered(world) if not receiver.captured else world.deliveries.redeliver("1-1")
            await world.deliveries.drain(PATIENCE)
            assert world.deliveries.redeliver("1-1").status == "attempted"
            clock.advance(1)
            await world.deliveries.drain(PATIENCE)

        assert [one.number for one in world.deliveries.page({}).rows[0].attempts] == [1, 2, 3, 4]
        assert len(receiver.captured) == 4


async def test_waiting_ends_when_it_happens(world: World, receiver: Receiver) -> None:
    """Who waits for deliveries is told as soon as there are enough, or after the time."""
    await subscribe_in(world, receiver.url)
    waiting = asyncio.create_task(world.deliveries.wait({"status": "delivered"}, 2, PATIENCE))
    await emitted(world)
    await world.deliveries.drain(PATIENCE)
    assert not waiting.done()
    await emitted(world)

    assert await waiting == 2
    assert await world.deliveries.wait({"status": "delivered"}, 3, 0.01) == 2


async def test_clearing_forgets_everything(patient: World) -> None:
    """Clearing cancels what is under way, and events are counted from 1 again."""
    with Receiver(Hang()) as receiver:
        await subscribe_in(patient, receiver.url)
        await emitted(patient)
        await asyncio.to_thread(receiver.wait_for, EVENT)
        patient.deliveries.clear()
        assert (await patient.deliveries.drain(PATIENCE), patient.deliveries.page({}).total) == (0, 0)
        receiver.answer_with(Respond())

        assert (await delivered(patient)).message.delivery_id == "1-1"
        await patient.deliveries.stop()


async def test_no_record_holds_the_key(world: World, receiver: Receiver) -> None:
    """Neither a pending nor a finished delivery holds the key that signs it."""
    await subscribe_in(world, receiver.url, 1, signed=True)
    await emitted(world)
    pending = world.deliveries.page({}).rows
    await world.deliveries.drain(PATIENCE)

    records = [*pending, *world.deliveries.page({}).rows]
    assert {record.status for record in records} == {"pending", "delivered"}
    assert SECRET.removeprefix("whsec_") not in repr(records)


async def test_credentials_are_masked(world: World, receiver: Receiver) -> None:
    """The credentials that a subscription sends along arrive, but aren't shown."""
    await subscribe_in(world, receiver.url, headers='[{"headerName":"Authorization","headerValue":"Bearer hidden"}]')
    delivery = await delivered(world)

    assert receiver.captured[0].headers["Authorization"] == "Bearer hidden"
    assert "hidden" not in json.dumps(delivery.as_json())


# ---------------------------------------------------------------- the end, and another beginning
async def test_stopping_tells_what_was_not_sent(
    world: World, caplog: pytest.LogCaptureFixture, receiver: Receiver
) -> None:
    """At the end, what a frozen clock holds back is told by its ids."""
    receiver.answer_with(Respond(500))
    await subscribe_in(world, receiver.url)
    await emitted(world)
    await emitted(world)
    await world.deliveries.stop()

    assert "2 deliveries were not sent: 1-1, 2-1" in caplog.text


def test_deliveries_survive_their_loop(settings: Settings, contract: Contract, receiver: Receiver) -> None:
    """A world whose event loop ended with a delivery under way makes it in the next one."""
    world = World.build(replace(settings, delivery_timeout=60), contract)
    receiver.answer_with(Hang(), Respond())

    async def first() -> None:
        await subscribe_in(world, receiver.url)
        await emitted(world, "a")
        await asyncio.to_thread(receiver.wait_for, EVENT)

    async def second() -> int:
        world.deliveries.request_arrived()
        await emitted(world, "b")
        left = await world.deliveries.drain(PATIENCE)
        await world.deliveries.stop()
        return left

    asyncio.run(first())
    assert asyncio.run(second()) == 0
    assert [one.data["customerData"]["email"][0] for one in receiver.captured] == ["a", "a", "b"]


# ---------------------------------------------------------------- faults
# A defect: its delay can't be added to a moment.
BROKEN_FAULT = DeliveryFault(delay="soon")  # type: ignore[arg-type]


class Planned:
    """Faults that a test has planned, one delivery after another."""

    def __init__(self) -> None:
        self.faults: list[DeliveryFault | None] = []

    def for_delivery(self, event_name: str, store_code: str, subscription_id: str) -> DeliveryFault | None:
        """The next one."""
        assert (event_name, store_code, len(subscription_id)) == (EVENT, "DEFAULT", 36)
        return self.faults.pop(0) if self.faults else None


@pytest.fixture
def planned() -> Planned:
    """Nothing goes wrong yet."""
    return Planned()


@pytest.fixture
async def faulty(world: World, planned: Planned) -> AsyncIterator[World]:
    """A world whose deliveries go wrong as planned."""
    parts = (world.settings, world.clock, world.ids, world.state)
    faulty = world._replace(deliveries=DeliveryService(*parts, planned))
    yield faulty
    faulty.deliveries.clear()
    await faulty.deliveries.stop()


async def test_a_defect_fails_one_delivery_only(faulty: World, planned: Planned, receiver: Receiver) -> None:
    """A delivery that can't be queued because of a defect ends as failed, and those beside it arrive."""
    planned.faults = [None, BROKEN_FAULT, None]
    for number in (1, 2, 3):
        await subscribe_in(faulty, f"{receiver.url}/{number}", number)
    ticket = await emitted(faulty)
    await faulty.deliveries.drain(PATIENCE)

    stages = [stage(faulty, ticket, place) for place in range(3)]
    assert [one.status for one in stages] == ["delivered", "failed", "delivered"]
    assert stages[1].reason == "A defect of the mock; its log says more."
    assert sorted(one.path for one in receiver.captured) == ["/1", "/3"]


async def test_fault_duplicate(faulty: World, planned: Planned, receiver: Receiver) -> None:
    """A duplicated delivery arrives twice, byte by byte the same, and only that one."""
    planned.faults = [DeliveryFault(duplicate=True)]
    await subscribe_in(faulty, receiver.url)
    await delivered(faulty)
    await delivered(faulty)

    first, second, third = receiver.captured
    assert first.body == second.body != third.body


async def test_fault_reorder(faulty: World, planned: Planned, receiver: Receiver) -> None:
    """A reordered delivery lets the next one of its subscription go first; without one it goes a bit later."""
    planned.faults = [DeliveryFault(reorder=True), None, DeliveryFault(reorder=True)]
    await subscribe_in(faulty, receiver.url)
    for name in ("a", "b", "c"):
        await delivered(faulty, name)
    assert [one.data["customerData"]["email"][0] for one in receiver.captured] == ["b", "a"]
    faulty.clock.advance(5)
    await faulty.deliveries.drain(PATIENCE)

    assert [one.data["customerData"]["email"][0] for one in receiver.captured] == ["b", "a", "c"]


async def test_fault_delay(faulty: World, planned: Planned, receiver: Receiver) -> None:
    """A delayed delivery waits on the mock's clock."""
    planned.faults = [DeliveryFault(delay=30)]
    await subscribe_in(faulty, receiver.url)
    assert (await delivered(faulty)).status == "pending"
    faulty.clock.advance(30)
    await faulty.deliveries.drain(PATIENCE)

    assert len(receiver.captured) == 1


async def test_faults_that_a_receiver_must_notice(faulty: World, planned: Planned, receiver: Receiver) -> None:
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


@pytest.mark.parametrize("sent", [0, 1])
async def test_too_much_is_neither_begun_nor_repeated(world: World, receiver: Receiver, sent: int) -> None:
    """When as much is held as there is room for, what comes fails, and what was tried fails for good."""
    history = world.deliveries._history  # noqa: SLF001 (hundreds of MiB are too much for a test)
    history.most_held = sent * 10_000

    class Filling:
        def react(self, handler: BaseHTTPRequestHandler, ended: threading.Event) -> None:
            history.most_held = 0
            Respond(500).react(handler, ended)

    receiver.answer_with(Filling())
    await subscribe_in(world, receiver.url)
    delivery = await delivered(world)

    assert (delivery.status, len(receiver.captured), len(delivery.attempts)) == ("failed", sent, sent)
    assert "hold more than 256 MiB" in delivery.reason


async def test_long_headers_of_a_reply_are_cut(world: World, receiver: Receiver) -> None:
    """Of what a receiver answers only so much is kept."""
    receiver.answer_with(Respond(200, headers={f"X-{number}": "x" * 1_900 for number in range(40)}))
    await subscribe_in(world, receiver.url)
    response = (await delivered(world)).attempts[0].response

    assert response
    assert response.size < 9_000


def _is_signed(headers: object, body: bytes) -> bool:
    assert hasattr(headers, "get")
    lines = ["POST", "9:localhost", "1:/", hashlib.sha256(body).hexdigest()]
    lines += [headers.get("X-Webhook-Timestamp"), headers.get("X-Webhook-Request-Id")]
    expected = hmac.new(SECRET.removeprefix("whsec_").encode(), "\n".join(lines).encode(), "sha256").hexdigest()
    return bool(headers.get("X-Webhook-Signature") == expected)
