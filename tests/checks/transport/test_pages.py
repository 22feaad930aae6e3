"""Pages: which of them stand in the way, and which are answers of the instance itself."""

from io import BytesIO

import pytest
import requests

from mockserver.checks.transport.pages import is_in_the_way, is_page
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface

SURFACE = Surface(Contract.load())
READ, CREATE, LOGIN = (
    SURFACE.calls[name] for name in ("webhookEventGetList", "_webhookSubscriptionPost", "adminLoginCheck")
)
HTML = "text/html; charset=utf-8"


def _response(status: int, kind: str = HTML, body: str = "<title>We are down</title>") -> requests.Response:
    response = requests.Response()
    response.status_code, response.raw = status, BytesIO(body.encode())
    response.headers["Content-Type"] = kind
    return response


@pytest.mark.parametrize(("kind", "body"), [("application/json", "<html>"), (HTML, ' {"code": 1}'), (HTML, "[]")])
def test_json_is_no_page(kind: str, body: str) -> None:
    """Neither what is declared as JSON, nor what is JSON."""
    assert not is_page(_response(200, kind, body))
    assert is_page(_response(200))


def test_pages_stand_in_the_way_of_who_reads_or_logs_in() -> None:
    """As a success of those, or as a refusal of anything."""
    assert is_in_the_way(_response(200), READ, "GET")
    assert is_in_the_way(_response(200), LOGIN, "POST")
    assert is_in_the_way(_response(403), CREATE, "POST")


def test_other_pages_are_answers() -> None:
    """A change may have been made; errors may be the instance's own; and what no operation declares is nobody's."""
    assert not is_in_the_way(_response(200), CREATE, "POST")
    assert not is_in_the_way(_response(404), READ, "GET")
    assert not is_in_the_way(_response(500), READ, "GET")
    assert not is_in_the_way(_response(200), None, "GET")
