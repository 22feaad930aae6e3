"""mockserver.world.memory.record_views: a record as a schema shows it."""

from mockserver.openapi.examples import Examples
from mockserver.storage.resource_records import ResourceRecord
from mockserver.world.memory.record_views import RecordView, put_at
from tests.support.contracts_of import INFO, Json
from tests.support.remembering import contract_of


def view(schema: Json) -> RecordView:
    """The view of a schema."""
    contract = contract_of({"openapi": "3.0.3", "info": INFO, "paths": {}, "components": {"schemas": {"One": schema}}})
    return RecordView(contract, Examples(contract, 1), "/components/schemas/One")


def test_what_a_schema_does_not_know_is_left_out() -> None:
    """The fields are those of the schema, in its order, without what only clients write."""
    one = {"properties": {"id": {}, "name": {}, "password": {"writeOnly": True}}}

    shown = view(one).of(ResourceRecord("1", {"password": "x", "name": "a", "other": 1, "id": 1}))
    assert list(shown.items()) == [("id", 1), ("name", "a")]


def test_a_schema_that_allows_others_shows_them() -> None:
    """Additional properties are shown where they are welcome."""
    assert view({"additionalProperties": True}).of(ResourceRecord("1", {"a": 1})) == {"a": 1}


def test_what_is_required_is_made_up() -> None:
    """A required field that the record lacks is made up, the same each time."""
    one = view({"type": "object", "required": ["size"], "properties": {"size": {"type": "integer"}}})

    assert isinstance(one.of(ResourceRecord("1", {}))["size"], int)
    assert one.of(ResourceRecord("1", {})) == one.of(ResourceRecord("1", {}))


def test_a_value_is_put_at_a_place() -> None:
    """What stands around it stays, and the original as it is."""
    frame = {"data": {"a": 1}, "b": 2}

    assert put_at(frame, ("data", "c"), 3) == {"data": {"a": 1, "c": 3}, "b": 2}
    assert frame == {"data": {"a": 1}, "b": 2}
    assert put_at(None, (), 3) == 3
