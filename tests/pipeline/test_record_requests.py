"""mockserver.pipeline.record_requests: requests on other paths than a resource's own mean the same records."""

from tests.support.contracts_of import json_body
from tests.support.recognising import PET, deep_document, loans_document
from tests.support.remembering import pets_document, remembering


def test_what_is_created_in_another_record_is_read_by_itself() -> None:
    """The new record has the field that the path gives; the list of that path holds it, that of another doesn't."""
    client = remembering(loans_document())
    pet, other = (client.post("/pets", json={"name": name}).json()["id"] for name in ("Rex", "Tom"))

    loan = client.post(f"/pets/{pet}/loans", json={"days": 3}).json()
    assert (loan["petId"], loan["days"]) == (pet, 3)
    assert client.get(f"/loans/{loan['id']}").json() == loan
    assert loan in client.get(f"/pets/{pet}/loans").json()
    assert loan not in client.get(f"/pets/{other}/loans").json()


def test_a_record_may_have_its_id_deeper() -> None:
    """The id is put into the record's metadata, beside what was sent there."""
    client = remembering(deep_document())
    made = client.post("/pets", json={"metadata": {"labels": "a"}, "spec": {"size": 3}}).json()

    assert (made["metadata"]["labels"], made["spec"]) == ("a", {"size": 3})
    path = f"/pets/{made['metadata']['id']}"
    assert client.get(path).json() == made
    changed = client.patch(path, json={"metadata": {"labels": "b"}}).json()
    assert changed["metadata"] == {"labels": "b", "id": made["metadata"]["id"]}
    ids = [one["metadata"]["id"] for one in client.get("/pets").json()["items"]]
    assert sorted(set(ids)) == sorted(ids)


def test_the_other_record_has_to_be_there() -> None:
    """Nothing is created or listed in a record that isn't there."""
    client = remembering(loans_document())

    assert client.post("/pets/99999/loans", json={"days": 3}).status_code == 404
    assert client.get("/pets/99999/loans").status_code == 404


def test_a_change_names_its_record_in_the_body() -> None:
    """A PUT on the collection changes the record of its body's id, and none that isn't there."""
    document = pets_document()
    pet = json_body({"$ref": f"#{PET}"})
    document["paths"]["/pets"]["put"] = {"requestBody": pet, "responses": {"200": pet}}
    client = remembering(document)
    made = client.post("/pets", json={"name": "Rex"}).json()

    assert client.put("/pets", json={**made, "name": "Tom"}).json()["name"] == "Tom"
    assert client.get(f"/pets/{made['id']}").json()["name"] == "Tom"
    assert client.put("/pets", json={**made, "id": 99999}).headers["x-mock-source"] != "resource"
