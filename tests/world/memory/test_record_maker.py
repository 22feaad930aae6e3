"""mockserver.world.memory.record_maker: a record of what was sent, completed by what the server adds."""

import pytest

from mockserver.clock import Clock, Ids
from mockserver.openapi.examples import Examples
from mockserver.openapi.resources import RecordForm, recognise
from mockserver.world.memory.record_maker import RecordMaker, merged
from tests.support.contracts_of import Json
from tests.support.remembering import NOW, contract_of, pets_document

TAKES = RecordForm("/components/schemas/NewPet", "/components/schemas/NewPet")
MADE = "2026-01-15T10:30:00+00:00"


def maker(**fields: Json) -> RecordMaker:
    """A maker of pets with these fields more."""
    document = pets_document()
    document["components"]["schemas"]["Pet"]["properties"].update(fields)
    return maker_of(document)


def maker_of(document: Json) -> RecordMaker:
    """A maker of the pets of a document."""
    contract = contract_of(document)
    (pets,) = recognise(contract)
    return RecordMaker(contract, Examples(contract, Ids(1).seed), Clock(frozen_at=NOW), pets)


def test_a_new_record_has_what_only_the_server_sets() -> None:
    """What the body can't hold is made up, moments are those of the clock; optional fields stay away."""
    made = maker(status={"type": "string", "enum": ["new"]}).made("1", {"name": "Rex"}, TAKES, {"id": 1})

    assert made == {"id": 1, "name": "Rex", "createdAt": MADE, "status": "new"}


def test_a_new_record_has_no_others_in_its_lists() -> None:
    """A list that nobody has sent is empty, if it may be."""
    items = {"type": "array", "items": {"type": "string"}}
    made = maker(labels=items, parts={**items, "minItems": 1}).made("1", {"name": "Rex"}, TAKES, {"id": 1})

    assert made["labels"] == []
    assert made["parts"]


def test_read_only_fields_are_not_taken_from_clients() -> None:
    """What is sent for a read-only field is ignored, and so is what no schema knows."""
    rank = {"type": "integer", "readOnly": True, "minimum": 5}
    made = maker(rank=rank).made("1", {"name": "Rex", "rank": 1, "other": 1}, TAKES, {"id": 1})

    assert made["rank"] >= rank["minimum"]
    assert "other" not in made


def test_a_replacement_keeps_what_the_server_sets() -> None:
    """What clients can't send stays as it was, moments of change move, the rest is as it is sent."""
    moment = {"type": "string", "format": "date-time"}
    old = {"id": 1, "name": "Rex", "tag": "dog", "createdAt": "x", "updatedAt": "x"}

    replaced = maker(updatedAt=moment).replaced("1", old, {"name": "Tom"}, TAKES, {"id": 1})
    assert replaced == {"id": 1, "name": "Tom", "createdAt": "x", "updatedAt": MADE}


def test_what_nobody_has_set() -> None:
    """It is null where that is allowed, and a flag says what is usual for something new."""
    flags: dict[str, Json] = {name: {"type": "boolean"} for name in ("available", "archived")}
    made = maker(note={"type": "string", "nullable": True}, **flags).made("1", {"name": "a"}, TAKES, {"id": 1})

    assert (made["note"], made["available"], made["archived"]) == (None, True, False)


def test_null_is_only_where_answers_can_show_it() -> None:
    """OpenAPI 3.0 counts `nullable` beside a `type` alone: elsewhere null is left out, be it sent or not."""
    owner = {"nullable": True, "oneOf": [{"type": "string"}, {"type": "integer"}]}
    document = pets_document()
    for shape in document["components"]["schemas"].values():
        shape["properties"] |= {"owner": owner, "note": {"type": "string", "nullable": True}}
    pets = maker_of(document)

    made = pets.made("1", {"name": "Rex", "note": None}, TAKES, {"id": 1})
    assert ("owner" in made, made["note"]) == (False, None)
    assert "owner" not in pets.changed(made, {**made, "owner": None}, TAKES, {"id": 1})


def test_a_default_that_its_schema_refuses_is_none() -> None:
    """Neither a default of a body nor one of the record is taken if it is of another type than its field."""
    document = pets_document()
    shapes = document["components"]["schemas"]
    for name, fields in (("NewPet", {"rate": 1.5, "size": "1"}), ("Pet", {"rate": 1.5, "size": "1", "rank": "1"})):
        shapes[name]["properties"] |= {one: {"type": "number", "default": value} for one, value in fields.items()}
    shapes["Pet"]["required"] = ["id", "name", "rank"]

    made = maker_of(document).made("1", {"name": "Rex"}, TAKES, {"id": 1})
    assert (made["rate"], "size" in made, type(made["rank"])) == (1.5, False, float)


@pytest.mark.parametrize(
    ("old", "patch", "new"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a"], {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patches(old: object, patch: object, new: object) -> None:
    """Cases of RFC 7396, appendix A."""
    assert merged(old, patch) == new
