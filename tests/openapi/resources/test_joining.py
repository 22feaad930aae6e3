"""mockserver.openapi.resources.joining: operations on other paths that are about the records of a resource."""

from mockserver.openapi.resources import Confidence, ResourceRole, recognise
from tests.support.contracts_of import json_body
from tests.support.recognising import PET, loans_document, recognised
from tests.support.remembering import contract_of, pets_document


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


def test_a_list_by_a_field_joins() -> None:
    """A list on a path of its own is one of the records if all of its parameters are plain; a subset of them isn't."""
    document = pets_document()
    rows = {"200": json_body({"type": "array", "items": {"$ref": f"#{PET}"}})}
    tag = {"name": "tag", "in": "query", "required": True, "schema": {"type": "string"}}
    document["paths"]["/pets/findByTag"] = {"get": {"parameters": [tag], "responses": rows}}
    document["paths"]["/pets/popular"] = {"get": {"responses": rows}}

    (also,) = recognised(document).also
    assert (also.label, also.role) == ("GET /pets/findByTag", ResourceRole.LIST)


def test_another_path_of_the_same_records_joins() -> None:
    """A second path that only reads the same records, by the same parameter, is one more way to read them."""
    document = pets_document()
    item = document["paths"]["/pets/{petId}"]
    document["paths"]["/pets/by-id/{petId}"] = {"parameters": item["parameters"], "get": {**item["get"]}}
    document["paths"]["/pets/by-id/{petId}"]["get"]["operationId"] = "getById"

    assert [one.label for one in recognised(document).also] == ["GET /pets/by-id/{petId}"]
