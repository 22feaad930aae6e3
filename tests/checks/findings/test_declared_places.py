"""The places of a value that a schema declares."""

from typing import Any

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
