"""mockserver.world.memory.contents: what collections hold, by descriptions, made up, or nothing."""

from typing import Any

import pytest

from mockserver.errors import BadRequest
from mockserver.openapi.resources import ResourceRole
from mockserver.storage.resource_records import RecordQuery
from mockserver.world import World
from mockserver.world.memory.contents import MOST_MADE_UP, Contents
from tests.support.remembering import pets_document, remembering_world, with_ids, with_toys

pytestmark = pytest.mark.anyio


@pytest.fixture
def world() -> World:
    """A world of pets with toys of their own."""
    return remembering_world(with_toys())


@pytest.fixture
def contents(world: World) -> Contents:
    """Its contents."""
    assert world.memory is not None
    return world.memory.contents


async def ids(world: World, name: str, within: tuple[str, ...] = ()) -> list[object]:
    """The ids in a collection."""
    assert world.memory is not None
    return [row.data["id"] for row in (await world.memory.remembered[name].find(within, RecordQuery())).rows]


async def test_an_id_that_is_made_is_nobody_elses(world: World, contents: Contents) -> None:
    """A described record without an id gets one that no other has, wherever that stands; and so do later ones."""
    await contents.begin_with({"pets": [{"name": "Rex"}, {"id": 1, "name": "Tom"}]})
    await contents.add({"pets": [{"name": "Jo"}, {"id": 5, "name": "Al"}]})

    assert await ids(world, "pets") == [3, 1, 4, 5]


async def test_what_is_in_described_records_is_described(world: World, contents: Contents) -> None:
    """A described pet has no toys but those that are described, though the contract's example has its id."""
    await contents.begin_with(
        {"pets": [{"id": 1, "name": "Rex"}, {"id": 2, "name": "Tom"}], "toys": [{"petId": 2, "id": "a"}]}
    )

    assert (await ids(world, "toys", ("1",)), await ids(world, "toys", ("2",))) == ([], ["a"])


async def test_a_parent_that_goes_is_no_parent(world: World, contents: Contents) -> None:
    """A record can't be described in one whose collection is described without it; nothing changes then."""
    before = await ids(world, "pets")
    with pytest.raises(BadRequest):
        await contents.begin_with({"pets": [{"id": 70, "name": "Rex"}], "toys": [{"petId": 1}]})
    with pytest.raises(BadRequest):
        await contents.begin_with({"pets": [{"id": 7, "name": "Rex"}, {"id": 7, "name": "Tom"}]})

    assert await ids(world, "pets") == before


async def test_made_up_records_are_bounded(contents: Contents) -> None:
    """More than so many aren't made at once."""
    with pytest.raises(BadRequest, match="at most"):
        await contents.fill(MOST_MADE_UP, ["pets", "toys"])


def in_shops() -> dict[str, Any]:
    """Pets of shops, which are no resource."""
    document = pets_document()
    shop = {"name": "shop", "in": "path", "required": True, "schema": {"type": "string"}}
    for path in ("/pets", "/pets/{petId}"):
        operations = document["paths"].pop(path)
        document["paths"]["/shops/{shop}" + path] = operations
        operations["parameters"] = [*operations.get("parameters", []), shop]
    return document


async def test_collections_in_what_is_no_resource_are_filled_where_they_are() -> None:
    """A collection in a parameter that no resource is behind is filled once it was used, or where the contract has an
    example; else the call says why not."""
    world = remembering_world(in_shops())
    assert world.memory is not None

    with pytest.raises(BadRequest, match="no collection"):
        await world.memory.contents.fill(2, ["pets"])
    await world.memory.remembered["pets"].create(("north",), {"name": "Rex"}, None)
    before = await ids(world, "pets", ("north",))
    await world.memory.contents.fill(2, ["pets"])
    assert len(await ids(world, "pets", ("north",))) == len(before) + 2
    await world.memory.contents.empty()
    assert await ids(world, "pets", ("north",)) == []


async def test_what_was_emptied_stays_empty_below() -> None:
    """Also where a record gets the id of one that was there from the start, and whose collections began with some."""
    document = with_toys()
    document["paths"]["/pets/{petId}"]["put"]["responses"]["201"] = {"description": "made"}
    world = remembering_world(document)
    assert world.memory is not None
    pets, contents = world.memory.remembered["pets"], world.memory.contents
    first, takes = str((await ids(world, "pets"))[0]), pets.resource.operations[ResourceRole.REPLACE].takes
    assert await ids(world, "toys", (first,))

    await contents.empty()
    assert await ids(world, "pets") == []
    await pets.replace((first,), {"name": "Rex"}, takes, creates=True)
    assert await ids(world, "toys", (first,)) == []
    await contents.forget(["pets", "toys"])
    assert await ids(world, "toys", (first,))


@pytest.mark.parametrize(("schema", "why"), [({"maxLength": 1}, "no more ids"), ({"maxLength": 0}, "No record")])
async def test_no_more_is_made_up_than_there_are_ids(schema: dict[str, Any], why: str) -> None:
    """Where ids run out the call says so."""
    world = remembering_world(with_ids(schema))
    assert world.memory is not None

    with pytest.raises(BadRequest, match=why):
        await world.memory.contents.fill(100, ["pets"])


async def test_an_id_is_not_empty() -> None:
    """A described record that no path could name is refused, by the field of its id."""
    memory = remembering_world(with_ids({})).memory
    assert memory is not None

    with pytest.raises(BadRequest) as raised:
        await memory.contents.add({"pets": [{"id": "", "name": "Rex"}]})
    assert [one.path for one in raised.value.violations] == [("pets", 0, "id")]
