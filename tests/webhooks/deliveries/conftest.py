"""The worlds, receivers and planned faults that the tests of deliveries share: what they promise holds in memory, and
where several mocks share a database."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from mockserver.clock import Clock
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.testing import Receiver
from mockserver.webhooks.deliveries import Deliveries, DeliveryService, DeliverySources
from mockserver.world import World
from tests.support.deliveries import PlannedFaults, delivered, started
from tests.support.postgres import BACKENDS
from tests.support.subscriptions import subscribe_in


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A time-out that no test waits for, however busy the machine is."""
    return replace(settings, delivery_timeout=60)


@pytest.fixture(params=BACKENDS)
def storage(request: pytest.FixtureRequest) -> str:
    """Where state and deliveries are kept; each parameter is a backend that keeps the promises."""
    return "memory" if request.param == "memory" else request.getfixturevalue("database")


@pytest.fixture
async def world(settings: Settings, contract: Contract, clock: Clock, storage: str) -> AsyncIterator[World]:
    """A world that stops delivering when the test is over."""
    async with started(World.build(replace(settings, storage=storage), contract, clock)) as world:
        yield world


@pytest.fixture
async def alone(settings: Settings, contract: Contract, clock: Clock) -> AsyncIterator[World]:
    """The same, in memory."""
    async with started(World.build(settings, contract, clock)) as world:
        yield world


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
    await world.deliveries.stop()
    async with started(World.build(replace(world.settings, delivery_timeout=1), contract, world.clock)) as impatient:
        yield impatient


@pytest.fixture
def planned() -> PlannedFaults:
    """Nothing goes wrong yet."""
    return PlannedFaults()


@pytest.fixture
async def faulty(world: World, planned: PlannedFaults) -> AsyncIterator[World]:
    """A world whose deliveries go wrong as planned."""
    await world.deliveries.stop()
    sources = DeliverySources(planned, world.events)
    deliveries: Deliveries = (
        world.replicas.deliveries(world.settings, world.clock, sources)
        if world.replicas
        else DeliveryService(world.settings, world.clock, world.ids, world.state, sources)
    )
    await deliveries.start()
    yield world._replace(deliveries=deliveries)
    deliveries.clear()
    await deliveries.stop()
