"""mockserver.spec.lint: each rule finds the defect it is there for, with its place, and nothing in what is right."""

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.openapi.contract import Contract, shipped
from mockserver.openapi.loading import Source
from mockserver.spec.lint import lint, rules
from mockserver.spec.outline import Outline

Json = dict[str, Any]

SOUND = """
openapi: 3.0.3
info: {title: Pets, version: '1'}
security: [{key: []}]
paths:
  /pets/{id}:
    parameters:
    - {name: id, in: path, required: true, schema: {type: string}}
    get:
      operationId: getPet
      parameters:
      - {name: limit, in: query, schema: {type: integer, default: 3}, example: 4}
      responses:
        '200':
          description: The pet
          headers: {X-Left: {schema: {type: integer}, example: 1}}
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Pet'}
              examples: {rex: {$ref: '#/components/examples/Rex'}}
    put:
      operationId: putPet
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}, example: {name: Rex}}}}
      responses:
        '204':
          description: Done
          links: {read: {operationId: getPet, parameters: {id: $request.path.id, limit: 1}}}
      callbacks:
        changed:
          '{$request.body#/name}': {post: {responses: {'200': {description: Thanks}}}}
x-webhooks:
  Sold: {post: {operationId: onSold, requestBody: {content: {a/b: {schema: {type: integer}, example: 1}}},
    responses: {'200': {description: Thanks}}}}
components:
  examples: {Rex: {value: {name: Rex, tag: null}}}
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
  schemas:
    Pet:
      type: object
      required: [name]
      properties:
        name: {type: string, pattern: ^R, example: Rex}
        tag: {type: string, enum: [a, b], nullable: true}
    Any:
      oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
      discriminator: {propertyName: kind, mapping: {cat: '#/components/schemas/Cat', dog: Dog}}
    Cat: {allOf: [{$ref: '#/components/schemas/Pet'}, {required: [kind], properties: {kind: {type: string}}}]}
    Dog: {type: object, required: [kind], properties: {kind: {type: string}}}
"""
GET = ("paths", "/pets/{id}", "get")
PUT = ("paths", "/pets/{id}", "put")
JSON = ("content", "application/json")
LINK = (*PUT, "responses", "204", "links", "read")
SCHEMA = ("components", "schemas")
PET = (*SCHEMA, "Pet", "properties")
EVENT = ("x-webhooks", "Sold", "post")

# The rule, the place of the defect, its value, and a part of what is said.
DEFECTS: dict[str, tuple[str, tuple[str | int, ...], Any, str]] = {
    "same template": ("templates", ("paths", "/pets/{name}"), {}, "the path matches what /pets/{id} matches"),
    "same template, encoded": (
        "templates",
        ("paths", "/p%65ts/{name}"),
        {},
        "the path matches what /pets/{id} matches",
    ),
    "path with a query": ("unreachable", ("paths", "/pets?all=1"), {}, "no request's path has a query or fragment"),
    "path with a fragment": ("unreachable", ("paths", "/pets#all"), {}, "no request's path has a query or fragment"),
    "path that is no template": ("routing", ("paths", "/{a}{b}"), {"get": {}}, "can't be told apart into parameters"),
    "address": ("routing", ("servers",), [{"url": "/{a:>9}"}], "The address /{a:>9} can't be filled in"),
    "undeclared": ("path_parameters", ("paths", "/pets/{id}", "parameters"), [], "parameter id is not declared"),
    "not in the path": (
        "path_parameters",
        (*GET, "parameters", 0),
        {"name": "x", "in": "path", "required": True},
        "has no parameter x",
    ),
    "parameter twice": (
        "repeated_parameters",
        (*GET, "parameters"),
        [{"name": "x", "in": "query"}] * 2,
        "x stands here twice",
    ),
    "operationId twice": ("operation_ids", (*PUT, "operationId"), "getPet", "that of another operation"),
    "operationId of an event": ("operation_ids", (*EVENT, "operationId"), "getPet", "that of another operation"),
    "no success": ("successes", (*GET, "responses"), {"404": {"description": "x"}}, "the operation never succeeds"),
    "empty description": ("response_descriptions", (*GET, "responses", "200", "description"), "", "is empty"),
    "no such scheme": ("security", ("security",), [{"other": []}], "the security scheme other is not declared"),
    "no such scheme for one": ("security", (*GET, "security"), [{"other": []}], "scheme other is not declared"),
    "link to nowhere": ("links", (*LINK, "operationId"), "gone", "there is no gone"),
    "link by reference": ("links", LINK, {"operationRef": "#/paths/~1gone/get"}, "there is no #/paths/~1gone/get"),
    "link without a parameter": ("links", (*LINK, "parameters"), {}, "leaves the path parameter id open"),
    "link with one too many": ("links", (*LINK, "parameters", "x"), "1", "has no parameter x"),
    "no expression": ("links", (*LINK, "parameters", "id"), "$request.x", "it is no runtime expression"),
    "expression of another path": ("links", (*LINK, "parameters", "id"), "$request.path.x", "no such path parameter"),
    "expression without a value": (
        "links",
        (*LINK, "parameters", "id"),
        "$request.body#/x",
        "no example has a value there",
    ),
    "callback": ("callbacks", (*PUT, "callbacks", "changed"), {"{$request.body#/x}": {}}, "no example has a value"),
    "callback to one URL": ("callbacks", (*PUT, "callbacks", "changed"), {"https://a.example": {}}, "the same URL"),
    "pattern": ("patterns", (*PET, "name", "pattern"), "(", "'(' is no regular expression"),
    "enum of another type": ("enums", (*PET, "tag", "enum", 1), 2, "the value 2 is not of the type string"),
    "required, not described": ("required_properties", (*SCHEMA, "Pet", "required", 0), "x", "property x is required"),
    "required in a part": ("required_properties", (*SCHEMA, "Cat", "allOf", 1, "required", 0), "x", "x is required"),
    "no such schema": (
        "discriminators",
        (*SCHEMA, "Any", "discriminator", "mapping", "dog"),
        "Wolf",
        "Wolf leads nowhere",
    ),
    "no tag": ("discriminators", (*SCHEMA, "Any", "discriminator", "propertyName"), "x", "has no property x"),
    "crossed bounds": ("impossible", (*PET, "name", "maxLength"), -1, "nothing fits this schema"),
    "example of a body": ("examples", (*PUT, "requestBody", *JSON, "example"), {}, "name: it is missing"),
    "shared example": ("examples", ("components", "examples", "Rex", "value", "tag"), "c", "doesn't fit its schema"),
    "example of a parameter": ("examples", (*GET, "parameters", 0, "example"), "x", "should be of type integer"),
    "example of a header": ("examples", (*GET, "responses", "200", "headers", "X-Left", "example"), "x", "integer"),
    "example of a property": ("examples", (*PET, "name", "example"), "Max", "doesn't fit its schema"),
    "example of an event": ("examples", (*EVENT, "requestBody", "content", "a/b", "example"), "x", "integer"),
    "default": ("defaults", (*GET, "parameters", 0, "schema", "default"), "x", "the default doesn't fit its schema"),
}
DEFECTS["crossed bounds"] = ("impossible", (*PET, "tag"), {"type": "string", "minLength": 2, "maxLength": 1}, "nothing")


def with_defect(place: tuple[str | int, ...], value: Any) -> Json:
    """The sound contract with one defect."""
    document: Json = Source("pets.yaml", SOUND.encode()).content
    node: Any = document
    for step in place[:-1]:
        node = node[step]
    if isinstance(node, list):
        node[int(place[-1])] = value
    else:
        node[place[-1]] = value
    return document


@pytest.mark.parametrize(("rule", "place", "value", "said"), DEFECTS.values(), ids=DEFECTS)
def test_a_defect_is_found(rule: str, place: tuple[str | int, ...], value: Any, said: str) -> None:
    """A defect is found by its rule, which says what is wrong and what to do."""
    document = with_defect(place, value)

    found = {name: list(each(Outline(document))) for name, each in rules(Contract(b"", document)).items()}[rule]

    assert any(said in finding.message for finding in found)
    assert all(finding.advice for finding in found)


def test_every_rule_has_a_defect() -> None:
    """There is no rule whose catch isn't tested."""
    assert {rule for rule, *_ in DEFECTS.values()} == set(rules(Contract(b"", {})))


def test_nothing_is_found_in_a_sound_contract(tmp_path: Path) -> None:
    """What is right is left alone."""
    path = tmp_path / "pets.yaml"
    path.write_text(SOUND, "utf-8")

    assert lint(path) == []


def test_nothing_is_found_in_our_contract() -> None:
    """The contract that the mock ships passes all rules."""
    assert lint(shipped()) == []


def linted(tmp_path: Path, old: str, new: str) -> list[str]:
    """What is found in the sound contract with one text replaced."""
    assert old in SOUND
    path = tmp_path / "pets.yaml"
    path.write_text(SOUND.replace(old, new, 1), "utf-8")
    return [str(remark).replace(str(tmp_path), "") for remark in lint(path)]


def test_a_remark_has_its_line(tmp_path: Path) -> None:
    """A finding is shown with file, line, place, message, rule, and on a line of its own what to do."""
    (remark,) = linted(tmp_path, "operationId: onSold", "operationId: putPet")

    assert remark == (
        "/pets.yaml:32: #/x-webhooks/Sold/post/operationId: the operationId putPet is that of another operation, too"
        " [operation_ids]\n    Choose another name: this one is taken."
    )


def test_a_wrong_form_doesnt_hide_the_rest(tmp_path: Path) -> None:
    """A document of the wrong form, in an event even, is judged by our rules all the same, as far as they get."""
    event, operation = linted(tmp_path, "    responses: {'200': {description: Thanks}}}}", "    responses: 3}}")

    assert event.startswith("/pets.yaml:33: #/x-webhooks/Sold/post/responses: 3 is not of type")
    assert event.endswith("[valid]\n    Write it as that type; mind the quotes.")
    assert "the operation never succeeds" in operation


def test_a_lost_reference_is_a_finding(tmp_path: Path) -> None:
    """A reference that leads nowhere is told with its line, and that the rest is not seen."""
    (remark,) = linted(tmp_path, "{$ref: '#/components/examples/Rex'}", "{$ref: '#/components/examples/Max'}")

    assert remark.startswith("/pets.yaml:20: #: the reference '#/components/examples/Max' leads nowhere")
    assert "[references]" in remark


@pytest.mark.parametrize("value", [None, "x", [[]], {"get": [], "schema": 3}])
def test_malformed_documents_are_survived(tmp_path: Path, value: Any) -> None:
    """Wherever something stands that isn't what it should be, linting ends, and without a traceback."""
    path = tmp_path / "pets.yaml"
    places = (GET, (*GET, "parameters"), (*GET, "responses"), (*GET, "operationId"), LINK, SCHEMA, PET, EVENT)
    for place in (*places, ("security",), ("components",), (*SCHEMA, "Any", "oneOf"), (*PET, "tag", "enum")):
        if place != ("components",) or isinstance(value, dict):
            path.write_text(json.dumps(with_defect(place, value)), "utf-8")
            assert lint(path)
