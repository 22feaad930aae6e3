"""mockserver.http.protocol and mockserver.http.exchange: HTTP/1.1 on a connection, in front of small applications.

The tests of request_parser are in tests/hostile, those of loopback_server in tests/testing and tests/client.
"""

import asyncio
import re
import socket
import threading
import weakref
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar

import pytest

from mockserver.http.messages import Disconnected, Header, Request, Response
from mockserver.http.protocol import READ_AHEAD, RESET
from mockserver.http.server import Server, listen
from tests.support.bare import Bare

TIMEOUT = 10  # seconds; nothing waits for them unless it is broken
GET = b"GET /%s HTTP/1.1\r\nHost: mock\r\n\r\n"
LAST = b"GET /%s HTTP/1.1\r\nHost: mock\r\nConnection: close\r\n\r\n"


Respond = Callable[[Request], Coroutine[None, None, Response]]


class Application(Bare):
    """An application that answers in one way."""

    def __init__(self, answer: Respond) -> None:
        self.answer = answer


@contextmanager
def served(
    respond: Respond | None = None, client_timeout: float = 30, app: Application | None = None
) -> Iterator[tuple[str, int]]:
    """The address of a server of one application, or of one that answers in one way."""
    ready = threading.Event()
    listener = listen("127.0.0.1", 0)
    served_app = app or Application(respond or echo)
    server = Server(served_app, ready.set, client_timeout)
    thread = threading.Thread(target=server.run, args=[[listener]], daemon=True)
    thread.start()
    assert ready.wait(TIMEOUT)
    try:
        yield listener.getsockname()
    finally:
        server.should_exit = True
        thread.join(TIMEOUT)


def receive(connection: socket.socket, received: bytearray) -> None:
    """Add what comes, until the server closes."""
    while part := connection.recv(65536):
        received += part


def receive_some(connection: socket.socket) -> bytes:
    """What comes first."""
    return connection.recv(65536)


def talk(address: tuple[str, int], *pieces: bytes) -> bytes:
    """All that comes back for these bytes, until the server closes."""
    received = bytearray()
    with socket.create_connection(address, timeout=TIMEOUT) as connection, suppress(ConnectionError):
        for piece in pieces:
            connection.sendall(piece)
        receive(connection, received)
    return bytes(received)


async def echo(request: Request) -> Response:
    """Answer with what was asked."""
    body = await request.read(longest=10 * READ_AHEAD)
    return Response(200, [], b"%s %s %s " % (request.method.encode(), request.raw_path, request.query_string) + body)


async def slowly(request: Request) -> Response:
    """As echo, but not before the event loop has turned once."""
    await asyncio.sleep(0)
    return await echo(request)


async def deaf(_request: Request) -> Response:
    """An application that doesn't ask for the body."""
    return Response(403, [], b"no")


def bodies(received: bytes) -> list[bytes]:
    """The bodies of responses that tell their length."""
    found = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        found.append(rest[:length])
        received = rest[length:]
    return found


@pytest.mark.parametrize("app", [echo, slowly])
def test_pipelined_requests_are_answered_in_order(app: Respond) -> None:
    """However many requests come at once, and whether they wait or not, each gets its response, in their order."""
    requests = b"".join(GET % b"%d" % number for number in range(2_000))
    with served(app) as address:
        received = talk(address, requests, LAST % b"last")

    assert bodies(received) == [b"GET /%d  " % number for number in range(2_000)] + [b"GET /last  "]


@pytest.mark.parametrize("app", [echo, slowly])
def test_body_is_received_in_pieces(app: Respond) -> None:
    """A body of any size arrives whole, also one that is larger than what is read ahead."""
    body = b"x" * (5 * READ_AHEAD + 1)
    head = b"POST /a%%20b?c=d HTTP/1.1\r\nHost: mock\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    with served(app) as address:
        received = talk(address, head, body)

    assert bodies(received) == [b"POST /a%20b c=d " + body]


class Parameters(dict[str, str]):
    """Parameters that can be referred to weakly."""


class Headers(list[Header]):
    """Headers that can be referred to weakly."""


@pytest.mark.parametrize("app", [echo, slowly, deaf])
def test_an_idle_connection_keeps_nothing(app: Respond) -> None:
    """Request and response are let go as soon as the exchange is over, not with the next one: a body may be large."""
    kept: list[weakref.ref[Parameters] | weakref.ref[Headers]] = []

    async def noted(request: Request) -> Response:
        request.path_parameters = parameters = Parameters()
        answer = await app(request)
        answer.headers = headers = Headers()
        kept.extend([weakref.ref(parameters), weakref.ref(headers)])
        return answer

    with served(noted) as address, socket.create_connection(address, timeout=TIMEOUT) as idle:
        idle.sendall(b"PUT / HTTP/1.1\r\nHost: mock\r\nContent-Length: 4\r\n\r\nbody")
        assert idle.recv(100).startswith(b"HTTP/1.1 ")
        talk(address, LAST % b"another")

        assert [reference() for reference in kept] == [None] * 4


def test_blanks_around_the_value_of_a_header_are_no_part_of_it() -> None:
    """Before it and behind it, as RFC 9110 §5.5 has it; those within stay."""

    async def app(request: Request) -> Response:
        return Response(200, [], b"[" + request.headers[b"x-who"] + b"]")

    with served(app) as address:
        received = talk(address, (LAST % b"a").replace(b"\r\n\r\n", b"\r\nX-Who: \t jo\tann \t \r\n\r\n"))

    assert bodies(received) == [b"[jo\tann]"]


def test_trailers_are_no_headers() -> None:
    """What comes after a body can't replace what was said before it."""

    async def app(request: Request) -> Response:
        return Response(200, [], await request.read() + b" " + request.headers[b"x-who"])

    head = b"POST / HTTP/1.1\r\nHost: mock\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nX-Who: jo\r\n\r\n"
    with served(app) as address:
        received = talk(address, head + b"2\r\nhi\r\n0\r\nX-Who: admin\r\n\r\n")

    assert bodies(received) == [b"hi jo"]


def test_body_that_nobody_reads_is_skipped() -> None:
    """A request that is answered before its body was read leaves the connection in order."""
    body = b"GET / HTTP/1.1\r\n\r\n" * (READ_AHEAD // 4)
    head = b"POST / HTTP/1.1\r\nHost: mock\r\nContent-Length: %d\r\n\r\n" % len(body)
    with served(deaf) as address:
        received = talk(address, head, body, LAST % b"")

    assert bodies(received) == [b"no", b"no"]


@pytest.mark.parametrize(("app", "expected"), [(echo, b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")])
def test_client_that_asks_whether_to_go_on_is_told(app: Respond, expected: bytes) -> None:
    """`Expect: 100-continue` is answered when somebody asks for the body."""
    head = b"POST / HTTP/1.1\r\nHost: mock\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"
    with served(app) as address, socket.create_connection(address, timeout=TIMEOUT) as connection:
        connection.sendall(head)
        first = connection.recv(25)
        connection.sendall(b"ok")
        with connection.makefile("rb") as rest:
            received = first + rest.read()

    assert received.startswith(expected)
    assert received.endswith(b"POST /  ok")


def test_client_that_is_refused_before_its_body_must_connect_anew() -> None:
    """Who waits with the body and is answered without may not send it any more: the connection is closed."""
    head = b"POST / HTTP/1.1\r\nHost: mock\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    with served(deaf) as address:
        received = talk(address, head)

    assert received.startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert b"connection: close" in received


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_client_that_would_not_go_on_is_not_waited_for(version: bytes) -> None:
    """A connection ends after the response where the client says so, and always with HTTP/1.0."""
    connection = b"keep-alive" if version == b"1.0" else b"close"
    with served(echo) as address:
        head = b"GET / HTTP/%s\r\nHost: mock\r\nConnection: %s\r\n\r\n" % (version, connection)
        received = talk(address, head, GET % b"")

    assert received.count(b"HTTP/1.1 200 OK\r\n") == 1
    assert b"\r\nconnection: close\r\n" in received


@pytest.mark.parametrize("status", [204, 304])
def test_answer_that_may_have_no_body_has_none(status: int) -> None:
    """A 204 or 304 has neither body nor length, and the connection goes on."""

    async def app(_request: Request) -> Response:
        return Response(status, [])

    with served(app) as address:
        received = talk(address, GET % b"", LAST % b"")

    assert received.count(b"HTTP/1.1 %d " % status) == 2
    assert b"content-length" not in received


def test_cut_answer_closes_the_connection() -> None:
    """Less than announced is sent as it is, and no further response is mistaken for the rest."""

    async def app(_request: Request) -> Response:
        return Response(200, [], b"halfhalf", ending="truncated")

    with served(app) as address:
        received = talk(address, GET % b"", GET % b"")

    assert b"\r\ncontent-length: 8\r\n" in received
    assert received.endswith(b"\r\n\r\nhalf")
    assert received.count(b"HTTP/1.1") == 1


async def fails(_request: Request) -> Response:
    """An application with a defect."""
    raise ZeroDivisionError


async def splits_its_headers(_request: Request) -> Response:
    """An application that lets a client write headers."""
    return Response(200, [(b"x-a", b"b\r\nset-cookie: c=d")])


@pytest.mark.parametrize("app", [fails, splits_its_headers])
def test_defect_of_the_application_is_a_500(app: Respond, caplog: pytest.LogCaptureFixture) -> None:
    """An application that fails, or whose headers would be more than they are, is answered for by a bare 500."""
    with served(app) as address:
        received = talk(address, GET % b"")

    assert received.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert b"set-cookie" not in received
    assert "The application failed" in caplog.text


INTERIM = rb"HTTP/1.1 100 Continue\r\n\r\n"
DROPPED = [
    (b"GET", Response(200, [], b"sent", ending="dropped"), rb"HTTP/1.1 200 OK\r\n.*content-length: 4\r\n\r\ns"),
    (b"GET", Response(200, [], b"", ending="dropped"), rb"HTTP/1.1 200 OK\r\n.*content-length: 1\r\n\r\n"),
    (b"GET", Response(204, [], ending="dropped"), INTERIM),
    (b"HEAD", Response(200, [], b"sent", ending="dropped"), INTERIM),
]


@pytest.mark.parametrize(("method", "answer", "expected"), DROPPED)
def test_dropped_answer_is_begun_and_reset(
    caplog: pytest.LogCaptureFixture, method: bytes, answer: Response, expected: bytes
) -> None:
    """A response that shall not arrive is a head and one byte at most, then a reset, and no defect."""

    async def drops(_request: Request) -> Response:
        return answer

    received = bytearray()
    with served(drops) as address, socket.create_connection(address, timeout=TIMEOUT) as connection:
        connection.sendall(method + b" / HTTP/1.1\r\nHost: mock\r\n\r\n" + GET % b"")
        with pytest.raises(ConnectionResetError):
            receive(connection, received)

    assert re.fullmatch(expected, received, re.DOTALL)
    assert not caplog.records


def test_hung_answer_ends_with_its_client() -> None:
    """A response that never comes waits for its client to leave, whatever that sends meanwhile; then nobody waits."""
    ended = threading.Event()

    async def app(_request: Request) -> Response:
        await asyncio.sleep(0)  # from here on a task goes on with it
        task = asyncio.current_task()
        assert task
        task.add_done_callback(lambda _task: ended.set())
        return Response(200, [], b"never sent", ending="hung")

    with served(app) as address:
        with socket.create_connection(address, timeout=TIMEOUT) as connection:
            connection.sendall((GET % b"") * 20_000)
            connection.settimeout(0.05)
            with pytest.raises(TimeoutError):
                connection.recv(1)
        assert ended.wait(TIMEOUT)


@pytest.mark.parametrize("app", [echo, slowly])
def test_client_that_has_said_all_is_answered(app: Respond) -> None:
    """A client that closes its half of the connection with its last request gets what it has asked for."""
    with served(app) as address, socket.create_connection(address, timeout=TIMEOUT) as connection:
        connection.sendall(GET % b"first" + GET % b"last")
        connection.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: connection.recv(65536), b""))

    assert bodies(received) == [b"GET /first  ", b"GET /last  "]


def test_leaving_client_is_noticed() -> None:
    """An application that waits for a body is told when its client leaves."""
    told = threading.Event()

    async def app(request: Request) -> Response:
        try:
            return await echo(request)
        except Disconnected:
            told.set()
            raise

    with served(app) as address:
        with socket.create_connection(address, timeout=TIMEOUT) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: mock\r\nContent-Length: 100000\r\n\r\nhalf")
        assert told.wait(TIMEOUT)


class Noting(Application):
    """An application that notes the requests which it never gets."""

    def __init__(self, answer: Respond) -> None:
        super().__init__(answer)
        self.noted: list[str] = []
        self.something = threading.Event()

    def abandoned(self, request: Request) -> None:
        """Note a path."""
        self.noted.append(request.path)
        self.something.set()


POST = b"POST /%s HTTP/1.1\r\nHost: mock\r\nContent-Length: 9\r\n\r\nhalf"


@pytest.mark.parametrize("shuts_down", [False, True])
def test_abandoned_requests_are_noted(*, shuts_down: bool) -> None:
    """An application is told once of a request that isn't complete when its client leaves, and of none that it got."""
    app = Noting(echo)
    with served(app=app) as address:
        with socket.create_connection(address, timeout=TIMEOUT) as connection:
            connection.sendall(GET % b"first" + POST % b"second")
            receive_some(connection)
            if shuts_down:
                connection.shutdown(socket.SHUT_WR)
        assert app.something.wait(TIMEOUT)

    assert app.noted == ["/second"]


def test_requests_whose_turn_never_came_are_noted() -> None:
    """A client that resets the connection while its first request is answered has abandoned those behind it."""
    began, reset = threading.Event(), threading.Event()

    async def wait(request: Request) -> Response:
        began.set()
        await asyncio.to_thread((reset if request.path == "/first" else app.something).wait, TIMEOUT)
        return await echo(request)

    app = Noting(wait)
    with served(app=app) as address:
        with socket.create_connection(address, timeout=TIMEOUT) as connection:
            connection.sendall(GET % b"first" + GET % b"second" + GET % b"third")
            assert began.wait(TIMEOUT)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        reset.set()
        assert app.something.wait(TIMEOUT)

    assert app.noted == ["/third"]


def test_requests_that_take_too_long_are_noted() -> None:
    """A request that is refused as its client is too slow is noted once."""
    app = Noting(echo)
    with served(app=app, client_timeout=0.2) as address:
        received = talk(address, POST % b"slow")

    assert received.startswith(b"HTTP/1.1 408")
    assert app.noted == ["/slow"]


def test_nonsense_after_a_request_is_refused_after_its_answer() -> None:
    """What is no request is refused when those before it are answered, and not instead of them."""
    with served(slowly) as address:
        received = talk(address, GET % b"" + b"nonsense\r\n\r\n")

    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"HTTP/1.1 400 Bad Request\r\n" in received


def test_client_that_fetches_nothing_makes_nobody_work() -> None:
    """Answers that aren't fetched stop the next from being made."""
    made: list[int] = []

    async def app(_request: Request) -> Response:
        made.append(1)
        return Response(200, [], b"x" * 1024 * 1024)

    with served(app) as address, socket.create_connection(address, timeout=TIMEOUT) as connection:
        connection.sendall((GET % b"") * 500)
        assert connection.recv(1)

    assert len(made) < 100


@pytest.mark.parametrize("turns", [0, 1])
def test_each_request_has_a_context_of_its_own(turns: int) -> None:
    """What an application sets in a context variable is of this request, also where others come at once and wait."""
    variable = ContextVar("variable", default=0)

    async def app(_request: Request) -> Response:
        variable.set(variable.get() + 1)
        for _ in range(turns):
            await asyncio.sleep(0)
        return Response(200, [], b"%d" % variable.get())

    with served(app) as address:
        received = talk(address, (GET % b"") * 3 + LAST % b"")

    assert bodies(received) == [b"1"] * 4
