"""mockserver.pipeline.text_schemas: by which schema a text is read."""

from itertools import islice
from typing import Any

import pytest

from mockserver.openapi.contract import Contract
from mockserver.pipeline.parameters import typed
from mockserver.pipeline.text_schemas import items_read_by, read_by

NULL, NUMBER = {"type": "null"}, {"type": "integer", "minimum": 1}
LIST = {"type": "array", "items": NUMBER}
CONTRACT = Contract(b"", {"openapi": "3.1.0", "components": {"schemas": {"Number": NUMBER}}})
REF = {"$ref": "#/components/schemas/Number"}


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        (NUMBER, "integer"),
        (REF, "integer"),
        ({"type": ["integer", "null"]}, "integer"),
        ({"type": ["null"]}, None),
        ({"anyOf": [NUMBER, NULL]}, "integer"),
        ({"oneOf": [NULL, REF], "default": 1}, "integer"),
        ({"allOf": [REF], "default": 1}, "integer"),
        ({"allOf": [{"minimum": 1}, {"allOf": [REF]}]}, "integer"),
        ({"anyOf": [LIST, NULL]}, "array"),
        ({"anyOf": [NUMBER, LIST]}, None),
        ({"anyOf": [NUMBER, {}]}, None),
        ({}, None),
    ],
)
def test_the_type_of_a_text_is_found(schema: dict[str, Any], kind: str | None) -> None:
    """It may stand in a part, in a list, or in the only alternative that isn't null."""
    assert read_by(CONTRACT, schema).get("type") == kind


def test_several_types_are_alternatives() -> None:
    """A text is read as the first of them that it can be."""
    assert [one["type"] for one in read_by(CONTRACT, {"type": ["integer", "string", "null"]})["anyOf"]] == [
        "integer",
        "string",
    ]


def test_what_says_how_to_read_is_kept() -> None:
    """Items are those of the part that has them; what stands beside the parts stays."""
    found = read_by(CONTRACT, {"anyOf": [LIST, NULL], "default": [1]})

    assert (found["items"], found["default"]) == (NUMBER, [1])


def test_each_item_has_a_schema() -> None:
    """The first items have their own ones, which may stand in a part; all others share one."""
    pair = {"type": "array", "prefixItems": [REF, {"type": "boolean"}], "items": {"type": "string"}}
    schemas = items_read_by(CONTRACT, read_by(CONTRACT, {"anyOf": [pair, NULL]}))

    assert [one["type"] for one in islice(schemas, 4)] == ["integer", "boolean", "string", "string"]


def test_parts_without_end_are_left() -> None:
    """A schema that leads back to itself has no type."""
    loop = {"allOf": [{"$ref": "#/components/schemas/Loop"}]}
    contract = Contract(b"", {"openapi": "3.1.0", "components": {"schemas": {"Loop": loop}}})

    assert "type" not in read_by(contract, loop)


@pytest.mark.parametrize(
    ("text", "value"),
    [("2.25e-308", 2.25e-308), ("1e5", 1e5), ("1e+99", 1e99), ("1e999", "1e999"), ("05", "05")],
)
def test_numbers_have_the_size_of_floats(text: str, value: object) -> None:
    """A number may be as small as a float can be; one that is too large stays a text, which no number is."""
    assert typed(text, {"type": "number"}) == value
