"""A sound contract, and the same with one defect, for the tests of the linter's rules."""

from typing import Any

from mockserver.openapi.contract import Contract
from mockserver.openapi.loading import Source
from mockserver.openapi.structure import Steps
from mockserver.spec.lint import LintFinding, rules
from mockserver.spec.outline import Outline

Json = dict[str, Any]
Defects = dict[str, tuple[str, Steps, Any, str]]  # the rule, the place of the defect, its value, part of the message

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


def with_defect(place: Steps, value: Any) -> Json:
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


def found(rule: str, place: Steps, value: Any) -> list[LintFinding]:
    """The findings of one rule in the sound contract with one defect."""
    document = with_defect(place, value)
    return list(rules(Contract(b"", document))[rule](Outline(document)))
