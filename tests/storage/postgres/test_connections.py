"""mockserver.storage.postgres.connections: fair, and there again after the database was away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from mockserver.errors import StorageAway
from mockserver.storage.postgres.address import Address
from mockserver.storage.postgres.connections import Connections, connect
from tests.support.postgres import Databases

pytestmark = pytest.mark.anyio

END_ALL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture
async def connections(database: str) -> AsyncIterator[Connections]:
    """Two connections."""
    found = Connections(partial(connect, Address.of(database), {}), 2)
    await found.open()
    yield found
    await found.close()


async def _back(connections: Connections) -> None:
    """Wait until the database answers again."""
    while True:
        try:
            await connections.row("SELECT 1")
        except StorageAway:
            await asyncio.sleep(0)
        else:
            return


async def test_tasks_are_served_in_their_order(connections: Connections) -> None:
    """More tasks than connections are served in the order in which they came."""
    order: list[int] = []

    async def ask(number: int) -> None:
        async with connections.one() as connection:
            order.append(number)
            await connection.fetchval("SELECT 1")

    await asyncio.gather(*map(ask, range(20)))

    assert order == list(range(20))


async def test_failed_opening_leaves_no_connection(database: str) -> None:
    """When one of several connections can't be made, those that were are closed."""
    made: list[Any] = []

    async def connecting() -> Any:
        if made:
            raise TimeoutError
        made.append(None)
        made[0] = await connect(Address.of(database), {})
        return made[0]

    connections = Connections(connecting, 3)
    with pytest.raises(TimeoutError):
        await connections.open()
    assert (connections.is_away, made[0].is_closed()) == (True, True)


async def test_cancelled_task_leaves_its_turn(connections: Connections) -> None:
    """A task that is cancelled while it waits takes no connection with it."""
    async with connections.one(), connections.one():
        waiting = [asyncio.create_task(connections.row("SELECT 1")) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()

    assert [row[0] for row in await asyncio.gather(*waiting[1:])] == [1, 1]


async def test_lost_connections_are_replaced(connections: Connections) -> None:
    """Connections that the database ends are replaced by themselves."""
    async with connections.one() as connection:
        await connection.execute(END_ALL)
    with suppress(StorageAway):  # or the row is there before the connection ends
        await connections.row("SELECT pg_terminate_backend(pg_backend_pid())")

    await _back(connections)

    assert (await connections.row("SELECT 2"))[0] == 2


async def test_database_that_was_away_is_used_again(databases: Databases, connections: Connections) -> None:
    """While the database is away each statement fails at once; after its start they go on by themselves."""
    await asyncio.to_thread(databases.cluster.stop)
    with pytest.raises(StorageAway):
        await asyncio.gather(*(connections.row("SELECT 1") for _ in range(10)))

    await asyncio.to_thread(databases.cluster.start)
    await _back(connections)

    assert [row[0] for row in await asyncio.gather(*(connections.row("SELECT 1") for _ in range(10)))] == [1] * 10


async def test_wrong_statement_is_no_absence(connections: Connections) -> None:
    """A statement that gets a wrong value is a defect, and not taken for a database that is away."""
    with pytest.raises(Exception, match="invalid input") as wrong:
        await connections.row("SELECT $1::bytea", 1)

    assert not isinstance(wrong.value, StorageAway)
