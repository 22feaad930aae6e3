"""mockserver.client.receiving: a listener at a mock of any contract."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from mockserver.client.listener import Arrival, Listener
from mockserver.client.receiving import OurExpectations, ReceiverAccount, RemoteExpectations, message_id_of, path_of
from mockserver.client.running_mock import Remote
from mockserver.signing import Refusal, Scheme
from mockserver.testing import MockServer
from tests.support.event_contracts import ORDERS, written

SOON = 60.0  # seconds
NAMES = ["order.shipped", "order/form", "note"]


@pytest.fixture
def mock(tmp_path: Path) -> Iterator[MockServer]:
    """A mock of a contract with webhooks alone."""
    with MockServer(spec=written(tmp_path, ORDERS), seed=3) as mock:
        yield mock


def test_everything_is_received(mock: MockServer) -> None:
    """Whatever a webhook's method, media type and name are, it arrives, rightly signed and valid; what a fault spoils
    is told; at the end nobody is left."""
    arrived: list[Arrival] = []
    with Remote(mock.url) as remote:
        account = ReceiverAccount(remote, "DEFAULT")
        assert account.event_names() == [*NAMES, "never"]
        with Listener(remote, account, NAMES, arrived.append, None, RemoteExpectations(remote, "DEFAULT")):
            for name in NAMES:
                mock.trigger(name)
            mock.deliveries.wait(3, status="delivered", timeout=SOON)
            mock.faults.add(event_name="order.shipped", effect="wrongSignature", times=1)
            mock.trigger("order.shipped")
            mock.deliveries.wait(4, status="delivered", timeout=SOON)

    assert mock.receivers.list()["items"] == []
    *right, spoilt = arrived
    assert {(one.event_name, one.refusal, tuple(one.breaches)) for one in right} == {(name, None, ()) for name in NAMES}
    assert (spoilt.refusal, spoilt.delivery_id, bool(spoilt.message_id)) == (Refusal.MISMATCH, "4-1", True)


def test_expectations_are_the_mocks(mock: MockServer) -> None:
    """The mock says how it signs, by which method, and what is valid."""
    with Remote(mock.url) as remote:
        expected = RemoteExpectations(remote, "DEFAULT")
        assert expected.scheme is Scheme.STANDARD_WEBHOOKS
        assert [expected.method_of(name) for name in NAMES] == ["POST", "PUT", "POST"]
        assert expected.breaches("order.shipped", {"type": "order.shipped"}) != []
        assert expected.breaches("order.shipped", None) == ["the body is no JSON"]
        assert expected.breaches("note", None) == []


def test_ours_are_as_shipped() -> None:
    """Payloads of Open Loyalty say of which event they are."""
    ours = OurExpectations()

    assert ours.method_of("CustomerRegistered") == "POST"
    assert ours.breaches("", None) == ["the body is no JSON object"]
    assert ours.breaches("", {"eventName": ["x"]}) == ["the contract knows no event ['x']"]
    assert "data" in " ".join(ours.breaches("", {"eventName": "CustomerRegistered"}))


def test_who_is_gone_can_be_removed_again(mock: MockServer) -> None:
    """A reset removes receivers; to remove one once more is no error, and it is known to be gone."""
    with Remote(mock.url) as remote:
        account = ReceiverAccount(remote, "DEFAULT")
        added = account.subscribe("note", "http://127.0.0.1:9/")
        assert account.has(added)
        httpx2.post(f"{mock.url}/_mock/reset").raise_for_status()
        assert not account.has(added)
        account.unsubscribe(added)


def test_ids_and_paths() -> None:
    """The id of a message is in the envelope or in a header; a path takes any name."""
    assert message_id_of({}, {"messageId": "a"}) == "a"
    assert message_id_of({"Webhook-Id": "b"}, [1]) == "b"
    assert message_id_of({}, None) is None
    assert path_of("order/form %") == "/order%2Fform%20%25"
