"""mockserver.world.memory.record_places: what follows from a path."""

import pytest

from mockserver.openapi.resources import recognise
from mockserver.storage.resource_records import Collection
from mockserver.world.memory.record_places import RecordPlaces
from tests.support.contracts_of import Json, json_body
from tests.support.remembering import contract_of, pets_document


def places(parameter: str = "petId", toys_have: str = "petId", **schema: str) -> RecordPlaces:
    """The places of toys, which are in pets whose path parameter has this name and schema."""
    document = pets_document()
    toy: Json = {"type": "object", "properties": {"id": {"type": "string"}, toys_have: {"type": "integer"}}}
    around = {"name": parameter, "in": "path", "required": True, "schema": schema or {"type": "integer"}}
    own = {"name": "toyId", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    collection = f"/pets/{{{parameter}}}/toys"
    listed = json_body({"type": "array", "items": toy})
    document["paths"][collection] = {"parameters": [around], "get": {"responses": {"200": listed}}}
    document["paths"][f"{collection}/{{toyId}}"] = {
        "parameters": [around, own],
        "get": {"responses": {"200": json_body(toy)}},
    }
    contract = contract_of(document)
    toys = next(one for one in recognise(contract) if one.name == "toys")
    return RecordPlaces(contract, toys)


def test_a_path_means_a_collection_and_a_key() -> None:
    """Numbers and UUIDs of a path are as records have them, however they are written."""
    assert places().depth == 1
    assert places().collection(places().within(("007",))) == Collection("toys", ("7",))
    assert places().key("ABCDEF00-0000-4000-8000-000000000000") == "abcdef00-0000-4000-8000-000000000000"


@pytest.mark.parametrize(("parameter", "toys_have"), [("petId", "petId"), ("pet_id", "petId"), ("id", "pet_id")])
def test_a_record_names_those_around_it(parameter: str, toys_have: str) -> None:
    """A field that is called like the path parameter, or like the record around it, has its id."""
    assert places(parameter, toys_have).own(("7",), "a") == {toys_have: 7, "id": "a"}


def test_the_id_is_that_of_the_record() -> None:
    """Only a new record gets its id from the path."""
    assert places().id_of("a", {"id": "b"}) == "b"
    assert places().id_of("a", None) == "a"
