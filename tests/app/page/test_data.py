"""mockserver.app.page.data: what the page asks for beside the control plane."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from mockserver.testing import MockServer, Receiver
from tests.support.commands import PATIENCE
from tests.support.event_contracts import ORDERS, written
from tests.support.foreign import answering, serving
from tests.support.remembering import remembering, with_toys
from tests.support.subscriptions import EVENT, KEY, NOWHERE, subscribe


@pytest.fixture
def ui(mock: MockServer) -> Iterator[httpx2.Client]:
    """A client of the page's data."""
    with httpx2.Client(base_url=f"{mock.url}/_mock/", timeout=PATIENCE) as client:
        yield client


def _fire(ui: httpx2.Client, **fault: str) -> str:
    """Fire the event, with a fault if one is named; returns the id of its first delivery, which is finished."""
    if fault:
        ui.post("faults", json={"eventName": EVENT, **fault}).raise_for_status()
    fired = ui.post("events", json={"eventName": EVENT, "storeCode": "DEFAULT"}).json()["items"][0]["deliveryId"]
    ui.get("deliveries", params={"deliveryId": fired, "status": "delivered", "wait": 5, "atLeast": 1})
    return str(fired)


def _open(ui: httpx2.Client) -> Any:
    return ui.post("ui/inbox", json={"storeCode": "DEFAULT"}).raise_for_status().json()


def test_setup_names_what_there_is(client: TestClient) -> None:
    """The page knows stores, events and operations from the start."""
    setup = client.get("/_mock/ui/setup").json()

    assert setup["stores"] == ["DEFAULT", "OTHER"]
    assert EVENT in setup["events"]
    assert {"operationId": "adminLoginCheck", "method": "POST", "path": "/api/admin/login_check"} in setup["operations"]
    assert setup["hasInbox"]


def test_setup_names_the_resources_of_another_contract(client: TestClient) -> None:
    """A mock that remembers records has fields for them: which states take a count, or one resource alone."""
    setup = remembering(with_toys()).get("/_mock/ui/setup").json()

    assert setup["resources"] == ["pets", "toys"]
    assert setup["takes"] == {"empty": [], "many": ["count", "resource"]}
    ours = client.get("/_mock/ui/setup").json()
    assert (ours["resources"], ours["takes"]) == ([], {})


def test_event_comes_with_data_that_fit(client: TestClient) -> None:
    """The form of an event begins with data that can be fired as they are; an unknown event is a 404."""
    event = client.get(f"/_mock/ui/events/{EVENT}").json()
    fired = client.post("/_mock/events", json={"eventName": EVENT, "storeCode": "DEFAULT", "data": event["data"]})

    assert event["schema"]["title"] == EVENT
    assert fired.status_code == 202
    assert client.get("/_mock/ui/events/Nothing").status_code == 404


def test_first_webhook_needs_no_receiver(ui: httpx2.Client) -> None:
    """One call opens the inbox and subscribes it to all events; what is fired arrives, signed, with good verdicts."""
    opened = _open(ui)
    _fire(ui)

    (received,) = ui.get("ui/inbox").json()["items"]
    assert len(opened["subscriptions"]) == len(ui.get("ui/setup").json()["events"])
    assert (received["eventName"], received["signature"], received["violations"]) == (EVENT, "right", [])


def test_inbox_shows_no_secret(ui: httpx2.Client) -> None:
    """Keys in headers are masked, whoever sent them."""
    url = f"{_open(ui)['url']}/DEFAULT/{EVENT}"
    httpx2.post(url, content=b"{}", headers={"X-Api-Key": "geheim", "X-Other": "shown"}).raise_for_status()

    shown = ui.get("ui/inbox").text

    assert "shown" in shown
    assert "geheim" not in shown


def test_inbox_is_opened_once(ui: httpx2.Client) -> None:
    """Who opens it again gets the same inbox; after it was closed, nothing is subscribed, and nothing is left."""
    first, second = _open(ui), _open(ui)
    closed = ui.delete("ui/inbox").json()

    assert second == first
    assert (closed["subscriptions"], closed["items"]) == ([], [])
    assert ui.post("events", json={"eventName": EVENT, "storeCode": "DEFAULT"}).json()["total"] == 0


def test_reset_empties_the_inbox(ui: httpx2.Client) -> None:
    """After a reset nothing has arrived, and nothing is subscribed."""
    _open(ui)
    _fire(ui)
    ui.post("reset")

    assert ui.get("ui/inbox").json()["items"] == []
    assert ui.get("ui/inbox").json()["subscriptions"] == []


@pytest.mark.parametrize("body", ["", "{", "[]", '{"storeCode": 1}', '{"storeCode": "NOWHERE"}'])
def test_inbox_needs_a_store(client: TestClient, body: str) -> None:
    """Without a store that exists the inbox stays closed."""
    assert client.post("/_mock/ui/inbox", content=body).status_code == 400
    assert client.get("/_mock/ui/inbox").json()["url"] is None


@pytest.mark.parametrize(
    ("effect", "signature", "violations"),
    [
        (None, "right", []),
        ("wrongSignature", "the signature does not match", []),
        ("staleTimestamp", "the timestamp is more than 5 minutes old", []),
        ("corruptBody", "the signature does not match", ["the body is no JSON"]),
    ],
)
def test_delivery_has_verdicts(ui: httpx2.Client, effect: str | None, signature: str, violations: list[str]) -> None:
    """The detail says what a receiver would find: in the delivery and in the inbox alike."""
    _open(ui)
    delivery = _fire(ui, **({"effect": effect} if effect else {}))

    (attempt,) = ui.get(f"ui/deliveries/{delivery}").json()["attempts"]
    (received,) = ui.get("ui/inbox").json()["items"]
    assert (attempt["signature"], attempt["violations"]) == (signature, violations)
    assert (received["signature"], received["violations"]) == (signature, violations)


def test_verdict_is_left_open_where_nobody_can_tell(mock: MockServer, ui: httpx2.Client) -> None:
    """Without a key there is no verdict; with another key than at that time neither."""
    url = f"{mock.url}/api/DEFAULT/webhook/subscription"
    with Receiver() as receiver:
        httpx2.post(url, json={"webhookSubscription": {"eventName": EVENT, "url": receiver.url}}, headers=KEY)
        unsigned = _fire(ui)
        created = subscribe(mock, receiver.url)
        signed = f"{_fire(ui).partition('-')[0]}-2"
        ui.get("deliveries", params={"deliveryId": signed, "status": "delivered", "wait": 5, "atLeast": 1})
    httpx2.delete(f"{url}/{created['webhookSubscriptionId']}", headers=KEY).raise_for_status()

    verdicts = [ui.get(f"ui/deliveries/{one}").json()["attempts"][0]["signature"] for one in (unsigned, signed)]
    assert verdicts == ["unsigned", "unknown: the subscription has no key any more"]
    assert ui.get("ui/deliveries/99-1").json() is None


def test_delivery_shows_no_secret(mock: MockServer, ui: httpx2.Client) -> None:
    """Credentials in headers are masked, as in the list of deliveries."""
    secret = {"eventName": EVENT, "url": NOWHERE, "headerName": "Authorization", "headerValue": "geheim"}
    url = f"{mock.url}/api/DEFAULT/webhook/subscription"
    httpx2.post(url, json={"webhookSubscription": secret}, headers=KEY).raise_for_status()
    fired = ui.post("events", json={"eventName": EVENT, "storeCode": "DEFAULT"}).json()["items"][0]["deliveryId"]
    ui.get("deliveries", params={"deliveryId": fired, "status": "failed", "wait": 5, "atLeast": 1})

    assert "geheim" not in ui.get(f"ui/deliveries/{fired}").text


def test_a_contract_without_events_has_no_inbox(tmp_path: Path) -> None:
    """A mock of a contract without webhooks and callbacks has requests to show, and no inbox."""
    client = serving(tmp_path, {"/pets": {"get": answering()}})
    setup = client.get("/_mock/ui/setup").json()

    assert (setup["hasInbox"], setup["apiKey"]) == (False, None)
    assert client.post("/_mock/ui/inbox", json={"storeCode": "DEFAULT"}).status_code == 400


@pytest.fixture
def orders(tmp_path: Path) -> Iterator[MockServer]:
    """A mock of another contract, whose inbox is open, and has got two of its events."""
    with MockServer(spec=written(tmp_path, ORDERS)) as mock:
        opened = httpx2.post(f"{mock.url}/_mock/ui/inbox", json={"storeCode": "DEFAULT"}, timeout=PATIENCE).json()
        assert len(opened["subscriptions"]) == 4
        for name in ("order.shipped", "note"):
            mock.trigger(name)
        mock.deliveries.wait(2, status="delivered", timeout=PATIENCE)
        yield mock


def test_the_inbox_takes_events_of_another_contract(orders: MockServer) -> None:
    """Whatever its names and media types are, each event arrives, with right verdicts, until the inbox is closed."""
    with httpx2.Client(base_url=f"{orders.url}/_mock/ui/", timeout=PATIENCE) as ui:
        items = ui.get("inbox").json()["items"]
        left = ui.delete("inbox").json()["subscriptions"]

    told = sorted((one["eventName"], one["signature"], *one["violations"]) for one in items)
    assert told == [("note", "right"), ("order.shipped", "right")]
    assert left == []


def test_deliveries_of_another_contract_have_verdicts(orders: MockServer) -> None:
    """Signature and schema are judged by the contract that is served; an event that is a text has one, too."""
    with httpx2.Client(base_url=f"{orders.url}/_mock/ui/", timeout=PATIENCE) as ui:
        shown = ui.get(f"deliveries/{orders.deliveries.list()[0]['deliveryId']}").json()["attempts"][0]
        described = ui.get("events/note").json()

    assert (shown["signature"], shown["violations"], described["data"]) == ("right", [], "shipped")
