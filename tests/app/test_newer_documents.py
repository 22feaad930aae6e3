"""Documents of OpenAPI 3.1 and 3.2 as they are served: requests are checked, and answered, by what they say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.openapi.contract import Contract
from mockserver.openapi.loading import Source
from mockserver.settings import Settings
from mockserver.world import World

# In the way that FastAPI writes its documents.
PETS = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
  /pets:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer, maximum: 100, exclusiveMinimum: 0, default: 10}}
        - {name: kind, in: query, schema: {anyOf: [{$ref: "#/components/schemas/Kind"}, {type: "null"}]}}
        - {name: ids, in: query, schema: {anyOf: [{type: array, items: {type: integer}}, {type: "null"}]}}
        - {name: old, in: query, schema: {type: [boolean, "null"]}}
      responses:
        "200":
          description: ok
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Pet"}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/NewPet"}}}}
      responses: {"201": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}}
components:
  schemas:
    Kind: {type: string, enum: [cat, dog]}
    Base:
      type: object
      required: [name, at]
      properties:
        name: {type: string, maxLength: 10}
        at: {type: array, prefixItems: [{type: number}, {type: number}], minItems: 2, items: false}
        age: {anyOf: [{type: integer, exclusiveMinimum: 0}, {type: "null"}]}
        kind: {$ref: "#/components/schemas/Kind", default: cat}
    NewPet: {$ref: "#/components/schemas/Base", unevaluatedProperties: false}
    Pet:
      $ref: "#/components/schemas/Base"
      required: [id]
      properties: {id: {type: string, format: uuid}}
      unevaluatedProperties: false
"""
LINES = """
openapi: 3.2.0
info: {title: Lines, version: "1"}
paths:
  /lines:
    get: {responses: {"200": {description: ok, content: {application/jsonl: {itemSchema: {const: {n: 1}}}}}}}
    post:
      requestBody: {required: true, content: {application/jsonl: {itemSchema: {type: object, required: [n]}}}}
      responses: {"204": {description: ok}}
    query: {responses: {"200": {description: ok, content: {text/plain: {schema: {const: found}}}}}}
    additionalOperations: {COPY: {responses: {"204": {description: ok}}}}
  /events:
    get:
      responses:
        "200": {description: ok, content: {text/event-stream: {itemSchema: {const: {event: added, data: a}}}}}
"""


def _serving(folder: Path, text: str) -> TestClient:
    path = folder / "openapi.yaml"
    path.write_text(text, "utf-8")
    return TestClient(create_app(World.build(Settings(seed=1, strict=True), Contract.load(path))))


@pytest.fixture
def pets(tmp_path: Path) -> Iterator[TestClient]:
    """A mock of the document in FastAPI's way."""
    with _serving(tmp_path, PETS) as client:
        yield client


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[TestClient]:
    """A mock of the document of streams and other methods."""
    with _serving(tmp_path, LINES) as client:
        yield client


def _valid(content: Any, name: str) -> bool:
    document = Source("pets.yaml", PETS.encode()).content
    validator = Draft202012Validator({**document, "$ref": f"#/components/schemas/{name}"})
    return bool(validator.is_valid(content))


@pytest.mark.parametrize("query", ["", "?limit=5&kind=cat&ids=1&ids=2&old=true", "?ids=7"])
def test_valid_requests_are_answered_validly(pets: TestClient, query: str) -> None:
    """Parameters that may be null are read by their other type, and the answer is valid for others, too."""
    answer = pets.get(f"/pets{query}")

    assert answer.status_code == 200, answer.text
    assert answer.json()
    assert all(_valid(each, "Pet") for each in answer.json())


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=0", "This value should be greater than 0."),
        ("limit=a", "This value should be of type integer."),
        ("kind=cow", "The value you selected is not a valid choice. There are cat, dog."),
        ("ids=a", "This value should be of type integer."),
        ("old=maybe", "This value should be of type boolean."),
    ],
)
def test_parameters_are_checked(pets: TestClient, query: str, message: str) -> None:
    """What is wrong with a parameter is told in the words of any other contract."""
    assert message in [each["message"] for each in pets.get(f"/pets?{query}").json()["errors"]]


def test_bodies_are_checked(pets: TestClient) -> None:
    """Each keyword that doesn't hold is told with its place."""
    wrong = {"name": "a", "at": [1, "b", 3], "age": 0, "kind": "cow", "more": 1}

    errors = {each["path"] for each in pets.post("/pets", json=wrong).json()["errors"]}

    assert errors == {"at[1]", "at[2]", "age", "kind", "more"}
    assert pets.post("/pets", json={"name": "a", "at": [1, 2.5], "age": None}).status_code == 201


def test_streams_are_a_few_items(lines: TestClient) -> None:
    """A stream of items is sent at once: lines of JSON, or events."""
    assert set(lines.get("/lines").text.splitlines()) == {'{"n":1}'}
    assert set(lines.get("/events").text.split("\n\n")) == {"event: added\ndata: a", ""}


@pytest.mark.parametrize(("body", "status"), [('{"n":1}\n{"n":2}\n', 204), ('{"n":1}\n{}\n', 400), ('{"n":1\n', 400)])
def test_streams_are_checked(lines: TestClient, body: str, status: int) -> None:
    """Each item of a request has to fit."""
    assert lines.post("/lines", content=body, headers={"Content-Type": "application/jsonl"}).status_code == status


def test_more_methods_are_routed(lines: TestClient) -> None:
    """QUERY and what stands under `additionalOperations` are methods as others are."""
    assert lines.request("QUERY", "/lines").text == "found"
    assert lines.request("COPY", "/lines").status_code == 204
    assert lines.delete("/lines").headers["allow"] == "COPY, GET, HEAD, POST, QUERY"


def test_webhooks_alone_are_served(tmp_path: Path) -> None:
    """There is nothing to call, and the document is shown."""
    text = 'openapi: 3.1.0\ninfo: {title: t, version: "1"}\nwebhooks: {a: {post: {responses: {}}}}\n'
    with _serving(tmp_path, text) as client:
        assert client.get("/a").status_code == 404
        assert [*client.get("/openapi.json").json()["webhooks"]] == ["a"]
