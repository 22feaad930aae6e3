"""mockserver.checks.live.scenarios.allowed_bodies: what the contract allows has its turn, once, and nothing else."""

from typing import Any

from mockserver.checks.live.scenarios.allowed_bodies import varied
from tests.support.contracts_of import json_body, surface_of

TEXT = {"type": "string"}


def _words(schema: dict[str, Any], *bodies: Any) -> dict[str, Any]:
    create = {"operationId": "one", "requestBody": json_body(schema), "responses": {"201": {"description": ""}}}
    surface = surface_of({"/pets": {"post": create}})
    return {words: body for words, _, body in varied(surface.contract, surface.calls["one"], list(bodies))}


def _object(**named: Any) -> dict[str, Any]:
    return {"type": "object", "required": [*named][:1], "properties": named}


def test_choices_are_those_that_no_body_shows() -> None:
    """An example is tried anyway."""
    kinds = _object(kind={"enum": ["cat", "dog", "cow"]})

    assert _words(kinds, {"kind": "cat"}, {"kind": "dog"}) == {"kind as cow": {"kind": "cow"}}


def test_edges_are_those_of_the_schema() -> None:
    """Texts and lists are emptied, lengthened and left out, numbers go to their limits, where that is allowed."""
    number = {"type": "integer", "minimum": 0, "maximum": 9}
    pet = _object(name={**TEXT, "minLength": 1, "maxLength": 5}, tags={"type": "array", "items": TEXT}, age=number)

    assert _words(pet, {"name": "Rex", "tags": ["a"], "age": 3}) == {
        "name as long as it may be": {"name": "Rexaa", "tags": ["a"], "age": 3},
        "without tags": {"name": "Rex", "age": 3},
        "tags empty": {"name": "Rex", "tags": [], "age": 3},
        "without age": {"name": "Rex", "tags": ["a"]},
        "age as small as it may be": {"name": "Rex", "tags": ["a"], "age": 0},
        "age as large as it may be": {"name": "Rex", "tags": ["a"], "age": 9},
    }


def test_a_longer_address_leads_to_the_same_host() -> None:
    """What has no path gets one; a host that is longer is another one, and may be somebody's."""
    hook = _object(url={**TEXT, "maxLength": 22}, email={**TEXT, "maxLength": 12})
    found = _words(hook, {"url": "https://a.invalid", "email": "b@c.invalid"})

    assert found["url as long as it may be"]["url"] == "https://a.invalid/aaaa"
    assert found["email as long as it may be"]["email"] == "ba@c.invalid"


def test_what_is_inside_has_its_turn() -> None:
    """Properties of objects, and of the first item of a list, in their place; null where it is allowed."""
    row = _object(key=TEXT, note={"type": ["string", "null"], "minLength": 1})
    found = _words(_object(rows={"type": "array", "items": row}), {"rows": [{"key": "a", "note": "b"}, {"key": "c"}]})

    assert found["rows[0].note as null"] == {"rows": [{"key": "a", "note": None}, {"key": "c"}]}
    assert found["without rows[0].note"] == {"rows": [{"key": "a"}, {"key": "c"}]}
