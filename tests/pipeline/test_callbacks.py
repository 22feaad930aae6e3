"""mockserver.pipeline.callbacks: what an operation of another contract sends when it succeeds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mockserver.openapi.runtime_expressions import ExchangeValues
from mockserver.pipeline.callbacks import coherent
from mockserver.standard_webhooks import verify
from mockserver.testing import MockServer, Receiver, Refused
from tests.support.event_contracts import SECRET, STREAMS, written

SOON = 60.0  # seconds


@pytest.fixture
def mock(tmp_path: Path) -> Iterator[MockServer]:
    """A mock of a contract with callbacks."""
    with MockServer(spec=written(tmp_path, STREAMS), seed=7, webhook_secret=SECRET) as mock:
        yield mock


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Whoever the callbacks name."""
    with Receiver() as receiver:
        yield receiver


def _open(mock: MockServer, url: str, **headers: str) -> httpx2.Response:
    return httpx2.post(f"{mock.url}/streams", json={"url": url}, headers=headers, timeout=SOON)


def test_a_success_sends_its_callbacks(mock: MockServer, receiver: Receiver) -> None:
    """Each callback goes once to the URL that its expression finds, by its method, signed; its payload names the
    record that the answer names."""
    answer = _open(mock, receiver.url, **{"X-End": f"{receiver.url}/end"})
    mock.deliveries.wait(2, status="delivered", timeout=SOON)

    assert answer.json() == {"streamId": "s-42"}
    assert "X-Mock-Hint" not in answer.headers
    first, second = sorted(receiver.captured, key=lambda one: one.path)
    assert (first.method, first.path, first.payload["streamId"]) == ("POST", "/data", "s-42")
    assert (second.method, second.path, second.body) == ("PUT", "/end", b"")
    for one in (first, second):
        assert verify(SECRET, dict(one.headers.items()), one.body, mock.world.clock.now()) is None


def test_what_is_registered_is_triggered(mock: MockServer, receiver: Receiver) -> None:
    """Each call sends one event to its own URL; a triggered one goes to all URLs that were named, each once."""
    for path in ("a", "b", "a"):
        _open(mock, f"{receiver.url}/{path}")
    mock.deliveries.wait(3, status="delivered", timeout=SOON)
    assert sorted(one.path for one in receiver.captured) == ["/a/data", "/a/data", "/b/data"]

    caused = mock.trigger("onData")

    assert [one["url"] for one in caused["items"]] == [f"{receiver.url}/a/data", f"{receiver.url}/b/data"]
    assert [one["byCallback"] for one in mock.receivers.list()["items"]] == [True, True]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "The callback onData isn't sent: there is no $request.body#/url in this exchange"),
        (
            {"url": "/relative"},
            "The callback onData isn't sent: '/relative/data', which its expression gives, is no http",
        ),
        (
            {"url": "http://me:secret@127.0.0.1"},
            "The callback onData isn't sent: its URL has a user name before the host",
        ),
        ({"url": "ftp://x"}, "is no http or https URL"),
        ({"url": "http://a b"}, "is no http or https URL"),
        ({"url": "http://a/" + "x" * 2500}, "is no http or https URL"),
    ],
)
def test_a_missing_url_is_told(mock: MockServer, body: dict[str, Any], says: str) -> None:
    """Where an expression gives no URL, the answer is as it should be, and its hint says why nothing is sent."""
    answer = httpx2.post(f"{mock.url}/streams", json=body, timeout=SOON)

    assert answer.status_code == 201
    assert says in answer.headers["X-Mock-Hint"]
    assert mock.receivers.list()["items"] == []


def test_all_that_is_not_sent_is_told(mock: MockServer, receiver: Receiver) -> None:
    """Of two callbacks the hint has the first, and that there are two; a password isn't told."""
    both = httpx2.post(f"{mock.url}/streams", json={}, timeout=SOON).headers["X-Mock-Hint"]
    one = _open(mock, receiver.url).headers["X-Mock-Hint"]

    assert both.startswith("The first of 2: The callback onData isn't sent: there is no $request.body#/url")
    assert one.startswith("The callback onEnd isn't sent")
    assert "secret" not in _open(mock, "http://me:secret@127.0.0.1").headers["X-Mock-Hint"]


def test_only_a_success_sends(mock: MockServer, receiver: Receiver) -> None:
    """An answer that isn't a 2xx, by `Prefer`, a fault or a wrong request, sends nothing."""
    _open(mock, receiver.url, Prefer="code=409")
    httpx2.post(f"{mock.url}/streams", json={"url": 5}, timeout=SOON)
    mock.faults.add(operation_id="openStream", status=503, times=1)
    _open(mock, receiver.url)

    assert mock.deliveries.list() == []


def test_callbacks_can_be_switched_off(tmp_path: Path, receiver: Receiver) -> None:
    """With `callbacks` off an answer sends nothing; the event can still be triggered."""
    with MockServer(spec=written(tmp_path, STREAMS), callbacks=False) as mock:
        _open(mock, receiver.url)
        assert mock.deliveries.list() == []
        mock.receivers.add("onData", receiver.url)
        assert mock.trigger("onData")["total"] == 1


def test_the_egress_policy_holds(mock: MockServer) -> None:
    """A callback to a host that isn't allowed is blocked, as any delivery is."""
    _open(mock, "http://192.0.2.1")

    (blocked,) = mock.deliveries.wait(1, status="blocked", timeout=SOON)
    assert "MOCKSERVER_WEBHOOK_ALLOW" in blocked["reason"]


def test_ids_are_taken_over_if_the_payload_stays_valid() -> None:
    """What is called alike, and names a record, is the same in the event; `id` alone may be anybody's."""
    exchange = ExchangeValues(
        "POST",
        "",
        201,
        path={"shop_id": "n"},
        body={"orderId": 5, "id": 1, "name": "x"},
        response_body={"streamId": "s"},
    )
    payload = {"orderId": 1, "id": 9, "name": "y", "streamId": "t", "shop_id": "m"}

    assert coherent(payload, exchange, lambda _: True) == payload | {"orderId": 5, "streamId": "s", "shop_id": "n"}
    assert coherent(payload, exchange, lambda _: False) == payload
    assert coherent([1], exchange, lambda _: True) == [1]


def test_a_path_without_an_operation_is_no_violation(mock: MockServer) -> None:
    """What the contract doesn't have is a plain 404, by the mock and not by the contract, which it doesn't violate."""
    answer = httpx2.get(f"{mock.url}/nowhere", timeout=SOON)

    assert (answer.status_code, answer.headers["X-Mock-Source"]) == (404, "mock")
    assert "X-Mock-Contract-Violation" not in answer.headers
    assert mock.requests.list(contract_violation=True) == []


def test_mocks_that_share_a_database_send_none(tmp_path: Path, database: str, receiver: Receiver) -> None:
    """There an event goes to all receivers of its name, so that a callback would reach others; the answer says so."""
    with MockServer(spec=written(tmp_path, STREAMS), storage=database) as mock:
        answer = _open(mock, receiver.url)
        assert "mocks that share a database send none" in answer.headers["X-Mock-Hint"]
        added = mock.receivers.add("onData", receiver.url)
        with pytest.raises(Refused, match="an event to all its receivers"):
            mock.trigger("onData", receiver_id=added["receiverId"])
        assert mock.trigger("onData")["total"] == 1
        (arrived,) = mock.deliveries.wait(1, status="delivered", timeout=SOON)
    assert arrived["attempts"][0]["request"]["headers"][-1]["name"] == "webhook-signature"
