"""mockserver.openapi.resources.doubts: how sure a resource is, and why it may not be one."""

from tests.support.contracts_of import json_body
from tests.support.recognising import ID, PET, recognised
from tests.support.remembering import pets_document


def test_a_name_beside_an_id_is_a_doubt() -> None:
    """A parameter that may be the record's name as well as its id isn't guessed; one that names the field is."""
    document = pets_document()
    text = {"type": "string"}
    document["components"]["schemas"]["Pet"]["properties"]["id"] = {**text, "format": "uuid"}
    paths = document["paths"]
    paths["/pets/{pet}"] = paths.pop("/pets/{petId}") | {"parameters": [{**ID, "name": "pet", "schema": text}]}
    assert recognised(document).reasons == ("{pet} may be its id, or its name",)

    paths["/pets/{pet_name}"] = paths.pop("/pets/{pet}") | {"parameters": [{**ID, "name": "pet_name", "schema": text}]}
    assert recognised(document).id_at == ("name",)


def test_a_creation_that_is_not_understood_is_a_doubt() -> None:
    """If records may appear that nobody could show, nothing is remembered."""
    document = pets_document()
    many = json_body({"type": "array", "items": {"$ref": f"#{PET}"}})
    document["paths"]["/pets"]["post"] |= {"requestBody": many, "responses": {"201": {"description": ""}}}

    pets = recognised(document)
    assert (pets.is_remembered, list(pets.left)) == (False, ["POST /pets"])


def test_what_nothing_lists_or_creates_is_unsure() -> None:
    """A record that can only be read isn't remembered."""
    document = pets_document()
    del document["paths"]["/pets"]

    pets = recognised(document)
    assert (pets.is_remembered, pets.reasons) == (False, ("nothing creates or lists its records",))


def test_what_nobody_could_name_is_a_doubt() -> None:
    """A creation that tells no id, by an answer, a list or a header, makes records that nobody could read."""
    document = pets_document()
    pets = document["paths"]["/pets"]
    del pets["get"]
    pets["post"]["responses"] = {"200": {"description": "", "content": {"text/plain": {"schema": {"type": "string"}}}}}
    found = recognised(document)
    assert (found.is_remembered, found.reasons) == (False, ("POST /pets creates records, but nothing tells their id",))

    new = document["components"]["schemas"]["NewPet"]["properties"]
    new["id"] = {"type": "integer", "readOnly": True}
    assert not recognised(document).is_remembered
    new["id"] = {"type": "integer"}
    assert recognised(document).is_remembered


def test_a_location_names_what_is_created() -> None:
    """Of a creation whose answer is empty the header `Location` tells the id."""
    document = pets_document()
    pets = document["paths"]["/pets"]
    del pets["get"], pets["post"]["responses"]["201"]["content"]

    assert recognised(document).is_remembered
