"""What is generated is worth its request: it is sent as it was made, breaks what it should, and is asked once."""

from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.checks.drift.ask import ADMIN, NOBODY, Ask
from mockserver.checks.drift.generated import GeneratedAsks
from mockserver.checks.live.planning.options import Options
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.transport.session import Credentials
from mockserver.openapi.contract import Contract
from mockserver.openapi.loading import Source
from mockserver.openapi.resources import Surface

NOTES = """\
openapi: 3.0.3
info: {title: Notes, version: '1'}
security: [{token: []}]
paths:
  /notes:
    get:
      operationId: listNotes
      parameters:
        - {name: ids, in: query, required: true, schema: {type: array, minItems: 2, items: {type: integer}}}
      responses: {'200': {description: Some., content: {text/plain: {}}}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}]
    get:
      operationId: readNote
      responses: {'200': {description: One., content: {text/plain: {}}}}
    put:
      operationId: putNote
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [text]
              additionalProperties: false
              properties: {text: {type: string, minLength: 3}}
      responses: {'200': {description: Done.}}
components:
  securitySchemes: {token: {type: http, scheme: bearer}}
"""


@pytest.fixture(scope="module")
def surface() -> Surface:
    """The operations of the contract."""
    return Surface(Contract(NOTES.encode(), Source("notes.yaml", NOTES.encode()).content))


@pytest.fixture(scope="module")
def asked(surface: Surface) -> list[Ask]:
    """What a run asks, of which nothing is answered."""
    plan = Plan(surface, Options("http://127.0.0.1:9", Credentials("admin", "password")))
    found: list[Ask] = []
    exchanges: Any = SimpleNamespace(ask=found.append)
    walk: Any = SimpleNamespace(own_rows=lambda _: {}, spare=lambda _: "1", forget_spares=lambda: None)
    GeneratedAsks(plan, exchanges, walk, seed=1, number=40).ask(lambda _: None)
    return found


def of(asked: list[Ask], operation: str, mode: str = "") -> list[Ask]:
    """The requests to one operation."""
    return [one for one in asked if one.call.id == operation and one.tried.endswith(mode)]


def test_negative_requests_break_a_rule(asked: list[Ask], surface: Surface) -> None:
    """Of a body, or of the credential; what breaks a path alone, which is the run's, isn't asked."""
    call = surface.calls["putNote"]
    validator = surface.contract.validator(str(call.operation.media_types["application/json"]), sent=True)

    good = [one for one in of(asked, "putNote", "negative") if one.who != NOBODY and validator.is_valid(one.body)]

    assert len(of(asked, "putNote", "negative")) > 3
    assert good == []
    assert [one.who for one in of(asked, "readNote", "positive")] == [ADMIN]
    assert {one.who for one in of(asked, "readNote", "negative")} <= {NOBODY}


def test_nothing_is_asked_twice(asked: list[Ask]) -> None:
    """One request is one of its kind, whatever else Schemathesis made up around it."""
    known = [repr((one.call.id, one.who, one.body, one.query)) for one in asked]

    assert len(known) == len(set(known))


def test_lists_are_sent(asked: list[Ask]) -> None:
    """A list in a query is a parameter that is there several times, as the contract has it."""
    queries = [one.query["ids"] for one in of(asked, "listNotes", "positive")]

    assert queries
    assert all(
        isinstance(one, list) and len(one) >= 2 and all(isinstance(item, str) for item in one) for one in queries
    )
