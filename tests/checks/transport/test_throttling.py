"""Throttling: who asks to wait, for how long, and whether it says anything about the contract."""

from collections.abc import Mapping
from io import BytesIO

import pytest
import requests

from mockserver.checks.transport.throttling import is_endless, is_in_front, seconds_asked
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface

SURFACE = Surface(Contract.load())
READ, LOGIN = SURFACE.calls["webhookEventGetList"], SURFACE.calls["adminLoginCheck"]  # the second declares a 429
NOON, A_MINUTE_LATER = "Thu, 01 Jan 2026 12:00:00 GMT", "Thu, 01 Jan 2026 12:01:00 GMT"


def _response(headers: Mapping[str, str] | None = None, status: int = 429) -> requests.Response:
    response = requests.Response()
    response.status_code, response.raw = status, BytesIO(b"<html>")
    response.headers.update(headers or {})
    return response


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "3"}, 3.0),
        ({"Retry-After": A_MINUTE_LATER, "Date": NOON}, 60.0),
        ({"Retry-After": NOON, "Date": A_MINUTE_LATER}, 0.0),
        ({"Retry-After": NOON}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "²"}, None),
        ({"Retry-After": "-1"}, None),
        ({}, None),
    ],
)
def test_time_to_come_back(headers: dict[str, str], seconds: float | None) -> None:
    """A number, or a date by the host's own clock; anything else says nothing."""
    assert seconds_asked(_response(headers)) == seconds


def test_who_is_in_front() -> None:
    """A 429 that the contract doesn't have, and a page, aren't the API's; one that is declared is."""
    page = {"Content-Type": "text/html"}

    assert is_in_front(_response(), READ)
    assert is_in_front(_response(), None)
    assert is_in_front(_response(page), LOGIN)
    assert not is_in_front(_response(), LOGIN)
    assert not is_in_front(_response(page, 503), READ)


def test_what_is_endless() -> None:
    """A 429 after all the waiting; but one that is declared, and asks for more than a run has, is judged."""
    assert is_endless(_response(), READ)
    assert is_endless(_response({"Retry-After": "1"}), LOGIN)
    assert not is_endless(_response({"Retry-After": "86400"}), LOGIN)
    assert not is_endless(_response(status=200), READ)
