"""mockserver.openapi.loading.validity: each problem of a document is told with its line."""

from pathlib import Path

import pytest

from mockserver.openapi.loading import load
from tests.openapi.loading.documents import EMPTY, HEAD, refused, write

OPERATION = "    get: {operationId: a, responses: {'200': {description: ok}}}\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (HEAD + "paths:\n  pets: {}\n", 4, "#/paths/pets: Additional properties are not allowed"),
        (HEAD + "paths:\n  /a:\n    get:\n      responses: {}\n", 6, "has less than 1 property"),
        (
            HEAD + "paths:\n  /a:\n    get:\n      responses:\n        200: {}\n",
            7,
            '"description" is a required property',
        ),
        ("openapi: 3.0.3\ninfo:\n  version: 1.0\n  title: t\npaths: {}\n", 3, '1.0 is not of type "string"'),
        (HEAD + "paths:\n  /a/{id}:\n" + OPERATION, 5, "Path parameter 'id' for 'get' operation in '/a/{id}'"),
        (
            HEAD + "paths:\n  /a:\n" + OPERATION + "  /b:\n" + OPERATION,
            7,
            "Operation ID 'a' for 'get' in '/b' is not unique",
        ),
        (
            EMPTY + "components:\n  schemas:\n    A:\n      type: integer\n      default: x\n",
            8,
            "'x' is not of type 'integer'",
        ),
        (EMPTY + "components:\n  schemas:\n    A:\n      enum:\n      - 1\n      - 1\n", 7, "has non-unique elements"),
    ],
)
def test_invalid_documents_are_refused(tmp_path: Path, text: str, line: int, said: str) -> None:
    """What openapi-spec-validator finds is told with its line and where in the document that is."""
    message = refused(write(tmp_path, {"openapi.yaml": text}))

    assert message.startswith("openapi.yaml is no valid OpenAPI 3.0 document.")
    assert f"\n  openapi.yaml:{line}: #/" in message
    assert said in message


def test_problem_is_told_where_it_was_written(tmp_path: Path) -> None:
    """A problem in another file is told with the name and the line of that file."""
    root = HEAD + "paths:\n  /a: {$ref: paths/a.yaml}\ncomponents: {schemas: {X: {$ref: x.yaml}}}\n"
    files = {"paths/a.yaml": "get:\n  responses:\n    200: {}\n", "x.yaml": "type: object\nfoo: 1\n"}

    message = refused(write(tmp_path, {"openapi.yaml": root, **files}))

    assert '\n  paths/a.yaml:3: #/get/responses/200: "description" is a required property' in message
    assert "\n  x.yaml:2: #/foo: Additional properties are not allowed" in message


def test_long_problems_are_cut_in_the_middle(tmp_path: Path) -> None:
    """A message tells what is wrong with a long value, and not all of it."""
    text = EMPTY + f"components: {{schemas: {{A: {{enum: [{'a, ' * 500}b]}}}}}}\n"

    message = refused(write(tmp_path, {"openapi.yaml": text}))

    assert message.endswith("has non-unique elements")
    assert len(message) < 400


def test_reference_to_the_wrong_kind_is_refused(tmp_path: Path) -> None:
    """A parameter that refers to a schema makes no traceback."""
    wrong = "paths:\n  /a:\n    parameters: [{$ref: '#/components/schemas/A'}]\n" + OPERATION
    text = HEAD + wrong + "components: {schemas: {A: {type: string}}}\n"

    assert "reference lead to another kind of object?" in refused(write(tmp_path, {"openapi.yaml": text}))


def test_recursive_schema_is_valid(tmp_path: Path) -> None:
    """A schema that contains itself is checked, even where the checker itself would go on without end."""
    node = "{type: object, required: [next], allOf: [{type: array, items: {$ref: '#/components/schemas/N'}}]}"

    assert load(write(tmp_path, {"openapi.yaml": EMPTY + f"components: {{schemas: {{N: {node}}}}}\n"}))
