"""mockserver.asgi: the mock under servers that aren't ours, over real sockets, and what ASGI leaves open."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import httpx2
import orjson
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Scope

from mockserver.app.asgi_middleware import HostingMiddleware
from mockserver.app.reload import ReloadingApplication
from mockserver.asgi import Deferred, create_app
from mockserver.errors import SettingsError
from mockserver.http.server import listen
from mockserver.settings import Settings
from tests.support.subscriptions import KEY, subscribe

EVENTS = "/api/DEFAULT/webhook/event"
LOGIN = {"username": "admin", "password": "password"}
pytestmark = pytest.mark.anyio

TIMEOUT = 20  # seconds; nothing waits for them unless it is broken


# ---------------------------------------------------------------- servers
@contextmanager
def by_uvicorn(app: ASGIApp, listener: socket.socket) -> Iterator[None]:
    """uvicorn as it comes, in a thread."""
    server = uvicorn.Server(uvicorn.Config(cast("Any", app), log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run, args=[[listener]])
    thread.start()
    yield
    server.should_exit = True
    thread.join(TIMEOUT)


@contextmanager
def by_hypercorn(app: ASGIApp, listener: socket.socket) -> Iterator[None]:
    """Hypercorn, in a thread."""
    hypercorn = pytest.importorskip("hypercorn.config")
    from hypercorn.asyncio import serve  # noqa: PLC0415 (where it is installed)

    config, loop = hypercorn.Config(), asyncio.new_event_loop()
    config.bind, config.graceful_timeout, ended = [f"fd://{listener.detach()}"], 0.1, asyncio.Event()
    serving = serve(cast("Any", app), config, shutdown_trigger=ended.wait)
    thread = threading.Thread(target=loop.run_until_complete, args=[serving])
    thread.start()
    yield
    loop.call_soon_threadsafe(ended.set)
    thread.join(TIMEOUT)
    loop.close()


SERVERS = {"uvicorn": by_uvicorn, "hypercorn": by_hypercorn}


@pytest.fixture(scope="module", params=SERVERS)
def url(request: pytest.FixtureRequest, signing_key: str) -> Iterator[str]:
    """The base URL of a mock under a server of each kind."""
    listener = listen("127.0.0.1", 0)
    base = "http://127.0.0.1:{1}".format(*listener.getsockname())
    app = create_app(Settings(signing_key=signing_key, seed=1, strict=True))
    with listener, SERVERS[request.param](app, listener):
        yield base


@pytest.fixture
def http(url: str) -> Iterator[httpx2.Client]:
    """A client of it, with the API key; no fault outlives it."""
    with httpx2.Client(base_url=url, headers=KEY, timeout=TIMEOUT) as http:
        yield http
        http.delete("/_mock/faults").raise_for_status()


def _said_until(words: str, process: "subprocess.Popen[str]") -> str | None:
    """All that a process says, if it ends before it says these words."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        if words in line:
            return None
        said += line
    return said


def _wait_for_socket_file(path: str, process: "subprocess.Popen[str]") -> None:
    """Wait until somebody listens there: Granian says that it has started before it does."""
    while process.poll() is None:
        with socket.socket(socket.AF_UNIX) as probe, suppress(OSError):
            probe.connect(path)
            return
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.02)


@pytest.fixture(scope="module")
def granian(tmp_path_factory: pytest.TempPathFactory, signing_key: str) -> Iterator[str]:
    """The socket file of a mock under Granian, in a process of its own and made of variables."""
    pytest.importorskip("granian")
    path = str(tmp_path_factory.mktemp("granian") / "mock.sock")
    environment = {**os.environ, "MOCKSERVER_SIGNING_KEY": signing_key, "MOCKSERVER_STORES": "ONE,TWO"}
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--uds", path, "mockserver.asgi:app"]
    with subprocess.Popen(  # noqa: S603
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        watchdog = threading.Timer(TIMEOUT, process.kill)
        watchdog.start()
        said = _said_until("Started worker", process)
        if said is None:
            _wait_for_socket_file(path, process)
            yield path
        watchdog.cancel()
        process.terminate()
    if said is not None:
        pytest.fail(f"granian did not start:\n{said}")


def _break(http: httpx2.Client, effect: str, operation_id: str = "webhookEventGetList") -> None:
    """Let the next response go wrong."""
    fault = {"operationId": operation_id, "effect": effect, "times": 1}
    http.post("/_mock/faults", json=fault).raise_for_status()


# ---------------------------------------------------------------- under each of them
def test_login_and_call(http: httpx2.Client) -> None:
    """A token from one request opens the next; HEAD has no body, and a body may come in pieces."""
    token = http.post("/api/admin/login_check", json=LOGIN).json()["token"]
    member = http.post("/api/DEFAULT/member", content=iter([b'{"customer": {"email":', b' "a@example.com"}}']),
                       headers={"Content-Type": "application/json"})  # fmt: skip
    head = http.head(EVENTS)

    assert http.get(EVENTS, headers={"Authorization": f"Bearer {token}"}).json()["items"]
    assert (member.status_code, head.content, int(head.headers["content-length"]) > 100) == (200, b"", True)


@pytest.mark.parametrize("effect", ["dropConnection", "truncateBody"])
def test_broken_answer_is_not_complete(http: httpx2.Client, effect: str) -> None:
    """The client sees that the response breaks off."""
    _break(http, effect)

    with http.stream("GET", EVENTS) as answer, pytest.raises(httpx2.TransportError):
        answer.read()


def test_dropped_answer_without_a_body_is_an_error(http: httpx2.Client) -> None:
    """What can't break off doesn't begin: the server answers 500 in its place."""
    _break(http, "dropConnection", "userGetTokenRevoke")

    assert http.get("/api/token/revoke").status_code == 500


def test_hanging_answer_never_comes(http: httpx2.Client) -> None:
    """The client has to give up; others are answered."""
    _break(http, "hang")

    with pytest.raises(httpx2.ReadTimeout):
        http.get(EVENTS, timeout=httpx2.Timeout(TIMEOUT, read=0.1))

    assert http.get("/_mock/health").status_code == 200


def test_nothing_is_delivered_to_the_mock_itself(http: httpx2.Client, url: str) -> None:
    """The mock learns from its requests where its server listens, and delivers nothing there."""
    subscribe(http, f"{url}/_mock/reset", "CustomerUpdated")
    http.post("/_mock/events", json={"eventName": "CustomerUpdated", "storeCode": "DEFAULT"}).raise_for_status()

    (delivery,) = http.get("/_mock/deliveries?status=blocked&atLeast=1&wait=5").json()["items"]

    assert delivery["status"] == "blocked"


# ---------------------------------------------------------------- under one of them
def test_http_2(signing_key: str) -> None:
    """Hypercorn and others bring HTTP/2: a login, a call with its token, and the address that `:authority` names."""
    pytest.importorskip("h2")
    listener = listen("127.0.0.1", 0)
    base = "http://127.0.0.1:{1}".format(*listener.getsockname())
    with listener, by_hypercorn(create_app(Settings(signing_key=signing_key)), listener):  # noqa: SIM117
        with httpx2.Client(base_url=base, http1=False, http2=True, timeout=TIMEOUT) as http:
            login = http.post("/api/admin/login_check", json=LOGIN)
            bearer = {"Authorization": f"Bearer {login.json()['token']}"}

            assert (login.http_version, http.get(EVENTS, headers=bearer).status_code) == ("HTTP/2", 200)
            assert http.get("/openapi.json").json()["servers"][0]["url"] == base


def test_granian_serves_what_the_variables_say(granian: str) -> None:
    """`mockserver.asgi:app` is the mock of the environment; on a socket file there is no port to know."""
    transport = httpx2.HTTPTransport(uds=granian)
    with httpx2.Client(transport=transport, base_url="http://mock", timeout=TIMEOUT) as http:
        login = http.post("/api/admin/login_check", json=LOGIN)
        bearer = {"Authorization": f"Bearer {login.json()['token']}"}

        assert http.get("/api/TWO/webhook/event", headers=bearer).status_code == 200
        assert http.get(EVENTS, headers=bearer).status_code == 404


# ---------------------------------------------------------------- what ASGI leaves open
async def _call(app: ASGIApp, scope: Scope, *received: Message) -> list[Message]:
    """What an application sends in answer to these messages."""
    messages, sent = [*received], []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    with suppress(IndexError):  # there is no more to receive
        await app(scope, receive, send)
    return sent


def _scope(path: str = EVENTS, **differing: Any) -> Scope:
    """A GET with the API key, with no more than what ASGI says is always there."""
    headers = [(b"x-auth-token", b"mock-api-key")]
    return {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers} | differing


def test_without_a_lifespan_the_first_request_seeds(settings: Settings) -> None:
    """A server that runs no lifespan, or a framework that the mock is mounted in, gets a mock with its users."""
    client = TestClient(Starlette(routes=[Mount("/below", app=create_app(settings))]))

    login = client.post("/below/api/admin/login_check", json=LOGIN).json()
    answer = client.get(f"/below{EVENTS}", headers={"Authorization": f"Bearer {login['token']}"})

    assert answer.status_code == 200


@pytest.mark.parametrize("server", [("127.0.0.1", 8000), ["::1", "8000"], ("/run/mock.sock", None), None])
async def test_servers_tell_their_address_in_many_ways(settings: Settings, server: object) -> None:
    """Port as a number or a text, a socket file, or nothing at all: requests are answered."""
    start, _ = await _call(create_app(settings), _scope(server=server))

    assert start["status"] == 200


@pytest.mark.parametrize(
    ("root", "path", "status"),
    [("/mock", f"/mock{EVENTS}", 200), ("/mock/", f"/mock{EVENTS}", 200), ("/ap", EVENTS, 200), ("/mock", EVENTS, 200)],
)
async def test_root_path_is_taken_off_by_segments(settings: Settings, root: str, path: str, status: int) -> None:
    """A root path that the server's path has is taken off, but only as whole segments."""
    start, _ = await _call(create_app(settings), _scope(path, root_path=root))

    assert start["status"] == status


async def test_websocket_is_refused(settings: Settings) -> None:
    """Who asks for a WebSocket is refused in ASGI's way."""
    sent = await _call(create_app(settings), {"type": "websocket"}, {"type": "websocket.connect"})

    assert sent == [{"type": "websocket.close"}]


def test_another_contract_is_served(tmp_path: Path) -> None:
    """`spec` counts here, too, and so does `watch`."""
    spec = tmp_path / "contract.json"
    operation = '{"responses": {"200": {"description": "d", "content": {"text/plain": {"example": "tea"}}}}}'
    info = '"openapi": "3.0.3", "info": {"title": "T", "version": "1"}'
    spec.write_text(f'{{{info}, "paths": {{"/drinks": {{"get": {operation}}}}}}}')

    app = create_app(Settings(spec=str(spec), watch=True, cache_dir=""))
    with TestClient(app) as client:
        assert client.get("/drinks").text == "tea"

    assert isinstance(app, HostingMiddleware)
    assert isinstance(app._app, ReloadingApplication)  # noqa: SLF001 (tests/app/test_reload.py has what it does)


def test_watching_needs_the_lifespan(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where there is no lifespan nothing can be watched, and the log says so."""
    spec = tmp_path / "contract.json"
    spec.write_text('{"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {}}')

    TestClient(create_app(Settings(spec=str(spec), watch=True, cache_dir=""))).get("/_mock/health")

    assert "The server runs no lifespan: the contract's files are not watched." in caplog.messages


# ---------------------------------------------------------------- made of variables
async def test_variables_make_one_mock(signing_key: str) -> None:
    """The mock is made at the first call, and stays the same."""
    app = Deferred({"MOCKSERVER_SIGNING_KEY": signing_key, "MOCKSERVER_STORES": "ONE"})
    start, _ = await _call(app, _scope("/api/ONE/webhook/event"))
    _, asked = await _call(app, _scope("/_mock/requests"))

    assert start["status"] == 200
    assert orjson.loads(asked["body"])["total"] == 1


async def test_bad_variable_fails_the_start() -> None:
    """A server that runs the lifespan is told why the mock can't start; others tell it to whoever asks."""
    app = Deferred({"MOCKSERVER_PORT": "http"})
    says = "The mock can't start: Invalid value for MOCKSERVER_PORT: 'http' is not a whole number."

    (failed,) = await _call(app, {"type": "lifespan"}, {"type": "lifespan.startup"})
    start, body = await _call(app, _scope(), {"type": "http.request"})

    assert failed == {"type": "lifespan.startup.failed", "message": says}
    assert (start["status"], says.encode() in body["body"]) == (500, True)


def test_bad_setting_is_told_at_once() -> None:
    """`create_app` raises what is wrong where it is called."""
    with pytest.raises(SettingsError, match=r"The signing key nowhere\.pem can't be used"):
        create_app(Settings(signing_key="nowhere.pem"))
