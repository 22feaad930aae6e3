"""mockserver.spec.lint.links: each rule for links and callbacks finds its defect, and says what to do."""

from typing import Any

import pytest

from mockserver.openapi.structure import Steps
from tests.spec.lint.sound import LINK, PUT, Defects, found

DEFECTS: Defects = {
    "link to nowhere": ("links", (*LINK, "operationId"), "gone", "there is no gone"),
    "link by reference": ("links", LINK, {"operationRef": "#/paths/~1gone/get"}, "there is no #/paths/~1gone/get"),
    "link without a parameter": ("links", (*LINK, "parameters"), {}, "leaves the path parameter id open"),
    "link with one too many": ("links", (*LINK, "parameters", "x"), "1", "has no parameter x"),
    "no expression": ("links", (*LINK, "parameters", "id"), "$request.x", "it is no runtime expression"),
    "expression of another path": ("links", (*LINK, "parameters", "id"), "$request.path.x", "no such path parameter"),
    "expression without a value": (
        "links",
        (*LINK, "parameters", "id"),
        "$request.body#/x",
        "no example has a value there",
    ),
    "callback": ("callbacks", (*PUT, "callbacks", "changed"), {"{$request.body#/x}": {}}, "no example has a value"),
    "callback to nothing": (
        "callbacks",
        (*PUT, "callbacks", "changed"),
        {"$garbage": {}},
        "it is no runtime expression",
    ),
    "callback by dots": (
        "callbacks",
        (*PUT, "callbacks", "changed"),
        {"{$request.body.x}": {}},
        "no example has a value",
    ),
    "callback with a brace": (
        "callbacks",
        (*PUT, "callbacks", "changed"),
        {"{$request.body#/name}/{$request.path.id": {}},
        "a brace has no other one",
    ),
    "callback to one URL": ("callbacks", (*PUT, "callbacks", "changed"), {"https://a.example": {}}, "the same URL"),
}


@pytest.mark.parametrize(("rule", "place", "value", "message"), DEFECTS.values(), ids=DEFECTS)
def test_defect_is_found(rule: str, place: Steps, value: Any, message: str) -> None:
    """A defect is found by its rule, whose message says what is wrong, and whose advice is not empty."""
    findings = found(rule, place, value)

    assert any(message in finding.message for finding in findings)
    assert all(finding.advice for finding in findings)


@pytest.mark.parametrize(
    "url",
    [
        "{$id}/invoices/{$request.body.name}",
        "{$name}",
        "$id",
        "$request.body.name",
        "$request.query.limit",
        "http://a.example/{$request.path.id}",
    ],
)
def test_what_fastapi_writes_is_understood(url: str) -> None:
    """What the mock serves isn't flagged."""
    assert found("callbacks", (*PUT, "callbacks", "changed"), {url: {}}) == []
