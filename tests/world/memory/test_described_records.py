"""mockserver.world.memory.described_records: what a description says of records."""

import pytest

from mockserver.errors import BadRequest
from mockserver.storage.snapshots import MOST_PROBLEMS
from mockserver.world.memory.described_records import DescribedRecord, entries_of
from mockserver.world.memory.record_places import Within
from mockserver.world.memory.remembered import RememberedResource
from tests.support.contracts_of import Json
from tests.support.remembering import remembering_world, with_toys

pytestmark = pytest.mark.anyio


async def read(description: Json) -> list[DescribedRecord]:
    """The entries of a description, where pet 1 is there."""

    async def is_there(_: RememberedResource, __: Within, key: str) -> bool:
        return key == "1"

    memory = remembering_world(with_toys()).memory
    assert memory is not None
    return await entries_of(memory.remembered, description, is_there)


async def test_records_are_completed() -> None:
    """What is left out is made up; what is said stays, also what only the server sets."""
    (entry,) = await read({"pets": [{"name": "Rex", "createdAt": "2020-01-01T00:00:00Z"}]})

    assert entry.placed.record.data == {"id": 4, "name": "Rex", "createdAt": "2020-01-01T00:00:00Z"}


async def test_moments_may_be_told_from_now_back() -> None:
    """`30 days ago` is a moment where the contract wants one, and a text elsewhere; ids come after the first ones."""
    (entry,) = await read({"pets": [{"name": "2 days ago", "createdAt": "30 days ago"}]})

    assert entry.placed.record.data == {"id": 4, "name": "2 days ago", "createdAt": "2025-12-16T10:30:00+00:00"}


@pytest.mark.parametrize("name", ["petId", "pet_id"])
async def test_a_record_is_in_one_that_is_there_or_described(name: str) -> None:
    """The record around is named by the path parameter, also if it comes later in the description."""
    description = {"toys": [{"petId": 1}, {"petId": "7"}], "pets": [{"id": 7, "name": "Rex"}]}

    assert [entry.within for entry in await read(description)] == [(), ("1",), ("7",)]
    with pytest.raises(BadRequest) as caught:
        await read({"toys": [{name: 9}]})
    assert {one.path[:2] for one in caught.value.violations} == {("toys", 0)}


async def test_each_problem_has_its_path() -> None:
    """Unknown resources and fields, and values of other types are told by where they are; of many, so many."""
    with pytest.raises(BadRequest) as caught:
        await read({"cats": [], "pets": [{"nme": "Rex"}, {"name": 3}]})
    paths = [one.path for one in caught.value.violations]
    with pytest.raises(BadRequest) as bounded:
        await read({"pets": [{"nme": "x"}] * 1_000})

    assert paths == [("cats",), ("pets", 0, "nme"), ("pets", 1, "name")]
    assert len(bounded.value.violations) == MOST_PROBLEMS
