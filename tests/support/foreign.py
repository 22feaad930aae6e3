"""Contracts that aren't ours, and mocks of them: their operations have no behaviour."""

import json
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.openapi.contract import Contract
from mockserver.openapi.loading import Source
from mockserver.settings import Settings
from mockserver.world import World

DOCUMENT = r"""
openapi: 3.0.1
info: {title: Zoo, version: '1'}
servers: [{url: 'https://zoo.example.com/v1'}]
paths:
  /animals:
    get:
      parameters:
        - {name: kinds, in: query, schema: {type: array, items: {type: string, enum: [cat, dog]}}}
        - {name: ids, in: query, explode: false, schema: {type: array, items: {type: integer}}}
        - {name: ages, in: query, style: pipeDelimited, explode: false, schema: {type: array, items: {type: integer}}}
        - {name: box, in: query, style: deepObject, schema: {type: object, properties: {high: {type: integer}}}}
        - {name: sort, in: query, schema: {type: object, properties: {by: {type: string}, up: {type: boolean}}}}
        - {name: where, in: query, content: {application/json: {schema: {type: object, required: [x]}}}}
        - {name: X-Depth, in: header, schema: {type: integer}}
        - {name: theme, in: cookie, schema: {type: string, enum: [light, dark]}}
      responses:
        '200':
          description: Some animals.
          headers: {X-Total: {required: true, schema: {type: integer, minimum: 0}}}
          content:
            application/json:
              schema: {type: array, minItems: 1, items: {$ref: '#/components/schemas/Animal'}}
        default:
          description: No.
          content:
            application/problem+json:
              schema: {$ref: '#/components/schemas/Problem'}
  /animals/{animalId}:
    parameters: [{name: animalId, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: same
      responses:
        '200':
          description: One.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Animal'}
              examples:
                cat: {value: {kind: cat, name: Tom, lives: 9}}
                dog: {value: {kind: dog, name: Rex, tricks: [sit]}}
        '404':
          description: None.
          content: {text/plain: {example: There is no such animal.}}
    put:
      operationId: same
      security: [{basic: []}, {key: [], session: []}]
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/Animal'}}
          application/x-www-form-urlencoded:
            schema: {type: object, required: [name, age], properties: {name: {type: string}, age: {type: integer}}}
      responses: {'204': {description: Done.}}
  /keys:
    get:
      security: [{key: []}]
      parameters: [{name: page, in: query, schema: {type: integer}}, {name: note, in: query}]
      responses:
        '200':
          description: Any picture.
          headers: {Content-Type: {required: true, schema: {type: string}}, X-Any: {required: false}}
          content: {image/*: {}, examples: {}}
    post:
      requestBody:
        required: true
        content: {application/json: {schema: null}, text/plain: {}, application/x-www-form-urlencoded: null}
      responses: {'204': {description: Done.}}
  /photos/{name}.{format}:
    get:
      responses:
        '200': {description: A photo., content: {image/png: {schema: {type: string, format: binary}}}}
  /matrix/{point}:
    parameters:
      - name: point
        in: path
        required: true
        style: matrix
        schema: {type: object, required: [x, y], properties: {x: {type: integer}, y: {type: integer}}}
    get: {responses: {'200': {description: ok}}}
components:
  securitySchemes:
    basic: {type: http, scheme: basic}
    key: {type: apiKey, in: query, name: api_key}
    session: {type: apiKey, in: cookie, name: SID}
  schemas:
    Problem:
      type: object
      required: [title, status]
      properties: {title: {type: string}, status: {type: integer}}
    Animal:
      oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
      discriminator: {propertyName: kind, mapping: {cat: '#/components/schemas/Cat', dog: '#/components/schemas/Dog'}}
    Cat:
      type: object
      required: [kind, name]
      properties: {kind: {type: string, enum: [cat]}, name: {type: string}, lives: {type: integer, maximum: 9}}
    Dog:
      type: object
      required: [kind, name]
      properties:
        kind: {type: string, enum: [dog]}
        name: {type: string}
        tricks: {type: array, items: {type: string}}
        friend: {$ref: '#/components/schemas/Animal'}
"""


def zoo_contract() -> Contract:
    """A contract with parameters, bodies, credentials and responses of all kinds."""
    return Contract(DOCUMENT.encode(), Source("a.yaml", DOCUMENT.encode()).content)


def serving(tmp_path: Path, paths: dict[str, Any], server: str | None = None) -> TestClient:
    """A client of a mock of a contract in a file."""
    servers = {"servers": [{"url": server}]} if server else {}
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, **servers, "paths": paths}))
    return TestClient(create_app(World.build(Settings(seed=1), Contract.load(path))))


def answering(example: object = "foreign", media_type: str = "application/json", **more: Any) -> dict[str, Any]:
    """An operation that answers an example."""
    return {"responses": {"200": {"description": "ok", "content": {media_type: {"example": example}}, **more}}}
