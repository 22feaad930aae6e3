"""Texts become the values that their schemas take: in favour of who sent them."""

from typing import Any

import pytest

from mockserver.checks.recording.parameter_values import TextReader, fields_of
from mockserver.openapi.contract import Contract, Parameter

AGE = {"type": "object", "properties": {"min": {"type": "integer"}, "name": {"type": "string"}}, "required": ["min"]}
SCHEMAS: dict[str, Any] = {
    "size": {"type": "integer", "minimum": 1},
    "rate": {"type": "number"},
    "flag": {"type": "boolean", "nullable": True},
    "ids": {"type": "array", "items": {"type": "integer"}},
    "either": {"oneOf": [{"type": "integer"}, {"type": "string", "maxLength": 3}]},
    "kind": {"allOf": [{"$ref": "#/components/schemas/size"}]},
    "age": AGE,
}


def _contract() -> Contract:
    document = {"openapi": "3.0.3", "info": {"title": "a", "version": "1"}, "paths": {}}
    return Contract(b"", document | {"components": {"schemas": SCHEMAS}})


def _parameter(name: str, style: str = "form", *, explode: bool = False) -> Parameter:
    return Parameter(name, "query", False, style, explode, False, SCHEMAS[name], f"/components/schemas/{name}")  # noqa: FBT003


@pytest.mark.parametrize(
    ("name", "texts", "keywords"),
    [
        ("size", ["7"], []),
        ("size", ["0"], ["minimum"]),
        ("size", ["7.5"], ["type"]),
        ("size", ["1e999"], ["type"]),
        ("size", ["٣"], ["type"]),
        ("rate", ["1.5e3"], []),
        ("rate", ["nan"], ["type"]),
        ("flag", ["true"], []),
        ("flag", [""], []),
        ("flag", ["yes"], ["type"]),
        ("ids", ["1,2,3"], []),
        ("ids", ["1", "2"], []),
        ("ids", ["1,x"], ["type"]),
        ("either", ["12345"], []),
        ("either", ["abc"], []),
        ("either", ["abcd"], ["type"]),
        ("kind", ["5"], []),
        ("age", ["min,5,name,tom"], []),
        ("age", ["min=5,name=7"], []),
        ("age", ["name,tom"], ["required"]),
    ],
)
def test_texts_are_read_by_their_schemas(name: str, texts: list[str], keywords: list[str]) -> None:
    """With the first keyword that no reading of the text holds."""
    found = TextReader(_contract()).of_parameter(_parameter(name), texts)
    assert [one.keyword for one in found][:1] == keywords


def test_other_styles_have_other_separators() -> None:
    """Pipes, spaces, JSON; what nobody has isn't judged."""
    reader = TextReader(_contract())
    assert reader.of_parameter(_parameter("ids", "pipeDelimited"), ["1|2"]) == []
    assert reader.of_parameter(_parameter("ids", "spaceDelimited"), ["1 2"]) == []
    assert reader.of_parameter(_parameter("age", "json"), ['{"min": 5}']) == []
    assert reader.of_parameter(_parameter("age", "json"), ["{"]) != []
    assert reader.of_parameter(_parameter("size", "matrix"), [";size=x"]) == []


def test_objects_may_be_spread_over_fields() -> None:
    """Each member is of the type that its property has."""
    reader = TextReader(_contract())
    assert reader.of_object(_parameter("age", "deepObject"), {"min": ["5"], "name": ["7"]}) == []
    assert [one.keyword for one in reader.of_object(_parameter("age"), {"min": ["x"]})] == ["type"]
    assert reader.of_form("/components/schemas/age", {"min": ["5"], "other": ["7"]}) == {"min": 5, "other": "7"}


def test_fields_are_decoded() -> None:
    """Of a query or a form; nothing in it is an error."""
    assert fields_of("a=1&a=%C3%A4+b&&=x&b&c=%ff") == {"a": ["1", "ä b"], "b": [""], "c": ["\ufffd"]}
