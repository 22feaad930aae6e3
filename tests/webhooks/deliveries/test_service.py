"""mockserver.webhooks.deliveries.service: events are accepted; deliveries are shown, repeated and ended."""

import asyncio

import pytest

from mockserver.clock import Clock
from mockserver.errors import NotFound
from mockserver.testing import Hang, Receiver, Respond
from mockserver.world import World
from tests.support.deliveries import PATIENCE, delivered, emitted
from tests.support.subscriptions import EVENT, subscribe_in

pytestmark = pytest.mark.anyio


async def test_unknown_event_breaks_nothing(alone: World, caplog: pytest.LogCaptureFixture) -> None:
    """Emitting never raises: a store or an event that doesn't exist is a logged defect, or nobody's business."""
    assert (await alone.emit(EVENT, "NOWHERE", {})).size == 0
    assert "is lost: a defect of the mock" in caplog.text
    assert (await alone.emit("MadeUp", "DEFAULT", {})).size == 0


async def test_data_is_made_for_somebody_only(alone: World, caplog: pytest.LogCaptureFixture) -> None:
    """What makes the data of an event is called if there is a subscription, and may fail without breaking anything."""
    made = []
    await alone.emit(EVENT, "DEFAULT", lambda: made.append("nobody"))
    await subscribe_in(alone, "http://localhost:1")
    ticket = await alone.emit(EVENT, "DEFAULT", lambda: 1 / 0)

    assert (made, ticket.size, (await alone.deliveries.listing({})).total) == ([], 0, 0)
    assert "ZeroDivisionError" in caplog.text


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


async def test_pages_and_filters(world: World, receiver: Receiver) -> None:
    """Deliveries are listed in the order of their events, by any of the names that they are shown with."""
    ids = [await subscribe_in(world, f"{receiver.url}/{number}", number) for number in (1, 2)]
    await emitted(world)
    await world.deliveries.drain(PATIENCE)
    await emitted(world)
    await world.deliveries.drain(PATIENCE)

    page = await world.deliveries.listing({"subscriptionId": ids[1], "status": "delivered"}, offset=1, limit=5)
    assert [row.message.delivery_id for row in page.rows] == ["2-2"]
    assert (page.filtered, page.total) == (2, 4)
    (row,) = (await world.deliveries.listing({"deliveryId": "1-1"})).rows
    shown = row.as_json()
    for name in ("messageId", "eventName", "storeCode", "url", "status"):
        assert (await world.deliveries.listing({name: shown[name]})).filtered
    assert (await world.deliveries.listing({"eventName": "CustomerUpdated"})).rows == []


@pytest.mark.parametrize("unknown", ["", "-", "1-0", "1-2", "2-1", "x-1", "1-1-1", "¹-1", "9" * 5000 + "-1"])
async def test_unknown_deliveries(world: World, receiver: Receiver, unknown: str) -> None:
    """There is no delivery by another name."""
    await subscribe_in(world, receiver.url)
    await delivered(world)

    assert await world.deliveries.look_up("1-1")
    assert await world.deliveries.look_up(unknown) is None
    with pytest.raises(NotFound):
        await world.deliveries.deliver_again(unknown)


async def test_history_is_bounded(alone: World, receiver: Receiver) -> None:
    """Of finished deliveries the oldest are forgotten and counted, pending ones never."""
    for number in range(300):
        await subscribe_in(alone, receiver.url, number, destination_type="queue")
    for _ in range(5):
        await emitted(alone)
    await alone.deliveries.drain(PATIENCE)

    assert (await alone.deliveries.listing({})).total == 1_000
    assert (await alone.deliveries.standing()).forgotten == 500
    assert await alone.deliveries.look_up("2-200") is None
    assert await alone.deliveries.look_up("2-201") is not None


async def test_redelivery_is_the_same_message(world: World, receiver: Receiver) -> None:
    """A delivery that is made again keeps its ids and attempts, and has a requestId of its own."""
    await subscribe_in(world, receiver.url)
    await delivered(world)
    again = await world.deliveries.deliver_again("1-1")
    await world.deliveries.drain(PATIENCE)

    first, second = (one.payload for one in receiver.captured)
    assert (again.status, len(again.attempts)) == ("pending", 1)
    assert first["messageId"] == second["messageId"]
    assert first["requestId"] != second["requestId"]
    delivery = await world.deliveries.look_up("1-1")
    assert delivery is not None
    assert delivery.status == "delivered"
    assert [one.number for one in delivery.attempts] == [1, 2]


async def test_redelivery_may_fail_once_more(world: World, clock: Clock) -> None:
    """A delivery that is made again is repeated once like the first time; asking in between changes nothing."""
    with Receiver(Respond(500)) as receiver:
        await subscribe_in(world, receiver.url)
        for _ in range(2):
            await delivered(world) if not receiver.captured else await world.deliveries.deliver_again("1-1")
            await world.deliveries.drain(PATIENCE)
            assert (await world.deliveries.deliver_again("1-1")).status == "attempted"
            clock.advance(1)
            await world.deliveries.drain(PATIENCE)

        assert [one.number for one in (await world.deliveries.listing({})).rows[0].attempts] == [1, 2, 3, 4]
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


async def test_clearing_forgets_everything(world: World) -> None:
    """A reset cancels what is under way, and events are counted from 1 again."""
    with Receiver(Hang()) as receiver:
        await subscribe_in(world, receiver.url)
        await emitted(world)
        await asyncio.to_thread(receiver.wait_for, EVENT)
        await world.reset()
        assert (await world.deliveries.drain(PATIENCE), (await world.deliveries.listing({})).total) == (0, 0)
        receiver.answer_with(Respond())
        await subscribe_in(world, receiver.url)

        assert (await delivered(world)).message.delivery_id == "1-1"


async def test_stopping_tells_what_was_not_sent(
    alone: World, caplog: pytest.LogCaptureFixture, receiver: Receiver
) -> None:
    """At the end, what a frozen clock holds back is told by its ids."""
    receiver.answer_with(Respond(500))
    await subscribe_in(alone, receiver.url)
    await emitted(alone)
    await emitted(alone)
    await alone.deliveries.stop()

    assert "2 deliveries were not sent: 1-1, 2-1" in caplog.text


async def test_cleared_store_sends_no_more(world: World, clock: Clock, receiver: Receiver) -> None:
    """Deliveries of a store that wait, also for a retry, are cancelled; those of others are made, and numbers go on."""
    receiver.answer_with(Respond(500))
    for store_code in ("DEFAULT", "OTHER"):
        await subscribe_in(world, receiver.url, of=(store_code, EVENT))
        await emitted(world, f"first-{store_code}", store_code)
    await world.deliveries.drain(PATIENCE)
    await emitted(world, "waits", "DEFAULT")
    await world.clear_store("DEFAULT")
    clock.advance(10)
    await world.deliveries.drain(PATIENCE)

    assert {row.message.store_code for row in (await world.deliveries.listing({})).rows} == {"OTHER"}
    assert [one.data["customerData"]["email"].split("@")[0] for one in receiver.captured].count("waits") == 0
    assert (await emitted(world, store_code="OTHER")).number == 4
