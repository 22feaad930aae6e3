"""A mock that sends to a receiver of the user's, and what came of it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mockserver.client.account import Account, AdminCredentials
from mockserver.client.running_mock import Remote
from mockserver.client.sending_mock import MockAgainst, MockSubscriber, SubscribingMock
from mockserver.errors import NotRunning
from mockserver.settings import Settings
from mockserver.signing import Refusal, verify
from mockserver.testing import Hang, MockServer, Receiver

EVENT = "CustomerRegistered"
SECRET = "whsec_" + "0123456789abcdef" * 4
KEY = {"X-AUTH-TOKEN": "mock-api-key"}


@pytest.fixture
def mock() -> Iterator[MockServer]:
    """A mock that doesn't wait before it repeats."""
    with MockServer(Settings(retry_delay=0.0, log_level="error")) as server:
        yield server


@pytest.fixture
def sending(mock: MockServer, receiver: Receiver) -> Iterator[SubscribingMock]:
    """The mock, at which the receiver is subscribed."""
    with _sending(mock, receiver) as made:
        yield made


@contextmanager
def _sending(mock: MockServer, receiver: Receiver) -> Iterator[SubscribingMock]:
    with Remote(mock.url) as remote:
        account = Account(remote, AdminCredentials("admin", "password"), "DEFAULT")
        subscriber = MockSubscriber(f"{receiver.url}/hook", SECRET, "DEFAULT")
        with SubscribingMock(remote, account, subscriber, [EVENT]) as made:
            yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver."""
    with Receiver() as made:
        yield made


def test_events_are_signed_with_the_secret_that_the_receiver_has(sending: SubscribingMock, receiver: Receiver) -> None:
    """The receiver needs no other setting, and what it answers is told."""
    receipt = sending.deliver(EVENT)

    (captured,) = receiver.captured
    url, now = f"{receiver.url}/hook", int(captured.headers["X-Webhook-Timestamp"])
    assert verify(SECRET, dict(captured.headers.items()), captured.body, url, now) is None
    assert receipt.status == 204


def test_deliveries_have_the_headers_of_a_gate(mock: MockServer, receiver: Receiver) -> None:
    """What stands in front of the receiver lets them pass, too."""
    target = MockSubscriber(f"{receiver.url}/hook", SECRET, "DEFAULT", (("X-Gate", "sesame"),))
    with Remote(mock.url) as remote:
        account = Account(remote, AdminCredentials("admin", "password"), "DEFAULT")
        with SubscribingMock(remote, account, target, [EVENT]) as sending:
            receipt = sending.deliver(EVENT)

    assert (receipt.status, receiver.captured[0].headers["X-Gate"]) == (204, "sesame")


def test_faults_spoil_one_delivery(sending: SubscribingMock, receiver: Receiver, mock: MockServer) -> None:
    """The first answer counts, also where the mock repeats; the fault is gone afterwards."""
    receiver.answer_with(401, 204)

    receipt = sending.deliver(EVENT, "wrongSignature")

    captured = receiver.captured[0]
    url, now = f"{receiver.url}/hook", int(captured.headers["X-Webhook-Timestamp"])
    assert verify(SECRET, dict(captured.headers.items()), captured.body, url, now) is Refusal.MISMATCH
    assert receipt.status == 401
    assert mock.faults.list() == []


def test_answers_that_do_not_come_are_told(receiver: Receiver) -> None:
    """With the error of the mock in place of a status."""
    receiver.answer_with(Hang())

    impatient = Settings(retry_delay=0.0, delivery_timeout=0.2, log_level="error")
    with MockServer(impatient) as mock, _sending(mock, receiver) as sending:
        receipt = sending.deliver(EVENT)

    assert (receipt.status, receipt.text) == (0, "No answer within 0.2 seconds.")


def test_a_mock_that_is_not_there_is_named_by_its_own_option() -> None:
    """No other option of another command's."""
    with MockAgainst("http://127.0.0.1:9") as remote, pytest.raises(NotRunning, match="by --against-mock") as told:
        remote.config()

    assert "--server" not in str(told.value)


def test_subscriptions_end_with_the_context(mock: MockServer) -> None:
    """Nothing is left at the mock."""
    with Remote(mock.url) as remote:
        account = Account(remote, AdminCredentials("admin", "password"), "DEFAULT")
        with SubscribingMock(remote, account, MockSubscriber("http://127.0.0.1:9/hook", SECRET, "DEFAULT"), [EVENT]):
            before = remote.ask("GET", "/api/DEFAULT/webhook/subscription", dict, headers=KEY)
        after = remote.ask("GET", "/api/DEFAULT/webhook/subscription", dict, headers=KEY)

    assert (len(before["items"]), after["items"]) == (1, [])


def test_what_a_killed_run_left_ends_with_the_next(mock: MockServer) -> None:
    """Its subscriptions and faults are known by their ids; those of other receivers stay."""
    first, other = (MockSubscriber(f"http://127.0.0.1:9/{path}", SECRET, "DEFAULT") for path in ("hook", "other"))
    with Remote(mock.url) as remote:
        account = Account(remote, AdminCredentials("admin", "password"), "DEFAULT")
        for target in (first, other):
            SubscribingMock(remote, account, target, [EVENT]).__enter__()  # and nobody leaves
        before = remote.ask("GET", "/api/DEFAULT/webhook/subscription", dict, headers=KEY)
        for one in before["items"]:
            mock.faults.add(match={"subscriptionId": one["webhookSubscriptionId"]}, answer={"effect": "duplicate"})
        with SubscribingMock(remote, account, first, [EVENT]):
            pass
        after = remote.ask("GET", "/api/DEFAULT/webhook/subscription", dict, headers=KEY)

    assert ([one["url"] for one in after["items"]], len(mock.faults.list())) == ([other.url], 1)
