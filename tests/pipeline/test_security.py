"""mockserver.pipeline.security: credentials of operations without behaviour. tests/scenarios has those of the API."""

from typing import Any

import pytest
from starlette.testclient import TestClient

BASIC = {"Authorization": "Basic dG9tOmplcnJ5"}


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({}, 401),
        ({"headers": {"Authorization": "Basic x"}}, 401),
        ({"headers": {"Authorization": "Bearer x"}}, 401),
        ({"headers": BASIC}, 204),
        ({"params": {"api_key": "1"}}, 401),
        ({"headers": {"Cookie": "SID=1"}}, 401),
        ({"params": {"api_key": "1"}, "headers": {"Cookie": "SID=1"}}, 204),
    ],
)
def test_credentials_of_the_right_form_are_asked_for(
    zoo_client: TestClient, request_: dict[str, Any], status: int
) -> None:
    """One of the alternatives must be complete; any value of the right form will do."""
    answer = zoo_client.put("/v1/animals/1", json={"kind": "cat", "name": "Tom"}, **request_)

    assert answer.status_code == status
