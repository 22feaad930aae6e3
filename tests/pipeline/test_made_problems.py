"""mockserver.pipeline.made_problems: generated bodies of errors say their own status."""

from pathlib import Path
from typing import Any

import pytest

from mockserver.pipeline.made_problems import corrected
from tests.support.contracts_of import surface_of
from tests.support.foreign import serving

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
PROBLEM = {
    "type": "object",
    "required": ["title", "status"],
    "properties": {"type": TEXT, "title": TEXT, "status": NUMBER, "detail": TEXT},
}
GENERATED = {"type": "indigo grove", "title": "a", "status": 479, "detail": "b"}
REAL = {
    "type": "about:blank",
    "title": "Not Found",
    "status": 404,
    "detail": "Nothing matches the given URI",
}


def _document(schema: dict[str, Any]) -> dict[str, Any]:
    answers = {
        "200": {"description": ""},
        "404": {"description": "", "content": {"application/problem+json": {"schema": schema}}},
    }
    return {"/a": {"get": {"operationId": "getA", "responses": answers}}}


def _corrected(schema: dict[str, Any], body: Any, status: int = 404) -> Any:
    pointer = "/paths/~1a/get/responses/404/content/application~1problem+json/schema"
    return corrected(surface_of(_document(schema)).contract, pointer, body, status)


def test_a_problem_says_its_status(tmp_path: Path) -> None:
    """A problem that `Prefer` asks for has the status that it is answered with."""
    with serving(tmp_path, _document(PROBLEM)) as client:
        answer = client.get("/a", headers={"Prefer": "code=404"})

    assert (answer.status_code, answer.json()) == (404, REAL)


@pytest.mark.parametrize(
    ("schema", "body", "expected"),
    [
        (PROBLEM, GENERATED, REAL),
        ({"allOf": [PROBLEM]}, GENERATED, REAL),
        ({"properties": {"error": PROBLEM}}, {"error": GENERATED}, {"error": REAL}),
        ({"properties": {"statusCode": NUMBER}}, {"statusCode": 1}, {"statusCode": 404}),
    ],
)
def test_what_is_open_is_said_as_the_status_has_it(schema: Any, body: Any, expected: Any) -> None:
    """A number, a title and a message are those of the status, in an envelope as well."""
    assert _corrected(schema, body) == expected


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        ({"properties": {"code": {**NUMBER, "example": 1001}}}, {"code": 1001}),
        ({"properties": {"code": {**NUMBER, "maximum": 9}}}, {"code": 7}),
        ({"properties": {"message": {**TEXT, "default": "No."}}}, {"message": "No."}),
        ({"properties": {"status": TEXT}}, {"status": "error"}),
        ({"properties": {"message": TEXT}}, ["message"]),
    ],
)
def test_what_the_contract_wrote_stays(schema: Any, body: Any) -> None:
    """An example of its own stays, and so does what would break the schema."""
    assert _corrected(schema, body) == body


def test_the_status_in_an_example_of_the_schema_is_the_real_one() -> None:
    """One schema is that of many errors: its example's words stay, but the number is that of the answer."""
    example = {**GENERATED, "title": "Gone", "status": 410}

    assert _corrected({**PROBLEM, "example": example}, example, 404) == {**example, "status": 404}
