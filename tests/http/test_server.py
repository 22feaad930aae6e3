"""mockserver.http.server and mockserver.testing: the mock behind a real socket."""

import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, cast

import httpx2
import pytest

from mockserver.clock import Clock
from mockserver.errors import PortTaken, SettingsError
from mockserver.http.messages import MAX_BODY, Request, Response
from mockserver.http.protocol import HttpProtocol
from mockserver.http.server import Server, address, listen
from mockserver.settings import Settings
from mockserver.testing import MockServer
from tests.support.bare import Bare
from tests.support.subscriptions import NOWHERE, subscribe

NOW = 1_768_473_000.0
API_KEY = {"X-AUTH-TOKEN": "mock-api-key"}
JSON = {"Content-Type": "application/json"}
EVENTS = "/api/DEFAULT/webhook/event"
SUBSCRIPTIONS = "/api/DEFAULT/webhook/subscription"


@pytest.fixture(scope="module")
def running(signing_key: str) -> Iterator[MockServer]:
    """One running mock."""
    with MockServer(Settings(port=0, signing_key=signing_key, seed=1)) as mock:
        yield mock


@pytest.fixture
def mock(running: MockServer) -> Iterator[MockServer]:
    """That mock. It is reset after each test: a delivery that it repeats later would write into the log of another."""
    yield running
    running.reset()


@pytest.fixture
def http(mock: MockServer) -> Iterator[httpx2.Client]:
    """A client of the running mock, with the API key."""
    with httpx2.Client(base_url=mock.url, headers=API_KEY) as http:
        yield http


class TestOverASocket:
    """The promises that the way over a real connection could break."""

    def test_login_and_call(self, http: httpx2.Client) -> None:
        """A token from one request opens the next, on the same connection."""
        login = http.post("/api/admin/login_check", json={"username": "admin", "password": "password"})

        answer = http.get(EVENTS, headers={"Authorization": f"Bearer {login.json()['token']}"})

        assert answer.status_code == 200
        assert "CustomerRegistered" in answer.json()["items"]

    def test_body_without_a_length_is_read(self, http: httpx2.Client) -> None:
        """A chunked body is read as any other."""
        parts = iter([b'{"customer": {"email":', b' "chunked@example.com"}}'])

        answer = http.post("/api/DEFAULT/member", content=parts, headers=JSON)

        assert "transfer-encoding" in answer.request.headers
        assert answer.json()["email"] == "chunked@example.com"

    def test_oversized_body_without_a_length_is_refused(self, http: httpx2.Client) -> None:
        """A chunked body over the limit is a 413, though no length was announced."""
        parts = iter([b" " * (MAX_BODY // 2)] * 2 + [b" "])

        answer = http.post("/api/DEFAULT/member", content=parts, headers=JSON)

        assert answer.status_code == 413
        assert answer.json() == {"code": 413, "message": "Payload Too Large"}

    def test_connection_goes_on_after_an_error(self, http: httpx2.Client) -> None:
        """After a refused request, its body unread, the same client is answered as before."""
        statuses = [http.post("/api/nothing", content=b"x" * 100_000).status_code for _ in range(3)]

        assert statuses == [404, 404, 404]
        assert http.get(EVENTS).status_code == 200

    def test_head_has_no_body(self, http: httpx2.Client) -> None:
        """HEAD announces the length and sends nothing, so the next response isn't mixed up."""
        head = http.head("/openapi.json")

        assert int(head.headers["content-length"]) > 1000
        assert head.content == b""
        assert http.get("/_mock/health").json() == {"status": "ok"}

    def test_answer_without_content_has_no_body(self, http: httpx2.Client) -> None:
        """A 204 is nothing but headers, and doesn't tell which server sent it."""
        answer = http.get("/api/token/revoke")

        assert answer.status_code == 204
        assert answer.headers.keys() == {"date", "x-mock-source"}

    def test_path_is_read_as_it_was_sent(self, http: httpx2.Client) -> None:
        """An encoded slash doesn't become a real one on the way."""
        assert http.get("/api%2FDEFAULT/webhook/event").status_code == 404
        assert http.get("/api/%44EFAULT/webhook/event").status_code == 200

    def test_client_that_leaves_does_no_harm(self, mock: MockServer, caplog: pytest.LogCaptureFixture) -> None:
        """A client that hangs up within its body leaves no error in the log and the mock at work."""
        host, port = mock.url.removeprefix("http://").split(":")
        request = b"POST /api/admin/login_check HTTP/1.1\r\nHost: mock\r\nContent-Length: 100\r\n\r\n{"
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(request)

        assert httpx2.get(f"{mock.url}/_mock/health").status_code == 200
        assert [record for record in caplog.records if record.levelname == "ERROR"] == []

    @pytest.mark.parametrize("count", [1, 3])
    def test_client_that_only_listens_is_answered(self, mock: MockServer, count: int) -> None:
        """A client that closes its sending half gets every response that it asked for; then the connection ends."""
        host, port = mock.url.removeprefix("http://").split(":")
        head = b"GET /api/DEFAULT/webhook/event HTTP/1.1\r\nHost: mock\r\nX-AUTH-TOKEN: mock-api-key\r\n"
        request = head + b"Prefer: delay=0.05\r\n\r\n"
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(request * count)
            connection.shutdown(socket.SHUT_WR)
            with connection.makefile("rb") as answers:
                received = answers.read()

        assert received.count(b"HTTP/1.1 200 OK") == count

    def test_many_clients_at_once(self, mock: MockServer) -> None:
        """Clients that come at once all get their own response."""
        with ThreadPoolExecutor(8) as clients:
            created = list(clients.map(lambda _: subscribe(mock, NOWHERE), range(8)))

        assert len({one["webhookSubscriptionId"] for one in created}) == 8


def test_mocks_run_side_by_side(mock: MockServer, signing_key: str) -> None:
    """Two mocks of one process have ports and data of their own."""
    with MockServer(replace(mock.settings, signing_key=signing_key)) as other:
        subscribe(other, f"{NOWHERE}/other")
        seen, made = (httpx2.get(f"{one.url}{SUBSCRIPTIONS}", headers=API_KEY).json()["items"] for one in (mock, other))

        assert other.url != mock.url
        assert [row["url"] for row in made] == [f"{NOWHERE}/other"]
        assert f"{NOWHERE}/other" not in [row["url"] for row in seen]


def test_contract_is_read_once(mock: MockServer, signing_key: str) -> None:
    """Another mock of a process doesn't read and compile the contract again: most of its start would be that."""
    assert MockServer(Settings(signing_key=signing_key)).world.contract is mock.world.contract


def test_time_is_the_one_that_was_handed_in(signing_key: str) -> None:
    """A mock that is given a clock goes by it."""
    clock = Clock(frozen_at=NOW)
    with MockServer(Settings(port=0, signing_key=signing_key), clock) as mock:
        login = httpx2.post(f"{mock.url}/api/admin/login_check", json={"username": "admin", "password": "password"})
        bearer = {"Authorization": f"Bearer {login.json()['token']}"}
        assert httpx2.get(f"{mock.url}{EVENTS}", headers=bearer).status_code == 200

        clock.advance(86_400)

        assert httpx2.get(f"{mock.url}{EVENTS}", headers=bearer).json()["message"] == "Expired JWT Token."


@pytest.mark.parametrize("trusted", [(), ("192.0.2.0/24",)])
def test_clients_can_not_choose_their_address(signing_key: str, trusted: tuple[str, ...]) -> None:
    """The login limit counts by the real address, not by one that the client claims, be it that of a trusted proxy."""
    settings = Settings(port=0, signing_key=signing_key, login_rate_limit=1, trust_proxy=trusted)
    with MockServer(settings) as mock:
        statuses = [_login(mock, claimed) for claimed in ("192.0.2.1", "192.0.2.2", "198.51.100.1, 192.0.2.3")]

    assert statuses == [401, 429, 429]


def test_trusted_proxy_tells_who_logs_in(signing_key: str) -> None:
    """Behind a proxy that is trusted, each client has a limit of its own; what it claims itself changes nothing."""
    settings = Settings(port=0, signing_key=signing_key, login_rate_limit=1, trust_proxy=("127.0.0.1",))
    with MockServer(settings) as mock:
        statuses = [_login(mock, claimed) for claimed in ("192.0.2.1", "192.0.2.2", "198.51.100.1, 192.0.2.2")]

    assert statuses == [401, 401, 429]


def _login(mock: MockServer, forwarded_for: str) -> int:
    wrong = {"username": "admin", "password": "wrong"}
    headers = {"X-Forwarded-For": forwarded_for}
    return httpx2.post(f"{mock.url}/api/admin/login_check", json=wrong, headers=headers).status_code


def test_mock_ends_with_its_block(signing_key: str) -> None:
    """After the block nobody listens any more, and the thread is gone."""
    before = threading.active_count()
    with MockServer(Settings(port=0, signing_key=signing_key)) as mock:
        url = mock.url
        assert httpx2.get(f"{url}/_mock/health").status_code == 200

    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{url}/_mock/health")
    assert threading.active_count() <= before


def test_mock_ends_while_a_client_keeps_its_connection(signing_key: str) -> None:
    """An idle connection doesn't keep the mock's thread alive."""
    before = threading.active_count()
    with httpx2.Client() as http:
        with MockServer(Settings(port=0, signing_key=signing_key)) as mock:
            http.get(f"{mock.url}/_mock/health")

        assert threading.active_count() <= before


@pytest.mark.parametrize("held", ["/_mock/deliveries?wait=60", "/api/DEFAULT/webhook/event"])
def test_mock_ends_while_a_request_waits(signing_key: str, caplog: pytest.LogCaptureFixture, held: str) -> None:
    """A long poll, or a response that was to be late, is cut off at the end, and nobody takes that for a defect."""
    with MockServer(Settings(port=0, signing_key=signing_key)) as mock:
        client = socket.create_connection(mock.url.removeprefix("http://").split(":"))  # type: ignore[arg-type]
        client.sendall(f"GET {held} HTTP/1.1\r\nHost: localhost\r\nPrefer: delay=30\r\n\r\n".encode())
        assert httpx2.get(f"{mock.url}/_mock/health").status_code == 200

    with client:
        assert client.recv(1) == b""
    assert [record.message for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []


class _Drowsy(Server):
    tick = 60.0


def test_server_ends_when_it_is_told_to() -> None:
    """A server ends at once, not with its next tick; to tell it again does no harm."""
    ready = threading.Event()
    server = _Drowsy(cast("Any", Bare()), ready.set)
    thread = threading.Thread(target=server.run, args=([listen("127.0.0.1", 0)],))
    thread.start()
    assert ready.wait(30)

    server.stop()
    thread.join(30)
    server.stop()

    assert not thread.is_alive()


class _Answering(Bare):
    async def answer(self, _request: Request) -> Response:
        return Response(200, [], b"here")


def test_an_idle_connection_is_kept_for_longer_than_a_balancer_keeps_it() -> None:
    """For more than a minute after a response; then it is closed."""
    ready, listener = threading.Event(), listen("127.0.0.1", 0)
    server = _Drowsy(cast("Any", _Answering()), ready.set)
    threading.Thread(target=server.run, args=([listener],), daemon=True).start()
    assert ready.wait(30)

    with socket.create_connection(listener.getsockname(), timeout=30) as client:
        for later in (0, 60):
            _look_at_connections(server, later)
            client.sendall(b"GET / HTTP/1.1\r\nHost: mock\r\n\r\n")
            assert client.recv(65536).startswith(b"HTTP/1.1 ")
        _look_at_connections(server, 90)
        assert client.recv(1) == b""
    server.stop()


def _look_at_connections(server: Server, later: float) -> None:
    """Do what a tick so many seconds later would do."""
    for connection in [cast("HttpProtocol", each) for each in server.server_state.connections]:
        looked = threading.Event()
        connection.loop.call_soon_threadsafe(_look_at, connection, later, looked)
        assert looked.wait(30)


def _look_at(connection: HttpProtocol, later: float, looked: threading.Event) -> None:
    connection.check_time(connection.loop.time() + later)
    looked.set()


def test_without_settings_the_system_chooses_the_port() -> None:
    """`MockServer()` is all that a test needs: the defaults, on a free port of the loopback."""
    with MockServer() as mock:
        answer = httpx2.get(f"{mock.url}{EVENTS}", headers=API_KEY)

    assert mock.settings == Settings(port=0)
    assert answer.status_code == 200


def test_bad_signing_key_is_told_at_once() -> None:
    """A mock that can't be made fails where it is made, with the reason."""
    with pytest.raises(SettingsError, match=r"The signing key nowhere\.pem can't be used"):
        MockServer(Settings(port=0, signing_key="nowhere.pem"))


def test_taken_port_is_named_with_a_way_out() -> None:
    """Who asks for a port in use is told which, and what to do."""
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]

        with pytest.raises(PortTaken, match=rf"Can't listen on 127\.0\.0\.1:{port} \(.+\)\. .+ --port 8282`\.$"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid", "2001:db8::1"])
def test_address_that_is_not_ours_is_told(host: str) -> None:
    """An address that this machine doesn't have is refused with advice of its own."""
    with pytest.raises(PortTaken, match=rf"Can't listen on {re.escape(host)}:0 \(.+\)\. Check --host"):
        listen(host, 0)


@pytest.mark.parametrize(
    ("name", "url"),
    [(("127.0.0.1", 8181), "http://127.0.0.1:8181"), (("::1", 8181, 0, 0), "http://[::1]:8181")],
)
def test_address_is_a_url(name: Any, url: str) -> None:
    """The address of a listening socket is a URL that can be called, IPv6 in brackets."""

    class Named(socket.socket):
        def getsockname(self) -> Any:
            return name

    with Named() as listener:
        assert address(listener) == url


def test_mock_has_no_address_before_it_is_entered(signing_key: str) -> None:
    """Asking a mock for its URL before its block is an error that says what to do."""
    with pytest.raises(RuntimeError, match="enter it by `with`"):
        _ = MockServer(Settings(port=0, signing_key=signing_key)).url
