"""mockserver.world.memory.remembered: what the operations on a resource do to its records."""

import pytest

from mockserver.errors import NotFound
from mockserver.openapi.resources import RecordForm, ResourceRole
from mockserver.storage.resource_records import RecordQuery
from mockserver.world.memory import RememberedResource
from tests.support.contracts_of import Json
from tests.support.remembering import pets_document, remembering_world, with_toys

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
