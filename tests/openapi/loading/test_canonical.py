"""mockserver.openapi.loading.canonical: what can be written in several ways since OpenAPI 3.1 is written in one."""

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.openapi.loading import load

REF = {"$ref": "#/components/schemas/Other"}


def _loaded(folder: Path, **document: Any) -> Any:
    whole = {"openapi": "3.2.0", "info": {"title": "t", "version": "1"}, **document}
    path = folder / "openapi.json"
    path.write_text(json.dumps(whole), "utf-8")
    return load(path, check=False).content


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (True, {}),
        (False, {"not": {}}),
        ({"properties": {"a": True}, "items": False}, {"properties": {"a": {}}, "items": {"not": {}}}),
        ({"additionalProperties": False}, {"additionalProperties": False}),
        ({"prefixItems": [True]}, {"prefixItems": [{}]}),
        ({**REF, "description": "said", "x-y": 1}, {**REF, "description": "said", "x-y": 1}),
        ({**REF, "maxLength": 2}, {"maxLength": 2, "allOf": [REF]}),
        ({**REF, "allOf": [{"minLength": 1}]}, {"allOf": [{"minLength": 1}, REF]}),
        ({**REF, "default": "a"}, {"default": "a", "allOf": [REF]}),
        ({"type": "string", "nullable": True}, {"type": "string"}),
        ({"$dynamicRef": "#/components/schemas/Other"}, REF),
        ({"$dynamicRef": REF["$ref"], "$dynamicAnchor": "a"}, {"$dynamicAnchor": "a", "allOf": [REF]}),
        ({"$dynamicRef": "#a", "$dynamicAnchor": "a"}, {"$dynamicRef": "#a", "$dynamicAnchor": "a"}),
        ({"$dynamicRef": REF["$ref"], **REF}, {"allOf": [REF, REF]}),
        ({"$dynamicRef": REF["$ref"], "allOf": [{}], "$ref": "#"}, {"allOf": [{}, REF, {"$ref": "#"}]}),
        ({"properties": {"$dynamicRef": {}}}, {"properties": {"$dynamicRef": {}}}),
        ({"x-a": {"$dynamicRef": "#b"}}, {"x-a": {"$dynamicRef": "#b"}}),
        ({"minLength": 3.0, "maxContains": 2.0, "minimum": 1.0}, {"minLength": 3, "maxContains": 2, "minimum": 1.0}),
        ({"minItems": 2.5, "maxItems": 1e300}, {"minItems": 2.5, "maxItems": 1e300}),
        ({"const": True, "enum": [True], "default": False}, {"const": True, "enum": [True], "default": False}),
    ],
)
def test_a_schema_has_one_form(tmp_path: Path, schema: Any, expected: Any) -> None:
    """Booleans are objects, a reference has only notes beside it, `nullable` means nothing, and counts are integers."""
    content = _loaded(tmp_path, components={"schemas": {"Root": schema, "Other": {"type": "string"}}})

    assert repr(content["components"]["schemas"]["Root"]) == repr(expected)  # which tells 2 from 2.0


def test_all_operations_stand_side_by_side(tmp_path: Path) -> None:
    """What OpenAPI 3.2 has under `additionalOperations` stands beside `get`, if a request can have that method."""
    more: dict[str, Any] = {"COPY": {"summary": "a"}, "copy": {}, "get": {}, "NOSUCH": {}}
    paths = {"/a": {"get": {"summary": "g"}, "additionalOperations": more}}
    item = _loaded(tmp_path, paths=paths)["paths"]["/a"]

    assert (item["copy"], item["get"]) == ({"summary": "a"}, {"summary": "g"})
    assert item["additionalOperations"] == {"copy": {}, "get": {}, "NOSUCH": {}}


def test_a_stream_is_a_list(tmp_path: Path) -> None:
    """The schema of each item describes a list, beside that of the whole."""
    line = {"type": "object"}
    content = {"a/b": {"itemSchema": line}, "c/d": {"schema": {"minItems": 2}, "itemSchema": line}}
    responses = {"200": {"description": "ok", "content": content}}
    found = _loaded(tmp_path, paths={"/a": {"get": {"responses": responses}}})
    made = found["paths"]["/a"]["get"]["responses"]["200"]["content"]

    assert made["a/b"] == {"schema": {"type": "array", "items": line}}
    assert made["c/d"] == {"schema": {"allOf": [{"minItems": 2}, {"type": "array", "items": line}]}}


def test_path_items_of_components_are_put_in_place(tmp_path: Path) -> None:
    """Paths and webhooks that refer to a path item have its operations."""
    item: dict[str, Any] = {"get": {"responses": {}}}
    refers = {"$ref": "#/components/pathItems/One"}
    content = _loaded(tmp_path, components={"pathItems": {"One": item}}, paths={"/a": refers}, webhooks={"w": refers})

    assert content["paths"]["/a"] == content["webhooks"]["w"] == item


def test_a_document_of_webhooks_alone_has_no_paths(tmp_path: Path) -> None:
    """Nothing can be routed, and nothing is missing."""
    assert _loaded(tmp_path, webhooks={})["paths"] == {}
