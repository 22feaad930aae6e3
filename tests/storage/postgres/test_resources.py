"""mockserver.storage.postgres.resources: what only a database has to show; tests/storage/test_resource_records.py has
the rest."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from mockserver.errors import BadRequest
from mockserver.storage.postgres import Address, PostgresState
from mockserver.storage.resource_records import Collection, RecordQuery, ResourceRecord

pytestmark = pytest.mark.anyio

PETS = Collection("pets")


@pytest.fixture
async def states(database: str) -> AsyncIterator[list[PostgresState]]:
    """What two mocks keep in one database."""
    found = [PostgresState(Address.of(database), remembers=True) for _ in range(2)]
    for state in found:
        await state.open()
    await found[0].clear(("A",))
    yield found
    for state in found:
        await state.close()


def numbered(number: int) -> ResourceRecord:
    """The record of a number."""
    return ResourceRecord(str(number), {"number": number})


async def test_mocks_that_add_at_once_never_get_one_id(states: list[PostgresState]) -> None:
    """Of two mocks each has ids of its own, though resets come between; nothing fails."""
    records = [state.remembered for state in states]

    async def add(place: int) -> None:
        keeper = records[place % 2]
        assert keeper is not None
        await keeper.add(PETS, numbered, tuple)

    await asyncio.gather(
        *(add(place) for place in range(30)), states[1].clear(("A",)), *(add(place) for place in range(30))
    )
    assert records[0] is not None
    found = await records[0].find(PETS, RecordQuery(), tuple)

    assert len({row.key for row in found.rows}) == found.total <= 60


async def test_a_key_that_is_too_long_is_refused(states: list[PostgresState]) -> None:
    """What no index takes is the client's fault, as for other ids."""
    records = states[0].remembered
    assert records is not None
    long = "".join(chr(0x4E00 + number % 20_000) for number in range(20_000))

    with pytest.raises(BadRequest):
        await records.change(PETS, long, lambda _: {"a": 1}, tuple)
    assert await records.get(PETS, long, tuple) is None
