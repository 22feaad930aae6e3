"""Events that tests emit, their deliveries, and planned faults."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from mockserver.storage.model import Member
from mockserver.webhooks.deliveries import Delivery, DeliveryFault, Ticket
from mockserver.webhooks.payloads import customer_registered
from mockserver.world import World
from tests.support.subscriptions import EVENT

PATIENCE = 60.0  # seconds; a test that works never needs them


def data(world: World, name: str = "jo") -> dict[str, Any]:
    """The data of a new member."""
    member = Member(world.ids.uuid(), "DEFAULT", f"{name}@example.com", None, None, "AB12CD", 0, {})
    return customer_registered(member)


async def logged(caplog: pytest.LogCaptureFixture, text: str, times: int = 1) -> None:
    """Wait until this text was logged so many times."""
    async with asyncio.timeout(PATIENCE):
        while caplog.text.count(text) < times:  # noqa: ASYNC110 (nobody is told of a line)
            await asyncio.sleep(0)


@asynccontextmanager
async def started(world: World) -> AsyncIterator[World]:
    """A world that delivers in the block, and not after it."""
    await world.start()
    try:
        yield world
    finally:
        world.deliveries.clear()
        await world.stop()


async def emitted(world: World, name: str = "jo", store_code: str = "DEFAULT") -> Ticket:
    """The ticket of the event that a member has registered."""
    return await world.emit(EVENT, store_code, data(world, name))


async def delivered(world: World, name: str = "jo") -> Delivery:
    """The first delivery of a new event, after all deliveries that are due were made."""
    ticket = await emitted(world, name)
    await world.deliveries.drain(PATIENCE)
    return await delivery_of(world, ticket)


async def delivery_of(world: World, ticket: Ticket, index: int = 0) -> Delivery:
    """The delivery of an event to its recipient at an index."""
    delivery = await world.deliveries.look_up(ticket.delivery_ids()[index])
    assert delivery is not None
    return delivery


class PlannedFaults:
    """The faults that a test has planned, for one delivery after another."""

    def __init__(self) -> None:
        self.faults: list[DeliveryFault | None] = []

    async def for_delivery(self, event_name: str, store_code: str, subscription_id: str) -> DeliveryFault | None:
        """The next planned fault."""
        assert (event_name, store_code, len(subscription_id)) == (EVENT, "DEFAULT", 36)
        return self.faults.pop(0) if self.faults else None
