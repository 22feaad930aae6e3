"""mockserver.openapi.resources.keyed_lists: lists that are objects of records by their id."""

from typing import Any

from mockserver.openapi.resources import ListForm, ResourceRole
from tests.support.contracts_of import Json, json_body
from tests.support.recognising import PET, recognised
from tests.support.remembering import pets_document, remembering

_REX: Json = {"id": 7, "name": "Rex", "createdAt": "2026-01-15T10:30:00+00:00"}


def keyed_document(example: Any = None) -> Json:
    """The pets' document, whose list is an object, with an example of it."""
    document = pets_document()
    body = json_body({"type": "object", "additionalProperties": {"$ref": f"#{PET}"}})
    if example is not None:
        body["content"]["application/json"]["example"] = example
    document["paths"]["/pets"]["get"]["responses"]["200"] = body
    return document


def form_of(example: Any = None) -> ListForm | None:
    """The form of the list; None if it isn't one."""
    lister = recognised(keyed_document(example)).operations.get(ResourceRole.LIST)
    return lister and lister.lists


def test_an_object_of_records_by_their_id_is_a_list() -> None:
    """An example shows that the keys are the ids; without one, or with other keys, it may be anything."""
    form = form_of({"7": _REX})

    assert form is not None
    assert (form.key, form.items) == (("id",), ())
    assert form_of() is form_of({}) is form_of({"rex": _REX}) is form_of({"7": {"name": "Rex"}}) is None


def test_a_named_example_counts() -> None:
    """Each example that is declared has to have the ids as keys."""
    document = keyed_document()
    content = document["paths"]["/pets"]["get"]["responses"]["200"]["content"]["application/json"]
    content["examples"] = {"one": {"value": {"7": _REX}}}
    assert ResourceRole.LIST in recognised(document).operations

    content["examples"]["other"] = {"value": {"rex": _REX}}
    assert ResourceRole.LIST not in recognised(document).operations


def test_what_is_created_is_in_it() -> None:
    """The list begins with its example, and has what is created, each by its id."""
    client = remembering(keyed_document({"7": _REX}))
    made = client.post("/pets", json={"name": "Ida"}).json()

    listed = client.get("/pets")
    assert listed.headers["X-Mock-Source"] == "resource"
    assert listed.json()["7"] == _REX
    assert listed.json()[str(made["id"])] == made


def test_examples_of_it_agree() -> None:
    """Without a memory the list shows its example, and one of its records is read by its key."""
    client = remembering(keyed_document({"7": _REX}), memory=False)

    assert client.get("/pets").json() == {"7": _REX}
    assert client.get("/pets/7").json() == _REX
