"""mockserver.world.memory.initial_records: what a collection holds from the start."""

from typing import Any

from mockserver.openapi.examples import Examples
from mockserver.openapi.resources import recognise
from mockserver.world.memory.initial_records import FEWEST, initial_records
from tests.support.remembering import contract_of, pets_document

REX = {"id": 9, "name": "Rex", "createdAt": "2026-01-01T00:00:00Z"}


def initial(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The initial records of the only resource of a document."""
    contract = contract_of(document)
    (pets,) = recognise(contract)
    return initial_records(contract, Examples(contract, 1), pets)


def test_generated_records_have_no_ids_and_differ() -> None:
    """Without examples they are generated, the same for the same seed."""
    found = initial(pets_document())

    assert len({one["name"] for one in found}) == len(found) == FEWEST
    assert all("id" not in one for one in found)
    assert found == initial(pets_document())


def test_declared_examples_come_first_and_once() -> None:
    """A record that is the example for reading, and in that of the list, is one."""
    document = pets_document()
    lister = document["paths"]["/pets"]["get"]["responses"]["200"]["content"]["application/json"]
    lister["example"] = {"items": [REX, {**REX, "id": 10}], "total": 2}
    document["paths"]["/pets/{petId}"]["get"]["responses"]["200"]["content"]["application/json"]["example"] = REX

    assert [one.get("id") for one in initial(document)] == [9, 10, None]


def test_an_example_that_is_wrong_is_none() -> None:
    """What isn't valid isn't remembered."""
    document = pets_document()
    lister = document["paths"]["/pets"]["get"]["responses"]["200"]["content"]["application/json"]
    lister["example"] = {"items": [{"id": "wrong"}], "total": 1}

    assert all("id" not in one for one in initial(document))
