"""mockserver.storage.resource_records: records of recognised resources, by whole intentions."""

from collections.abc import Sequence

import pytest

from mockserver.storage.resource_records import (
    Collection,
    FoundRecords,
    MemoryResourceRecords,
    RecordQuery,
    ResourceRecord,
)

pytestmark = pytest.mark.anyio
PETS = Collection("pets")


@pytest.fixture
def records() -> MemoryResourceRecords:
    """No records yet."""
    return MemoryResourceRecords()


def seeds() -> Sequence[ResourceRecord]:
    """One record to begin with."""
    return [ResourceRecord("1", {"name": "Rex"})]


def nothing() -> Sequence[ResourceRecord]:
    """Nothing to begin with."""
    return []


def numbered(number: int) -> ResourceRecord:
    """The record of a number."""
    return ResourceRecord(str(number), {"name": f"pet {number}"})


async def names(records: MemoryResourceRecords, query: RecordQuery) -> list[object]:
    """The names of the pets that a query finds."""
    return [row.data["name"] for row in (await records.find(PETS, query, seeds)).rows]


async def test_a_collection_begins_with_its_seeds(records: MemoryResourceRecords) -> None:
    """Whatever is asked first finds the seeds, once."""
    assert await records.get(PETS, "1", seeds) == ResourceRecord("1", {"name": "Rex"})
    assert await records.get(PETS, "2", seeds) is None


async def test_reading_stores_nothing(records: MemoryResourceRecords) -> None:
    """Seeds are asked for until something changes: whoever reads can't fill the memory."""
    await records.find(PETS, RecordQuery(), nothing)

    assert (await records.find(PETS, RecordQuery(), seeds)).total == 1
    await records.remove(PETS, "1", seeds)
    assert (await records.find(PETS, RecordQuery(), seeds)).total == 0


async def test_a_taken_key_is_made_anew(records: MemoryResourceRecords) -> None:
    """A record never takes the place of another one, nor the key of one that is gone."""
    added = await records.add(PETS, numbered, seeds)
    await records.remove(PETS, added.key, seeds)

    assert (added.key, (await records.add(PETS, numbered, seeds)).key) == ("2", "3")


async def test_a_change_gets_what_is_there(records: MemoryResourceRecords) -> None:
    """A change sees the record, or None, and may leave nothing."""
    assert await records.change(PETS, "1", lambda old: {**(old or {}), "age": 2}, seeds) == {"name": "Rex", "age": 2}
    assert await records.change(PETS, "9", lambda old: old, seeds) is None


async def test_children_go_with_their_parent(records: MemoryResourceRecords) -> None:
    """What is in a removed record is gone at any depth, and nothing else."""
    inner, other = Collection("toys", ("1",)), Collection("toys", ("2",))
    for one in (inner, other):
        await records.add(one, numbered, nothing)

    assert await records.remove(PETS, "1", seeds, ["toys"])
    assert (await records.find(inner, RecordQuery(), nothing)).total == 0
    assert (await records.find(other, RecordQuery(), nothing)).total == 1


async def test_lists_are_filtered_sorted_and_cut(records: MemoryResourceRecords) -> None:
    """The order is that of creation unless another is asked for; the total counts what the filter lets pass."""
    for _ in range(3):
        await records.add(PETS, numbered, seeds)

    assert await names(records, RecordQuery(offset=1, size=2)) == ["pet 2", "pet 3"]
    assert await names(records, RecordQuery(order=((("name",), True),))) == ["pet 4", "pet 3", "pet 2", "Rex"]
    found = await records.find(PETS, RecordQuery({("name",): ["Rex", "pet 3"]}, size=1), seeds)
    assert found == FoundRecords([ResourceRecord("1", {"name": "Rex"})], 2)


async def test_a_text_is_searched_for(records: MemoryResourceRecords) -> None:
    """A record is found by any of its texts, in whatever case."""
    assert await names(records, RecordQuery(search="EX")) == ["Rex"]
    assert await names(records, RecordQuery(search="x1")) == []


async def test_several_fields_sort(records: MemoryResourceRecords) -> None:
    """The first field decides, the next where it is the same."""
    rows = [
        ResourceRecord(str(n), {"name": name, "age": age})
        for n, (name, age) in enumerate([("b", 1), ("a", 1), ("c", 2)])
    ]
    found = await records.find(PETS, RecordQuery(order=((("age",), True), (("name",), False))), lambda: rows)

    assert [row.data["name"] for row in found.rows] == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("value", "wanted", "fits"),
    [
        (True, "true", True),
        (1, "1", True),
        (True, 1, False),
        (["a", "b"], "b", True),
        ("a", ["a", "b"], True),
        ("a", "A", False),
    ],
)
async def test_what_a_filter_lets_pass(
    records: MemoryResourceRecords, value: object, wanted: object, fits: object
) -> None:
    """Values are compared as texts where their types differ; a list contains, or is a choice."""
    rows = [ResourceRecord("1", {"name": value})]
    found = await records.find(PETS, RecordQuery({("name",): wanted}), lambda: rows)

    assert (found.total == 1) is fits


async def test_clear_begins_anew(records: MemoryResourceRecords) -> None:
    """After it there are the seeds again, and numbers begin anew."""
    await records.add(PETS, numbered, nothing)
    records.clear()

    assert await names(records, RecordQuery()) == ["Rex"]
    assert (await records.add(PETS, numbered, seeds)).key == "2"
