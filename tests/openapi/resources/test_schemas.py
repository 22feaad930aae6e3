"""mockserver.openapi.resources.schemas: fields and kinds of schemas, by their pointers."""

from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import schemas
from tests.support.contracts_of import INFO, Json


def contract_with(**components: Json) -> Contract:
    """A contract with these schemas."""
    return Contract(b"", {"openapi": "3.1.0", "info": INFO, "paths": {}, "components": {"schemas": components}})


def test_fields_of_parts_count() -> None:
    """The properties of an object are its own, those of its references, and those of its parts."""
    contract = contract_with(
        Base={"properties": {"id": {"type": "integer"}}, "required": ["id"]},
        Pet={"allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"name": {"type": "string"}}}]},
    )

    assert schemas.fields(contract, "/components/schemas/Pet") == {
        "id": "/components/schemas/Base/properties/id",
        "name": "/components/schemas/Pet/allOf/1/properties/name",
    }
    assert schemas.required(contract, "/components/schemas/Pet") == {"id"}


def test_a_schema_inside_of_itself_ends() -> None:
    """A schema that is a part of itself is read once."""
    contract = contract_with(Pet={"allOf": [{"$ref": "#/components/schemas/Pet"}], "type": "object"})

    assert schemas.kinds(contract, "/components/schemas/Pet") == {"object"}
    assert schemas.fields(contract, "/components/schemas/Pet") == {}


def test_kinds_leave_null_out() -> None:
    """A nullable text is a scalar, an array isn't."""
    contract = contract_with(Text={"type": ["string", "null"]}, List={"items": {"$ref": "#/components/schemas/Text"}})

    assert schemas.is_scalar(contract, "/components/schemas/Text")
    assert not schemas.is_scalar(contract, "/components/schemas/List")
    assert schemas.items(contract, "/components/schemas/List") == "/components/schemas/List/items"


def test_null_has_to_be_said() -> None:
    """A type, an alternative or the keyword of OpenAPI 3.0 says that null is allowed."""
    said: list[Json] = [
        {"nullable": True},
        {"type": ["string", "null"]},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
    ]
    named = {f"Said{n}": schema for n, schema in enumerate(said)}
    contract = contract_with(**named, Any={}, Text={"type": "string"})

    assert all(schemas.is_nullable(contract, f"/components/schemas/Said{n}") for n in range(len(said)))
    assert not schemas.is_nullable(contract, "/components/schemas/Any")
    assert not schemas.is_nullable(contract, "/components/schemas/Text")


def test_others_are_allowed_if_a_schema_says_so() -> None:
    """An object that declares its properties keeps to them, unless it says that others are welcome."""
    named: Json = {"properties": {"a": {}}}
    contract = contract_with(Any={"type": "object"}, Own=named, Open={**named, "additionalProperties": True})

    allowed = [schemas.allows_others(contract, f"/components/schemas/{name}") for name in ("Any", "Own", "Open")]
    assert allowed == [True, False, True]
