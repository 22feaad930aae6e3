"""mockserver.openapi.resources.record_forms: where bodies hold one record, and its id."""

from mockserver.openapi.resources import ResourceRole
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


def test_a_body_may_wrap_what_its_answer_does() -> None:
    """A record in the wrapper of the answer is taken from there, however few of its fields it shares."""
    document = pets_document()
    few = {"type": "object", "properties": {"tag": {}, "b": {}, "c": {}, "d": {}}}
    replace = document["paths"]["/pets/{petId}"]["put"]
    replace["requestBody"] = json_body({"type": "object", "properties": {"pet": few}})
    for shown, at in (({"properties": {"pet": {"$ref": f"#{PET}"}}}, ("pet",)), ({"$ref": f"#{PET}"}, ())):
        replace["responses"]["200"] = json_body({"type": "object", **shown} if at else shown)
        takes = recognised(document).operations[ResourceRole.REPLACE].takes
        assert takes is not None
        assert takes.at == at
