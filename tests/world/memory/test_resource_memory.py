"""mockserver.world.memory.resource_memory: which operations treat which remembered resource."""

import pytest

from mockserver.errors import NotFound
from mockserver.openapi.resources import ResourceRole
from mockserver.storage.resource_records import RecordQuery
from tests.support.remembering import pets_document, remembering_world, told_loans, with_cards


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


@pytest.mark.anyio
async def test_what_is_told_to_be_in_a_record_goes_with_it() -> None:
    """By its path, which has another word for the record, or by a field of its own."""
    memory = remembering_world(with_cards()).memory
    assert memory is not None
    account, cards = (memory.remembered[name] for name in ("account", "cards"))
    made = (await account.create((), {"name": "Mine"}, None)).key
    assert (await cards.find((made,), RecordQuery())).total == 0
    await account.delete((made,))
    with pytest.raises(NotFound):
        await cards.find((made,), RecordQuery())


@pytest.mark.anyio
async def test_what_names_a_record_by_a_told_field_goes_with_it() -> None:
    """And those that are there from the start name records that are there."""
    memory = remembering_world(told_loans("toyId")).memory
    assert memory is not None
    toys, loans = (memory.remembered[name] for name in ("toys", "loans"))
    toy = (await toys.find(("1",), RecordQuery())).rows[0].key
    before = await loans.find((), RecordQuery(equal={("toyId",): toy}))
    assert before.total > 0
    await toys.delete(("1", toy))
    assert (await loans.find((), RecordQuery(equal={("toyId",): toy}))).total == 0
