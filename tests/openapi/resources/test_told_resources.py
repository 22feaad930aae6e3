"""mockserver.openapi.resources.told_resources: what `x-mock-resource` says, and what is wrong with it."""

from typing import Any

import pytest

from mockserver.errors import ContractError
from mockserver.openapi.resources import Confidence, ResourceRole, recognise, told_resources
from tests.support.contracts_of import json_body
from tests.support.remembering import contract_of, pets_document

PET = "/pets/{petId}"


def _told(path: str, said: Any, method: str | None = None) -> dict[str, Any]:
    """The pets' document that says this of a path or an operation."""
    document = pets_document()
    item = document["paths"][path]
    (item if method is None else item[method])["x-mock-resource"] = said
    return document


def test_a_path_says_what_names_its_records() -> None:
    """Name, key and collection that a path tells beat those that are recognised, and are sure."""
    (pets,) = recognise(contract_of(_told(PET, {"name": "animals", "key": "createdAt", "collection": "/pets"})))

    assert (pets.name, pets.id_at, pets.collection) == ("animals", ("createdAt",), "/pets")
    assert pets.confidence is Confidence.TOLD
    assert pets.reasons == ("x-mock-resource says so; {petId} names its field createdAt",)


def test_false_leaves_a_path_or_an_operation_alone() -> None:
    """What is `false` belongs to no resource."""
    assert recognise(contract_of(_told(PET, False))) == ()  # noqa: FBT003 (the value itself)
    (pets,) = recognise(contract_of(_told(PET, False, "delete")))  # noqa: FBT003
    assert ResourceRole.DELETE not in pets.operations


def test_an_operation_says_its_role_and_its_resource() -> None:
    """An operation anywhere can be given to a resource, in a role, with the places in its body."""
    document = pets_document()
    row = {"type": "object", "properties": {"petName": {"type": "string"}}}
    wrapped = {"type": "object", "properties": {"rows": {"type": "array", "items": row}, "n": {"type": "integer"}}}
    said = {"role": "list", "item": PET, "items": "/rows", "total": "n"}
    document["paths"]["/all-animals"] = {"get": {"responses": {"200": json_body(wrapped)}, "x-mock-resource": said}}

    (pets,) = recognise(contract_of(document))
    (also,) = pets.also
    assert (also.label, also.role) == ("GET /all-animals", ResourceRole.LIST)
    assert also.lists is not None
    assert (also.lists.items, also.lists.totals) == (("rows",), {"total": ("n",)})
    assert pets.confidence is Confidence.TOLD


def test_a_role_beats_what_is_recognised() -> None:
    """An operation whose body and answer look like something else has the role that is told."""
    document = _told("/pets", {"role": "create", "record": "/made"}, "post")
    made = {"type": "object", "properties": {"made": {"type": "object", "properties": {"x": {"type": "string"}}}}}
    other = {"type": "object", "properties": {"species": {"type": "string"}}}
    document["paths"]["/pets"]["post"] |= {"requestBody": json_body(other), "responses": {"200": json_body(made)}}

    (pets,) = recognise(contract_of(document))
    create = pets.operations[ResourceRole.CREATE]
    assert create.shows is not None
    assert create.shows.at == ("made",)
    assert create.takes is not None


@pytest.mark.parametrize(
    ("path", "method", "said", "message"),
    [
        (
            PET,
            None,
            "pets",
            f"of {PET} is an object with some of name, key, collection, parent, or false, and not 'pets'",
        ),
        (PET, None, {"kee": "id"}, f"of {PET} knows name, key, collection, parent here, and not kee"),
        (PET, None, {"key": 3}, f"of {PET} takes a text as key, and not 3"),
        (PET, None, {"collection": "/cats"}, "names the path '/cats' as collection, which the contract doesn't have"),
        ("/pets", None, {"name": "x"}, "of /pets is for a path that ends with the parameter that names a record"),
        ("/pets", "get", {"role": "show"}, "of GET /pets takes one of create, read, list, replace, patch, delete as"),
        ("/pets", "get", {"item": "/pets"}, "takes a path that ends with a parameter as item, and not '/pets'"),
        ("/pets", "get", {"key": "id"}, "of GET /pets knows role, item, record, items, total here, and not key"),
    ],
)
def test_mistakes_are_told(path: str, method: str | None, said: Any, message: str) -> None:
    """What can't be is an error that says where it stands, what is wrong, and what would be right."""
    with pytest.raises(ContractError) as caught:
        told_resources(contract_of(_told(path, said, method)))

    assert message in str(caught.value)
    assert str(caught.value).endswith("Correct it.")
    assert caught.value.pointer is not None
    assert caught.value.pointer.endswith("/x-mock-resource")
