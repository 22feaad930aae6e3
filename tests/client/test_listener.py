"""mockserver.client.listener: it subscribes, judges and forwards deliveries, and leaves no subscription behind."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue
from typing import Any

import httpx2
import pytest

from mockserver.client.account import Account, AdminCredentials
from mockserver.client.forwarding import Forwarder
from mockserver.client.listener import Arrival, Listener
from mockserver.client.running_mock import Remote
from mockserver.errors import NotRunning, RemoteError
from mockserver.settings import Settings
from mockserver.signing import Refusal, verify
from mockserver.testing import MockServer, Receiver, Respond
from tests.support.commands import PATIENCE
from tests.support.subscriptions import EVENT, NOWHERE, subscribe, subscribed

ADMIN = AdminCredentials("admin", "password")
SECRET = "whsec_" + "0123456789abcdef" * 4


@contextmanager
def _listening(
    remote: Remote, *events: str, application: str | None = None, timeout: float = 5
) -> Iterator[tuple[Listener, "Queue[Arrival]"]]:
    """A listener, and what has arrived at it."""
    arrived: Queue[Arrival] = Queue()
    forwarder = Forwarder(application, SECRET, timeout) if application else None
    account = Account(remote, ADMIN, "DEFAULT")
    with Listener(remote, account, events or [EVENT], arrived.put, forwarder) as listener:
        yield listener, arrived


def _arrival(mock: MockServer, fault: dict[str, Any] | None = None, application: str | None = None) -> Arrival:
    """What arrives when an event is triggered whose delivery has a fault."""
    with Remote(mock.url) as remote, _listening(remote, application=application) as (_, arrived):
        if fault:
            httpx2.post(f"{mock.url}/_mock/faults", json={"eventName": EVENT, "times": 1, **fault}).raise_for_status()
        remote.trigger(EVENT, "DEFAULT", None, 1)
        return arrived.get(timeout=PATIENCE)


def test_delivery_is_judged(mock: MockServer) -> None:
    """What arrives as it should has a valid payload and a good signature, and can be found at the mock by its id."""
    arrival = _arrival(mock)

    assert (arrival.event_name, arrival.delivery_id, arrival.status) == (EVENT, "1-1", 204)
    assert (list(arrival.breaches), arrival.refusal) == ([], None)


@pytest.mark.parametrize(
    ("fault", "breaches", "refusal"),
    [
        ({"effect": "wrongSignature"}, [], Refusal.MISMATCH),
        ({"effect": "staleTimestamp"}, [], Refusal.STALE),
        ({"effect": "corruptBody"}, ["the body is no JSON object"], Refusal.MISMATCH),
    ],
)
def test_fault_is_noticed(mock: MockServer, fault: dict[str, Any], breaches: list[str], refusal: Refusal) -> None:
    """What a fault has spoilt is named."""
    arrival = _arrival(mock, fault)

    assert (list(arrival.breaches), arrival.refusal) == (breaches, refusal)


@pytest.mark.parametrize(
    ("body", "breach"),
    [
        ('{"eventName": "CustomerRegistered", "messageId": 5}', "messageId: This value should be of type string."),
        ('{"messageId": "a"}', "the contract knows no event None"),
        ('{"eventName": "Nothing"}', "the contract knows no event 'Nothing'"),
        ('{"eventName": []}', "the contract knows no event []"),
        ("[]", "the body is no JSON object"),
        pytest.param("[" * 200_000 + "]" * 200_000, "the body is no JSON object", id="very deep"),
        pytest.param('{"a":' * 200 + "1" + "}" * 200, "the body is no JSON object", id="deep"),
    ],
)
def test_breach_is_told(mock: MockServer, body: str, breach: str) -> None:
    """Where a payload leaves the contract is told, whoever sent it."""
    with Remote(mock.url) as remote, _listening(remote) as (listener, arrived):
        httpx2.post(f"{listener.url}/{EVENT}", content=body)
        arrival = arrived.get(timeout=PATIENCE)

    assert breach in arrival.breaches
    assert arrival.refusal is Refusal.UNSIGNED


def test_age_is_judged_by_the_clock_of_the_mock(mock: MockServer) -> None:
    """A signature of a mock whose clock was moved is not too old."""
    mock.world.clock.set(mock.world.clock.now() - 86_400, frozen=True)

    assert _arrival(mock).refusal is None


def test_each_event_has_its_own_subscription(mock: MockServer) -> None:
    """Every event that was asked for arrives, once, and others don't; another path is nobody's."""
    with Remote(mock.url) as remote, _listening(remote, EVENT, "CustomerUpdated") as (listener, arrived):
        assert subscribed(mock) == 2
        for name in ("CouponWillExpire", "CustomerUpdated", EVENT):
            remote.finished(remote.trigger(name, "DEFAULT", None, 1)["items"], {}, PATIENCE)
        assert httpx2.post(f"{listener.url}/CouponWillExpire").status_code == 404

    assert [arrived.get_nowait().event_name for _ in range(2)] == ["CustomerUpdated", EVENT]


def test_delivery_is_passed_on(mock: MockServer) -> None:
    """The application gets the same body and headers, signed for its URL with its secret."""
    with Receiver() as application:
        url = f"{application.url}/hooks?a=b"
        arrival = _arrival(mock, application=url)
        passed = application.wait_for(EVENT)

    assert (passed.path, passed.query, passed.body) == ("/hooks", "a=b", arrival.body)
    assert verify(SECRET, dict(passed.headers), passed.body, url, arrival.at) is None
    assert sorted(passed.headers.keys()) == sorted(arrival.headers)
    assert passed.headers["X-Webhook-Request-Id"] == arrival.headers["X-Webhook-Request-Id"]


@pytest.mark.parametrize("effect", ["wrongSignature", "corruptBody"])
def test_wrong_signature_stays_wrong(mock: MockServer, effect: str) -> None:
    """What isn't authentic isn't made so on the way."""
    with Receiver() as application:
        arrival = _arrival(mock, {"effect": effect}, application.url)
        passed = application.wait_for_all(1)[0]

    assert verify(SECRET, dict(passed.headers), passed.body, application.url, arrival.at) is Refusal.MISMATCH


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "session=1", "Authorization": "Basic eDp5"},
        {"X-Webhook-Signature": "0" * 64, "X-Webhook-Timestamp": "1768473000", "X-Webhook-Request-Id": "a"},
        {"X-Webhook-Signature": "0" * 64, "X-Webhook-Timestamp": "9999999999", "X-Webhook-Request-Id": "a"},
        {"X-Mock-Delivery": "1-1"},
        {"X-Mock-Delivery": "../config"},
    ],
    ids=["unsigned", "wrongly signed", "and not old", "of another subscription", "of no delivery"],
)
def test_what_is_no_delivery_isnt_passed_on(mock: MockServer, headers: dict[str, str]) -> None:
    """What isn't signed as it should be, and what the mock doesn't say it has sent, doesn't reach the application."""
    subscribe(mock, NOWHERE)
    with Receiver() as application, Remote(mock.url) as remote:
        remote.trigger(EVENT, "DEFAULT", None, 1)
        with _listening(remote, application=application.url) as (listener, arrived):
            answer = httpx2.post(f"{listener.url}/{EVENT}", content="{}", headers=headers)
            arrival = arrived.get(timeout=PATIENCE)

    assert (answer.status_code, arrival.status, arrival.forwarded, arrival.delivery_id) == (401, 401, None, None)
    assert application.captured == []


@pytest.mark.parametrize("body", [b'{"forged": true}', b'#"forged": true}', b"", None], ids=str)
@pytest.mark.parametrize("kept", ["x-mock-delivery", "x-"], ids=["marked", "with all headers of a delivery"])
def test_nobody_else_can_use_the_id_of_a_delivery(mock: MockServer, kept: str, body: bytes | None) -> None:
    """What the mock didn't sign stays out, though it names a delivery to this very subscription; with the body of that,
    a changed signature, as none of the mock's faults makes it, doesn't help either."""
    application = Receiver()
    with (
        application,
        Remote(mock.url) as remote,
        _listening(remote, application=application.url) as (listener, arrived),
    ):
        remote.trigger(EVENT, "DEFAULT", None, 1)
        real = arrived.get(timeout=PATIENCE)
        headers = {name: value for name, value in real.headers.items() if name.lower().startswith(kept)}
        if body is None and kept == "x-":
            headers["X-Webhook-Signature"] = "0" * 64
        httpx2.post(f"{listener.url}/{EVENT}", content=real.body if body is None else body, headers=headers)
        forged = arrived.get(timeout=PATIENCE)

    assert (real.delivery_id, forged.delivery_id, forged.status) == ("1-1", None, 401)
    assert len(application.captured) == 1


def test_answer_of_the_application_is_that_of_the_listener(mock: MockServer) -> None:
    """The mock gets status and body of the application, so that it repeats, or gives up."""
    application = Receiver(Respond(503, b"busy"), Respond())
    with application, Remote(mock.url) as remote, _listening(remote, application=application.url) as (_, arrived):
        (done,) = remote.finished(remote.trigger(EVENT, "DEFAULT", None, 1)["items"], {}, PATIENCE)

    answers = [(one["response"]["status"], one["response"]["body"]) for one in done["attempts"]]
    assert (done["status"], answers) == ("delivered", [(503, "busy"), (204, "")])
    assert [arrived.get_nowait().status for _ in range(2)] == [503, 204]


def test_redirect_is_an_answer(mock: MockServer) -> None:
    """A redirect is not followed: the mock gets it."""
    with Receiver(Respond(302, headers={"Location": NOWHERE})) as application:
        assert _arrival(mock, application=application.url).status == 302


def test_nothing_is_left_behind(mock: MockServer) -> None:
    """At the end the listener's subscriptions are gone, and those of others stay."""
    subscribe(mock, NOWHERE)
    with Remote(mock.url) as remote, _listening(remote, EVENT, "CustomerUpdated"):
        assert subscribed(mock) == 3

    assert subscribed(mock) == 1


def test_what_was_begun_is_undone(mock: MockServer) -> None:
    """When a subscription is refused, those before it are ended."""
    refused = pytest.raises(RemoteError, match="eventName")
    with Remote(mock.url) as remote, refused, _listening(remote, EVENT, "Nothing"):
        pass

    assert subscribed(mock) == 0


def test_expired_token_is_renewed(mock: MockServer) -> None:
    """Though the mock's clock has passed the life of the token, the subscriptions are ended."""
    with Remote(mock.url) as remote, _listening(remote):
        mock.world.clock.advance(100_000)

    assert subscribed(mock) == 0


def test_reset_is_noticed(signing_key: str) -> None:
    """After a reset the listener subscribes again and says so; when the mock ends, it says that."""
    was_reset, ended = threading.Event(), threading.Event()

    def watch(listener: Listener) -> None:
        try:
            listener.watch(was_reset.set, heartbeat=0.01)
        except NotRunning:
            ended.set()

    with MockServer(Settings(signing_key=signing_key)) as mock, Remote(mock.url) as remote:
        listener = Listener(remote, Account(remote, ADMIN, "DEFAULT"), [EVENT], lambda _: None)
        with listener:
            threading.Thread(target=watch, args=(listener,), daemon=True).start()
            httpx2.post(f"{mock.url}/_mock/reset").raise_for_status()
            assert was_reset.wait(PATIENCE)
            assert subscribed(mock) == 1
            mock.__exit__(None, None, None)
            assert ended.wait(PATIENCE)
