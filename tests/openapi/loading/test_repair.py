"""mockserver.openapi.loading.repair: what a published document gets wrong in a schema is left out and told."""

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import ContractError
from mockserver.openapi.contract import Contract
from mockserver.openapi.contract.document import MOST_COMPILED
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
    """A keyword with a value that JSON Schema doesn't know is left out; the others stay, and the schema compiles."""
    assert repaired({"description": "d", keyword: value}) == {"description": "d"}

    assert Contract.load(tmp_path / "openapi.json").validator(ROOT).is_valid("anything")


def test_good_keywords_stay(repaired: Any) -> None:
    """Nothing is taken from a schema in order."""
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
    """Of a hundred mistakes, the first ones are told, and how many more there are."""
    repaired({"type": "string"}, **{f"S{number}": {"type": "file"} for number in range(100)})

    assert len(caplog.messages) == MOST_WARNINGS + 1
    assert f"{100 - MOST_WARNINGS} more" in caplog.messages[-1]


def test_our_own_mistakes_are_still_refused() -> None:
    """A contract that wasn't loaded from elsewhere is compiled at once: its mistakes are found at start-up."""
    contract = Contract(b"", document({"type": "string", "pattern": NO_PATTERN}))

    with pytest.raises(ContractError, match="can't stand there"):
        contract.validator(ROOT)


def test_one_schema_is_compiled_once() -> None:
    """Who asks for the same schema, for requests or answers, directly or by a reference, gets the same validator."""
    contract = Contract(b"", document({"$ref": "#/components/schemas/Pet"}, Pet={"type": "string"}), is_repaired=True)

    assert contract.validator(ROOT, sent=True) is contract.validator("/components/schemas/Pet", strict=True)


@pytest.mark.parametrize("is_repaired", [True, False])
def test_compiled_code_is_called_directly(is_repaired: bool) -> None:  # noqa: FBT001 (both ways are compared)
    """Ours from the start, another one after the first use: `is_valid` is the compiled validator's own."""
    validator = Contract(b"", document({"type": "string"}), is_repaired=is_repaired).validator(ROOT)
    before = validator.is_valid

    assert validator.is_valid("a")
    assert (before == validator.compiled().is_valid) is not is_repaired
    assert validator.is_valid == validator.compiled().is_valid


def test_schemas_are_compiled_again_when_they_were_forgotten() -> None:
    """Of a document with more schemas than are kept compiled, each one goes on judging."""
    schemas = {f"S{number}": {"type": "integer", "minimum": number} for number in range(2 * MOST_COMPILED)}
    contract = Contract(b"", document({}, **schemas), is_repaired=True)
    validators = [contract.validator(f"/components/schemas/{name}") for name in schemas]

    for _ in range(2):
        assert all(validator.is_valid(number) for number, validator in enumerate(validators))
        assert not any(validator.is_valid(number - 1) for number, validator in enumerate(validators))
