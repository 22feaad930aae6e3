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


def loans_document() -> Json:
    """The pets' document, with loans that are created and listed in a pet, and read by themselves."""
    document = pets_document()
    loan = {"type": "object", "properties": {"id": {"type": "integer"}, "petId": {"type": "integer"}, "days": {}}}
    document["components"]["schemas"]["Loan"] = loan
    shown = {"$ref": "#/components/schemas/Loan"}
    body = json_body({"type": "object", "properties": {"days": {"type": "integer"}}})
    number = {**ID, "schema": {"type": "integer"}}
    document["paths"]["/pets/{petId}/loans"] = {
        "parameters": [number],
        "get": {"responses": {"200": json_body({"type": "array", "items": shown})}},
        "post": {"requestBody": body, "responses": {"201": json_body(shown)}},
    }
    document["paths"]["/loans/{loanId}"] = {
        "parameters": [{**number, "name": "loanId"}],
        "get": {"responses": {"200": json_body(shown)}},
    }
    return document


def test_a_collection_may_stand_elsewhere() -> None:
    """What is created and listed in another record, and read by itself, is one resource: the path gives a field."""
    _, loans = recognise(contract_of(loans_document()))

    assert (loans.name, loans.item, loans.confidence) == ("loans", "/loans/{loanId}", Confidence.LIKELY)
    create, lister = loans.operations[ResourceRole.CREATE], loans.operations[ResourceRole.LIST]
    assert (create.label, lister.label) == ("POST /pets/{petId}/loans", "GET /pets/{petId}/loans")
    assert create.around == lister.around == {"petId": ("petId",)}


def test_a_path_that_no_field_holds_does_not_join() -> None:
    """A creation in another record of which the new one tells nothing keeps its examples."""
    document = loans_document()
    del document["components"]["schemas"]["Loan"]["properties"]["petId"]

    loans = next(one for one in recognise(contract_of(document)) if one.item == "/loans/{loanId}")
    assert (loans.is_remembered, loans.reasons) == (False, ("nothing creates or lists its records",))


def test_a_change_may_name_its_record_in_the_body() -> None:
    """A PUT on the collection with the id in its body replaces that record."""
    document = pets_document()
    del document["paths"]["/pets/{petId}"]["put"]
    pet = json_body({"$ref": f"#{PET}"})
    document["paths"]["/pets"]["put"] = {"requestBody": pet, "responses": {"200": pet}}

    replace = recognised(document).operations[ResourceRole.REPLACE]
    assert (replace.label, replace.key_at) == ("PUT /pets", ("id",))


def test_an_operation_without_a_declared_success_has_its_role() -> None:
    """A change that declares errors alone is done, and answered without a body."""
    document = pets_document()
    document["paths"]["/pets/{petId}"]["delete"]["responses"] = {"404": {"description": "gone"}}

    delete = recognised(document).operations[ResourceRole.DELETE]
    assert (delete.status, delete.shows) == (204, None)


def test_a_list_by_a_field_joins() -> None:
    """A list on a path of its own is one of the records if all of its parameters are plain; a subset of them isn't."""
    document = pets_document()
    rows = {"200": json_body({"type": "array", "items": {"$ref": f"#{PET}"}})}
    tag = {"name": "tag", "in": "query", "required": True, "schema": {"type": "string"}}
    document["paths"]["/pets/findByTag"] = {"get": {"parameters": [tag], "responses": rows}}
    document["paths"]["/pets/popular"] = {"get": {"responses": rows}}

    (also,) = recognised(document).also
    assert (also.label, also.role) == ("GET /pets/findByTag", ResourceRole.LIST)


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


def test_the_field_that_the_parameter_names_goes_first() -> None:
    """Of `id` and `uid`, `{pet_uid}` names the latter, though only a creation shows it."""
    document = pets_document()
    document["components"]["schemas"]["Pet"]["properties"]["uid"] = {"type": "integer"}
    paths = document["paths"]
    paths["/pets/{pet_uid}"] = paths.pop("/pets/{petId}") | {"parameters": [{**ID, "name": "pet_uid"}]}
    paths["/pets/{pet_uid}"]["parameters"][0]["schema"] = {"type": "integer"}

    assert recognised(document).id_at == ("uid",)


def deep_document() -> Json:
    """The pets' document, with ids in the pets' metadata."""
    document = pets_document()
    head = {"type": "object", "properties": {"labels": {"type": "string"}, "id": {"type": "integer", "readOnly": True}}}
    fields = {"metadata": head, "spec": {"type": "object", "properties": {"size": {"type": "integer"}}}}
    for name in ("Pet", "NewPet"):
        document["components"]["schemas"][name] = {"type": "object", "properties": fields}
    return document


def test_an_id_may_stand_deeper() -> None:
    """A record may have its id in its metadata."""
    pets = recognised(deep_document())

    assert (pets.id_at, pets.is_remembered) == (("metadata", "id"), True)


def test_a_part_of_an_answer_is_not_its_record() -> None:
    """An object in an answer that has an id, but isn't what the answer is about, isn't the record."""
    document = pets_document()
    owner = {"type": "object", "properties": {"id": {"type": "integer"}}}
    fields = {"owner": owner, "title": {"type": "string"}, "pages": {"type": "integer"}}
    for name in ("Pet", "NewPet"):
        document["components"]["schemas"][name] = {"type": "object", "properties": fields}

    assert recognised(document).reasons == ("no answer shows a record with a field that holds {petId}",)


def test_a_creation_that_is_not_understood_is_a_doubt() -> None:
    """If records may appear that nobody could show, nothing is remembered."""
    document = pets_document()
    many = json_body({"type": "array", "items": {"$ref": f"#{PET}"}})
    document["paths"]["/pets"]["post"] |= {"requestBody": many, "responses": {"201": {"description": ""}}}

    pets = recognised(document)
    assert (pets.is_remembered, list(pets.left)) == (False, ["POST /pets"])


def test_two_collections_of_the_same_records_are_a_doubt() -> None:
    """Where two paths create the same kind of record side by side, one may show what the other has made."""
    document = pets_document()
    document["paths"]["/admin/pets"] = document["paths"]["/pets"]
    document["paths"]["/admin/pets/{petId}"] = document["paths"]["/pets/{petId}"]

    doubts = [one.reasons[-1] for one in recognise(contract_of(document))]
    assert doubts[0] == "its records may be those of /admin/pets/{petId}, which are of the same kind"
    assert not any(one.is_remembered for one in recognise(contract_of(document)))


def test_another_path_of_the_same_records_joins() -> None:
    """A second path that only reads the same records, by the same parameter, is one more way to read them."""
    document = pets_document()
    item = document["paths"]["/pets/{petId}"]
    document["paths"]["/pets/by-id/{petId}"] = {"parameters": item["parameters"], "get": {**item["get"]}}
    document["paths"]["/pets/by-id/{petId}"]["get"]["operationId"] = "getById"

    assert [one.label for one in recognised(document).also] == ["GET /pets/by-id/{petId}"]
