"""mockserver.webhooks.deliveries.attempts: outcomes and retries, with well- and ill-behaved receivers over HTTP."""

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from mockserver.clock import Clock
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.testing import CloseEarly, Drip, Garbage, Hang, Reaction, Receiver, Respond, redirect
from mockserver.webhooks.deliveries import DeliveryFault
from mockserver.world import World
from tests.support.deliveries import PATIENCE, PlannedFaults, delivered, delivery_of, emitted
from tests.support.subscriptions import subscribe_in

pytestmark = pytest.mark.anyio


FAULTY: dict[str, tuple[list[Reaction], int, str]] = {
    "500 once": ([Respond(500), Respond(200)], 2, "delivered"),
    "404 once": ([Respond(404), Respond(204)], 2, "delivered"),
    "500 always": ([Respond(500, b"broken")], 2, "failed"),
    "404": ([Respond(404)], 2, "failed"),
    "429": ([Respond(429, headers={"Retry-After": "60"})], 2, "failed"),
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
SILENT: dict[str, tuple[list[Reaction], str]] = {
    "hang": ([Hang()], "failed"),
    "hang once": ([Hang(), Respond()], "delivered"),
    "slow body": ([Drip()], "failed"),
}


@pytest.mark.parametrize(("reactions", "attempts", "status"), FAULTY.values(), ids=FAULTY)
async def test_faulty_receivers(world: World, reactions: list[Reaction], attempts: int, status: str) -> None:
    """A failure is repeated once and no more, with the same messageId and a new requestId; nothing is lost or sent
    twice beyond that."""
    await _assert_outcome(world, reactions, attempts, status)


@pytest.mark.parametrize(("reactions", "status"), SILENT.values(), ids=SILENT)
async def test_silent_receivers(impatient: World, reactions: list[Reaction], status: str) -> None:
    """A response that doesn't come in time is a failure like any other."""
    await _assert_outcome(impatient, reactions, 2, status)


async def _assert_outcome(world: World, reactions: list[Reaction], attempts: int, status: str) -> None:
    """An event has these attempts and this status in the end; all of them carry one message."""
    with Receiver(*reactions) as receiver:
        await subscribe_in(world, receiver.url)
        ticket = await emitted(world)
        for _ in range(3):
            await world.deliveries.drain(PATIENCE)
            world.clock.advance(world.settings.retry_delay)

        delivery = await delivery_of(world, ticket)
        assert delivery.status == status
        assert len(delivery.attempts) == len(receiver.captured) == attempts
        assert {one.payload["messageId"] for one in receiver.captured} == {delivery.message.message_id}
        assert [one.payload["requestId"] for one in receiver.captured] == [one.request_id for one in delivery.attempts]
        assert len({one.request_id for one in delivery.attempts}) == attempts


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


async def test_queue_destinations_are_recorded(world: World, receiver: Receiver) -> None:
    """Nothing is sent to a queue: the message that would be is shown, without the keys."""
    keys: dict[str, Any] = {"queue_key": "AKIA-1", "queue_secret_key": "hidden-2", "queue_encryption_key": "hidden-3"}
    await subscribe_in(world, receiver.url, destination_type="queue", **keys)
    delivery = await delivered(world)

    assert delivery.status == "blocked"
    assert json.loads(delivery.attempts[0].request.body)["data"]["customerData"]["email"] == "jo@example.com"
    assert receiver.captured == []
    assert not [key for key in keys.values() if key in repr(delivery)]


async def test_deleted_subscription_gets_nothing(world: World, receiver: Receiver) -> None:
    """What was pending for a subscription when it was deleted is given up."""
    subscription_id = await subscribe_in(world, receiver.url)
    ticket = await emitted(world)
    await world.state.delete_subscription("DEFAULT", subscription_id)
    await world.deliveries.drain(PATIENCE)

    delivery = await delivery_of(world, ticket)
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

    delivery = await world.deliveries.look_up("1-1")
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


async def test_fault_duplicate(faulty: World, planned: PlannedFaults, receiver: Receiver) -> None:
    """A duplicated delivery arrives twice, byte by byte the same, and only that one."""
    planned.faults = [DeliveryFault(duplicate=True)]
    await subscribe_in(faulty, receiver.url)
    await delivered(faulty)
    await delivered(faulty)

    first, second, third = receiver.captured
    assert first.body == second.body != third.body


@pytest.mark.parametrize("sent", [0, 1])
async def test_too_much_is_neither_begun_nor_repeated(alone: World, receiver: Receiver, sent: int) -> None:
    """When as much is held as there is room for, what comes fails, and what was tried fails for good."""
    deliveries: Any = alone.deliveries
    history = deliveries._history  # noqa: SLF001 (hundreds of MiB are too much for a test)
    history.most_held = sent * 10_000

    class Filling:
        def react(self, handler: BaseHTTPRequestHandler, ended: threading.Event) -> None:
            history.most_held = 0
            Respond(500).react(handler, ended)

    receiver.answer_with(Filling())
    await subscribe_in(alone, receiver.url)
    delivery = await delivered(alone)

    assert (delivery.status, len(receiver.captured), len(delivery.attempts)) == ("failed", sent, sent)
    assert "hold more than 256 MiB" in delivery.reason
