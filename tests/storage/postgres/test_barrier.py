"""mockserver.storage.postgres.barrier: what one replica tells, all have made when it goes on."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from mockserver.errors import ReplicaSilent
from mockserver.storage.postgres.address import Address
from mockserver.storage.postgres.barrier import Barrier
from mockserver.storage.postgres.connections import connect
from tests.support.deliveries import PATIENCE

pytestmark = pytest.mark.anyio


class Replica:
    """A replica that remembers the changes that it has made."""

    def __init__(self, database: str, number: int) -> None:
        self.connecting = partial(connect, Address.of(database), {})
        self.made: list[Any] = []
        self.barrier = Barrier(number, self.connecting, self._make)

    async def _make(self, change: object, _connection: object) -> None:
        self.made.append(change)

    async def tell(self, change: dict[str, Any]) -> None:
        """Tell the others."""
        connection = await self.connecting()
        try:
            await self.barrier.tell(connection, change, {"fact": change})
        finally:
            await connection.close()


@pytest.fixture
async def replicas(database: str) -> AsyncIterator[list[Replica]]:
    """Three replicas."""
    found = [Replica(database, number) for number in (1, 2, 3)]
    for replica in found:
        await replica.barrier.open("fact")
    yield found
    for replica in found:
        await replica.barrier.close()


async def test_change_is_made_by_all_before_it_is_answered(replicas: list[Replica]) -> None:
    """When `tell` returns, every other replica has made the change, and once; who told it made it before."""
    for number in range(20):
        await replicas[0].tell({"number": number})
        assert [replica.made[-1:] for replica in replicas[1:]] == [[{"number": number}]] * 2

    assert [len(replica.made) for replica in replicas] == [0, 20, 20]


async def test_changes_of_many_are_made_in_one_order(replicas: list[Replica]) -> None:
    """Changes that are told at once are made in the same order by all."""
    await asyncio.gather(*(replicas[number % 2].tell({"number": number}) for number in range(20)))

    assert len(replicas[2].made) == 20
    own = [change for change in replicas[2].made if change["number"] % 2]
    assert replicas[0].made == own


async def test_late_comer_gets_the_fact_alone(database: str, replicas: list[Replica]) -> None:
    """A replica that joins later gets the fact that the last change has left, and no earlier change."""
    await replicas[0].tell({"number": 1})
    late = Replica(database, 4)

    fact = await late.barrier.open("fact")
    await replicas[0].tell({"number": 2})
    await late.barrier.close()

    assert (fact, late.made) == ({"number": 1}, [{"number": 2}])


async def test_silent_replica_is_named(replicas: list[Replica]) -> None:
    """One that is alive and says nothing is named after a while."""
    connection = await replicas[0].connecting()
    await connection.execute("INSERT INTO replicas VALUES (9, 'elsewhere', now() + interval '1 hour', 0)")
    await connection.close()

    with pytest.raises(ReplicaSilent, match="replica 9 on elsewhere"):
        await replicas[0].tell({"number": 1})


async def test_replica_that_left_is_not_waited_for(replicas: list[Replica]) -> None:
    """Who has left is waited for no more."""
    await replicas[2].barrier.close()

    await replicas[0].tell({"number": 1})

    assert replicas[1].made == [{"number": 1}]


async def test_replica_that_was_forgotten_joins_again(replicas: list[Replica]) -> None:
    """One that was silent for so long that it was forgotten is waited for again as soon as it reads the changes."""
    connection = await replicas[0].connecting()
    await connection.execute("DELETE FROM replicas WHERE number = 2")
    await replicas[0].tell({"number": 1})
    async with asyncio.timeout(PATIENCE):
        while not await connection.fetchval("SELECT made FROM replicas WHERE number = 2"):
            pass
    await connection.close()

    assert replicas[1].made == [{"number": 1}]


async def test_memory_is_fresh_while_the_changes_are_read(replicas: list[Replica], database: str) -> None:
    """A replica trusts what it remembers only while it reads the changes."""
    await replicas[1].tell({"number": 1})

    assert replicas[0].barrier.is_fresh
    assert not Replica(database, 5).barrier.is_fresh
