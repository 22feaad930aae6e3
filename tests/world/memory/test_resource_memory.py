"""mockserver.world.memory.resource_memory: which operations treat which remembered resource."""

from mockserver.openapi.resources import ResourceRole
from tests.support.remembering import pets_document, remembering_world


def test_operations_are_known_by_their_ids() -> None:
    """An operation in a role of a remembered resource is treated by it; any other one isn't."""
    memory = remembering_world(pets_document()).memory

    assert memory is not None
    treated = memory.treated_by("addPet")
    assert treated is not None
    assert (treated.resource.resource.name, treated.role.role) == ("pets", ResourceRole.CREATE)
    assert memory.treated_by("other") is None


def test_what_is_unsure_is_left_alone() -> None:
    """An unsure resource is known, but treats nothing."""
    document = pets_document()
    del document["paths"]["/pets"]
    memory = remembering_world(document).memory

    assert memory is not None
    assert [one.name for one in memory.resources] == ["pets"]
    assert memory.treated_by("getPet") is None


def test_no_memory_for_our_own_contract_or_without_the_setting() -> None:
    """With --no-memory nothing is recognised."""
    assert remembering_world(pets_document(), memory=False).memory is None
