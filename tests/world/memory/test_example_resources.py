"""mockserver.world.memory.example_resources: which operations show records that agree with each other."""

from typing import Any

from mockserver.openapi.contract import Operation
from mockserver.openapi.resources import ResourceRole
from mockserver.world.memory import ExampleResources
from tests.support.contracts_of import json_body
from tests.support.remembering import PET, pets_document, remembering_world


def feeding(**settings: Any) -> tuple[ExampleResources, Operation, Operation]:
    """The example resources of a mock of pets, and the operations that feed a pet, and show its owner."""
    document = pets_document()
    parameters = document["paths"]["/pets/{petId}"]["parameters"]
    owner = json_body({"type": "object", "properties": {"id": {"type": "integer"}}})
    document["paths"] |= {
        "/pets/{petId}/feed": {
            "parameters": parameters,
            "post": {"operationId": "feedPet", "responses": {"200": json_body(PET)}},
        },
        "/pets/{petId}/owner": {
            "parameters": parameters,
            "get": {"operationId": "getOwner", "responses": {"200": owner}},
        },
    }
    world = remembering_world(document, **settings)
    assert world.coherence is not None
    feed = world.contract.operation("/pets/{petId}/feed", "post")
    return world.coherence, feed, world.contract.operation("/pets/{petId}/owner", "get")


def test_operations_have_roles() -> None:
    """What has a role shows records; what has none doesn't."""
    coherence, *_ = feeding(memory=False)

    found = coherence.exemplified_by("listPets")
    assert found is not None
    assert found.records.resource.name == "pets"
    assert coherence.exemplified_by("feedPet") is None


def test_another_operation_in_a_role_has_it_too() -> None:
    """A second list of the same records shows those that the first one does."""
    document = pets_document()
    tag = {"name": "tag", "in": "query", "required": True, "schema": {"type": "string"}}
    tagged: dict[str, Any] = {"operationId": "listTagged", "parameters": [tag]}
    tagged["responses"] = {"200": json_body({"type": "array", "items": PET})}
    document["paths"]["/pets/findByTag"] = {"get": tagged}
    coherence = remembering_world(document, memory=False).coherence
    assert coherence is not None

    found = coherence.exemplified_by("listTagged")
    assert found is not None
    assert (found.records.resource.name, found.role.role) == ("pets", ResourceRole.LIST)


def test_what_acts_on_a_record_shows_it() -> None:
    """An operation below a record that shows one of its kind shows that, which may be remembered."""
    coherence, feed, owner = feeding(memory=False)
    acted_on = coherence.acted_on(feed)
    assert acted_on is not None
    assert (acted_on.records.resource.name, acted_on.remembered) == ("pets", None)
    assert coherence.acted_on(owner) is None

    coherence, feed, _ = feeding()
    acted_on = coherence.acted_on(feed)
    assert acted_on is not None
    assert acted_on.remembered is not None
