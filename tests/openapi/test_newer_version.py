"""mockserver.openapi.newer_version: the contract as OpenAPI 3.1 says what it says as 3.0."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from mockserver.openapi.contract import Contract
from mockserver.openapi.loading import Document, load
from mockserver.openapi.newer_version import as_openapi_31
from mockserver.spec.diff import ChangeKind, compare
from mockserver.spec.lint import lint


@pytest.fixture(scope="module")
def newer(contract: Contract, tmp_path_factory: pytest.TempPathFactory) -> Document:
    """The same, as a file of OpenAPI 3.1 that is read like anybody's."""
    path = tmp_path_factory.mktemp("newer") / "openapi.json"
    path.write_bytes(orjson.dumps(as_openapi_31(contract.document), option=orjson.OPT_NON_STR_KEYS))
    return load(path)


def test_it_is_valid(newer: Document) -> None:
    """Another's validator of OpenAPI 3.1 finds nothing, and neither does our linter."""
    assert list(OpenAPIV31SpecValidator(newer.content).iter_errors()) == []
    assert lint(newer.source) == []


def test_it_says_the_same(contract: Contract, newer: Document) -> None:
    """Nothing but documentation has changed: where examples stand, and the version."""
    changes = compare(contract.document, newer.content)

    assert {change.kind for change in changes} <= {ChangeKind.DOCUMENTATION}


def test_its_events_are_webhooks(contract: Contract, newer: Document) -> None:
    """Each event of the extension is a webhook, and callbacks lead there."""
    read = Contract(newer.text, newer.content)

    assert read.event_names == contract.event_names
    assert read.operation_ids == contract.operation_ids
    assert b"x-webhooks" not in newer.text


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": True, "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"nullable": True}, {}),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
        ({"example": {"nullable": True}}, {"examples": [{"nullable": True}]}),
        ({"type": "string", "format": "byte"}, {"type": "string", "contentEncoding": "base64"}),
        ({"properties": {"nullable": {"example": 1}}}, {"properties": {"nullable": {"examples": [1]}}}),
    ],
)
def test_words_of_openapi_30_are_those_of_json_schema(schema: Any, expected: Any) -> None:
    """A keyword that later versions don't have is said by another; values aren't touched."""
    document = as_openapi_31({"openapi": "3.0.3", "components": {"schemas": {"Root": schema}}})

    assert document["components"]["schemas"]["Root"] == expected
    assert document["openapi"] == "3.1.1"


def test_it_can_be_served(newer: Document) -> None:
    """The mock takes it for its own contract: with handlers, and with events."""
    read = Contract.load(Path(newer.source))

    assert read.dialect.name == "OpenAPI 3.1"
    assert all(read.validator(pointer) for pointer in ("/components/schemas/" + name for name in _schemas(read)))


def _schemas(contract: Contract) -> list[str]:
    return list(contract.document["components"]["schemas"])
