"""mockserver.webhooks.deliveries.shared_deliveries: replicas make the deliveries of all, also when one is gone."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import cast

import pytest

from mockserver.clock import Clock
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.storage.postgres import Lease, PostgresState
from mockserver.testing import Hang, Receiver, Respond
from mockserver.webhooks.deliveries import Delivery
from mockserver.world import World
from mockserver.world.registration import register_member
from tests.support.deliveries import PATIENCE, emitted, logged, started
from tests.support.subscriptions import EVENT, subscribe_in

pytestmark = pytest.mark.anyio


class Gate:
    """A reaction that lets a receiver answer 204 when it is opened."""

    def __init__(self) -> None:
        self.open = threading.Event()

    def react(self, handler: BaseHTTPRequestHandler, ended: threading.Event) -> None:
        """Wait, and answer."""
        self.open.wait(PATIENCE)
        Respond().react(handler, ended)


@pytest.fixture
async def replicas(settings: Settings, contract: Contract, clock: Clock, database: str) -> AsyncIterator[list[World]]:
    """A replica that takes requests alone, and one that delivers."""
    shared = replace(settings, storage=database)
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(started(World.build(replace(shared, deliver=deliver), contract, clock)))
            for deliver in (False, True)
        ]


async def test_replica_delivers_what_another_has_emitted(replicas: list[World], receiver: Receiver) -> None:
    """An event of one replica is delivered by another, and both know what became of it."""
    api, worker = replicas
    await subscribe_in(api, receiver.url, signed=True)
    await register_member(api, "DEFAULT", {"email": "a@x.com"})
    assert await api.deliveries.wait({"status": "delivered"}, 1, PATIENCE) == 1

    (one, other) = [(await world.deliveries.listing({})).rows for world in replicas]
    assert one == other
    assert (api.deliveries.outcomes.finished["delivered"], worker.deliveries.outcomes.finished["delivered"]) == (0, 1)
    assert (await api.deliveries.backlog()).length == 0


async def test_observers_see_the_changes_of_all(replicas: list[World], receiver: Receiver) -> None:
    """Who watches one replica sees deliveries of all, in each of their states that lasts."""
    api, _ = replicas
    seen: list[str] = []
    finished = asyncio.Event()

    def watch(delivery: Delivery) -> None:
        seen.append(delivery.status)
        if delivery.is_finished:
            finished.set()

    api.deliveries.observers.add(watch)
    await subscribe_in(api, receiver.url)
    await emitted(api)
    await asyncio.wait_for(finished.wait(), PATIENCE)
    assert seen[-1] == "delivered"
    assert len(seen) == len(set(seen))


async def test_what_a_stalled_replica_had_is_resumed(
    replicas: list[World], receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """When the lease of a replica is over, another one sends the delivery again, under the same ids, and what follows;
    what the first one says of it later isn't kept."""
    api, worker = replicas
    gate, state = Gate(), cast("PostgresState", api.state)
    receiver.answer_with(gate, Respond())
    await _two_are_caused(api, receiver)
    await state._row("UPDATE q_deliveries SET read_ct = read_ct + 1 WHERE msg_id = 1")  # noqa: SLF001 (as who takes it)
    gate.open.set()
    await logged(caplog, "Delivery 1-1 was made by another replica, too")
    await worker.deliveries.stop()
    async with started(World.build(replace(api.settings, deliver=True), api.contract, api.clock)):
        await state.deliveries.give_back([Lease(1, 2)])
        assert await api.deliveries.wait({"status": "delivered"}, 2, PATIENCE) == 2

    first, again, last = (one.payload for one in receiver.captured)
    assert (first, last["data"]["customerData"]["email"]) == (again, "b@example.com")


async def _two_are_caused(api: World, receiver: Receiver) -> None:
    """Two deliveries to one subscription, of which the first one has arrived."""
    await subscribe_in(api, receiver.url)
    for name in ("a", "b"):
        await emitted(api, name)
    await asyncio.to_thread(receiver.wait_for, EVENT)


async def test_end_leaves_the_rest_to_others(replicas: list[World], caplog: pytest.LogCaptureFixture) -> None:
    """A replica that ends tells which deliveries it leaves to others, and they are to be had at once."""
    api, worker = replicas
    with Receiver(Hang(), Respond()) as receiver:
        await subscribe_in(api, receiver.url)
        await emitted(api)
        await asyncio.to_thread(receiver.wait_for, EVENT)
        await worker.deliveries.stop()
        assert "1 deliveries were left to other replicas: 1-1" in caplog.text

        await worker.deliveries.start()
        assert await api.deliveries.wait({"status": "delivered"}, 1, PATIENCE) == 1


async def test_clock_that_one_moves_is_that_of_all(replicas: list[World], receiver: Receiver) -> None:
    """A repeat that waits for the clock comes when another replica moves it."""
    api, _ = replicas
    receiver.answer_with(Respond(500), Respond())
    await subscribe_in(api, receiver.url)
    await emitted(api)
    await api.deliveries.wait({"status": "attempted"}, 1, PATIENCE)
    api.clock.advance(1)
    await api.share({})

    assert await api.deliveries.wait({"status": "delivered"}, 1, PATIENCE) == 1


async def test_history_is_bounded(replicas: list[World], receiver: Receiver) -> None:
    """Of the finished deliveries of all replicas a thousand are remembered; those that are forgotten are counted."""
    api, _ = replicas
    for number in range(260):
        await subscribe_in(api, receiver.url, number, destination_type="queue")
    for _ in range(4):
        await emitted(api)
    await api.deliveries.wait({"status": "blocked"}, 1_000, PATIENCE)
    await api.deliveries.drain(PATIENCE)

    assert (await api.deliveries.listing({})).total == 1_000
    assert (await api.deliveries.standing()).forgotten == 40


async def test_defect_stops_no_tidying(
    replicas: list[World], receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """When the history can't be bounded for a reason nobody has foreseen, that is told in the log, and tried again."""
    api, _ = replicas
    await cast("PostgresState", api.state)._row("DROP FUNCTION forget_deliveries")  # noqa: SLF001 (a defect)
    await subscribe_in(api, receiver.url)
    for times in (1, 2):
        await emitted(api)
        await logged(caplog, "Finished deliveries can't be forgotten: a defect of the mock", times)


async def test_reset_forgets_what_others_have_in_hand(replicas: list[World]) -> None:
    """After the reset of one replica no other sends or remembers anything from before."""
    api, worker = replicas
    with Receiver(Hang()) as receiver:
        await subscribe_in(api, receiver.url)
        await emitted(api)
        await asyncio.to_thread(receiver.wait_for, EVENT)
        await api.reset()

        assert await worker.deliveries.drain(PATIENCE) == 0
        assert (await worker.deliveries.listing({})).total == 0
        assert len(receiver.captured) == 1
