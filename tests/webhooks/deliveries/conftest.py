"""The worlds, receivers and planned faults that the tests of deliveries share."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from mockserver.clock import Clock
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.testing import Receiver
from mockserver.webhooks.deliveries import DeliveryService
from mockserver.world import World
from tests.support.deliveries import PlannedFaults, delivered
from tests.support.subscriptions import subscribe_in


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A time-out that no test waits for, however busy the machine is."""
    return replace(settings, delivery_timeout=60)


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
async def impatient(world: World, contract: Contract) -> AsyncIterator[World]:
    """A world with a time-out that tests can wait for.

    It begins after a first delivery of this process, which imports and therefore takes longer than others.
    """
    with Receiver() as receiver:
        await subscribe_in(world, receiver.url)
        await delivered(world)
    impatient = World.build(replace(world.settings, delivery_timeout=1), contract, world.clock)
    yield impatient
    impatient.deliveries.clear()
    await impatient.deliveries.stop()


@pytest.fixture
def planned() -> PlannedFaults:
    """Nothing goes wrong yet."""
    return PlannedFaults()


@pytest.fixture
async def faulty(world: World, planned: PlannedFaults) -> AsyncIterator[World]:
    """A world whose deliveries go wrong as planned."""
    parts = (world.settings, world.clock, world.ids, world.state)
    faulty = world._replace(deliveries=DeliveryService(*parts, planned))
    yield faulty
    faulty.deliveries.clear()
    await faulty.deliveries.stop()
