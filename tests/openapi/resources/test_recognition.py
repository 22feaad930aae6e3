"""mockserver.openapi.resources.recognition: which resources a contract has, and how they belong together."""

from mockserver.openapi.resources import Confidence, ResourceRole, recognise
from tests.support.contracts_of import INFO, json_body
from tests.support.recognising import ID, recognised
from tests.support.remembering import contract_of, pets_document


def test_a_collection_and_its_items_are_a_resource() -> None:
    """What can be created, read and listed at such paths is a resource, with the field that holds its id."""
    pets = recognised(pets_document())

    assert (pets.name, pets.collection, pets.item) == ("pets", "/pets", "/pets/{petId}")
    assert (pets.parameter, pets.id_at, pets.confidence) == ("petId", ("id",), Confidence.CERTAIN)
    assert set(pets.operations) == set(ResourceRole)
    assert pets.reasons == ("its records have a field id, which {petId} names",)


def test_collections_of_a_record_have_it_as_parent() -> None:
    """A resource whose collection is in the items of another one is its child."""
    document = pets_document()
    toys = json_body({"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}})
    toy = json_body({"type": "object", "properties": {"id": {"type": "string"}}})
    document["paths"]["/pets/{pet}/toys"] = {"parameters": [{**ID, "name": "pet"}], "get": {"responses": {"200": toys}}}
    both = [{**ID, "name": "pet"}, {**ID, "name": "toyId"}]
    document["paths"]["/pets/{pet}/toys/{toyId}"] = {"parameters": both, "get": {"responses": {"200": toy}}}

    assert {one.name: one.parent for one in recognise(contract_of(document))} == {"pets": None, "toys": "pets"}


def test_no_paths_are_no_resources() -> None:
    """A contract without paths has none."""
    assert recognise(contract_of({"openapi": "3.1.0", "info": INFO, "paths": {}})) == ()


def test_two_collections_of_the_same_records_are_a_doubt() -> None:
    """Where two paths create the same kind of record side by side, one may show what the other has made."""
    document = pets_document()
    document["paths"]["/admin/pets"] = document["paths"]["/pets"]
    document["paths"]["/admin/pets/{petId}"] = document["paths"]["/pets/{petId}"]

    doubts = [one.reasons[-1] for one in recognise(contract_of(document))]
    assert doubts[0] == "its records may be those of /admin/pets/{petId}, which are of the same kind"
    assert not any(one.is_remembered for one in recognise(contract_of(document)))
