"""A login that lasts, and secrets that stay secret."""

import base64
import json
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pytest
import requests

from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import Credentials, NoLogin, Session
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Call, Surface

SURFACE = Surface(Contract.load())
LOGIN = SURFACE.logins[0]


def _response(status: int, content: Any, kind: str = "application/json") -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.headers["Content-Type"] = kind
    response.raw = BytesIO(json.dumps(content).encode())
    return response


def _token(name: str, lifetime: int) -> str:
    claims = {"iat": 9_999_999_999, "exp": 9_999_999_999 + lifetime, "name": name}
    return f"x.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.x"


class Host:
    """Answers logins and refreshes, and counts them."""

    def __init__(self, lifetime: int = 100) -> None:
        self.asked: list[str] = []
        self.lifetime, self.refreshes = lifetime, True

    def send(self, call: Call, _arguments: Mapping[str, str], _body: Any) -> requests.Response:
        """An answer with a new token."""
        self.asked.append(call.id)
        if call is not LOGIN and not self.refreshes:
            return _response(401, {"message": "Bad credentials."})
        number = str(len(self.asked))
        return _response(200, {"token": _token(number, self.lifetime), "refresh_token": f"refresh-{number}"})


def _session(host: Host, now: list[float]) -> Session:
    return Session(SURFACE, LOGIN, ("$OL_USERNAME", "$OL_PASSWORD"), host.send, lambda: now[0])


def test_one_login_lasts_as_long_as_its_token() -> None:
    """Tokens are asked for once, and renewed before they expire; the clock of the host doesn't matter."""
    host, now = Host(lifetime=100), [0.0]
    session = _session(host, now)

    for moment in (0.0, 1.0, 69.0, 75.0):
        now[0] = moment
        session.token()

    assert host.asked == ["adminLoginCheck", "tokenRefresh"]


def test_a_dead_refresh_token_means_another_login() -> None:
    """Where refreshing fails, the password works."""
    host, now = Host(), [0.0]
    session = _session(host, now)
    session.token()
    host.refreshes = False
    now[0] = 1_000.0

    session.token()

    assert host.asked == ["adminLoginCheck", "tokenRefresh", "adminLoginCheck"]


def test_a_refused_token_is_renewed_once() -> None:
    """Two requests that were refused with the same token share the next one."""
    host = Host()
    session = _session(host, [0.0])
    old = session.token()

    assert session.renew(old) == session.renew(old)
    assert len(host.asked) == 2


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (_response(401, {}), "check user name"),
        (_response(403, {}), "a gate in front wants a --header"),
        (_response(404, {}), "check the URL"),
        (_response(500, {}), "not well"),
        (_response(200, "<html>", "text/html; charset=utf-8"), "text/html, not JSON"),
        (_response(200, {"access": 1}), "without a token"),
        (_response(429, {}), "too many logins"),
    ],
)
def test_a_login_that_fails_says_why(response: requests.Response, words: str) -> None:
    """What there is to look at depends on what was answered."""
    session = Session(SURFACE, LOGIN, ("$OL_USERNAME", "$OL_PASSWORD"), lambda *_: response)

    with pytest.raises(NoLogin, match=words):
        session.token()


def test_secrets_are_redacted_in_every_form() -> None:
    """As they are, inside of JSON, and in an address; tokens and signing secrets by their shape."""
    password = 'p"ss/wörd'
    secrets = Secrets(Credentials(username="admin@example.com", password=password))
    forms = [
        json.dumps(password),
        "p%22ss%2Fw%C3%B6rd",
        "eyJhbGciOiJS.eyJpYXQiOjE3.abc",
        "whsec_01",
        "admin@example.com",
    ]

    shown = [secrets.redact(form) for form in forms]

    assert shown == ['"$OL_PASSWORD"', "$OL_PASSWORD", "$OL_TOKEN", "$OL_SECRET", "$OL_USERNAME"]


def test_a_plain_word_is_redacted_where_it_is_a_value() -> None:
    """A password that is a word is hidden, but not in names and sentences; a name that is a word is shown."""
    secrets = Secrets(Credentials(username="member", password="password"))

    shown = secrets.redact('passwordHash of a member: {"pass": "password", "q": "a=password&b"}')

    assert shown == 'passwordHash of a member: {"pass": "$OL_PASSWORD", "q": "a=$OL_PASSWORD&b"}'


@pytest.mark.parametrize("length", [3, 4, 12, 13, 20, 29])
def test_token_is_redacted_wherever_it_was_cut(length: int) -> None:
    """A report shortens what is long: what is left of a token isn't shown, either."""
    cut = "eyJhbGciOiJS.eyJpYXQiOjE3.abc"[:length]

    assert Secrets(Credentials()).redact(f'{{"token": "{cut}') == '{"token": "$OL_TOKEN'


def test_credentials_do_not_show_themselves() -> None:
    """Their repr, as a traceback would have it, holds none of them."""
    assert "hunter22" not in repr(Credentials(username="admin", password="hunter22", api_key="hunter22"))


def test_the_oldest_token_is_kept() -> None:
    """The first token can be tried when it has expired, renewed or not."""
    host, now = Host(lifetime=100), [0.0]
    session = _session(host, now)
    tokens = []

    for moment in (0.0, 80.0, 160.0):
        now[0] = moment
        tokens.append(session.token())

    assert len(set(tokens)) == 3
    assert session.oldest == tokens[0]
