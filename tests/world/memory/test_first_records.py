"""mockserver.world.memory.first_records: what collections begin with, and the ids of all records."""

from typing import Any

from mockserver.openapi.resources import recognise
from mockserver.storage.resource_records import MemoryResourceRecords
from mockserver.world.memory.first_records import FirstRecords
from mockserver.world.memory.means import Means
from tests.support.contracts_of import Json
from tests.support.remembering import pets_document, remembering_world, with_toys

REX = {"id": 5, "name": "Rex", "createdAt": "2026-01-01T00:00:00Z"}


def first_of(document: Json) -> dict[str, FirstRecords]:
    """The first records of the pets of a document, and of their toys, by the names of the resources."""
    world = remembering_world(document)
    means = Means(world.contract, world.examples, world.ids, world.clock, MemoryResourceRecords())
    found: dict[str, FirstRecords] = {}
    for one in sorted(recognise(world.contract), key=lambda one: len(one.item)):
        found[one.name] = FirstRecords(means, one, found.get(one.parent or ""))
    return found


def with_example() -> dict[str, Any]:
    """Pets of which the contract shows one."""
    document = with_toys()
    read = document["paths"]["/pets/{petId}"]["get"]["responses"]["200"]["content"]["application/json"]
    read["example"] = REX
    return document


def test_numbers_leave_out_the_ids_of_examples() -> None:
    """The ids that are made go round those in the contract, which may be gone."""
    pets = first_of(with_example())["pets"]

    assert [one.get("id") for one in pets.data(())] == [5, None, None]
    assert [pets.made_of(number) for number in range(pets.before(()) + 1, 6)] == [1, 2, 3, 4, 6, 7, 8]


def test_collections_differ() -> None:
    """Each record around a collection has its own contents, and its own numbers; another one has those of the first."""
    toys = next(one for name, one in first_of(with_example()).items() if name != "pets")

    assert [toys.before((pet,)) for pet in "512"] == [-9, -6, -3]
    assert toys.before(("99",)) == -9
    assert toys.data(("5",)) != toys.data(("1",)) != toys.data(("2",))


def test_without_parents_there_is_one_collection() -> None:
    """Its numbers come before those of all later records."""
    pets = first_of(pets_document())["pets"]

    assert (pets.count, pets.before(()), pets.made_of(1)) == (3, -3, 4)


def test_what_is_not_done_has_no_end() -> None:
    """A record that is made up has no moment of a state that it isn't in."""
    document = pets_document()
    document["components"]["schemas"]["Pet"]["properties"]["returnedAt"] = {"type": "string", "format": "date-time"}

    assert all("returnedAt" not in one for one in first_of(document)["pets"].data(()))
