"""mockserver.openapi.resources.fields_around: which fields of a record name the records that it is in."""

from typing import Any

import pytest

from mockserver.openapi.resources import field_around, schemas
from mockserver.openapi.resources.fields_around import kind_before
from tests.support.remembering import contract_of, pets_document

TEXT, OBJECT = {"type": "string"}, {"type": "object"}


@pytest.mark.parametrize(
    ("path", "parameter", "properties", "found"),
    [
        ("/pets/{petId}/toys", "petId", {"petId": TEXT}, "petId"),
        ("/pets/{pet_id}/toys", "pet_id", {"petId": TEXT}, "petId"),
        ("/pets/{id}/toys", "id", {"pet_id": TEXT}, "pet_id"),
        ("/pets/{key}/toys", "key", {"petId": TEXT, "key": TEXT}, "key"),
        ("/pets/{id}/toys", "id", {"id": TEXT}, None),
        ("/{shop}/{id}/toys", "id", {"uid": TEXT, "id": TEXT}, None),
        ("/pets/{toyId}/toys", "toyId", {"toyId": TEXT}, None),
        ("/pets/{petId}/toys", "petId", {"petId": OBJECT}, None),
        ("/pets/{petId}/toys", "petId", {"name": TEXT}, None),
    ],
)
def test_a_field_is_called_like_what_is_around(
    path: str, parameter: str, properties: dict[str, Any], found: str | None
) -> None:
    """By the parameter, else by the word before it; never the record's own id, nor what holds no single value."""
    document = pets_document()
    document["components"]["schemas"]["Toy"] = {"type": "object", "properties": properties}
    contract = contract_of(document)
    fields = schemas.fields(contract, "/components/schemas/Toy")

    assert field_around(contract, fields, ("toyId",), path, parameter) == found


def test_the_word_before_a_parameter_is_its_kind() -> None:
    """In the singular; a parameter is no word."""
    assert [kind_before("/shops/{shop}/{id}", name) for name in ("shop", "id")] == ["shop", ""]
