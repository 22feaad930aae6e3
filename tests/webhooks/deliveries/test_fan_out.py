"""mockserver.webhooks.deliveries.fan_out: the deliveries of an event, and what happens without room or by a defect."""

import json

import pytest

from mockserver.testing import Receiver
from mockserver.webhooks.deliveries import DeliveryFault
from mockserver.world import World
from tests.support.deliveries import PATIENCE, PlannedFaults, data, delivered, delivery_of, emitted
from tests.support.subscriptions import EVENT, subscribe_in

pytestmark = pytest.mark.anyio


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


async def test_invalid_payload_is_never_sent(
    world: World, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """A payload that leaves the contract is logged and listed with what is wrong, and not sent."""
    await subscribe_in(world, receiver.url)
    ticket = await world.emit(EVENT, "DEFAULT", data(world) | {"customerId": 5})
    await world.deliveries.drain(PATIENCE)

    failed = await delivery_of(world, ticket)
    assert failed.status == "failed"
    assert failed.reason.startswith("contract violation: data.customerId:")
    assert "contract violation: event CustomerRegistered is not sent: data.customerId" in caplog.text
    assert receiver.captured == []


async def test_event_that_cant_be_written_fails(
    alone: World, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """Deliveries of an event that is lost by a defect end as failed, with the reason; so does each redelivery."""
    await subscribe_in(alone, receiver.url)
    content = data(alone)
    content["customerData"]["firstName"] = "\ud800"  # a string for the contract, but no UTF-8
    ticket = await alone.emit(EVENT, "DEFAULT", content)
    await alone.deliveries.drain(PATIENCE)

    for delivery in (await delivery_of(alone, ticket), await alone.deliveries.deliver_again("1-1")):
        assert (delivery.status, delivery.attempts) == ("failed", ())
        assert delivery.reason == "A defect of the mock; its log says more."
    assert "The event CustomerRegistered is lost: a defect of the mock" in caplog.text


BROKEN_FAULT = DeliveryFault(delay="soon")  # type: ignore[arg-type]


async def test_a_defect_fails_one_delivery_only(faulty: World, planned: PlannedFaults, receiver: Receiver) -> None:
    """A delivery that can't be queued because of a defect ends as failed, and those beside it arrive."""
    planned.faults = [None, BROKEN_FAULT, None]
    for number in (1, 2, 3):
        await subscribe_in(faulty, f"{receiver.url}/{number}", number)
    ticket = await emitted(faulty)
    await faulty.deliveries.drain(PATIENCE)

    deliveries = [await delivery_of(faulty, ticket, index) for index in range(3)]
    assert [one.status for one in deliveries] == ["delivered", "failed", "delivered"]
    assert deliveries[1].reason == "A defect of the mock; its log says more."
    assert sorted(one.path for one in receiver.captured) == ["/1", "/3"]


async def test_lost_events_dont_flood_the_log(alone: World, caplog: pytest.LogCaptureFixture) -> None:
    """When more events happen than can be kept, that is told once, and how often at the end."""
    await subscribe_in(alone, "http://localhost:1")
    content = data(alone)
    tickets = [await alone.emit(EVENT, "DEFAULT", content) for _ in range(10_050)]
    lost = [line for line in caplog.messages if "is lost" in line]

    assert [ticket.size for ticket in tickets].count(0) == 50
    assert lost == ["The event CustomerRegistered of store DEFAULT is lost: 10000 others wait"]


async def test_fault_reorder(faulty: World, planned: PlannedFaults, receiver: Receiver) -> None:
    """A reordered delivery lets the next one of its subscription go first; without one it goes a bit later."""
    planned.faults = [DeliveryFault(reorder=True), None, DeliveryFault(reorder=True)]
    await subscribe_in(faulty, receiver.url)
    for name in ("a", "b", "c"):
        await delivered(faulty, name)
    assert [one.data["customerData"]["email"][0] for one in receiver.captured] == ["b", "a"]
    faulty.clock.advance(5)
    await faulty.deliveries.drain(PATIENCE)

    assert [one.data["customerData"]["email"][0] for one in receiver.captured] == ["b", "a", "c"]
    assert faulty.deliveries.outcomes.faults == 2


async def test_fault_delay(faulty: World, planned: PlannedFaults, receiver: Receiver) -> None:
    """A delayed delivery waits on the mock's clock."""
    planned.faults = [DeliveryFault(delay=30)]
    await subscribe_in(faulty, receiver.url)
    assert (await delivered(faulty)).status == "pending"
    faulty.clock.advance(30)
    await faulty.deliveries.drain(PATIENCE)

    assert len(receiver.captured) == 1
