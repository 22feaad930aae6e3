"""mockserver.spec.lint.operations: each rule for paths and operations finds its defect, and says what to do."""

from typing import Any

import pytest

from mockserver.openapi.structure import Steps
from tests.spec.lint.sound import EVENT, GET, PUT, Defects, found

DEFECTS: Defects = {
    "same template": ("templates", ("paths", "/pets/{name}"), {}, "the path matches what /pets/{id} matches"),
    "same template, encoded": (
        "templates",
        ("paths", "/p%65ts/{name}"),
        {},
        "the path matches what /pets/{id} matches",
    ),
    "path with a query": ("unreachable", ("paths", "/pets?all=1"), {}, "no request's path has a query or fragment"),
    "path with a fragment": ("unreachable", ("paths", "/pets#all"), {}, "no request's path has a query or fragment"),
    "path that is no template": ("routing", ("paths", "/{a}{b}"), {"get": {}}, "can't be told apart into parameters"),
    "address": ("routing", ("servers",), [{"url": "/{a:>9}"}], "The address /{a:>9} can't be filled in"),
    "undeclared": ("path_parameters", ("paths", "/pets/{id}", "parameters"), [], "parameter id is not declared"),
    "not in the path": (
        "path_parameters",
        (*GET, "parameters", 0),
        {"name": "x", "in": "path", "required": True},
        "has no parameter x",
    ),
    "parameter twice": (
        "repeated_parameters",
        (*GET, "parameters"),
        [{"name": "x", "in": "query"}] * 2,
        "x stands here twice",
    ),
    "operationId twice": ("operation_ids", (*PUT, "operationId"), "getPet", "that of another operation"),
    "operationId of an event": ("operation_ids", (*EVENT, "operationId"), "getPet", "that of another operation"),
    "no success": ("successes", (*GET, "responses"), {"404": {"description": "x"}}, "the operation never succeeds"),
    "empty description": ("response_descriptions", (*GET, "responses", "200", "description"), "", "is empty"),
    "no such scheme": ("security", ("security",), [{"other": []}], "the security scheme other is not declared"),
    "no such scheme for one": ("security", (*GET, "security"), [{"other": []}], "scheme other is not declared"),
}


@pytest.mark.parametrize(("rule", "place", "value", "message"), DEFECTS.values(), ids=DEFECTS)
def test_defect_is_found(rule: str, place: Steps, value: Any, message: str) -> None:
    """A defect is found by its rule, whose message says what is wrong, and whose advice is not empty."""
    findings = found(rule, place, value)

    assert any(message in finding.message for finding in findings)
    assert all(finding.advice for finding in findings)
