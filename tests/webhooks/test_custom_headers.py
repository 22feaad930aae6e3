"""mockserver.webhooks.custom_headers: which headers a subscription may set, and which are sent."""

import json

import pytest
from starlette.testclient import TestClient

from mockserver.storage.model import Destination
from mockserver.webhooks.custom_headers import DELIVERY_ID, MOST, delivery_headers, objection

KEY = {"X-AUTH-TOKEN": "mock-api-key"}
SUBSCRIPTIONS = "/api/DEFAULT/webhook/subscription"
RESERVED = {
    "of the connection": ["Connection", "Content-Length", "Expect", "Host", "HTTP2-Settings", "Keep-Alive", "TE",
                          "Trailer", "Transfer-Encoding", "Upgrade", "Proxy-Authorization", "Proxy-Connection"],
    "of browsers": ["Cookie", "Cookie2", "Origin", "Referer", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-CH-UA",
                    "Sec-WebSocket-Key", "Access-Control-Request-Private-Network"],
    "of proxies": ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-User", "Forwarded", "Via",
                   "X-Real-IP", "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override", "X-HTTP-Method",
                   "CF-Connecting-IP", "True-Client-IP"],
    "in the spelling of CGI": ["X_Mock_Delivery", "Transfer_Encoding", "X_Forwarded-For", "Content_Length"],
    "of the mock": ["X-Mock-Delivery", "X-Mock-Control-Token", "X-Mock-Source", "X-Mock-"],
}  # fmt: skip
ALLOWED = ["Authorization", "X-AUTH-TOKEN", "X-Tenant", "User-Agent", "Content-Type", "X-Mocking", "Second", "Hosts",
           "Forwarder", "Accept", "X_Tenant", "X-Webhook-Timestamp"]  # fmt: skip
SPELLINGS = (str.title, str.lower, str.upper, str.swapcase)


def _spelled() -> list[str]:
    names = [name for group in RESERVED.values() for name in group]
    return sorted({spell(name) for name in names for spell in SPELLINGS})


def _headers(*names: str) -> str:
    return json.dumps([{"headerName": name, "headerValue": "theirs"} for name in names])


@pytest.mark.parametrize("name", _spelled())
def test_reserved_headers_cant_be_subscribed(client: TestClient, name: str) -> None:
    """A header that isn't a subscription's to set is a 400 that says why, at each place where it may stand."""
    wanted = {"url": "http://localhost:1", "headers": [{"headerName": "X-A"}, {"headerName": name}], "headerName": name}
    body = {"webhookSubscription": {"eventName": "CustomerRegistered", **wanted}}

    answer = client.post(SUBSCRIPTIONS, json=body, headers=KEY)

    errors = answer.json()["errors"]
    assert answer.status_code == 400
    assert [error["path"] for error in errors] == [
        "webhookSubscription.headerName",
        "webhookSubscription.headers[1].headerName",
    ]
    assert {error["message"] for error in errors} == {f"This header can't be set: {objection(name)}."}


@pytest.mark.parametrize("name", ["Host\n", "X-Mock-Delivery\n", "X-Anything\n"])
def test_line_break_hides_no_name(name: str) -> None:
    """A line break at the end makes no other name of a reserved one, and none that could be sent."""
    assert objection(name) == "no header has such a name"


def test_update_is_held_to_the_same(client: TestClient) -> None:
    """What can't be subscribed can't be put either, and the subscription stays as it was."""
    wanted = {"eventName": "CustomerRegistered", "url": "http://localhost:1"}
    made = client.post(SUBSCRIPTIONS, json={"webhookSubscription": wanted}, headers=KEY).json()
    url = f"{SUBSCRIPTIONS}/{made['webhookSubscriptionId']}"
    change = {"url": "http://localhost:2", "headers": [{"headerName": "cookie"}]}

    assert client.put(url, json={"webhookSubscription": change}, headers=KEY).status_code == 400
    assert client.get(url, headers=KEY).json()["url"] == "http://localhost:1"


@pytest.mark.parametrize("name", ALLOWED)
def test_other_headers_are_sent(name: str) -> None:
    """Credentials for the receiver, and whatever else isn't reserved, go out as they are."""
    assert delivery_headers({}, Destination("http://localhost", headers=_headers(name))) == ((name, "theirs"),)


@pytest.mark.parametrize("name", _spelled())
def test_reserved_headers_arent_sent(name: str) -> None:
    """However such a header got among those of a subscription, as by a snapshot: what is sent is the mock's."""
    own = {"Host": "localhost", DELIVERY_ID: "1-1", "Content-Length": "5"}
    destination = Destination("http://localhost", headers=_headers("X-A", name), header_name=name, header_value="x")

    assert delivery_headers(own, destination) == (*own.items(), ("X-A", "theirs"))


def test_headers_are_replaced_in_any_case() -> None:
    """A header replaces what has its name, in whatever case; of a repeated one the last counts."""
    own = {"Content-Type": "application/json", "User-Agent": "OpenLoyalty"}
    destination = Destination(
        "http://localhost", headers=_headers("X-A", "CONTENT-type", "x-a"), header_name="X-a", header_value="first"
    )

    assert delivery_headers(own, destination) == (
        ("User-Agent", "OpenLoyalty"),
        ("CONTENT-type", "theirs"),
        ("x-a", "theirs"),
    )


@pytest.mark.parametrize(("count", "status"), [(MOST, 200), (MOST + 1, 400), (20_000, 400)])
def test_headers_are_counted(client: TestClient, count: int, status: int) -> None:
    """A subscription has a hundred headers at most."""
    headers = [{"headerName": f"X-{n}", "headerValue": "v"} for n in range(count)]
    wanted = {"eventName": "CustomerRegistered", "url": "http://localhost:1", "headers": headers}

    assert client.post(SUBSCRIPTIONS, json={"webhookSubscription": wanted}, headers=KEY).status_code == status


def test_no_more_than_a_hundred_are_sent() -> None:
    """A delivery stays of a size that receivers take, whatever is stored."""
    headers = _headers(*(f"X-{n}" for n in range(27_000)))

    assert len(delivery_headers({}, Destination("http://localhost", headers=headers))) == MOST
