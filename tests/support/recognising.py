"""Contracts whose resources aren't plain: operations on other paths, ids deeper in the record."""

from mockserver.openapi.resources import RecognisedResource, recognise
from tests.support.contracts_of import Json, json_body
from tests.support.remembering import contract_of, pets_document

PET = "/components/schemas/Pet"
ID: Json = {"name": "petId", "in": "path", "required": True, "schema": {"type": "string"}}


def recognised(document: Json) -> RecognisedResource:
    """The only resource of a document."""
    (found,) = recognise(contract_of(document))
    return found


def loans_document() -> Json:
    """The pets' document, with loans that are created and listed in a pet, and read by themselves."""
    document = pets_document()
    loan = {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "petId": {"type": "integer", "readOnly": True}, "days": {}},
    }
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


def deep_document() -> Json:
    """The pets' document, with ids in the pets' metadata."""
    document = pets_document()
    head = {"type": "object", "properties": {"labels": {"type": "string"}, "id": {"type": "integer", "readOnly": True}}}
    fields = {"metadata": head, "spec": {"type": "object", "properties": {"size": {"type": "integer"}}}}
    for name in ("Pet", "NewPet"):
        document["components"]["schemas"][name] = {"type": "object", "properties": fields}
    return document
