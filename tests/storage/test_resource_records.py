"""mockserver.storage.resource_records: records of recognised resources, by whole intentions."""

from collections.abc import Sequence

import pytest

from mockserver.storage.resource_records import (
    Collection,
    FoundRecords,
    MemoryResourceRecords,
    Placed,
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


async def test_a_list_is_the_records_of_its_time(records: MemoryResourceRecords) -> None:
    """What was found stays what it was, though the collection goes on."""
    found = await records.find(PETS, RecordQuery(), seeds)
    await records.add(PETS, numbered, seeds)

    assert [row.key for row in found.rows] == ["1"]


async def test_numbers_are_drawn_once(records: MemoryResourceRecords) -> None:
    """Numbers that were drawn in a row are nobody else's; each resource has its own."""
    assert await records.numbers("pets", 3) == 1
    assert (await records.add(PETS, numbered, nothing)).key == "4"
    assert (await records.numbers("pets", 1), await records.numbers("toys", 2)) == (5, 1)


async def test_all_are_added_or_none(records: MemoryResourceRecords) -> None:
    """Of records one of whose keys is taken, in the collection or by one before it, none is added; these are told."""
    cats = Collection("cats")
    rows = [Placed(PETS, numbered(number), seeds) for number in (1, 2, 2)]
    other = Placed(cats, numbered(1), nothing)

    assert await records.add_all([*rows, other]) == [0, 2]
    assert (await records.find(PETS, RecordQuery(), seeds)).total == 1
    assert await records.add_all([rows[1], other]) == []
    assert await names(records, RecordQuery()) == ["Rex", "pet 2"]
    assert (await records.find(cats, RecordQuery(), nothing)).total == 1


async def test_forgotten_collections_begin_anew(records: MemoryResourceRecords) -> None:
    """Collections that are forgotten have their seeds again, numbers of resources begin anew; others stay."""
    inner = Collection("toys", ("1",))
    for collection in (PETS, inner):
        await records.add(collection, numbered, nothing)
    assert await records.used(["toys", "pets"]) == [PETS, inner]

    await records.forget([PETS], ["pets"])

    assert await records.used(["toys", "pets"]) == [inner]
    assert await names(records, RecordQuery()) == ["Rex"]
    assert (await records.numbers("pets", 1), await records.numbers("toys", 1)) == (1, 2)
    assert (await records.find(inner, RecordQuery(), nothing)).total == 1
