"""What breaks or fools stock Connexion (docs/connexion.md): the compiled engine does what a user would expect.

Bodies that can't be parsed are in test_hostile; what happens over a socket alone, in test_server.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.clock import Clock
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World

KEY = {"X-AUTH-TOKEN": "mock-api-key"}
SUBSCRIPTION = "/api/DEFAULT/webhook/subscription"
ADMIN = '{"username": "admin", "password": "password"}'
ID = "5a1f1f0e-6f42-4d0e-9a63-3b6f8f3a2c11"
PETS = """
openapi: 3.0.3
info: {title: Pets, version: '1', description: 'Say {{ name }} or {% raw %}.'}
paths:
  /pets/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
        - {name: X-Page, in: header, schema: {type: integer}}
        - {name: after, in: query, schema: {type: string, format: uuid}}
      responses:
        '200':
          description: ok
          content:
            application/json: {schema: {$ref: '#/components/schemas/Pet'}}
            application/problem+json: {schema: {type: object}}
  /pets:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {'204': {description: done}}
components:
  schemas:
    Pet:
      type: object
      required: [id, name, pin]
      properties:
        id: {$ref: '#/components/schemas/Id'}
        name: {type: string}
        owner: {type: string, format: uuid}
        home: {type: string, format: uri}
        pin: {type: string, writeOnly: true}
        chip: {type: string, writeOnly: true}
    Id: {type: string, format: uuid, readOnly: true}
"""


@pytest.fixture
def pets(tmp_path: Path) -> Iterator[TestClient]:
    """A client of a mock of PETS."""
    path = tmp_path / "pets.yaml"
    path.write_text(PETS)
    with TestClient(
        create_app(World.build(Settings(seed=1, memory=False), Contract.load(path), Clock(frozen_at=0.0)))
    ) as client:
        yield client


# ---------------------------------------------------------------- bodies
def test_body_without_a_type_is_a_415(client: TestClient) -> None:
    """A JSON body that doesn't say so is refused as a type that isn't taken, not handed on as bytes."""
    answer = client.post("/api/admin/login_check", content=ADMIN)

    assert (answer.status_code, answer.json()["code"]) == (415, 415)


@pytest.mark.parametrize("body", [ADMIN[:-1] + ', "username": "admin"}', ADMIN[:-1] + ', "more": "\\u0000"}'])
def test_odd_json_is_read(client: TestClient, body: str) -> None:
    """Of a key that is there twice the last counts; a null byte in a text is a character."""
    answer = client.post("/api/admin/login_check", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 200


@pytest.mark.parametrize("change", [{"owner": "nobody"}, {"home": "no uri"}, {"owner": ID + "\n"}])
def test_formats_of_bodies_count(pets: TestClient, change: dict[str, Any]) -> None:
    """What has the format `uuid` or `uri` in the contract must have it in a body."""
    answer = pets.post("/pets", json={"name": "Rex", "pin": "1", **change})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"] == next(iter(change))


def test_read_only_property_need_not_be_sent(pets: TestClient) -> None:
    """A required property that is readOnly may be left out of a request, and may be in it."""
    assert pets.post("/pets", json={"name": "Rex", "pin": "1"}).status_code == 204
    assert pets.post("/pets", json={"name": "Rex", "pin": "1", "id": ID}).status_code == 204
    assert pets.post("/pets", json={"pin": "1"}).status_code == 400


def test_write_only_property_belongs_to_requests(tmp_path: Path) -> None:
    """A response may lack a required property that is writeOnly, and a request may not; no response may have others."""
    path = tmp_path / "pets.yaml"
    path.write_text(PETS)
    contract = Contract.load(path)
    sent, answered = (contract.validator("/components/schemas/Pet", sent=sent) for sent in (True, False))

    assert answered.is_valid({"id": ID, "name": "Rex"})
    assert not answered.is_valid({"id": ID, "name": "Rex", "chip": "1"})
    assert not sent.is_valid({"name": "Rex"})
    assert sent.is_valid({"name": "Rex", "pin": "1", "chip": "1"})


# ---------------------------------------------------------------- parameters
@pytest.mark.parametrize("text", ["5_0", "%205", "5%20", "%D9%A3", "%EF%BC%95", "0x5", "5.0", "1e1", "05", "%2B5"])
def test_only_json_numbers_are_numbers(client: TestClient, text: str) -> None:
    """What Python would take for a number, but JSON doesn't, is refused."""
    answer = client.get(f"{SUBSCRIPTION}?_page={text}", headers=KEY)

    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, "_page")


def test_last_of_repeated_parameters_counts(client: TestClient) -> None:
    """Of a repeated query parameter the last counts, as in PHP."""
    assert client.get(f"{SUBSCRIPTION}?_page=none&_page=2", headers=KEY).status_code == 200
    assert client.get(f"{SUBSCRIPTION}?_page=2&_page=none", headers=KEY).status_code == 400


def test_header_parameters_have_their_type(pets: TestClient) -> None:
    """A header that is declared as an integer takes integers, and nothing else."""
    assert pets.get(f"/pets/{ID}", headers={"X-Page": "3"}).status_code == 200
    assert pets.get(f"/pets/{ID}", headers={"X-Page": "three"}).status_code == 400


@pytest.mark.parametrize("target", ["/pets/1", f"/pets/{ID}?after=1", f"/pets/{ID}%0A", f"/pets/{ID}?after={ID}%0A"])
def test_formats_of_parameters_count(pets: TestClient, target: str) -> None:
    """A UUID in a path or a query must be one, and no line break may hide at its end."""
    assert pets.get(target).status_code == 400


# ---------------------------------------------------------------- methods and paths
def test_allow_is_complete(client: TestClient) -> None:
    """A 405 lists every method of the path, whichever operation has it; OPTIONS is a method like others."""
    for method in ("PATCH", "OPTIONS", "TRACE"):
        answer = client.request(method, f"{SUBSCRIPTION}/{ID}", headers=KEY)

        assert answer.status_code == 405
        assert answer.headers["allow"] == "DELETE, GET, HEAD, PUT"


def test_refused_credential_says_what_is_wanted(client: TestClient) -> None:
    """A 401 has `WWW-Authenticate`, as HTTP demands."""
    assert client.get(SUBSCRIPTION).headers["www-authenticate"] == "Bearer"


def test_head_is_a_get_without_its_body(client: TestClient) -> None:
    """HEAD has the status and the headers of GET."""
    head, get = (client.request(method, SUBSCRIPTION, headers=KEY) for method in ("HEAD", "GET"))

    assert (head.status_code, head.headers, head.content) == (200, get.headers, b"")


@pytest.mark.parametrize("target", [f"{SUBSCRIPTION}/", f"{SUBSCRIPTION}/{ID}%0A", "/api/DEFAULT%0A/webhook/event"])
def test_other_path_is_not_found(client: TestClient, target: str) -> None:
    """A trailing slash or a line break makes another path, which is not there; nobody is redirected."""
    assert client.get(target, headers=KEY, follow_redirects=False).status_code == 404


# ---------------------------------------------------------------- answers
def test_several_media_types_may_be_declared(pets: TestClient) -> None:
    """An operation that declares several media types answers with the JSON one."""
    answer = pets.get(f"/pets/{ID}")

    assert answer.headers["content-type"] == "application/json"
    assert answer.json().keys() >= {"id", "name"}
    assert "x-mock-contract-violation" not in answer.headers


def test_braces_of_the_contract_stay(pets: TestClient) -> None:
    """What looks like a template in the contract is text."""
    assert pets.get("/openapi.json").json()["info"]["description"] == "Say {{ name }} or {% raw %}."
