"""mockserver.openapi.judging: what a judge needs of a contract, and doesn't find."""

from typing import Any

from mockserver.openapi.contract import Contract
from mockserver.openapi.judging import lacks
from mockserver.openapi.resources import Surface
from tests.support.contracts_of import json_body, surface_of

ID: dict[str, Any] = {"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}}
DONE: dict[str, Any] = {"responses": {"204": {"description": ""}}}
PET: dict[str, Any] = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
QUIZ: dict[str, Any] = {
    "type": "object",
    "required": ["a"],
    "properties": {"a": {"type": "string", "pattern": "^Q{9}$"}},
}


def _pets(body: dict[str, Any], answer: dict[str, Any], **more: Any) -> dict[str, Any]:
    create = {"operationId": "add", "requestBody": json_body(body), "responses": {"201": json_body(answer)}}
    item = {"get": {"operationId": "read", **DONE}, "delete": {"operationId": "drop", **DONE}, "parameters": [ID]}
    return {"/pets": {"post": create}, "/pets/{petId}": item, **more}


def _told(paths: dict[str, Any], **more: Any) -> list[str]:
    return [str(lack) for lack in lacks(surface_of(paths, **more))]


def test_paths_are_told_where_links_are_missing() -> None:
    """That records are found by names is all that a plain contract is told; without records it is told nothing."""
    assert _told(_pets(PET, PET)) == ["no links, so records are found by the names in paths"]
    assert _told({"/health": {"get": DONE}}) == []


def test_records_that_nothing_creates() -> None:
    """What reads and changes them is judged by refusals alone, and named."""
    item = {"get": {"operationId": "one", **DONE}, "put": {"operationId": "two", **DONE}, "parameters": [ID]}
    orders = {"/orders/{petId}": item}

    (found,) = [lack for lack in lacks(surface_of(orders)) if lack.calls]

    assert {call.id for call in found.calls} == {"one", "two"}
    assert found.message == "no operation creates and deletes what /orders/{petId} names: only refusals are judged"


def test_a_creation_that_names_nothing() -> None:
    """Without an id in its answer, nothing that is created can be followed."""
    found = [lack for lack in lacks(surface_of(_pets(PET, {"type": "string"}))) if "declares no id" in lack.message]

    assert [call.id for lack in found for call in lack.calls] == ["add"]
    assert found[0].sentence == "Declare the id among the properties of its success."


def test_a_body_that_nobody_can_guess() -> None:
    """A pattern needs an example."""
    assert "add: no example shows a body that creates a record" in _told(_pets(QUIZ, PET))


def test_an_operation_that_cannot_be_tried_on_a_deleted_record() -> None:
    """A form, or a query that has to be there, isn't made for it."""
    form = {"required": True, "content": {"multipart/form-data": {"schema": {"type": "object"}}}}
    size = {"name": "size", "in": "query", "required": True, "schema": {"type": "integer"}}
    photo = {"post": {"operationId": "photo", "requestBody": form, **DONE}, "parameters": [ID]}
    thumb = {"get": {"operationId": "thumb", **DONE}, "parameters": [ID, size]}
    more = {"/pets/{petId}/photo": photo, "/pets/{petId}/thumb": thumb}

    (found,) = [lack for lack in lacks(surface_of(_pets(PET, PET, **more))) if "deleted record" in lack.message]

    assert {call.id for call in found.calls} == {"photo", "thumb"}


def test_a_scheme_that_no_key_fits() -> None:
    """Who asks for a client's certificate gets headers of the user's."""
    closed = {"/a": {"get": {**DONE, "security": [{"tls": []}]}}}
    told = _told(closed, components={"securitySchemes": {"tls": {"type": "mutualTLS"}}})

    assert told == ["no security scheme that a judge can log in with: use --header, or --basic"]


def test_our_contract_says_what_it_can() -> None:
    """Ours has links and a login; only members and transactions can't be deleted."""
    assert {call.kind for lack in lacks(Surface(Contract.load())) for call in lack.calls} <= {"member", "transaction"}
