"""mockserver.world.memory.example_records: records that nobody remembers agree with each other."""

from typing import Any

from mockserver.openapi.resources import ResourceRole
from mockserver.world.memory.example_records import ExampleRecords
from tests.support.remembering import pets_document, remembering_world

REX = {"id": 9, "name": "Rex", "createdAt": "2026-01-01T00:00:00Z"}


def records_of(document: dict[str, Any]) -> ExampleRecords:
    """The example records of the pets of a document."""
    coherence = remembering_world(document, memory=False).coherence
    found = coherence.exemplified_by("getPet") if coherence else None
    assert found is not None
    return found.records


def rows_of(records: ExampleRecords) -> list[dict[str, Any]]:
    """The rows of the list of pets."""
    form = records.resource.operations[ResourceRole.LIST].lists
    assert form is not None
    return [dict(one.data) for one in records.rows((), form)]


def test_a_row_is_what_reading_it_shows() -> None:
    """The record of a row's key is that row; another key has another record; each seed has its own."""
    records = records_of(pets_document())
    rows = rows_of(records)

    assert [dict(records.record((), str(one["id"])).data) for one in rows] == rows
    assert [one["id"] for one in rows] == [1, 2, 3]
    assert records.record((), "77").data["id"] == 77
    assert records.record((), "77").data["createdAt"] != records.record((), "78").data["createdAt"]
    assert records.record((), "77") == records_of(pets_document()).record((), "77")


def test_what_the_list_declares_is_what_it_shows() -> None:
    """Where the list has an example, its rows are the rows; where reading has one, that is the first row."""
    document = pets_document()
    read = document["paths"]["/pets/{petId}"]["get"]["responses"]["200"]["content"]["application/json"]
    read["example"] = REX
    assert [one["id"] for one in rows_of(records_of(document))] == [9, 1, 2]

    lister = document["paths"]["/pets"]["get"]["responses"]["200"]["content"]["application/json"]
    lister["example"] = {"items": [{**REX, "id": 5}], "total": 1}
    records = records_of(document)
    assert rows_of(records) == [{**REX, "id": 5}]
    assert dict(records.record((), "9").data) == REX


def test_a_list_is_as_long_as_its_schema_wants() -> None:
    """`minItems` and `maxItems` hold."""
    document = pets_document()
    shown = document["paths"]["/pets"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    shown["properties"]["items"]["minItems"] = 5
    assert len({one["id"] for one in rows_of(records_of(document))}) == 5
    shown["properties"]["items"] |= {"minItems": 0, "maxItems": 1}
    assert len(rows_of(records_of(document))) == 1


def test_records_say_what_they_are_in() -> None:
    """A field that is called like a path parameter has its value, in the type of the field."""
    document = pets_document()
    document["paths"] = {f"/shops/{{shop_id}}{path}": item for path, item in document["paths"].items()}
    document["components"]["schemas"]["Pet"]["properties"]["shopId"] = {"type": "integer"}
    records = records_of(document)

    assert records.record(("8",), "1").data["shopId"] == 8
    assert records.record(("none",), "1").data["shopId"] != "none"


def test_a_new_key_is_in_no_list() -> None:
    """A record that is created has an id that no list has."""
    records = records_of(pets_document())

    assert records.new_key == "4"
