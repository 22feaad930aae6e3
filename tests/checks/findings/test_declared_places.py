"""The places of a value that a schema declares."""

from typing import Any

import pytest

from mockserver.checks.findings.declared_places import MOST_PLACES, DeclaredPlace, places
from mockserver.openapi.contract import Contract

TREE = {"properties": {"name": {"type": "string"}, "children": {"items": {"$ref": "#/components/schemas/Tree"}}}}
CONTRACT = Contract(b"", {"components": {"schemas": {"Tree": TREE}}})
PET = {
    "properties": {
        "id": {"readOnly": True},
        "password": {"writeOnly": True},
        "tags": {"items": {"properties": {"kind": {"enum": ["a", 1, None]}}}},
    },
    "oneOf": [{"properties": {"meows": {"type": "boolean"}}}, {"properties": {"barks": {"type": "boolean"}}}],
}


def _of(schema: dict[str, Any], *, sent: bool = False) -> DeclaredPlace:
    return places(CONTRACT, schema, sent=sent)


def test_properties_are_found_at_all_depths_and_in_all_alternatives() -> None:
    """Each has a name that leads to it."""
    assert _of(PET).fields == ["id", "tags", "meows", "barks", "tags[].kind"]


def test_a_direction_has_only_its_own_properties() -> None:
    """What is only read isn't asked for in a request, and the other way round."""
    assert ("id" in _of(PET, sent=True).fields, "password" in _of(PET, sent=True).fields) == (False, True)


def test_a_schema_within_itself_is_looked_at_once() -> None:
    """And nothing is endless."""
    assert _of({"$ref": "#/components/schemas/Tree"}).fields == ["name", "children"]


def test_a_large_schema_is_looked_at_in_part() -> None:
    """Memory and time are bounded, whatever a contract declares."""
    schema: dict[str, Any] = {"properties": {f"p{number}": {} for number in range(2 * MOST_PLACES)}}

    assert len(_of(schema).fields) == MOST_PLACES


def test_what_a_value_has_is_found() -> None:
    """Properties once, however many rows have them; enumeration values as texts; nothing that isn't declared."""
    value = {"tags": [{"kind": "a"}, {"kind": 1}, {"kind": "other"}, 17], "unknown": 1, "meows": True}

    fields, values = _of(PET).find(value)

    assert fields == {"tags", "tags[].kind", "meows"}
    assert values == {("tags[].kind", "a"), ("tags[].kind", "1")}


CLOSED = {"properties": {"id": {}}, "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        ({"properties": {"id": {}}}, ["note"]),
        (CLOSED, []),
        ({"allOf": [CLOSED, {"properties": {"name": {}}}]}, []),
        ({"oneOf": [CLOSED, CLOSED | {"properties": {"name": {}}}]}, []),
        ({"oneOf": [CLOSED, {"properties": {"name": {}}}]}, ["note"]),
        ({"properties": {"id": {}}, "unevaluatedProperties": False}, []),
    ],
)
def test_what_is_forbidden_is_not_merely_undeclared(schema: dict[str, Any], found: list[str]) -> None:
    """Whether by the object itself, or by all that may be chosen."""
    assert [name for _, name, _ in _of(schema).undeclared({"id": 1, "note": 2})] == found
