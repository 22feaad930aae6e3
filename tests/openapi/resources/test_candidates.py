"""mockserver.openapi.resources.candidates: what the record of an item is, and which roles operations have."""

from mockserver.openapi.resources import Confidence, RecordForm, ResourceRole
from tests.support.contracts_of import json_body
from tests.support.recognising import ID, PET, recognised
from tests.support.remembering import pets_document


def test_an_operation_without_a_declared_success_has_its_role() -> None:
    """A change that declares errors alone is done, and answered without a body."""
    document = pets_document()
    document["paths"]["/pets/{petId}"]["delete"]["responses"] = {"404": {"description": "gone"}}

    delete = recognised(document).operations[ResourceRole.DELETE]
    assert (delete.status, delete.shows) == (204, None)


def test_the_field_that_the_parameter_names_goes_first() -> None:
    """Of `id` and `uid`, `{pet_uid}` names the latter, though only a creation shows it."""
    document = pets_document()
    document["components"]["schemas"]["Pet"]["properties"]["uid"] = {"type": "integer"}
    paths = document["paths"]
    paths["/pets/{pet_uid}"] = paths.pop("/pets/{petId}") | {"parameters": [{**ID, "name": "pet_uid"}]}
    paths["/pets/{pet_uid}"]["parameters"][0]["schema"] = {"type": "integer"}

    assert recognised(document).id_at == ("uid",)


def test_an_operation_on_something_else_has_no_role() -> None:
    """A POST whose answer isn't the record keeps its examples."""
    document = pets_document()
    search = json_body({"type": "object", "properties": {"hits": {"type": "integer"}}})
    document["paths"]["/pets"]["post"]["responses"] = {"200": search}

    pets = recognised(document)
    assert ResourceRole.CREATE not in pets.operations
    assert pets.left == {"POST /pets": "its answer is about something else"}
    assert pets.reasons == ("POST /pets may create records, but its answer is about something else",)
    assert not pets.is_remembered


def test_each_role_says_how_it_takes_and_shows_the_record() -> None:
    """A role has its operation, the status of its success, and where in the bodies the record stands."""
    create = recognised(pets_document()).operations[ResourceRole.CREATE]

    whole = "/paths/~1pets/post/responses/201/content/application~1json/schema"
    assert (create.operation.operation_id, create.status) == ("addPet", 201)
    assert create.shows == RecordForm(whole, whole)


def test_a_link_says_which_field_is_the_id() -> None:
    """What a link hands on as the path parameter is the id, whatever it is called."""
    document = pets_document()
    document["paths"]["/pets/{petId}"]["parameters"][0]["schema"] = {"type": "string"}
    link = {"operationId": "getPet", "parameters": {"petId": "$response.body#/tag"}}
    document["paths"]["/pets"]["post"]["responses"]["201"]["links"] = {"read": link}

    pets = recognised(document)
    assert (pets.id_at, pets.reasons) == (("tag",), ("a link hands tag on as {petId}",))


def test_a_record_without_an_id_is_unsure() -> None:
    """If no field of the answer can be what the path names, nothing is remembered."""
    document = pets_document()
    del document["components"]["schemas"]["Pet"]["properties"]["id"]
    document["components"]["schemas"]["Pet"]["properties"].pop("name")

    pets = recognised(document)
    assert (pets.confidence, pets.reasons) == (
        Confidence.UNSURE,
        ("no answer shows a record with a field that holds {petId}",),
    )


def test_a_body_of_which_the_record_has_nothing_is_not_one() -> None:
    """What takes nothing that the record has isn't its creation, unless it says that it creates (201)."""
    document = pets_document()
    post = document["paths"]["/pets"]["post"]
    post["requestBody"] = json_body({"type": "object", "properties": {"data": {"type": "string"}}})
    assert recognised(document).operations[ResourceRole.CREATE].status == 201

    post["responses"]["200"] = post["responses"].pop("201")
    found = recognised(document)
    assert found.reasons == ("POST /pets may create records, but what it takes isn't like the record",)
    assert not found.is_remembered


def test_a_patch_that_does_not_merge_has_no_role() -> None:
    """A PATCH that says that it does something else is left alone, and the others aren't."""
    document = pets_document()
    document["paths"]["/pets/{petId}"]["patch"]["summary"] = "Adds and removes tags"
    document["paths"]["/pets/{petId}"]["patch"]["requestBody"] = json_body({"$ref": f"#{PET}"})

    pets = recognised(document)
    assert pets.left == {"PATCH /pets/{petId}": "its summary says that it adds, too, so it hardly merges"}
    assert (pets.is_remembered, ResourceRole.PATCH in pets.operations) == (True, False)
