"""mockserver.openapi.resources.record_forms: where bodies hold one record, and its id."""

from mockserver.openapi.resources import ResourceRole, plain
from tests.support.contracts_of import json_body
from tests.support.recognising import PET, deep_document, recognised
from tests.support.remembering import pets_document


def test_a_wrapped_record_is_found() -> None:
    """A record may be in an object of the answer, and of the body."""
    document = pets_document()
    wrapped = json_body({"type": "object", "properties": {"pet": {"$ref": f"#{PET}"}}})
    document["paths"]["/pets/{petId}"]["get"]["responses"]["200"] = wrapped

    read = recognised(document).operations[ResourceRole.READ]
    assert read.shows is not None
    assert read.shows.at == ("pet",)


def test_names_are_compared_without_case_and_separators() -> None:
    """What differs in that alone means the same."""
    assert plain("pet_id") == plain("petId") == plain("Pet-ID") == "petid"


def test_a_part_of_an_answer_is_not_its_record() -> None:
    """An object in an answer that has an id, but isn't what the answer is about, isn't the record."""
    document = pets_document()
    owner = {"type": "object", "properties": {"id": {"type": "integer"}}}
    fields = {"owner": owner, "title": {"type": "string"}, "pages": {"type": "integer"}}
    for name in ("Pet", "NewPet"):
        document["components"]["schemas"][name] = {"type": "object", "properties": fields}

    assert recognised(document).reasons == ("no answer shows a record with a field that holds {petId}",)


def test_an_id_may_stand_deeper() -> None:
    """A record may have its id in its metadata."""
    pets = recognised(deep_document())

    assert (pets.id_at, pets.is_remembered) == (("metadata", "id"), True)


def test_the_nearest_part_of_a_body_is_the_record() -> None:
    """Of a body that shares little with the record, its part that shares something is taken, though it is wrapped."""
    document = pets_document()
    inner = {"type": "object", "properties": {key: {} for key in ("name", "size", "colour", "age", "owner")}}
    wrapped = json_body({"type": "object", "properties": {"pet": inner}})
    document["paths"]["/pets/{petId}"]["put"]["requestBody"] = wrapped

    replace = recognised(document).operations[ResourceRole.REPLACE]
    assert replace.takes is not None
    assert replace.takes.at == ("pet",)
