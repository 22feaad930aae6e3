"""mockserver.webhooks.deliveries.runtime: deliveries side by side, and in another event loop."""

import asyncio

import pytest

from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.testing import Hang, Receiver, Respond
from mockserver.webhooks.deliveries.fan_out import CHUNK
from mockserver.world import World
from tests.support.deliveries import PATIENCE, emitted
from tests.support.subscriptions import EVENT, subscribe_in

pytestmark = pytest.mark.anyio

RECIPIENTS = 3 * CHUNK


async def test_hanging_receivers_hold_up_nobody(world: World, receiver: Receiver) -> None:
    """While many receivers hang, others get all of theirs at once."""
    with Receiver(Hang()) as one, Receiver(Hang()) as other:
        for number in range(100):
            await subscribe_in(world, f"{(one, other)[number % 2].url}/{number}", number)
        healthy = await subscribe_in(world, receiver.url, 500)
        for number in range(5):
            await emitted(world, f"m{number}")

        wanted = {"subscriptionId": healthy, "status": "delivered"}
        assert await world.deliveries.wait(wanted, 5, PATIENCE) == 5
        assert len(one.captured) + len(other.captured) <= 2 * 8
        world.deliveries.clear()
        await world.deliveries.stop()


@pytest.mark.parametrize("turns", [0, 1], ids=["not begun", "amid"])
def test_events_survive_their_loop(settings: Settings, contract: Contract, receiver: Receiver, turns: int) -> None:
    """An event whose fan-out ended with its event loop, before it began or amid it, goes to all in the next loop."""
    world = World.build(settings, contract)

    async def first() -> None:
        for number in range(RECIPIENTS):
            await subscribe_in(world, receiver.url, number)
        await emitted(world)
        for _ in range(turns):
            await asyncio.sleep(0)

    async def second() -> int:
        await world.deliveries.drain(PATIENCE)
        delivered = await world.deliveries.wait({"status": "delivered"}, RECIPIENTS, seconds=0)
        await world.deliveries.stop()
        return delivered

    asyncio.run(first())
    assert asyncio.run(second()) == RECIPIENTS
    assert len(receiver.captured) == RECIPIENTS


def test_deliveries_survive_their_loop(settings: Settings, contract: Contract, receiver: Receiver) -> None:
    """A world whose event loop ended with a delivery under way makes it in the next one."""
    world = World.build(settings, contract)
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
