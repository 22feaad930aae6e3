"""mockserver.checks.transport.operation_request: who makes a request, as the contract wants to be told."""

from typing import Any

import pytest

from mockserver.checks.transport.operation_request import as_admin, key_header
from mockserver.checks.transport.session import Credentials
from tests.support.contracts_of import surface_of

IN_HEADER = {"type": "apiKey", "in": "header", "name": "X-API-Key"}
IN_COOKIE = {"type": "apiKey", "in": "cookie", "name": "session"}
BEARER = {"type": "http", "scheme": "bearer"}
OAUTH = {"type": "oauth2", "flows": {}}
BASIC = {"type": "http", "scheme": "basic"}


def _header(**schemes: Any) -> dict[str, str]:
    operation = {"operationId": "one", "responses": {}, "security": [{name: []} for name in schemes]}
    return key_header(surface_of({"/a": {"get": operation}}, components={"securitySchemes": schemes}))


@pytest.mark.parametrize(
    ("schemes", "header"),
    [
        ({"a": IN_HEADER}, {"X-API-Key": "$OL_API_KEY"}),
        ({"a": BEARER, "b": IN_HEADER}, {"X-API-Key": "$OL_API_KEY"}),
        ({"a": BASIC, "b": BEARER}, {"Authorization": "Bearer $OL_API_KEY"}),
        ({"a": OAUTH}, {"Authorization": "Bearer $OL_API_KEY"}),
        ({"a": IN_COOKIE}, {"Cookie": "session=$OL_API_KEY"}),
        ({"a": BASIC}, {}),
        ({}, {}),
    ],
)
def test_the_key_goes_where_the_contract_wants_it(schemes: dict[str, Any], header: dict[str, str]) -> None:
    """In a header of its own, else as a bearer's token, else in a cookie."""
    assert _header(**schemes) == header


def test_who_logs_in_is_a_bearer() -> None:
    """A login hands out a token, whatever keys there are beside."""
    surface = surface_of({"/a": {"get": {"operationId": "one", "responses": {}}}})

    assert as_admin(Credentials("a", "b"), surface) == {"Authorization": "Bearer $OL_TOKEN"}
