"""mockserver.checks.transport.record_ids: ids as they stand in a path."""

from typing import Any

import pytest

from mockserver.checks.transport.record_ids import LARGEST, id_text, typed_id, unused_id
from tests.support.contracts_of import surface_of

UUID = "3f0e7c1a-5b1d-4c58-9f3e-0a4b8c2d6e10"


@pytest.mark.parametrize(("value", "text"), [(7, "7"), ("a", "a"), (True, True), (None, None), (1.5, 1.5)])
def test_numbers_become_texts(value: Any, text: Any) -> None:
    """An id that is a whole number stands in a path as text; what is no id stays what it is."""
    assert id_text(value) == text


@pytest.mark.parametrize(
    ("text", "kind", "value"), [("7", "integer", 7), ("-7", "integer", -7), ("7", "string", "7"), ("x", "integer", "x")]
)
def test_a_text_is_read_by_the_schema_of_its_parameter(text: str, kind: str, value: Any) -> None:
    """Only a parameter that is a whole number makes one of a text."""
    assert typed_id(text, {"type": kind}) == value


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "format": "uuid"},
        {"type": "string", "pattern": "^[0-9a-f]{24}$"},
        {"type": "string", "maxLength": 8},
        {"type": "string"},
    ],
)
def test_an_unused_id_fits_its_parameter(schema: dict[str, Any]) -> None:
    """What nobody has is asked for in the form that the path wants: else a 404 would be a 400 first."""
    parameter = {"name": "id", "in": "path", "required": True, "schema": schema}
    surface = surface_of({"/pets/{id}": {"get": {"operationId": "one", "parameters": [parameter], "responses": {}}}})
    call = surface.calls["one"]

    made = unused_id(surface, call, UUID, "unknown")

    assert surface.contract.validator(call.operation.parameters[0].pointer).is_valid(made)


@pytest.mark.parametrize(("bounds", "top"), [({}, LARGEST), ({"maximum": 100}, 100), ({"maximum": 2**53}, LARGEST)])
def test_an_unused_number_is_one_of_the_last(bounds: dict[str, int], top: int) -> None:
    """Ids are counted from below, and a column of four bytes may hold them."""
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", **bounds}}
    surface = surface_of({"/pets/{id}": {"get": {"operationId": "one", "parameters": [parameter], "responses": {}}}})

    assert top // 2 <= int(unused_id(surface, surface.calls["one"], UUID, "unknown")) <= top
