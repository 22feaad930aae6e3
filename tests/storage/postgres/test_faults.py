"""mockserver.storage.postgres.faults: faults that several replicas have, and count together."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest

from mockserver.storage.postgres.address import Address
from mockserver.storage.postgres.connections import Connections, connect
from mockserver.storage.postgres.faults import FaultRow, FaultTable

pytestmark = pytest.mark.anyio

WANTED = {"operationId": "op", "status": 503}
FAULT = FaultRow("f-1", WANTED, enabled=True, calls=(1, None), times=None)


@pytest.fixture
async def table(database: str) -> AsyncIterator[FaultTable]:
    """A table without faults."""
    connections = Connections(partial(connect, Address.of(database), {}))
    await connections.open()
    yield FaultTable(connections)
    await connections.close()


async def _applied(table: FaultTable, tries: int) -> list[int]:
    counts = await asyncio.gather(*(table.count("f-1", strikes=True) for _ in range(tries)))
    return sorted(one[2] for one in counts if one)


async def test_fault_comes_back_as_it_was_wanted(table: FaultTable) -> None:
    """A fault is listed with all that was wanted, in the order of adding, whatever characters its id has."""
    await table.add(FAULT._replace(fault_id="\x00\ud800", counts=(3, 2, 1)))
    await table.add(FAULT._replace(enabled=False))

    first, second = await table.listed()

    assert first == {**WANTED, "faultId": "\x00\ud800", "enabled": True, "matched": 3, "chances": 2, "applied": 1}
    assert (second["faultId"], second["enabled"]) == ("f-1", False)


async def test_times_hold_among_all_who_ask(table: FaultTable) -> None:
    """Of many who ask at once so many strike as `times` says; then it isn't listed any more."""
    await table.add(FAULT._replace(times=3))

    assert await _applied(table, 40) == [1, 2, 3]
    assert await table.listed() == []


async def test_only_some_calls_count_as_chances(table: FaultTable) -> None:
    """Before the first of its calls a fault matches alone, and after the last one it is gone."""
    await table.add(FAULT._replace(calls=(2, 3)))

    assert [await table.count("f-1", strikes=True) for _ in range(4)] == [(1, 0, 0), (2, 1, 1), (3, 2, 2), None]


async def test_what_an_older_one_took_matches_alone(table: FaultTable) -> None:
    """Where an older fault has struck this one matches; where chance is against it, it has had its chance."""
    await table.add(FAULT)

    assert [await table.count("f-1", strikes=strikes) for strikes in (None, False, True)] == [
        (1, 0, 0),
        (2, 1, 0),
        (3, 2, 1),
    ]


async def test_fault_that_is_off_or_gone_never_strikes(table: FaultTable) -> None:
    """A fault that is switched off doesn't count, nor one that was removed or replaced."""
    await table.add(FAULT)
    await table.switch("f-1", enabled=False)
    off = await table.count("f-1", strikes=True)
    await table.switch("f-1", enabled=True)
    on = await table.count("f-1", strikes=True)
    await table.replace([FAULT._replace(fault_id="f-2")])
    replaced = await table.count("f-1", strikes=True)
    await table.remove(["f-2"])

    assert (off, on, replaced, await table.listed()) == (None, (1, 1, 1), None, [])
