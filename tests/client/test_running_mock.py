"""mockserver.client.running_mock: calls to a running mock, and what is told when they fail."""

import threading
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from mockserver.client.running_mock import Remote
from mockserver.errors import MockserverError, NotRunning, Refused, RemoteError
from mockserver.remote.connection import LONGEST_RESPONSE, MockConnection
from mockserver.settings import Settings
from mockserver.testing import MockServer, Receiver, Respond
from tests.support.commands import ask, pretender
from tests.support.subscriptions import EVENT, NOWHERE, subscribe

HEALTHY: dict[str, tuple[int, Any]] = {"/_mock/health": (200, {"status": "ok"})}


# ---------------------------------------------------------------- what fails
@pytest.mark.parametrize("server", ["", "nothing", "ftp://127.0.0.1", "http://[::1", "http://"])
def test_address_has_to_be_one(server: str) -> None:
    """What is no URL is refused before anything is called."""
    with pytest.raises(MockserverError, match="URL"):
        Remote(server)


def test_absent_mock_is_told() -> None:
    """Where nothing listens, the error says so, and how to start a mock or name another."""
    with Remote("http://127.0.0.1:9") as remote, pytest.raises(NotRunning) as told:
        remote.config()

    assert "No mock answers at http://127.0.0.1:9" in str(told.value)
    assert "mockserver serve" in str(told.value)
    assert "MOCKSERVER_URL" in str(told.value)


@pytest.mark.parametrize("token", [None, "guessed"])
def test_control_token_is_asked_for(signing_key: str, token: str | None) -> None:
    """Without the mock's control token, or with another, the error says how to give it; with it all is well."""
    with MockServer(Settings(signing_key=signing_key, control_token="sesame")) as mock:
        with Remote(mock.url, token) as remote, pytest.raises(RemoteError, match="asks for its control token") as told:
            remote.config()
        with Remote(mock.url, "sesame") as remote:
            assert remote.config()["settings"]["stores"] == ["DEFAULT"]

    assert "MOCKSERVER_CONTROL_TOKEN" in str(told.value)


def test_closed_control_plane_is_told(signing_key: str) -> None:
    """A mock without a control plane is told from one that doesn't know a delivery."""
    closed = pytest.raises(RemoteError, match="--no-control, or is an older version")
    with MockServer(Settings(signing_key=signing_key, control=False)) as mock, Remote(mock.url) as remote, closed:
        remote.delivery("1-1")


def test_unknown_delivery_is_told(mock: MockServer) -> None:
    """A delivery that doesn't exist is named; neither a slash nor a question mark leads to another path."""
    for name in ("99-1", "../config", "a?b"):
        with Remote(mock.url) as remote, pytest.raises(RemoteError, match=f"There is no delivery '{name[0]}"):
            remote.redeliver(name)


@pytest.mark.parametrize(
    ("answers", "otherwise"),
    [
        ({}, (404, None)),
        ({}, (404, "<html>")),
        ({}, (200, "<html>Welcome</html>")),
        ({}, (200, [1])),
        ({}, (500, "<html>")),
        ({}, (501, "<html>")),
    ],
)
def test_other_servers_are_no_mock(answers: dict[str, tuple[int, Any]], otherwise: tuple[int, Any]) -> None:
    """Whatever another server answers, the error is that it is no mock."""
    with pretender(answers, otherwise) as server, Remote(server) as remote, pytest.raises(RemoteError) as told:
        remote.config()

    assert f"What answers at {server} is no mock." in str(told.value)


ODD: dict[str, Any] = {
    "other types": {"settings": 1, "items": [1, None], "total": "x", "now": 5, "emptied": None, "token": None},
    "empty lists": {"settings": {"stores": []}, "items": [{"status": []}], "total": 1, "now": "x", "emptied": 0},
    "a list": [1],
    "deep": "[" * 200_000,
    "deep, and complete": "[" * 500 + "]" * 500,
    "large": '"' + "a" * LONGEST_RESPONSE + '"',
}


@pytest.mark.parametrize("what", ODD)
@pytest.mark.parametrize(
    "command", [["deliveries"], ["deliveries", "1-1"], ["trigger", EVENT], ["resend", "1-1"], ["listen"]], ids=" ".join
)
def test_odd_answers_are_told(what: str, command: list[str]) -> None:
    """Whatever answers in place of a mock, a command ends with the error that says so."""
    with pretender({}, (200, ODD[what])) as server:
        ran = ask(server, *command)

    assert isinstance(ran.exception, RemoteError)
    assert "is no mock" in str(ran.exception)


def test_older_mock_is_told() -> None:
    """A mock that counts no changes can't be followed, and one of before the control plane can't be asked."""
    old = HEALTHY | {"/_mock/deliveries": (200, {"items": [], "total": 0, "forgotten": 0})}
    with pretender(old) as server, Remote(server) as remote, pytest.raises(RemoteError, match="is older"):
        remote.changes({}, 0, 0)
    with pretender(HEALTHY) as server, Remote(server) as remote, pytest.raises(RemoteError, match="older version"):
        remote.config()


def test_refusal_has_every_problem(mock: MockServer) -> None:
    """What the mock refuses is told with path and reason."""
    with Remote(mock.url) as remote, pytest.raises(RemoteError) as told:
        remote.trigger(EVENT, "DEFAULT", {"customerData": {"email": 5}}, 1)

    assert "answers 400: data.customerData.email: This value should be of type string." in str(told.value)


@pytest.mark.parametrize(("hint", "reason"), [("No such store.", "No such store."), ("B?", "No such store. B?")])
def test_hint_is_told_once(hint: str, reason: str) -> None:
    """A hint that says what the body says isn't told again."""
    refusal = Respond(404, b'{"message": "No such store."}', {"X-Mock-Hint": hint})
    with Receiver(refusal) as receiver, MockConnection(receiver.url) as connection, pytest.raises(Refused) as told:
        connection.call("GET", "/")

    assert str(told.value).endswith(f"answers 404: {reason}")


def test_facts_are_told_without_advice() -> None:
    """What isn't asked by a command is told what is the case, and nothing of options."""
    with MockConnection("http://127.0.0.1:9") as connection, pytest.raises(NotRunning) as told:
        connection.call("GET", "/")

    assert str(told.value).startswith("No mock answers at http://127.0.0.1:9: ")
    assert "--server" not in str(told.value)


# ---------------------------------------------------------------- what is asked
class _Ports:
    """A reaction that notes from which port of the client a request came."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def react(self, handler: BaseHTTPRequestHandler, ended: threading.Event) -> None:
        """Note the port, and answer."""
        self.seen.append(handler.client_address[1])
        Respond(200, b"{}").react(handler, ended)


def test_each_call_has_its_connection() -> None:
    """A call doesn't depend on a connection that idled since the last one: the mock may be about to end it."""
    ports = _Ports()
    with Receiver(ports) as receiver, Remote(f"http://127.0.0.1:{receiver.port}") as remote:
        for _ in range(3):
            remote.call("GET", "/")

    assert len(set(ports.seen)) == 3


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 7, 20])
def test_latest_are_the_last_ones(mock: MockServer, count: int) -> None:
    """Of seven deliveries the last so many are returned, however the pages fall."""
    subscribe(mock, NOWHERE)
    with Remote(mock.url) as remote:
        remote.trigger(EVENT, "DEFAULT", None, 7)

        latest = remote.latest({"eventName": EVENT}, count)

    assert latest["total"] == 7
    assert [one["deliveryId"] for one in latest["items"]] == [f"{n}-1" for n in range(1, 8)][-count:]


def test_changes_are_noticed(mock: MockServer) -> None:
    """A call that waits for changes returns with the delivery as soon as there is one, and not again after."""
    subscribe(mock, NOWHERE)
    with Remote(mock.url) as remote:
        timer = threading.Timer(0.01, remote.trigger, (EVENT, "DEFAULT", None, 1))
        timer.start()
        changes = remote.changes({"eventName": EVENT}, 0, 30)
        timer.join()
        remote.finished(changes.deliveries, {}, 30)
        now = remote.changes({}, 0, 0).revision

        assert [one["deliveryId"] for one in changes.deliveries] == ["1-1"]
        assert remote.changes({}, now, 0).deliveries == []


def test_changes_come_from_all_pages(mock: MockServer) -> None:
    """More changes than a page holds are all returned, each once."""
    subscribe(mock, NOWHERE)
    with Remote(mock.url) as remote:
        remote.finished(remote.trigger(EVENT, "DEFAULT", None, 7)["items"], {}, 30)

        changes = remote.changes({}, 0, 0, size=3)

    assert [one["deliveryId"] for one in changes.deliveries] == [f"{n}-1" for n in range(1, 8)]


def test_finished_waits_for_the_end(mock: MockServer) -> None:
    """Deliveries are returned as they are when all of them are finished."""
    with Receiver() as receiver, Remote(mock.url) as remote:
        subscribe(mock, receiver.url)
        subscribe(mock, NOWHERE)
        caused = remote.trigger(EVENT, "DEFAULT", None, 2)["items"]

        done = remote.finished(caused, {"eventName": EVENT}, 30)

    assert [one["deliveryId"] for one in done] == ["1-1", "1-2", "2-1", "2-2"]
    assert [one["status"] for one in done] == ["delivered", "failed"] * 2


def test_finished_waits_no_longer_than_it_may(mock: MockServer) -> None:
    """Where a delivery isn't finished in time, it is returned as it is."""
    mock.world.clock.set(mock.world.clock.now(), frozen=True)
    with Receiver() as receiver, Remote(mock.url) as remote:
        subscribe(mock, receiver.url)
        caused = remote.trigger(EVENT, "DEFAULT", None, 1)["items"]

        assert remote.finished(caused, {}, 0) == caused
