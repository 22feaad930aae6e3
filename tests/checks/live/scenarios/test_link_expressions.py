"""Runtime expressions of links: what an exchange has is found, and what it hasn't is never made up."""

import json
from typing import Any

import pytest
import requests

from mockserver.checks.live.scenarios.link_expressions import LinkSource, Unavailable
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface


@pytest.fixture(scope="module")
def exchange(contract: Contract) -> LinkSource:
    """A record that was created."""
    response = requests.Response()
    response.status_code, response.url = 200, "http://127.0.0.1/api/A/webhook/subscription"
    response._content = json.dumps({"id": "1", "rows": [{"id": "2"}], "a/b": "3", "none": None}).encode()  # noqa: SLF001
    response.headers["Location"] = "/there"
    call = Surface(contract).calls["_webhookSubscriptionPost"]
    return LinkSource(call, {"storeCode": "A"}, {"sent": {"url": "u"}}, response)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$request.path.storeCode", "A"),
        ("$request.body#/sent/url", "u"),
        ("$response.body#/id", "1"),
        ("$response.body#/rows/0/id", "2"),
        ("$response.body#/a~1b", "3"),
        ("$response.header.Location", "/there"),
        ("$statusCode", 200),
        ("of {$response.body#/id} in {$request.path.storeCode}", "of 1 in A"),
        ({"given": ["$response.body#/id", 5]}, {"given": ["1", 5]}),
        ("plain", "plain"),
        (None, None),
    ],
)
def test_values_are_found(exchange: LinkSource, expression: Any, value: Any) -> None:
    """By each kind of expression, and within structures and texts."""
    assert exchange.value(expression) == value


@pytest.mark.parametrize(
    "expression",
    [
        "$request.path.other",
        "$request.query.page",
        "$response.body#/other",
        "$response.body#/rows/7",
        "$response.body#/id/deeper",
        "$response.body#/none",
        "$response.header.Other",
        "$nonsense",
    ],
)
def test_what_is_not_there_is_unavailable(exchange: LinkSource, expression: str) -> None:
    """A link with such a value isn't followed."""
    with pytest.raises(Unavailable):
        exchange.value(expression)
