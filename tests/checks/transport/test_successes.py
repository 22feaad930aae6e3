"""mockserver.checks.transport.successes: which responses are successes, and which deny that something is there."""

import pytest
import requests

from mockserver.checks.transport.successes import denies, succeeded


@pytest.mark.parametrize(
    ("status", "is_success", "is_denial"),
    [
        (200, True, False),
        (204, True, False),
        (302, False, False),
        (404, False, True),
        (429, False, False),
        (500, False, True),
        (502, False, False),
    ],
)
def test_successes_and_denials(status: int, is_success: bool, is_denial: bool) -> None:  # noqa: FBT001 (cases)
    """A redirection is neither; what a gateway or a limit answers says nothing of what is there."""
    response = requests.Response()
    response.status_code = status

    assert (succeeded(response), denies(response)) == (is_success, is_denial)
