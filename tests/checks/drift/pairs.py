"""Pairs of answers about a small contract, which no server has given."""

import json
from collections.abc import Mapping
from typing import Any

import requests

from mockserver.checks.drift.ask import Answer, Ask, Pair
from mockserver.checks.drift.comparison import AnswerComparison
from mockserver.checks.drift.correspondence import Correspondence
from mockserver.checks.drift.differences import Disagreement
from mockserver.checks.live.marks import Marks
from mockserver.openapi.contract import Contract
from mockserver.openapi.loading import Source
from mockserver.openapi.resources import Surface

PETS = """\
openapi: 3.0.3
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:  # all of them
      operationId: listPets
      parameters:
        - name: sort
          in: query
          style: deepObject
          explode: true
          schema: {type: object, properties: {name: {type: string}}}
      responses:
        '200':
          description: Some pets.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Pets'
    post:
      operationId: addPet
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties: {name: {type: string}, tags: {type: array, items: {type: string}}}
            example: {name: Rex, tags: [b, a]}
      responses:
        '200':
          description: The pet.
          headers:
            X-Left: {required: true, schema: {type: integer}}
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Pet'
          links:
            read: {operationId: readPet, parameters: {id: $response.body#/id}}
        '400': {description: Refused., content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}
  /pets/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
    get:
      operationId: readPet
      responses:
        '200':
          description: The pet.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Pet'
    delete:
      operationId: deletePet
      responses:
        '204': {description: Gone.}
components:
  schemas:
    # What a pet is.
    Pet:
      type: object
      required:
        - id
        - name
      properties:
        id: {type: string, format: uuid}
        name: {type: string}
        kind:
          type: string
          enum: [cat, dog]  # no others yet
        size: {type: integer, maximum: 10}
        tags: {type: array, items: {type: string}}
        bornAt: {type: string, format: date-time, x-assumption: A33}
    Pets:
      type: object
      required: [items]
      properties:
        items: {type: array, items: {$ref: '#/components/schemas/Pet'}}
        total: {type: integer}
    Error:
      type: object
      additionalProperties: false
      required: [message]
      properties:
        message: {type: string}
"""
ONE, OTHER = "1b0c6a1e-1f5e-4a55-8d1c-0d8a3b0f7a10", "2b0c6a1e-1f5e-4a55-8d1c-0d8a3b0f7a10"
THIRD = "3b0c6a1e-1f5e-4a55-8d1c-0d8a3b0f7a10"
MOCK_RUN, LIVE_RUN = "aaaaaaaa", "bbbbbbbb"
PET = {"id": ONE, "name": "Rex"}
LEFT = {"X-Left": "3"}


def pets(text: str = PETS) -> Surface:
    """The operations of the contract, which is parsed anew."""
    return Surface(Contract(text.encode(), Source("openapi.yaml", text.encode()).content), "openapi.yaml")


def answer(status: int, content: Any = None, headers: Mapping[str, str] | None = None, kind: str = "json") -> Answer:
    """An answer of a side; a text is sent as it is."""
    request = requests.Request("GET", "http://127.0.0.1/pets").prepare()
    is_text = isinstance(content, str)
    text = "" if content is None else content if is_text else json.dumps(content)
    typed = {"content-type": f"application/{kind}"} if content is not None else {}
    sent = {name.lower(): value for name, value in (headers or {}).items()}
    return Answer(status, typed | sent, text, None if is_text else content, not is_text, request)


class Told:
    """A comparison of one run, which is told pair by pair."""

    def __init__(self, surface: Surface | None = None) -> None:
        self.surface = surface or pets()
        self.known = Correspondence()
        marks = Marks(MOCK_RUN, self.surface), Marks(LIVE_RUN, self.surface)
        self._comparison = AnswerComparison(self.surface, self.known, *marks)

    def pair(self, operation: str, mock: Answer, live: Answer, **asked: Any) -> list[Disagreement]:
        """The differences of one more pair."""
        call = self.surface.calls[operation]
        return self._comparison.of(Pair(Ask(call, {}, "a test", **asked), mock, live))

    def made(self, mock: str = ONE, live: str = OTHER) -> None:
        """A pet of which both sides have told the id."""
        answers = (answer(200, {**PET, "id": one}, LEFT) for one in (mock, live))
        assert self.pair("addPet", *answers) == []


def said(differences: list[Disagreement]) -> list[str]:
    """The differences in words."""
    return [f"{one.promise.value}: {one.what}" for one in differences]
