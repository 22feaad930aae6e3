"""Placeholders become secrets when a request leaves, in a copy of it."""

from types import SimpleNamespace
from typing import Any

import pytest
import requests

from mockserver.checks.transport.operation_request import key_header
from mockserver.checks.transport.placeholders import Placeholders
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import Credentials, carries_credential

CREDENTIALS = Credentials("admin", 'pass"word', headers=(("X-Gate", "open sesame"),), basic="me:open sesame too")


def test_the_copy_holds_the_secrets() -> None:
    """Headers as a whole, Basic authentication in base64, and values in a JSON body."""
    headers = CREDENTIALS.headers_in_front(authorized=False)
    request = requests.Request("POST", "http://a/", headers=headers, json={"password": "$OL_PASSWORD"}).prepare()
    filled, used = Placeholders(CREDENTIALS, {}, Secrets(CREDENTIALS)).filled(request)

    assert (filled.headers["X-Gate"], filled.headers["Authorization"]) == (
        "open sesame",
        "Basic bWU6b3BlbiBzZXNhbWUgdG9v",
    )
    assert (filled.body, used) == (b'{"password": "pass\\"word"}', {})
    assert (request.headers["X-Gate"], request.headers["Authorization"]) == ("$OL_HEADER_1", "Basic $OL_BASIC")


@pytest.mark.parametrize(
    ("scheme", "sent"),
    [
        ({"type": "http", "scheme": "bearer"}, ("Authorization", "Bearer key of mine")),
        ({"type": "apiKey", "in": "cookie", "name": "sid"}, ("Cookie", "sid=key of mine")),
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, ("X-Key", "key of mine")),
    ],
)
def test_a_key_is_filled_in_wherever_the_contract_wants_it(scheme: dict[str, str], sent: tuple[str, str]) -> None:
    """A bearer token and a cookie have words in front of the key."""
    surface: Any = SimpleNamespace(key_scheme=scheme)
    credentials = Credentials(api_key="key of mine")
    request = requests.Request("GET", "http://a/", headers=key_header(surface)).prepare()

    filled, _ = Placeholders(credentials, {}, Secrets(credentials)).filled(request)

    assert filled.headers[sent[0]] == sent[1]


def test_a_signed_body_stays_as_it_is() -> None:
    """Only headers get their secrets."""
    headers = CREDENTIALS.headers_in_front(authorized=False)
    request = requests.Request("POST", "http://a/", headers=headers, json={"password": "$OL_PASSWORD"}).prepare()
    real = Placeholders(CREDENTIALS, {}, Secrets(CREDENTIALS)).in_headers(request)

    assert (real.headers["X-Gate"], real.body) == ("open sesame", request.body)


def test_others_may_send_the_real_headers() -> None:
    """A mock that passes the same gate needs them as they are."""
    assert CREDENTIALS.real_headers() == (
        ("X-Gate", "open sesame"),
        ("Authorization", "Basic bWU6b3BlbiBzZXNhbWUgdG9v"),
    )
    assert Credentials().real_headers() == ()


def test_a_token_stays_where_basic_authentication_would_stand() -> None:
    """A request has one Authorization."""
    assert CREDENTIALS.headers_in_front(authorized=True) == {"X-Gate": "$OL_HEADER_1"}


def test_what_opens_a_gate_is_no_credential_of_the_instance() -> None:
    """Else a request without one would count as refused."""
    assert not carries_credential(["$OL_HEADER_1", "Basic $OL_BASIC"])
    assert carries_credential(["Bearer $OL_TOKEN"])


def test_secrets_of_a_gate_are_hidden() -> None:
    """The values of headers, and Basic authentication: as a whole, its password alone, and in base64."""
    said = "open sesame; me:open sesame too; open sesame too; Basic bWU6b3BlbiBzZXNhbWUgdG9v"

    hidden = Secrets(CREDENTIALS).redact(said)

    assert hidden == "$OL_HEADER_1; $OL_BASIC; $OL_BASIC; Basic $OL_BASIC"
