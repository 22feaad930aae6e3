"""Who answers in place of an instance is told by the answer."""

from io import BytesIO

import pytest
import requests

from mockserver.checks.transport.intermediaries import in_front
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface

SURFACE = Surface(Contract.load())
LOGIN = SURFACE.calls["memberLoginCheck"]
ASKED = "http://ol.test.invalid/base/api/DEFAULT/member/login_check"
HTML = {"Content-Type": "text/html; charset=utf-8"}
BASIC = {"WWW-Authenticate": 'Basic realm="staging area"'}


def _response(
    status: int, headers: dict[str, str], body: str = "", sent: dict[str, str] | None = None
) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.headers.update(headers)
    response.raw = BytesIO(body.encode())
    response.request = requests.Request("POST", ASKED, headers=sent).prepare()
    return response


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (_response(401, BASIC), 'asks for Basic authentication (realm "staging area"): give --basic'),
        (_response(401, {"WWW-Authenticate": "Basic"}), "asks for Basic authentication: give --basic"),
        (_response(401, BASIC, sent={"Authorization": "Basic $OL_BASIC"}), "refuses the name and password of --basic"),
        (_response(401, BASIC, sent={"Authorization": "Bearer $OL_TOKEN"}), "a request has one Authorization"),
        (_response(403, HTML, "<title>Access &amp;\n denied</title>"), '(title "Access & denied")'),
        (_response(401, {"WWW-Authenticate": 'Key realm="kong"'}), 'asks for Key authentication (realm "kong")'),
        (_response(403, HTML), "it may want --header or --basic"),
        (_response(200, HTML, "<title>Sign in</title>"), 'a login page answers (title "Sign in")'),
        (_response(200, HTML, "<h1>It works</h1>"), "a page, perhaps of a login, answers"),
        (_response(407, {"Proxy-Authenticate": 'Basic realm="p"'}), 'asks for authentication (realm "p")'),
        (_response(502, HTML), "the gateway in front of the instance doesn't reach it"),
    ],
)
def test_who_stands_in_front_is_named(response: requests.Response, words: str) -> None:
    """With the realm or the title, and with the option that helps."""
    assert words in in_front(response, LOGIN)


@pytest.mark.parametrize(
    ("location", "words"),
    [
        (ASKED.replace("http:", "https:"), "give --url https://ol.test.invalid/base"),
        ("https://two.test.invalid/api/DEFAULT/member/login_check", "give --url https://two.test.invalid"),
        ("https://team.access.invalid/login?token=secret", "redirects to https://team.access.invalid/login?token=***"),
        ("/sso", "redirects to http://ol.test.invalid/sso"),
        ("http://[", "redirects to http://["),
    ],
)
def test_redirects_say_where_they_lead(location: str, words: str) -> None:
    """To the instance's own address, or to somebody who asks for a login."""
    assert words in in_front(_response(302, {"Location": location}), LOGIN)


@pytest.mark.parametrize(
    "response",
    [
        _response(401, {"Content-Type": "application/json", "WWW-Authenticate": "Bearer"}),
        _response(403, {"Content-Type": "application/json"}),
        _response(200, {"Content-Type": "application/json"}),
        _response(404, HTML),
        _response(500, HTML),
    ],
)
def test_an_instance_may_answer_for_itself(response: requests.Response) -> None:
    """Nobody is named where it may be the instance."""
    assert in_front(response, LOGIN) == ""


@pytest.mark.parametrize("status", [200, 401, 403])
def test_json_that_is_declared_as_a_page_comes_from_the_api(status: int) -> None:
    """A wrong media type is a finding about the instance, not a gate in front of it."""
    assert in_front(_response(status, HTML, ' {"code": 401}'), LOGIN) == ""
