"""mockserver.pipeline.told_errors: an error in the forms that other people's contracts declare."""

from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import AuthenticationRequired, BadRequest
from mockserver.pipeline.told_errors import bodies, names_in
from mockserver.violations import breach, missing, wrong_type
from tests.support.contracts_of import surface_of
from tests.support.foreign import serving

VALIDATION_ERROR = {
    "type": "object",
    "required": ["loc", "msg", "type"],
    "properties": {
        "loc": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
        "msg": {"type": "string"},
        "type": {"type": "string"},
    },
}
HTTP_VALIDATION_ERROR = {"type": "object", "properties": {"detail": {"type": "array", "items": VALIDATION_ERROR}}}
PROBLEM = {
    "type": "object",
    "required": ["title", "status"],
    "properties": {"title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"}},
}
MESSAGE = {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}
ODD = {"type": "object", "required": ["oops"], "properties": {"oops": {"type": "integer", "minimum": 1}}}
NEW_PET = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
}


def _paths(status: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    refusal = {"description": "", "content": {"application/json": {"schema": schema, **more}}}
    body = {"required": True, "content": {"application/json": {"schema": NEW_PET}}}
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 9}}
    trace = {"name": "X-Trace", "in": "header", "schema": {"type": "integer"}}
    responses = {"201": {"description": ""}, status: refusal}
    pet = {"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}}
    operation = {"parameters": [pet, limit, trace], "requestBody": body, "responses": responses}
    return {"/pets/{petId}": {"post": operation}}


def test_fastapi_says_where_and_what(tmp_path: Path) -> None:
    """A 422 as FastAPI declares it names each place with its location, and the kind of the problem."""
    with serving(tmp_path, _paths("422", HTTP_VALIDATION_ERROR)) as client:
        answer = client.post("/pets/x?limit=10", json={"age": -1}, headers={"X-Trace": "a"})

    assert answer.status_code == 422
    assert [(one["loc"], one["type"]) for one in answer.json()["detail"]] == [
        (["path", "petId"], "integer_type"),
        (["query", "limit"], "less_than_equal"),
        (["header", "X-Trace"], "integer_type"),
        (["body", "name"], "missing"),
        (["body", "age"], "greater_than_equal"),
    ]
    assert answer.headers["x-mock-source"] == "example"


@pytest.mark.parametrize("content", [b"{", b""])
def test_a_body_that_cant_be_read_is_told_so(tmp_path: Path, content: bytes) -> None:
    """It is refused like one that doesn't fit, and so is one of another type where no 415 is declared."""
    with serving(tmp_path, _paths("422", HTTP_VALIDATION_ERROR)) as client:
        answers = [
            client.post("/pets/1", content=content, headers={"Content-Type": media_type})
            for media_type in ("application/json", "text/plain")
        ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert {tuple(answer.json()["detail"][0]["loc"]) for answer in answers} == {("body",)}


@pytest.mark.parametrize(
    ("schema", "key"), [(PROBLEM, "title"), (MESSAGE, "message"), (HTTP_VALIDATION_ERROR, "detail"), (ODD, "oops")]
)
@pytest.mark.parametrize("status", ["400", "422"])
def test_the_body_fits_what_is_declared(tmp_path: Path, status: str, schema: dict[str, Any], key: str) -> None:
    """Whatever form a contract declares, at whichever status: the answer is valid, and tells what it has room for."""
    with serving(tmp_path, _paths(status, schema)) as client:
        answer = client.post("/pets/1", json={})

    assert answer.status_code == int(status)
    assert key in answer.json()


@pytest.mark.parametrize(
    ("schema", "names"),
    [
        ({"type": "object", "properties": {"detail": {"type": "string"}}}, {"detail"}),
        ({"anyOf": [MESSAGE, {"type": "null"}]}, {"message"}),
        ({"allOf": [PROBLEM, {"properties": {"trace": {"type": "string"}}}]}, {"title", "status", "detail"}),
        ({"type": "object"}, {"detail"}),
    ],
)
def test_a_body_has_what_is_declared_and_no_more(tmp_path: Path, schema: dict[str, Any], names: set[str]) -> None:
    """Where others are allowed, too, the form is the one whose properties the schema names."""
    with serving(tmp_path, _paths("422", schema)) as client:
        answer = client.post("/pets/1", json={})

    assert answer.json().keys() == names


def test_who_declares_both_means_something_by_each(tmp_path: Path) -> None:
    """A 400 is for what can't be read, a 422 for what doesn't fit."""
    paths = _paths("400", MESSAGE)
    responses = paths["/pets/{petId}"]["post"]["responses"]
    responses["422"] = responses["400"]
    with serving(tmp_path, paths) as client:
        statuses = [client.post("/pets/1", content=content).status_code for content in (b"{", b"{}")]
        fitting = client.post("/pets/1", json={}).status_code

    assert (statuses, fitting) == ([400, 400], 422)


def test_a_declared_example_is_answered(tmp_path: Path) -> None:
    """What a contract shows says more than a form that happens to fit."""
    with serving(tmp_path, _paths("422", MESSAGE, example={"message": "Nope."})) as client:
        assert client.post("/pets/1", json={}).json() == {"message": "Nope."}


def test_what_fits_nothing_is_undeclared(tmp_path: Path) -> None:
    """Without a status for it, the mock's own 400 stays."""
    with serving(tmp_path, _paths("404", MESSAGE)) as client:
        answer = client.post("/pets/1", json={})

    assert (answer.status_code, answer.headers["x-mock-source"]) == (400, "mock")


def test_all_forms_of_an_error() -> None:
    """Those that say most come first; an error without violations is one problem of the whole."""
    first, second, *_ = bodies(BadRequest([missing(("a", 0)), wrong_type(("b",), 1, ["string"])]), 422)

    assert [one["loc"] for one in first["detail"]] == [["body", "a", 0], ["body", "b"]]
    assert second["errors"][0].startswith("a[0]: ")
    assert {"detail": "Authentication Required"} in list(bodies(AuthenticationRequired(), 401))
    assert next(bodies(BadRequest([breach((), "odd", "Odd.")]), 299))["detail"][0]["type"] == "value_error"


def test_a_schema_that_is_a_part_of_itself_has_its_names() -> None:
    """Nothing runs in a circle."""
    pet = {"properties": {"a": {}}, "anyOf": [{"$ref": "#/components/schemas/Pet"}, {"properties": {"b": {}}}]}
    surface = surface_of({}, components={"schemas": {"Pet": pet}})

    assert names_in(surface.contract, {"$ref": "#/components/schemas/Pet"}) == {"a", "b"}
