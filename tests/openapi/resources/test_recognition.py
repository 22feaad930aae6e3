"""mockserver.openapi.resources.recognition: which resources a contract has, and how sure that is."""

from mockserver.openapi.resources import Confidence, RecognisedResource, RecordForm, ResourceRole, recognise
from tests.support.contracts_of import INFO, Json, json_body
from tests.support.remembering import contract_of, pets_document

PET = "/components/schemas/Pet"
ID: Json = {"name": "petId", "in": "path", "required": True, "schema": {"type": "string"}}


def recognised(document: Json) -> RecognisedResource:
    """The only resource of a document."""
    (found,) = recognise(contract_of(document))
    return found


def test_a_collection_and_its_items_are_a_resource() -> None:
    """What can be created, read and listed at such paths is a resource, with the field that holds its id."""
    pets = recognised(pets_document())

    assert (pets.name, pets.collection, pets.item) == ("pets", "/pets", "/pets/{petId}")
    assert (pets.parameter, pets.id_at, pets.confidence) == ("petId", ("id",), Confidence.CERTAIN)
    assert set(pets.operations) == set(ResourceRole)
    assert pets.reasons == ("its records have a field id, which {petId} names",)


def test_each_role_says_how_it_takes_and_shows_the_record() -> None:
    """A role has its operation, the status of its success, and where in the bodies the record stands."""
    create = recognised(pets_document()).operations[ResourceRole.CREATE]

    whole = "/paths/~1pets/post/responses/201/content/application~1json/schema"
    assert (create.operation.operation_id, create.status) == ("addPet", 201)
    assert create.shows == RecordForm(whole, whole)


def test_what_nothing_lists_or_creates_is_unsure() -> None:
    """A record that can only be read isn't remembered."""
    document = pets_document()
    del document["paths"]["/pets"]

    pets = recognised(document)
    assert (pets.is_remembered, pets.reasons) == (False, ("nothing creates or lists its records",))


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


def test_a_wrapped_record_is_found() -> None:
    """A record may be in an object of the answer, and of the body."""
    document = pets_document()
    wrapped = json_body({"type": "object", "properties": {"pet": {"$ref": f"#{PET}"}}})
    document["paths"]["/pets/{petId}"]["get"]["responses"]["200"] = wrapped

    read = recognised(document).operations[ResourceRole.READ]
    assert read.shows is not None
    assert read.shows.at == ("pet",)


def test_a_link_says_which_field_is_the_id() -> None:
    """What a link hands on as the path parameter is the id, whatever it is called."""
    document = pets_document()
    document["paths"]["/pets/{petId}"]["parameters"][0]["schema"] = {"type": "string"}
    link = {"operationId": "getPet", "parameters": {"petId": "$response.body#/tag"}}
    document["paths"]["/pets"]["post"]["responses"]["201"]["links"] = {"read": link}

    pets = recognised(document)
    assert (pets.id_at, pets.reasons) == (("tag",), ("a link hands tag on as {petId}",))


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
