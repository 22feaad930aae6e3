"""mockserver.storage.resource_records: records of recognised resources, by whole intentions."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from mockserver.storage.memory import MemoryState
from mockserver.storage.model import Json
from mockserver.storage.postgres import Address, PostgresState
from mockserver.storage.resource_records import (
    MOST_REPEATED,
    Collection,
    FoundRecords,
    MemoryResourceRecords,
    NoFreeKey,
    Placed,
    RecordQuery,
    ResourceRecord,
    ResourceRecords,
    arranged,
)
from mockserver.storage.state import State
from tests.support.postgres import BACKENDS

pytestmark = pytest.mark.anyio
PETS = Collection("pets")


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> State:
    """A state that isn't open yet; each parameter is an implementation that keeps the promises below."""
    if request.param == "memory":
        return MemoryState((), MemoryResourceRecords())
    return PostgresState(Address.of(request.getfixturevalue("database")), remembers=True)


@pytest.fixture
async def state(backend: State) -> AsyncIterator[State]:
    """A state that keeps no records yet."""
    await backend.open()
    await backend.clear(("A",))
    yield backend
    await backend.close()


@pytest.fixture
def records(state: State) -> ResourceRecords:
    """No records yet."""
    assert isinstance(state, MemoryState | PostgresState)
    assert state.remembered is not None
    return state.remembered


def seeds() -> Sequence[ResourceRecord]:
    """One record to begin with."""
    return [ResourceRecord("1", {"name": "Rex"})]


def nothing() -> Sequence[ResourceRecord]:
    """Nothing to begin with."""
    return []


def numbered(number: int) -> ResourceRecord:
    """The record of a number."""
    return ResourceRecord(str(number), {"name": f"pet {number}"})


async def names(records: ResourceRecords, query: RecordQuery) -> list[object]:
    """The names of the pets that a query finds."""
    return [row.data["name"] for row in (await records.find(PETS, query, seeds)).rows]


async def test_a_collection_begins_with_its_seeds(records: ResourceRecords) -> None:
    """Whatever is asked first finds the seeds, once."""
    assert await records.get(PETS, "1", seeds) == ResourceRecord("1", {"name": "Rex"})
    assert await records.get(PETS, "2", seeds) is None


async def test_reading_stores_nothing(records: ResourceRecords) -> None:
    """Seeds are asked for until something changes: whoever reads can't fill the memory."""
    await records.find(PETS, RecordQuery(), nothing)

    assert (await records.find(PETS, RecordQuery(), seeds)).total == 1
    await records.remove(PETS, "1", seeds)
    assert (await records.find(PETS, RecordQuery(), seeds)).total == 0


async def test_a_taken_key_is_made_anew(records: ResourceRecords) -> None:
    """A record never takes the place of another one, nor the key of one that is gone."""
    added = await records.add(PETS, numbered, seeds)
    await records.remove(PETS, added.key, seeds)

    assert (added.key, (await records.add(PETS, numbered, seeds)).key) == ("2", "3")


async def test_a_change_gets_what_is_there(records: ResourceRecords) -> None:
    """A change sees the record, or None, and may leave nothing."""
    assert await records.change(PETS, "1", lambda old: {**(old or {}), "age": 2}, seeds) == {"name": "Rex", "age": 2}
    assert await records.change(PETS, "9", lambda old: old, seeds) is None


async def test_children_go_with_their_parent(records: ResourceRecords) -> None:
    """What is in a removed record is gone at any depth, and nothing else."""
    inner, other = Collection("toys", ("1",)), Collection("toys", ("2",))
    for one in (inner, other):
        await records.add(one, numbered, nothing)

    assert await records.remove(PETS, "1", seeds, ["toys"])
    assert (await records.find(inner, RecordQuery(), nothing)).total == 0
    assert (await records.find(other, RecordQuery(), nothing)).total == 1


async def test_children_are_forgotten_but_those_that_had_seeds(records: ResourceRecords) -> None:
    """What was in a removed record takes no place any more; what would begin with seeds again is kept, empty."""
    inner, unused, other = Collection("toys", ("1",)), Collection("walks", ("1",)), Collection("friends", ("1",))
    for one in (inner, other):
        await records.add(one, numbered, nothing)

    assert await records.remove(PETS, "1", seeds, ["toys", "walks"], [unused])
    assert not await records.remove(PETS, "1", seeds, ["toys", "walks"], [inner])
    assert {*await records.used(["pets", "toys", "walks", "friends"])} == {PETS, other, unused}
    assert (await records.find(unused, RecordQuery(), seeds)).total == 0


async def test_lists_are_filtered_sorted_and_cut(records: ResourceRecords) -> None:
    """The order is that of creation unless another is asked for; the total counts what the filter lets pass."""
    for _ in range(3):
        await records.add(PETS, numbered, seeds)

    assert await names(records, RecordQuery(offset=1, size=2)) == ["pet 2", "pet 3"]
    assert await names(records, RecordQuery(order=((("name",), True),))) == ["pet 4", "pet 3", "pet 2", "Rex"]
    found = await records.find(PETS, RecordQuery({("name",): ["Rex", "pet 3"]}, size=1), seeds)
    assert found == FoundRecords([ResourceRecord("1", {"name": "Rex"})], 2)


async def test_a_text_is_searched_for(records: ResourceRecords) -> None:
    """A record is found by any of its texts, in whatever case."""
    assert await names(records, RecordQuery(search="EX")) == ["Rex"]
    assert await names(records, RecordQuery(search="x1")) == []


async def test_fields_are_compared(records: ResourceRecords) -> None:
    """A record is found if its field is within all bounds."""
    for _ in range(3):
        await records.add(PETS, numbered, seeds)

    bounds = tuple((("name",), how, bound) for how, bound in (("gt", "Rex"), ("like", "PET"), ("lt", "pet 4")))
    assert await names(records, RecordQuery(bounds=bounds)) == ["pet 2", "pet 3"]


async def test_several_fields_sort(records: ResourceRecords) -> None:
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
async def test_what_a_filter_lets_pass(records: ResourceRecords, value: object, wanted: object, fits: object) -> None:
    """Values are compared as texts where their types differ; a list contains, or is a choice."""
    rows = [ResourceRecord("1", {"name": value})]
    found = await records.find(PETS, RecordQuery({("name",): wanted}), lambda: rows)

    assert (found.total == 1) is fits


async def test_a_list_is_the_records_of_its_time(records: ResourceRecords) -> None:
    """What was found stays what it was, though the collection goes on."""
    found = await records.find(PETS, RecordQuery(), seeds)
    await records.add(PETS, numbered, seeds)

    assert [row.key for row in found.rows] == ["1"]


async def test_numbers_are_drawn_once(records: ResourceRecords) -> None:
    """Numbers that were drawn in a row are nobody else's; each resource has its own."""
    assert await records.numbers("pets", 3) == 1
    assert (await records.add(PETS, numbered, nothing)).key == "4"
    assert (await records.numbers("pets", 1), await records.numbers("toys", 2)) == (5, 1)


async def test_all_are_added_or_none(records: ResourceRecords) -> None:
    """Of records one of whose keys is taken, in the collection or by one before it, none is added; these are told."""
    cats = Collection("cats")
    rows = [Placed(PETS, numbered(number), seeds) for number in (1, 2, 2)]
    other = Placed(cats, numbered(1), nothing)

    assert await records.add_all([*rows, other]) == [0, 2]
    assert (await records.find(PETS, RecordQuery(), seeds)).total == 1
    assert await records.add_all([rows[1], other]) == []
    assert await names(records, RecordQuery()) == ["Rex", "pet 2"]
    assert (await records.find(cats, RecordQuery(), nothing)).total == 1


async def test_forgotten_collections_begin_anew(records: ResourceRecords) -> None:
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


async def test_of_many_at_once_none_gets_the_id_of_another(records: ResourceRecords) -> None:
    """Records that are added at the same time, to collections that nobody has used, have keys of their own."""
    other = Collection("pets", ("1",))
    added = await asyncio.gather(*(records.add(where, numbered, seeds) for _ in range(20) for where in (PETS, other)))

    assert len({row.key for row in added}) == 40
    assert (await records.find(PETS, RecordQuery(), seeds)).total == 21


async def test_of_many_changes_at_once_none_is_lost(records: ResourceRecords) -> None:
    """Each change sees what the one before it has left, also where it makes the record."""

    def one_more(old: Json | None) -> Json:
        return {"count": (old or {"count": 0})["count"] + 1}

    await asyncio.gather(*(records.change(PETS, "9", one_more, nothing) for _ in range(20)))

    assert await records.get(PETS, "9", nothing) == ResourceRecord("9", {"count": 20})


async def test_what_a_change_raises_changes_nothing(records: ResourceRecords) -> None:
    """A change that fails leaves the record as it was."""

    def failing(_: Json | None) -> Json | None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await records.change(PETS, "1", failing, seeds)
    assert await records.get(PETS, "1", seeds) == ResourceRecord("1", {"name": "Rex"})


async def test_any_text_is_kept(records: ResourceRecords) -> None:
    """Keys and values come back as they were, NUL and texts of any length too; a child's parent may have such a key."""
    strange = "\0ü/%" * 100
    inner = Collection("toys", (strange,))
    await records.change(PETS, strange, lambda _: {"name": strange, "size": 1e300}, nothing)
    await records.add(inner, numbered, nothing)

    assert await records.get(PETS, strange, nothing) == ResourceRecord(strange, {"name": strange, "size": 1e300})
    assert await records.remove(PETS, strange, nothing, ["toys"])
    assert (await records.find(inner, RecordQuery(), nothing)).total == 0


async def test_the_whole_is_cleared(state: State, records: ResourceRecords) -> None:
    """When the state is cleared, collections have their seeds again, and numbers begin anew."""
    await records.add(PETS, numbered, nothing)
    await state.clear(("A",))
    await state.tidy()

    assert await names(records, RecordQuery()) == ["Rex"]
    assert (await records.add(PETS, numbered, seeds)).key == "2"


async def test_the_whole_comes_back(state: State, records: ResourceRecords) -> None:
    """A snapshot has all records in their order, collections without any, and what was drawn; later changes don't reach
    it. One without records leaves those that are there."""
    inner = Collection("toys", ("1",))
    for collection in (PETS, PETS, inner):
        await records.add(collection, numbered, seeds)
    await records.remove(inner, "1", nothing)
    await records.remove(inner, "2", nothing)
    taken = await state.snapshot()
    await records.remove(PETS, "1", seeds)
    snapshot = {name: list(value) if hasattr(value, "__next__") else value for name, value in taken.items()}

    await state.restore(snapshot)
    back = await state.snapshot()
    await state.restore({name: value for name, value in snapshot.items() if name not in ("records", "collections")})

    assert {name: list(value) if hasattr(value, "__next__") else value for name, value in back.items()} == snapshot
    assert await names(records, RecordQuery()) == ["Rex", "pet 2", "pet 3"]
    assert (await records.find(inner, RecordQuery(), seeds)).total == 0
    assert (await records.add(PETS, numbered, nothing)).key == "4"


async def test_keys_may_run_out(records: ResourceRecords) -> None:
    """Whatever makes the same keys again and again is given up, and adds nothing; many taken keys are no reason."""

    def one_of_two(number: int) -> ResourceRecord:
        return ResourceRecord(str(number % 2), {})

    await records.add(PETS, one_of_two, seeds)
    with pytest.raises(NoFreeKey):
        await records.add(PETS, one_of_two, seeds)
    for number in range(2, 2 * MOST_REPEATED):
        await records.change(PETS, str(number), lambda _: {}, seeds)
    assert (await records.add(Collection("pets", ()), numbered, seeds)).key.isdigit()
    assert (await records.find(PETS, RecordQuery(), seeds)).total == 2 * MOST_REPEATED + 1


def test_what_was_filtered_is_arranged_as_it_is() -> None:
    """Nothing is judged a second time: rows that a filter has let pass are only sorted and cut."""
    rows = [ResourceRecord(key, {"name": key}) for key in ("a", "c", "b")]
    query = RecordQuery(equal={("name",): "z"}, order=((("name",), False),), offset=1)

    found = arranged(rows, query)

    assert ([row.key for row in found.rows], found.total) == (["b", "c"], 3)
