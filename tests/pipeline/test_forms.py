"""mockserver.pipeline.forms: from the fields of a form to an object."""

from typing import Any

import pytest

from mockserver.errors import BadRequest
from mockserver.openapi.contract import Contract
from mockserver.pipeline.forms import DEEPEST, MOST_FIELDS, FormReader

SCHEMA = {
    "type": "object",
    "properties": {
        "age": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "point": {"type": "object", "properties": {"x": {"type": "integer"}}},
        "address": {"$ref": "#/components/schemas/Address"},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"price": {"type": "integer"}}}},
        "owner": {"anyOf": [{"type": "string", "enum": [""]}, {"$ref": "#/components/schemas/Address"}]},
        "notes": {"type": "object", "additionalProperties": {"type": "integer"}},
        "ids": {"type": "array", "items": {"type": "integer"}},
        "pair": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "boolean"}], "items": {"not": {}}},
    },
}
ADDRESS = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "number": {"type": "integer"},
        "owner": {"$ref": "#/components/schemas/Address"},
    },
}
DEEP = {
    name: {"style": "deepObject", "explode": True} for name in ("address", "lines", "owner", "notes", "ids", "pair")
}


@pytest.fixture(scope="module")
def reader() -> FormReader:
    """Reads a form with properties of all kinds."""
    content = {"schema": SCHEMA, "encoding": DEEP}
    return FormReader(Contract(b"", {"form": content, "components": {"schemas": {"Address": ADDRESS}}}), "/form/schema")


FORMS: list[tuple[str, dict[str, Any]]] = [
    ("", {}),
    ("age=3", {"age": 3}),
    ("age=x", {"age": "x"}),
    ("age=1&age=2", {"age": 2}),
    ("other=1", {"other": "1"}),
    ("tags=a&tags=b", {"tags": ["a", "b"]}),
    ("point=%7B%22x%22%3A1%7D", {"point": {"x": 1}}),
    ("point=x", {"point": "x"}),
    ("age[x]=1", {"age[x]": "1"}),
    ("address[city]=Oslo&address[number]=7", {"address": {"city": "Oslo", "number": 7}}),
    ("address%5Bowner%5D%5Bnumber%5D=7", {"address": {"owner": {"number": 7}}}),
    ("lines[0][price]=5&lines[1][price]=6", {"lines": [{"price": 5}, {"price": 6}]}),
    ("ids[]=1&ids[]=2", {"ids": [1, 2]}),
    ("ids[0]=1&ids[1]=2", {"ids": [1, 2]}),
    ("pair=1&pair=true&pair=2", {"pair": [1, True, "2"]}),
    ("pair[]=1&pair[]=true", {"pair": [1, True]}),
    ("pair[0]=1&pair[1]=true", {"pair": [1, True]}),
    ("owner[number]=7", {"owner": {"number": 7}}),
    ("owner=", {"owner": ""}),
    ("notes[any]=7", {"notes": {"any": 7}}),
]


@pytest.mark.parametrize(("text", "expected"), FORMS)
def test_fields_become_properties(reader: FormReader, text: str, expected: dict[str, Any]) -> None:
    """Each field has the type of its property; deepObject spreads one over several fields."""
    assert reader.read(text.encode()) == expected


BAD = {
    "no ASCII": "age=é",
    "no UTF-8": "age=%FF",
    "too many fields": "&".join(["a=1"] * (MOST_FIELDS + 1)),
    "too deep": "address" + "[a]" * DEEPEST + "=1",
    "a text and an object": "address=1&address[city]=Oslo",
    "an object and a text": "address[city]=Oslo&address=1",
    "a text and deeper": "address[city]=Oslo&address[city][name]=Oslo",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_bad_forms_are_refused(reader: FormReader, text: str) -> None:
    """A form that can't be read, or contradicts itself, is a 400 that says so."""
    with pytest.raises(BadRequest, match="The form can't be read"):
        reader.read(text.encode())


def test_without_a_schema_all_is_text() -> None:
    """A form may be declared without a schema."""
    assert FormReader(Contract(b"", {}), None).read(b"a=1&b[c]=2") == {"a": "1", "b[c]": "2"}
