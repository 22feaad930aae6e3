"""mockserver.pipeline.coherent_responses: examples agree with their request, and with each other."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.support.contracts_of import json_body
from tests.support.remembering import PET, pets_document, remembering

REX = {"id": 9, "name": "Rex", "tag": "dog", "createdAt": "2026-01-01T00:00:00Z"}


def document() -> dict[str, Any]:
    """The pets, with an operation that acts on one, and one that isn't about any."""
    made = pets_document()
    response = made["paths"]["/pets"]["get"]["responses"]["200"]
    response["headers"] = {"X-Total-Count": {"schema": {"type": "integer"}}}
    made["paths"]["/pets/{petId}/feed"] = {
        "parameters": made["paths"]["/pets/{petId}"]["parameters"],
        "post": {
            "operationId": "feedPet",
            "requestBody": json_body({"type": "object", "properties": {"tag": {"type": "string"}}}),
            "responses": {"200": json_body(PET)},
        },
    }
    made["paths"]["/weather/{city}"] = {
        "get": {
            "operationId": "getWeather",
            "parameters": [{"name": "city", "in": "path", "required": True, "schema": {"type": "string"}}],
            "responses": {"200": json_body({"type": "object", "properties": {"city": {"enum": ["Oslo", "Rome"]}}})},
        }
    }
    return made


@pytest.fixture
def pets() -> Iterator[TestClient]:
    """A client of a strict mock without memory."""
    with remembering(document(), memory=False) as client:
        yield client


def test_rows_of_a_list_are_what_reading_them_shows(pets: TestClient) -> None:
    """A list has several rows with ids of their own; each is read by its id, whichever is read first."""
    listed = pets.get("/pets")
    rows = listed.json()["items"]

    assert [pets.get(f"/pets/{one['id']}").json() for one in rows] == rows
    assert (len(rows), listed.json()["total"], listed.headers["x-total-count"]) == (3, 3, "3")
    assert listed.headers["x-mock-source"] == "example"
    with remembering(document(), memory=False) as another:
        assert another.get(f"/pets/{rows[2]['id']}").json() == rows[2]


def test_a_list_shows_the_part_that_is_asked_for(pets: TestClient) -> None:
    """Pages and orders count; a filter that leaves nothing doesn't, as no list of examples is empty for it."""
    names = [one["name"] for one in pets.get("/pets").json()["items"]]

    assert [one["name"] for one in pets.get("/pets?limit=2&page=2").json()["items"]] == names[2:]
    assert [one["name"] for one in pets.get("/pets?sort=-name").json()["items"]] == sorted(names, reverse=True)
    assert pets.get("/pets?tag=nobody").json() == pets.get("/pets").json()


def test_any_id_is_read(pets: TestClient) -> None:
    """The id of a path is that of the answer; each has values of its own, the same each time."""
    first = pets.get("/pets/77").json()

    assert first["id"] == 77
    assert first == pets.get("/pets/77").json()
    assert first["createdAt"] != pets.get("/pets/78").json()["createdAt"]


def test_what_is_sent_is_echoed(pets: TestClient) -> None:
    """A POST, a PUT and a PATCH answer with what they were sent, and with the rest of the record that is meant."""
    created = pets.post("/pets", json={"name": "Max", "tag": "cat"})
    place = created.headers["location"]
    before = pets.get("/pets/2").json()

    assert created.json() == {**pets.get(place).json(), "name": "Max", "tag": "cat"}
    assert pets.put("/pets/2", json={"name": "Tom"}).json() == {**before, "name": "Tom"}
    assert pets.patch("/pets/2", json={"name": "Tim", "id": 3}).json()["name"] == "Tim"
    assert pets.post("/pets/2/feed", json={"tag": "fed"}).json() == {**before, "tag": "fed"}
    assert pets.get("/pets/2").json() == before


def test_a_path_is_echoed_where_the_schema_takes_it(pets: TestClient) -> None:
    """An operation that isn't about records says what its path says, unless its contract doesn't allow that."""
    assert pets.get("/weather/Rome").json() == {"city": "Rome"}
    assert pets.get("/weather/Berlin").json()["city"] in {"Oslo", "Rome"}


def test_declared_examples_come_first() -> None:
    """The declared answers are given as they are: that of a list, of reading its id, and of creating, with what was
    sent."""
    made = document()
    lister, read = made["paths"]["/pets"], made["paths"]["/pets/{petId}"]["get"]["responses"]["200"]
    whole = {"items": [{**REX, "id": 5}, REX], "total": 700}
    lister["get"]["responses"]["200"]["content"]["application/json"]["example"] = whole
    read["content"]["application/json"]["example"] = REX
    lister["post"]["responses"]["201"]["content"]["application/json"]["example"] = {**REX, "id": 8}
    with remembering(made, memory=False) as pets:
        assert pets.get("/pets").json() == whole
        assert pets.get("/pets?sort=name&page=1&limit=1").json() == {"items": [{**REX, "id": 5}], "total": 2}
        assert pets.get("/pets/9").json() == REX
        assert pets.get("/pets/5").json() == {**REX, "id": 5}
        created = pets.post("/pets", json={"name": "Max"})
        assert (created.json(), created.headers["location"]) == ({**REX, "id": 8, "name": "Max"}, "/pets/8")
        assert pets.get("/pets/11").json()["id"] == 11


def test_what_the_contract_does_not_allow_is_left_out() -> None:
    """An echo that breaks the answer's schema as a whole isn't made, and no violation is told."""
    made = document()
    narrow = {"allOf": [PET, {"not": {"properties": {"name": {"enum": ["Max"]}}}}]}
    made["paths"]["/pets"]["post"]["responses"]["201"]["content"] = json_body(narrow)["content"]
    with remembering(made, memory=False) as pets:
        created = pets.post("/pets", json={"name": "Max"})

    assert (created.status_code, created.headers["x-mock-source"]) == (201, "example")
    assert created.json()["name"] != "Max"


def test_what_is_not_remembered_agrees_beside_what_is() -> None:
    """With memory, operations that aren't about a remembered resource echo, too."""
    with remembering(document()) as pets:
        rome = pets.get("/weather/Rome")

    assert (rome.headers["x-mock-source"], rome.json()) == ("example", {"city": "Rome"})


def test_every_answer_says_where_it_is_from() -> None:
    """What is remembered, or isn't there any more, is `resource`; what the contract shows `example`; what it doesn't
    declare `mock`."""
    made = document()
    with remembering(made) as pets:
        sources = [
            pets.get(path).headers["x-mock-source"]
            for path in ("/pets", "/pets/99", "/weather/Rome", "/nope", "/pets/x")
        ]
        preferred = pets.get("/pets", headers={"Prefer": "code=200"}).headers["x-mock-source"]

    assert (sources, preferred) == (["resource", "resource", "example", "mock", "mock"], "example")
