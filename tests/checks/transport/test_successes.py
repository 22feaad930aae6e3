"""mockserver.checks.transport.successes: which responses are successes, refusals, or deny that something is there."""

from collections.abc import Callable

import pytest
import requests

from mockserver.checks.transport.successes import denies, refuses, succeeded


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (200, {succeeded}),
        (204, {succeeded}),
        (302, set()),
        (404, {refuses, denies}),
        (429, {refuses}),
        (500, {denies}),
        (502, set()),
    ],
)
def test_what_a_status_says(status: int, said: set[Callable[[requests.Response], bool]]) -> None:
    """A redirection says nothing; what a gateway or a limit answers says nothing of what is there."""
    response = requests.Response()
    response.status_code = status

    assert {says for says in (succeeded, refuses, denies) if says(response)} == said
