"""mockserver.world.remembering: what a world does with the records of resources."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mockserver.errors import BadRequest
from mockserver.storage.resource_records import RecordQuery
from mockserver.world import World
from mockserver.world.memory import RememberedResource
from mockserver.world.remembering import remembered
from tests.support.remembering import pets_document, remembering_world, with_toys

pytestmark = pytest.mark.anyio


def in_stores() -> dict[str, Any]:
    """Pets of stores."""
    document = pets_document()
    for path in ("/pets", "/pets/{petId}"):
        operations = document["paths"].pop(path)
        document["paths"]["/{storeCode}" + path] = operations
        store = {"name": "storeCode", "in": "path", "required": True, "schema": {"type": "string"}}
        operations["parameters"] = [*operations.get("parameters", []), store]
    return document


def pets_of(world: World) -> RememberedResource:
    """The pets of a world."""
    assert world.memory is not None
    return world.memory.remembered["pets"]


async def total(world: World, *within: str) -> int:
    """How many pets there are."""
    return (await pets_of(world).find(within, RecordQuery())).total


async def test_a_store_that_is_reset_has_its_own_records_anew() -> None:
    """Collections whose paths name the store begin anew with it; those of other stores stay."""
    world = remembering_world(in_stores(), stores=("A", "B"))
    await world.seed()
    for store in ("A", "B"):
        await pets_of(world).create((store,), {"name": "Rex"}, None)

    await world.reset_store("A")

    assert (await total(world, "A"), await total(world, "B")) == (3, 4)


async def test_resources_are_asked_for_by_name() -> None:
    """An unknown resource is refused with those that there are, any one by a mock that remembers none."""
    with pytest.raises(BadRequest):
        remembered(remembering_world(with_toys()).memory, "cats")
    with pytest.raises(BadRequest):
        remembered(remembering_world(with_toys(), memory=False).memory, "pets")


@pytest.fixture
async def replicas(database: str) -> AsyncIterator[list[World]]:
    """Two mocks on one database."""
    found = [remembering_world(with_toys(), storage=database) for _ in range(2)]
    await asyncio.gather(*(world.start() for world in found))
    yield found
    for world in found:
        await world.stop()


async def test_replicas_share_records(replicas: list[World]) -> None:
    """What one has created the other knows, until one is reset; a snapshot of one is put back into the other."""
    here, there = replicas
    made = await pets_of(here).create((), {"name": "Rex"}, None)
    assert (await pets_of(there).read((made.key,))).data == made.data
    taken = {
        name: list(value) if hasattr(value, "__next__") else value for name, value in (await there.snapshot()).items()
    }

    await there.reset()
    after = await total(here)
    await here.restore(taken)

    assert (after, await total(there)) == (3, 4)
    await there.reset_resource("pets")
    assert await total(here) == 3
