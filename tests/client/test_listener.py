"""mockserver.listening: subscribing, judging what arrives, passing it on, and leaving nothing behind."""

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from queue import Queue
from typing import Any

import httpx2
import pytest

from mockserver.client.account import Account, AdminCredentials
from mockserver.client.forwarding import LONGEST_RESPONSE, Forwarder, check_is_here, is_passed_on
from mockserver.client.hook_server import HookResponse, HookServer
from mockserver.client.listener import Arrival, Listener
from mockserver.client.running_mock import Remote
from mockserver.errors import NotRunning, RemoteError, SettingsError
from mockserver.settings import Settings
from mockserver.testing import CloseEarly, Drip, Hang, MockServer, Reaction, Receiver, Respond
from mockserver.webhooks.signing import Refusal, verify
from tests.asking import PATIENCE
from tests.subscriptions import EVENT, NOWHERE, subscribe, subscribed

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


# ---------------------------------------------------------------- what arrives
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


# ---------------------------------------------------------------- passing on
def test_delivery_is_passed_on(mock: MockServer) -> None:
    """The application gets the same body and headers, signed for its URL with its secret."""
    with Receiver() as application:
        url = f"{application.url}/hooks?a=b"
        arrival = _arrival(mock, application=url)
        passed = application.wait_for(EVENT)

    assert (passed.path, passed.body) == ("/hooks?a=b", arrival.body)
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


@pytest.mark.parametrize(
    ("name", "passed"),
    [
        *[(name, False) for name in ("Authorization", "COOKIE", "Origin", "Referer", "Sec-Fetch-Site", "sec-ch-ua")],
        *[(name, False) for name in ("Connection", "Host", "TE", "Upgrade", "Proxy-Authorization", "Keep-Alive")],
        *[(name, False) for name in ("X-Mock-Control-Token", "Content-Length", "Transfer-Encoding")],
        *[(name, True) for name in ("X-Mock-Delivery", "Content-Type", "User-Agent", "X-Webhook-Signature", "X-A")],
    ],
)
def test_headers_that_are_passed_on(name: str, passed: bool) -> None:  # noqa: FBT001 (a parameter of the table)
    """Nothing about a connection and no credential is passed on. The mark is: it steers no mock either."""
    assert is_passed_on(name) is passed


def test_answer_isnt_decompressed_and_is_bounded() -> None:
    """A small answer that would grow to something large stays small, and of a large one no more than a part is read."""
    packed = gzip.compress(b"\0" * 50_000_000)
    application = Receiver(Respond(200, packed, headers={"Content-Encoding": "gzip"}), Respond(200, b"x" * 10_000_000))
    with application:
        forwarder = Forwarder(application.url, SECRET, timeout=5)
        responses = [forwarder.forward({}, b"{}", authentic=False).response for _ in range(2)]

    assert [(response.status, len(response.body)) for response in responses] == [
        (200, len(packed)),
        (200, LONGEST_RESPONSE),
    ]


class DripHead:
    """Answer a byte each 0.05 s, beginning with the first one of the head."""

    def react(self, handler: BaseHTTPRequestHandler, ended: threading.Event) -> None:
        """Send until the other side leaves."""
        for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Endless: 1\r\n" * 1_000:
            if ended.wait(0.05):
                break
            handler.wfile.write(bytes([byte]))


@pytest.mark.parametrize("reaction", [Drip(), DripHead()], ids=["body", "head"])
def test_dripping_answer_has_an_end(reaction: Reaction) -> None:
    """The time-out is for an answer as a whole, however slowly it comes."""
    with Receiver(reaction) as application:
        forwarded = Forwarder(application.url, SECRET, timeout=0.2).forward({}, b"{}", authentic=False)

    assert forwarded.error == "no answer within 0.2 s"
    assert forwarded.seconds < 5


def test_dripping_reader_has_an_end() -> None:
    """The same holds where a large delivery is taken byte by byte."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=1) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)

        def drip() -> None:
            with server.accept()[0] as connection:
                while not ended.wait(0.05):
                    connection.recv(1)

        threading.Thread(target=drip, daemon=True).start()
        forwarder = Forwarder(f"http://127.0.0.1:{server.getsockname()[1]}/", SECRET, timeout=0.2)
        forwarded = forwarder.forward({}, b" " * 20_000_000, authentic=False)
        ended.set()

    assert forwarded.error == "no answer within 0.2 s"
    assert forwarded.seconds < 5


def test_password_of_the_application_is_used_and_not_shown() -> None:
    """User name and password of the URL reach the application, and nobody else."""
    with Receiver() as application:
        forwarder = Forwarder(application.url.replace("//", "//jo:hidden@"), SECRET, timeout=5)
        forwarder.forward({"Authorization": "Bearer x"}, b"{}", authentic=False)

    assert application.captured[0].headers.get_all("Authorization") == ["Basic am86aGlkZGVu"]
    assert forwarder.url == application.url.replace("//", "//********@")


@pytest.mark.parametrize(
    "url",
    ["http://jo:hidden@192.0.2.1/", "http://jo:hidden@name.invalid/", "jo:hidden@localhost", "http://a:hidden@[::1"],
)
def test_password_is_in_no_error(url: str) -> None:
    """An error about the URL doesn't show its password."""
    with pytest.raises(SettingsError) as told:
        check_is_here(url if Forwarder(url, SECRET, 1) else "")

    assert "hidden" not in str(told.value)


def test_answer_of_the_application_is_that_of_the_listener(mock: MockServer) -> None:
    """The mock gets status and body of the application, so that it repeats, or gives up."""
    application = Receiver(Respond(503, b"busy"), Respond())
    with application, Remote(mock.url) as remote, _listening(remote, application=application.url) as (_, arrived):
        (done,) = remote.finished(remote.trigger(EVENT, "DEFAULT", None, 1)["items"], {}, PATIENCE)

    answers = [(one["response"]["status"], one["response"]["body"]) for one in done["attempts"]]
    assert (done["status"], answers) == ("delivered", [(503, "busy"), (204, "")])
    assert [arrived.get_nowait().status for _ in range(2)] == [503, 204]


@pytest.mark.parametrize(
    ("reaction", "error"),
    [(Hang(), "no answer within 0.05 s"), (CloseEarly(), "Server disconnected"), (CloseEarly(b"?\r\n\r\n"), "illegal")],
)
def test_application_that_fails_is_a_bad_gateway(reaction: Any, error: str) -> None:
    """No answer of the application is a 502, with the reason."""
    with Receiver(reaction) as application:
        forwarder = Forwarder(application.url, SECRET, timeout=0.05)
        forwarded = forwarder.forward({}, b"{}", authentic=False)

    assert forwarded.response == HookResponse(502)
    assert error in str(forwarded.error)


def test_redirect_is_an_answer(mock: MockServer) -> None:
    """A redirect is not followed: the mock gets it."""
    with Receiver(Respond(302, headers={"Location": NOWHERE})) as application:
        assert _arrival(mock, application=application.url).status == 302


@pytest.mark.parametrize("url", ["ftp://localhost/", "localhost:3000", "http://", "http://[::1", "http://localhost:x"])
def test_application_needs_a_web_address(url: str) -> None:
    """What nothing can be posted to is refused."""
    with pytest.raises(SettingsError, match="--forward-to"):
        check_is_here(Forwarder(url, SECRET, 1).url)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:3000/hooks", True),
        ("http://127.1.2.3", True),
        ("https://[::1]:3000", True),
        ("http://192.0.2.1/", False),
        ("http://[2001:db8::1]/", False),
        ("http://0.0.0.0/", False),
        ("http://name.invalid/", False),
    ],
)
def test_application_has_to_be_here(url: str, here: bool) -> None:  # noqa: FBT001 (a parameter of the table)
    """By default only this machine counts, however it is spelled."""
    if here:
        check_is_here(url)
    else:
        with pytest.raises(SettingsError):
            check_is_here(url)


# ---------------------------------------------------------------- subscriptions
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


@pytest.mark.parametrize(
    ("credentials", "says"),
    [
        (AdminCredentials("admin", "wrong"), "refuses the login of 'admin'"),
        (AdminCredentials("admin", "password", "wrong"), "refuses the API key"),
    ],
)
def test_wrong_credentials_are_told(mock: MockServer, credentials: AdminCredentials, says: str) -> None:
    """What the mock refuses is named, with the options for it."""
    with Remote(mock.url) as remote, pytest.raises(RemoteError, match=says) as told:
        Account(remote, credentials, "DEFAULT").event_names()

    assert "--api-key" in str(told.value)


def test_unknown_store_is_told(mock: MockServer) -> None:
    """A store that the mock doesn't have is named; an API key is as good as a login."""
    with Remote(mock.url) as remote:
        with pytest.raises(RemoteError, match="has no store 'NORTH'"):
            Account(remote, ADMIN, "NORTH").event_names()

        assert len(Account(remote, AdminCredentials("", "", "mock-api-key"), "OTHER").event_names()) == 29


# ---------------------------------------------------------------- the hook
def test_hook_hands_over_what_arrives() -> None:
    """Path, headers and body go to the function, and its response goes back."""
    seen: Queue[tuple[str, str, bytes]] = Queue()

    def handle(path: str, headers: Any, body: bytes) -> HookResponse:
        seen.put((path, headers["X-One"], body))
        return HookResponse(418, "text/plain", b"short")

    with HookServer(handle) as hook:
        answer = httpx2.post(f"{hook.url}/a?b", headers={"X-One": "1"}, content=b"\x00")

    assert seen.get_nowait() == ("/a?b", "1", b"\x00")
    assert (answer.status_code, answer.headers["Content-Type"], answer.content) == (418, "text/plain", b"short")


@pytest.mark.parametrize(("status", "length"), [(204, None), (205, "0"), (304, None), (200, "5")])
def test_hook_sends_no_body_where_http_has_none(status: int, length: str | None) -> None:
    """What an application says behind a status without a body stays out: it would begin the next answer."""
    with HookServer(lambda *_: HookResponse(status, body=b"short")) as hook, httpx2.Client() as client:
        answers = [client.post(hook.url, content=b"") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [status, status]
    assert {answer.headers.get("Content-Length") for answer in answers} == {length}
    assert {answer.content for answer in answers} == {b"short" if status == 200 else b""}


@pytest.mark.parametrize(
    "head",
    [
        "Host: {host}\r\nOrigin: http://evil.example\r\nContent-Length: 2",
        "Host: {host}\r\nOrigin: null\r\nContent-Length: 2",
        "Host: {host}\r\norigin:\r\nContent-Length: 2",
        "Host: {host}\r\nSec-Fetch-Site: cross-site\r\nContent-Length: 2",
        "Host: {host}\r\nsec-fetch-mode: no-cors\r\nContent-Length: 2",
        "Host: evil.example\r\nContent-Length: 2",
        "Host: localhost:{port}\r\nContent-Length: 2",
        "Host: {host}\r\nHost: evil.example\r\nContent-Length: 2",
        "Content-Length: 2",
    ],
)
def test_pages_are_refused(head: str) -> None:
    """What a web page sends, of whatever origin, and what names another host, reaches nobody."""
    assert _answered(head)[:2] == ["403", []]


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("Host: {host}\r\nContent-Length: 9999999", "413"),
        ("Host: {host}\r\nContent-Length: " + "9" * 18, "413"),
        ("Host: {host}\r\nContent-Length: " + "9" * 5000, "411"),
        ("Host: {host}\r\nContent-Length: -1", "411"),
        ("Host: {host}\r\nContent-Length: \u00b2", "411"),
        ("Host: {host}\r\nContent-Length: 2\r\nContent-Length: 3", "411"),
        ("Host: {host}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked", "411"),
        ("Host: {host}", "411"),
    ],
)
def test_bodies_are_bounded(head: str, status: str) -> None:
    """A body whose length isn't plain, or is larger than any delivery, isn't read."""
    assert _answered(head)[:2] == [status, []]


def _answered(head: str) -> list[object]:
    """The status that a raw POST gets from a hook, and what the hook has handed over."""
    seen: list[object] = []

    def handle(*request: object) -> HookResponse:
        seen.append(request)
        return HookResponse()

    with HookServer(handle) as hook:
        host = hook.url.removeprefix("http://")
        with socket.create_connection(("127.0.0.1", int(host.rpartition(":")[2])), timeout=PATIENCE) as connection:
            lines = head.format(host=host, port=host.rpartition(":")[2])
            connection.sendall(f"POST /{EVENT} HTTP/1.1\r\n{lines}\r\n\r\n{{}}".encode("latin-1"))
            return [connection.recv(1000).decode().split()[1], seen]
