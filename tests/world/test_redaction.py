"""mockserver.world.redaction: what is shown of requests and responses has no secrets in it."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockserver.http.messages import Request
from mockserver.openapi.contract import Contract
from mockserver.world import World
from mockserver.world.journal import LONGEST_BODY
from mockserver.world.recorded_requests import RecordedRequest
from mockserver.world.redaction import Redaction, shown_body

MASK = "********"
SECRETS = ("password", "mock-api-key", "whsec_", "eyJ", "aws-secret")


def test_a_walk_shows_no_secrets(client: TestClient, world: World) -> None:
    """Logins, keys, tokens and signing secrets of a walk through the API are nowhere in what is shown of it."""
    login = client.post("/api/admin/login_check", json={"username": "admin", "password": "password"}).json()
    client.post("/api/token/refresh", json={"refresh_token": login["refresh_token"]})
    destination = {"url": "https://sqs.example.com/q", "queueKey": "aws-key", "queueSecretKey": "aws-secret"}
    for wanted in ({"url": "http://localhost:9/", "hmacEnabled": True}, destination):
        body = {"webhookSubscription": wanted | {"eventName": "CustomerRegistered"}}
        made = client.post("/api/DEFAULT/webhook/subscription", json=body, headers={"X-AUTH-TOKEN": "mock-api-key"})
        made.raise_for_status()

    exchanges = world.journal.exchanges()
    shown = json.dumps([RecordedRequest(one).as_json(Redaction.of(world.contract)) for one in exchanges])

    assert [one.status for one in exchanges] == [200, 200, 200, 200]
    values = shown.replace('"password": "********"', "")
    assert [secret for secret in (*SECRETS, login["refresh_token"]) if secret in values] == []


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ""),
        ("_page=2&url[like]=a", "_page=2&url[like]=a"),
        ("token=abc&x=1", f"token={MASK}&x=1"),
        ("refresh%5Ftoken=abc", f"refresh%5Ftoken={MASK}"),
        ("Refresh-Token=abc", f"Refresh-Token={MASK}"),
        ("member[password]=a&member.apiKey=b", f"member[password]={MASK}&member.apiKey={MASK}"),
        ("token=&token", "token=&token"),
        ("pin=abc&spin=b", f"pin={MASK}&spin=b"),
        ("key=abc&monkey=b", f"key={MASK}&monkey=b"),
        ("X-AUTH-TOKEN=a&authorization=b&jwt=c", f"X-AUTH-TOKEN={MASK}&authorization={MASK}&jwt={MASK}"),
        ("pass%2577ord=a&%2570%2561ss=b&x%252=c", f"pass%2577ord={MASK}&%2570%2561ss={MASK}&x%252=c"),
        ("%ff=%zz&a=%", "%ff=%zz&a=%"),
    ],
)
def test_queries_keep_all_but_secrets(query: str, shown: str) -> None:
    """A query stays as it was sent, but for the values of secret names, and of the keys of the contract."""
    assert Redaction(query=frozenset({"pin"})).query_text(query) == shown


def test_copies_have_no_secrets() -> None:
    """The copy of a request is masked in headers, query, and forms by their fields; the request itself stays."""
    headers = {b"authorization": b"Bearer x", b"pet-key": b"y", b"referer": b"http://a/?token=z&b=1", b"accept": b"*/*"}
    headers[b"content-type"] = b"application/x-www-form-urlencoded"
    request = Request("POST", b"/a?password=p&b=1", headers, None)
    request.body = b"username=admin&password=p"

    copy = Redaction(headers=frozenset({"pet-key"})).request(request)

    assert copy.query_string == b"password=********&b=1"
    assert copy.body == b"username=admin&password=********"
    assert copy.headers == headers | {
        b"authorization": MASK.encode(),
        b"pet-key": MASK.encode(),
        b"referer": b"http://a/?token=********&b=1",
    }
    assert request.query_string == b"password=p&b=1"


BODIES: list[tuple[bytes, Any]] = [
    (b"", None),
    (b"null", None),
    (b'{"a": [{"apiKey": "x", "token": null}], "password": {"b": 1}}',
     {"a": [{"apiKey": MASK, "token": None}], "password": MASK}),
    (b"hello", "hello"),
    (b"my PASSWORD is x", MASK),
    (b'{"refresh_token":"' + b"x" * LONGEST_BODY, MASK),
    (b'{"name":"xx', '{"name":"xx'),
    (b'{"a": "{\\"password\\": \\"x\\"}", "b": "[1, 2]", "c": "{\\"token"}',
     {"a": f'{{"password":"{MASK}"}}', "b": "[1, 2]", "c": MASK}),
    (rb'{"pass\u0077ord":"x', MASK),
    (b"a%3Dpass%2577ord%3Dx", MASK),
    (b"passengers pass", MASK),
    (b"passengers", "passengers"),
    (b"[" * 300 + b"]" * 300, "[" * 300 + "]" * 300),
]  # fmt: skip


@pytest.mark.parametrize(("body", "shown"), BODIES)
def test_bodies_hide_secrets(body: bytes, shown: object) -> None:
    """Secret properties are masked. What can't be read as JSON, as it is cut, or too deep, is shown only if it can
    hold no secret that we know."""
    assert shown_body(body) == shown


def test_keys_of_a_contract_are_secret(contract: Contract) -> None:
    """The names of keys are those of the contract's security schemes."""
    assert Redaction.of(contract).headers == {"x-auth-token"}


@pytest.mark.parametrize(
    "name",
    [
        "X-AUTH-TOKEN",
        "newPassword",
        "currentPassword",
        "auth_token",
        "jwt",
        "pass",
        "passwd",
        "secretKey",
        "hmacSecret",
    ],
)
def test_properties_are_secret_by_their_ends(name: str) -> None:
    """Whatever stands before it, and however it is written: what ends as the name of a secret is one."""
    assert shown_body(json.dumps({name: "x", name + "s": "y"}).encode()) == {name: MASK, name + "s": "y"}


SHAPES: list[tuple[Any, Any]] = [
    ({"privateKey": "a", "sessionId": "b", "otp": "c", "pin": 1234, "sig": "d", "signature": "e", "code": "f"},
     dict.fromkeys(("privateKey", "sessionId", "otp", "pin", "sig", "signature"), MASK) | {"code": "f"}),
    ([{"name": "password", "value": "a"}, {"name": "city", "value": "b"}],
     [{"name": "password", "value": MASK}, {"name": "city", "value": "b"}]),
    ("see https://me:p@ss@a.test/x?b=1&code=c#id_token=d", f"see https://{MASK}@a.test/x?b=1&code={MASK}#id_token={MASK}"),
    ("/a;jsessionid=x?y", f"/a;jsessionid={MASK}"),
    ("/a?X-Amz-Signature=y&b=1", f"/a?X-Amz-Signature={MASK}&b=1"),
    ("is eyJhbGciOiJ9.eyJhIjoxfQ.abc-_1 one?", f"is {MASK} one?"),
    ('curl -H "Bearer abc.123=="', f'curl -H "Bearer {MASK}"'),
    ("Bearer tokens are missing, write to me@a.test // or@b", "Bearer tokens are missing, write to me@a.test // or@b"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "shown"), SHAPES)
def test_secrets_are_known_by_their_shapes_too(sent: object, shown: object) -> None:
    """In any text of JSON what looks as a secret is masked: in URLs, tokens, and values of pairs with such a name."""
    assert shown_body(json.dumps({"a": sent}).encode()) == {"a": shown}


def test_texts_and_headers_hide_shapes() -> None:
    """So they are in texts that are no JSON, and in headers of any name."""
    told = {
        b"location": b"https://u:p@a.test/?code=x",
        b"x-note": b"Bearer abc123",
        b"www-authenticate": b'Bearer realm="1"',
    }

    assert shown_body(b"see https://u:p@a.test") == f"see https://{MASK}@a.test"
    assert Redaction().shown_headers(told.items()) == {
        "location": f"https://{MASK}@a.test/?code={MASK}",
        "x-note": f"Bearer {MASK}",
        "www-authenticate": 'Bearer realm="1"',
    }


@pytest.mark.parametrize("piece", ["eyJ", "//", "//a", "a.", "?a", "&a=", "Bearer ", "bearer a", "eyJa.", "a:", ";"])
def test_long_texts_take_no_time(piece: str) -> None:
    """Whatever a text repeats, it is read a number of times that doesn't depend on its length."""
    text = piece * (1_000_000 // len(piece))

    assert len(shown_body(text.encode())) >= len(MASK)
