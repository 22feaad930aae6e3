"""mockserver.pipeline.action_responses: what acts on a remembered record shows that."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockserver.pipeline.action_responses import UNCHANGED
from tests.support.contracts_of import Json, json_body
from tests.support.remembering import NEW_PET, PET, pets_document, remembering

REX = {"id": 12, "name": "Example", "createdAt": "2026-01-01T00:00:00Z"}


def wrapped(schema: Json) -> Json:
    """The schema of an object with a pet."""
    return {"type": "object", "required": ["pet"], "properties": {"pet": schema, "note": {"type": "string"}}}


def document() -> dict[str, Any]:
    """The pets, with an action, and one that takes and shows a pet in an envelope. Pets have an example."""
    made = pets_document()
    made["components"]["schemas"]["Pet"]["example"] = REX
    found = made["paths"]["/pets/{petId}"]
    missing = {"404": found["get"]["responses"]["404"]}
    feed = {"operationId": "feedPet", "responses": {"200": json_body(PET), **missing}}
    groom = {"operationId": "groomPet", "responses": {"200": json_body(wrapped(PET)), **missing}}
    groom["requestBody"] = json_body(wrapped(NEW_PET))
    made["paths"]["/pets/{petId}/feed"] = {"parameters": found["parameters"], "post": feed}
    made["paths"]["/pets/{petId}/groom"] = {"parameters": found["parameters"], "put": groom}
    return made


@pytest.fixture
def pets() -> Iterator[TestClient]:
    """A client of a strict mock of pets."""
    with remembering(document()) as client:
        yield client


def test_an_action_shows_the_remembered_record(pets: TestClient) -> None:
    """It is the record as the last change has left it, and a hint says that the action changes nothing."""
    created = pets.post("/pets", json={"name": "Rex", "tag": "dog"}).json()
    place = f"/pets/{created['id']}"
    changed = pets.patch(place, json={"name": "Max"}).json()

    fed = pets.post(f"{place}/feed")
    assert (fed.json(), fed.headers["x-mock-source"]) == (changed, "resource")
    assert fed.headers["x-mock-hint"] == UNCHANGED


def test_an_action_on_nothing_is_a_404(pets: TestClient) -> None:
    """A record that never was there, or is gone, is the declared 404."""
    pets.delete("/pets/1")

    for place in ("/pets/1/feed", "/pets/99/feed"):
        assert pets.post(place).status_code == 404
    assert pets.put("/pets/1/groom", json={"pet": {"name": "a"}}).status_code == 404


def test_an_envelope_holds_the_record_and_what_was_sent(pets: TestClient) -> None:
    """The record stands where the answer has it; what was sent is shown, and not kept."""
    pet = pets.get("/pets/1").json()
    answer = pets.put("/pets/1/groom", json={"pet": {"name": "Combed"}})

    assert answer.json()["pet"] == {**pet, "name": "Combed"}
    assert pets.get("/pets/1").json() == pet


def test_without_memory_the_envelope_agrees_with_the_path() -> None:
    """The example in it has the id of the path, and what was sent."""
    with remembering(document(), memory=False) as pets:
        shown = pets.put("/pets/77/groom", json={"pet": {"name": "Combed"}}).json()["pet"]
    assert (shown["id"], shown["name"]) == (77, "Combed")


def test_what_is_left_alone_shows_an_example() -> None:
    """`x-mock-resource: false` is for actions, too."""
    made = document()
    made["paths"]["/pets/{petId}/feed"]["post"]["x-mock-resource"] = False

    with remembering(made) as pets:
        assert pets.post("/pets/99/feed").headers["x-mock-source"] == "example"


def with_photo(**responses: Json) -> Json:
    """The pets, with an operation below one that shows no pet."""
    made = document()
    kept = json_body({"type": "object", "properties": {"url": {"type": "string"}}})
    photo = {"operationId": "addPhoto", "responses": {"200": kept, **responses}}
    made["paths"]["/pets/{petId}/photo"] = {"parameters": made["paths"]["/pets/{petId}"]["parameters"], "post": photo}
    return made


def test_what_shows_something_else_is_there_as_long_as_its_record() -> None:
    """It answers by its example, and by its declared 404 once the record is gone."""
    with remembering(with_photo(**{"404": {"description": "gone"}})) as pets:
        there = pets.post("/pets/1/photo")
        pets.delete("/pets/1")
        gone = pets.post("/pets/1/photo")

    assert (there.status_code, there.headers["x-mock-source"]) == (200, "example")
    assert (gone.status_code, gone.headers["x-mock-source"]) == (404, "resource")


def test_what_declares_no_404_keeps_its_example() -> None:
    """Nothing says what it should answer instead."""
    with remembering(with_photo()) as pets:
        assert pets.post("/pets/99/photo").status_code == 200


def test_records_that_nobody_can_create_may_be_unknown() -> None:
    """A test may name one of the real server."""
    made = with_photo(**{"404": {"description": "gone"}})
    del made["paths"]["/pets"]["post"]
    with remembering(made) as pets:
        assert pets.post("/pets/99/photo").status_code == 200


def test_without_memory_nothing_is_missing() -> None:
    """Nothing is remembered that could be gone."""
    with remembering(with_photo(**{"404": {"description": "gone"}}), memory=False) as pets:
        assert pets.post("/pets/99/photo").status_code == 200
