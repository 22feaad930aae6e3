"""mockserver.openapi.contract.translation: the translation of OpenAPI 3.0 schemas to Draft 4."""

from typing import Any

import pytest

from mockserver.openapi.contract import Contract
from mockserver.openapi.contract.translation import Interpretation, Translation

TAGGED = {"oneOf": [{"$ref": "#/a"}, {"$ref": "#/b"}], "discriminator": {"propertyName": "kind"}}

TRANSLATED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"$ref": "#/a", "type": "string"}, {"$ref": "urn:contract#/a"}),
    ({"type": "string", "nullable": True}, {"type": ["string", "null"], "nullable": True}),
    (
        {"type": "string", "nullable": True, "enum": ["a"]},
        {"type": ["string", "null"], "nullable": True, "enum": ["a", None]},
    ),
    ({"nullable": True}, {"nullable": True}),
    (
        {"type": "integer", "format": "int32", "minimum": 0},
        {"type": "integer", "format": "int32", "minimum": 0, "maximum": 2**31 - 1},
    ),
]


@pytest.mark.parametrize(("schema", "expected"), TRANSLATED)
def test_words_of_openapi_are_spelled_out(schema: dict[str, Any], expected: dict[str, Any]) -> None:
    """References name the resource; `nullable` and the sizes of integers become keywords of Draft 4."""
    assert Translation({"schema": schema}, Interpretation()).document["schema"] == expected


def test_a_discriminator_allows_several_branches_to_fit() -> None:
    """Only the strict interpretation refuses a value that fits several branches."""
    loose, strict = (Translation({"items": [TAGGED]}, Interpretation(strict=how)) for how in (False, True))

    assert "oneOf" in strict.document["items"][0]
    assert "oneOf" not in loose.document["items"][0]
    assert "oneOf" in Translation({"oneOf": TAGGED["oneOf"]}, Interpretation()).document


@pytest.mark.parametrize(
    ("node", "expected"), [({"a": [TAGGED]}, True), ({"oneOf": [{}]}, False), ({"oneOf": 1}, False)]
)
def test_two_readings_are_noticed(node: dict[str, Any], expected: bool) -> None:  # noqa: FBT001 (an expectation)
    """The translation says whether the interpretations differ for its document."""
    assert Translation(node, Interpretation()).has_discriminators is expected


@pytest.mark.parametrize(("value", "loose"), [({"kind": "a"}, True), ({"kind": 1}, False), ({}, False)])
def test_open_branches_that_look_alike_accept_what_fits_one(value: object, loose: bool) -> None:  # noqa: FBT001
    """Two open objects with a discriminator accept a value that is valid for one of them, and no other."""
    branch = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
    contract = Contract(b"", {"root": TAGGED, "a": branch, "b": branch})

    assert contract.validator("/root").is_valid(value) is loose
    assert not contract.validator("/root", strict=True).is_valid(value)
