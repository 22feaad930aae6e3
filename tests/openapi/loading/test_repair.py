"""mockserver.openapi.loading.repair: keywords that no schema may hold are left out with a warning."""

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.openapi.contract import Contract
from mockserver.openapi.loading.repair import MOST_WARNINGS

ROOT = "/components/schemas/Root"
NO_PATTERN = "([a-z"


def document(root: Any, **others: Any) -> dict[str, Any]:
    """A document with these component schemas; the first one is `Root`."""
    schemas = {"schemas": {"Root": root, **others}}
    return {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}, "components": schemas}


@pytest.fixture
def repaired(tmp_path: Path) -> Any:
    """Gives the schema `Root` of a document that was loaded from a file."""

    def of(root: Any, **others: Any) -> Any:
        path = tmp_path / "openapi.json"
        path.write_text(json.dumps(document(root, **others), indent=1), "utf-8")
        return Contract.load(path).document["components"]["schemas"]["Root"]

    return of


def test_other_vocabularies_and_old_words_are_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Schemas of another draft, and `nullable`, which means nothing since OpenAPI 3.1, are told with their line."""
    path, old = tmp_path / "openapi.json", {"type": "string", "nullable": True}
    whole = document(old) | {"openapi": "3.1.0", "jsonSchemaDialect": "http://json-schema.org/draft-07/schema#"}
    path.write_text(json.dumps(whole, indent=1), "utf-8")

    found = Contract.load(path)

    assert found.document["components"]["schemas"]["Root"] == {"type": "string"}
    assert "not as http://json-schema.org/draft-07/schema#" in caplog.text
    assert "openapi.json:12: `nullable` can't be used, and is left out: True" in caplog.text


NEWER: list[tuple[str, Any]] = [
    ("exclusiveMinimum", True),
    ("required", "a"),
    ("prefixItems", []),
    ("dependentRequired", {"a": "b"}),
    ("patternProperties", {NO_PATTERN: {}}),
    ("patternProperties", ["a"]),
    ("contains", "a"),
    ("minContains", 0.5),
    ("$defs", []),
    ("contentEncoding", 7),
    ("$id", "a b"),
    ("$id", "a#b"),
]


@pytest.mark.parametrize(("keyword", "value"), NEWER)
def test_what_json_schema_doesnt_allow_is_left_out(tmp_path: Path, keyword: str, value: Any) -> None:
    """In a document of OpenAPI 3.1, what no schema of 2020-12 may have is left out, and the schema compiles."""
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document({"title": "t", keyword: value}) | {"openapi": "3.1.0"}), "utf-8")

    contract = Contract.load(path)

    assert contract.document["components"]["schemas"]["Root"] == {"title": "t"}
    assert contract.validator(ROOT).is_valid(1)


WRONG: list[tuple[str, Any]] = [
    ("type", "file"),
    ("type", ["string", "any"]),
    ("type", 7),
    ("enum", "a"),
    ("pattern", NO_PATTERN),
    ("pattern", 7),
    ("required", True),
    ("required", [7]),
    ("properties", ["a"]),
    ("additionalProperties", "no"),
    ("multipleOf", 0),
    ("minimum", "1"),
    ("maximum", True),
    ("exclusiveMinimum", 5),
    ("uniqueItems", "yes"),
    ("minLength", -1),
    ("minLength", 3.0),
    ("maxItems", 10**30),
    ("maxItems", 1.5),
    ("allOf", {}),
    ("oneOf", ["Pet"]),
    ("items", [{"type": "string"}]),
    ("not", "this"),
    ("format", 7),
]


@pytest.mark.parametrize(("keyword", "value"), WRONG)
def test_what_cant_be_used_is_left_out(repaired: Any, tmp_path: Path, keyword: str, value: Any) -> None:
    """A keyword with a value that JSON Schema doesn't allow is left out; the others stay, and the schema compiles."""
    assert repaired({"description": "d", keyword: value}) == {"description": "d"}

    assert Contract.load(tmp_path / "openapi.json").validator(ROOT).is_valid("anything")


def test_good_keywords_stay(repaired: Any) -> None:
    """A valid schema stays as it is."""
    schema = {
        "type": ["object", "null"],
        "properties": {"a": {"type": "string", "pattern": "^[a-z]+$", "minLength": 1, "enum": ["a"]}},
        "required": ["a"],
        "additionalProperties": False,
        "allOf": [{"minProperties": 1}],
        "not": {"maxProperties": 0},
    }

    assert repaired(json.loads(json.dumps(schema))) == schema


def test_it_is_told_with_its_line(repaired: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The warning names file, line, keyword and value."""
    repaired({"type": "object", "properties": {"code": {"type": "string", "pattern": NO_PATTERN}}})

    [message] = caplog.messages
    assert message.endswith(f"openapi.json:15: `pattern` can't be used, and is left out: '{NO_PATTERN}'")


@pytest.mark.parametrize("nothing", [{"required": []}, {"enum": None}, {"allOf": []}])
def test_what_says_nothing_is_left_out_in_silence(
    repaired: Any, caplog: pytest.LogCaptureFixture, nothing: dict[str, Any]
) -> None:
    """An empty list or a null forbids nothing; there is nothing to warn of."""
    assert repaired({"type": "object", **nothing}) == {"type": "object"}
    assert caplog.messages == []


def test_a_property_without_a_schema_may_be_anything(repaired: Any) -> None:
    """`name:` with nothing behind it, in YAML, declares a property all the same."""
    assert repaired({"properties": {"name": None}}) == {"properties": {"name": {}}}


def test_many_are_told_in_short(repaired: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Of a hundred mistakes, the first ones are logged, and the number of the others."""
    repaired({"type": "string"}, **{f"S{number}": {"type": "file"} for number in range(100)})

    assert len(caplog.messages) == MOST_WARNINGS + 1
    assert f"{100 - MOST_WARNINGS} more" in caplog.messages[-1]
