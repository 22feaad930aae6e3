"""mockserver.world.memory.remembered: what the operations on a resource do to its records."""

import pytest

from mockserver.errors import NotFound
from mockserver.openapi.resources import RecordForm, ResourceRole
from mockserver.storage.resource_records import RecordQuery
from mockserver.world.memory import RememberedResource, UnfitRecord
from tests.support.contracts_of import Json
from tests.support.remembering import pets_document, remembering_world, with_ids, with_loans, with_toys

pytestmark = pytest.mark.anyio


def resource(document: Json, operation_id: str) -> RememberedResource:
    """The resource that an operation of a document treats."""
    memory = remembering_world(document).memory
    treated = memory and memory.treated_by(operation_id)
    assert treated
    return treated.resource


def toys_and_pets() -> tuple[RememberedResource, RememberedResource]:
    """Two resources of one world, the second the parent of the first."""
    memory = remembering_world(with_toys()).memory
    toys, pets = (memory and memory.treated_by(name) for name in ("addToy", "addPet"))
    assert toys
    assert pets
    return toys.resource, pets.resource


async def test_a_child_needs_its_parent() -> None:
    """In a record that isn't there nothing can be created or listed."""
    toys, _ = toys_and_pets()

    with pytest.raises(NotFound, match="Not Found"):
        await toys.create(("99",), {}, None)


async def test_a_parent_that_nobody_can_create_may_be_unknown() -> None:
    """A path may name a record of the real server, if the contract has no way to create one."""
    document = with_toys()
    del document["paths"]["/pets"]["post"]

    assert (await resource(document, "addToy").find(("99",), RecordQuery())).total == 3


async def test_a_child_names_its_parent() -> None:
    """A field with the name of a path parameter has its value."""
    toys, _ = toys_and_pets()

    toy = await toys.create(("1",), {}, None)
    assert toy.data["petId"] == 1


async def test_a_created_record_has_no_children_yet() -> None:
    """Only records that were there from the start have children from the start."""
    toys, pets = toys_and_pets()

    pet = await pets.create((), {"name": "Rex"}, None)
    assert (await toys.find((pet.key,), RecordQuery())).total == 0
    assert (await toys.find(("1",), RecordQuery())).total == 3


async def test_children_go_with_their_parent() -> None:
    """What is in a deleted record is gone."""
    toys, pets = toys_and_pets()
    toy = await toys.create(("1",), {}, None)
    await pets.delete(("1",))

    with pytest.raises(NotFound):
        await toys.read(("1", toy.key))


async def test_children_do_not_come_back() -> None:
    """A record with the id of one that was there from the start has none of the latter's children."""
    toys, pets = toys_and_pets()
    await pets.delete(("1",))
    await pets.create((), {"id": 1, "name": "Rex"}, RecordForm("#/components/schemas/Pet", "#/components/schemas/Pet"))

    assert (await pets.read(("1",))).data["name"] == "Rex"
    assert (await toys.find(("1",), RecordQuery())).total == 0


async def test_children_of_what_is_gone_take_no_place() -> None:
    """However often a record with children is created and deleted, no collections are left of it."""
    toys, pets = toys_and_pets()
    records = pets._means.records  # noqa: SLF001 (what it stores is shown nowhere else)
    for _ in range(3):
        pet = await pets.create((), {"name": "Rex"}, None)
        await toys.create((pet.key,), {}, None)
        await pets.delete((pet.key,))

    assert await records.used([toys.resource.name, pets.resource.name]) == [pets.collection(())]


async def test_a_client_may_choose_the_id() -> None:
    """An id that a body may hold is kept; one that is only the server's isn't."""
    document = pets_document()
    document["components"]["schemas"]["NewPet"]["properties"]["id"] = {"type": "integer"}
    pets = resource(document, "addPet")
    takes = pets.resource.operations[ResourceRole.CREATE].takes

    assert (await pets.create((), {"id": 77, "name": "a"}, takes)).key == "77"
    document["components"]["schemas"]["NewPet"]["properties"]["id"]["readOnly"] = True
    assert (await resource(document, "addPet").create((), {"id": 77, "name": "a"}, takes)).key == "4"


async def test_ids_of_paths_are_those_of_records() -> None:
    """A number in a path may have zeros before it."""
    assert (await resource(pets_document(), "getPet").read(("01",))).key == "1"


async def test_the_id_of_a_first_record_is_not_given_away() -> None:
    """Ids of new records come after those of the first ones, deleted or not."""
    pets = resource(pets_document(), "addPet")
    await pets.delete(("3",))

    assert (await pets.create((), {"name": "Rex"}, None)).key == "4"


async def test_each_collection_begins_with_records_of_its_own() -> None:
    """Those of two parents have no id in common, nor has what is created later."""
    toys, _ = toys_and_pets()
    found = {row.key for parent in "123" for row in (await toys.find((parent,), RecordQuery())).rows}

    assert len(found) == 9
    assert (await toys.create(("2",), {}, None)).key not in found


def pets_toys_and_loans() -> list[RememberedResource]:
    """Pets, the toys in them, and loans elsewhere that name a toy."""
    memory = remembering_world(with_loans()).memory
    assert memory
    return [memory.remembered[name] for name in ("pets", "toys", "loans")]


async def test_what_names_a_record_goes_with_it() -> None:
    """Records elsewhere that were created in one that is deleted are gone, also if that is deleted with its parent."""
    pets, toys, loans = pets_toys_and_loans()
    lent, kept = [await toys.create((pet,), {}, None) for pet in "12"]
    first, second = [await loans.create((), {"toyId": toy.key}, None) for toy in (lent, kept)]

    await pets.delete(("1",))
    with pytest.raises(NotFound):
        await loans.read((first.key,))
    assert (await loans.read((second.key,))).data["toyId"] == kept.key


async def test_first_records_name_first_records() -> None:
    """What is elsewhere from the start names what is there from the start."""
    _, toys, loans = pets_toys_and_loans()
    known = {row.key for row in (await toys.find(("1",), RecordQuery())).rows}

    assert {row.data["toyId"] for row in (await loans.find((), RecordQuery())).rows} == known


@pytest.mark.parametrize("schema", [{"enum": ["free", "pro"]}, {"maxLength": 0}])
async def test_ids_may_run_out(schema: Json) -> None:
    """There are as many records as there are ids, and what would be another one isn't remembered."""
    pets = resource(with_ids(schema), "addPet")

    with pytest.raises(UnfitRecord):
        await pets.create((), {"name": "Rex"}, None)
    assert [row.key for row in (await pets.find((), RecordQuery())).rows] == schema.get("enum", [])


async def test_one_id_is_one_record() -> None:
    """A whole number is the same id as 1 and as 1.0, and one that isn't exact is none."""
    document = pets_document()
    document["components"]["schemas"]["NewPet"]["properties"]["id"] = {"type": "integer"}
    pets = resource(document, "addPet")
    takes = pets.resource.operations[ResourceRole.CREATE].takes

    found = await pets.create((), {"id": 1.0, "name": "Rex"}, takes)
    assert (found.key, repr(found.data["id"])) == ("1", "1")
    assert [row.key for row in (await pets.find((), RecordQuery())).rows] == ["1", "2", "3"]
    assert repr(pets.described((), {"id": 1e3, "name": "Rex"}, 1).data["id"]) == "1000"
    with pytest.raises(UnfitRecord, match="exact"):
        await pets.create((), {"id": 1e20, "name": "Rex"}, takes)
