"""mockserver.world.memory.shapes: what of a value a schema knows, at any depth."""

from mockserver.world.memory.shapes import Shape, shape_at
from tests.support.contracts_of import INFO, Json
from tests.support.remembering import contract_of

SCHEMAS = "/components/schemas"


def shape(**components: Json) -> Shape:
    """The shape of `One` among these schemas."""
    document = {"openapi": "3.0.3", "info": INFO, "paths": {}, "components": {"schemas": components}}
    found = shape_at(contract_of(document), f"{SCHEMAS}/One", {})
    assert found is not None
    return found


def made(pointer: str) -> Json:
    """Something for each schema."""
    return {"id": pointer}


def test_objects_inside_are_shaped_too() -> None:
    """Items of lists and objects in objects lose what isn't known, and get what is required."""
    line = {"type": "object", "required": ["id"], "properties": {"id": {}, "quantity": {"type": "integer"}}}
    lines = {"type": "array", "items": {"$ref": f"#{SCHEMAS}/Line"}}
    order = shape(One={"type": "object", "properties": {"lines": lines}}, Line=line)

    shown = order.of({"lines": [{"quantity": 2, "secret": 1}], "other": 1}, made)
    assert shown == {"lines": [{"id": f"{SCHEMAS}/Line", "quantity": 2}]}


def test_a_schema_that_holds_itself() -> None:
    """A tree is shaped as deep as it goes."""
    tree = shape(One={"type": "object", "properties": {"of": {"$ref": f"#{SCHEMAS}/One"}, "name": {}}})

    assert tree.of({"of": {"of": {"name": "a", "b": 1}}}, made) == {"of": {"of": {"name": "a"}}}


def test_values_of_other_kinds_stay() -> None:
    """Null stays null where an object could be."""
    one = shape(One={"type": "object", "properties": {"of": {"$ref": f"#{SCHEMAS}/One"}}})

    assert one.of({"of": None}, made) == {"of": None}
