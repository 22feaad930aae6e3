"""What clients do to connections, over real sockets: they end early, stop in the middle, read nothing, send too much.

Each kind has its variations; a client has 0.2 seconds here for what it has 30 elsewhere.
"""

import asyncio
import gc
import select
import socket
import struct
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import count, product
from pathlib import Path
from time import monotonic  # noqa: TID251 (bounds in real time)

import pytest

from mockserver.http.messages import MAX_BODY, Request, Response
from mockserver.http.request_parser import LONGEST_HEAD
from tests.http.test_protocol import GET, LAST, TIMEOUT, Respond, bodies, deaf, echo, receive, served, slowly, talk

PATIENCE = 0.2  # seconds
SOON = 5  # seconds; it takes half of one, on a machine that has nothing else to do
RESET = struct.pack("ii", 1, 0)
HEAD = b"POST / HTTP/1.1\r\nHost: mock\r\n"
LATE = b"HTTP/1.1 408 Request Timeout\r\n"


@pytest.fixture(scope="module")
def impatient() -> Iterator[tuple[str, int]]:
    """The address of a server that echoes, and waits for nobody."""
    with served(echo, PATIENCE) as address:
        yield address


def descriptors() -> int:
    """How many files and sockets this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="descriptors are counted in /proc")
@pytest.mark.parametrize("sent", [b"", b"G", GET % b"", HEAD + b"Content-Length: 9\r\n\r\n{"])
def test_connections_that_are_reset_leave_nothing(sent: bytes) -> None:
    """Clients that reset their connection, also before it is accepted, cost no descriptor."""
    before = descriptors()
    with served(echo) as address:
        for _ in range(300):
            with socket.create_connection(address) as connection:
                connection.sendall(sent)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        assert bodies(talk(address, LAST % b"")) == [b"GET /  "]
        assert descriptors() < before + 20


UPGRADES = [
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
    b"Upgrade: websocket\r\nConnection: keep-alive, upgrade\r\n",
    b"connection: UPGRADE\r\nupgrade: TLS/1.0, HTTP/1.1\r\n",
]
FRAMINGS: list[tuple[bytes, Callable[[bytes], bytes]]] = [
    (b"Content-Length: 30\r\n", lambda body: body),
    (b"Transfer-Encoding: chunked\r\n", lambda body: b"1e\r\n" + body + b"\r\n0\r\nX-Trailer: a\r\n\r\n"),
]
SMUGGLED = b"DELETE /x HTTP/1.1\r\nHost:a\r\n\r\n"  # 30 bytes that are a whole request, were they not a body


@pytest.mark.parametrize("method", [b"POST", b"GET", b"CONNECT", b"OPTIONS"])
def test_body_is_read_whatever_upgrade_says(method: bytes) -> None:
    """A request that asks for another protocol is answered in this one, with its body, which never runs as a request,
    wherever the packets end; and so is what comes after it."""
    target = b"http://mock/" if method == b"CONNECT" else b"/"
    with served(slowly) as address:
        for upgrade, (framing, framed), step in product(UPGRADES, FRAMINGS, (1, 7, 10_000)):
            request = (
                method + b" %s HTTP/1.1\r\nHost: mock\r\n" % target + upgrade + framing + b"\r\n" + framed(SMUGGLED)
            )
            pieces = [request[place : place + step] for place in range(0, len(request), step)]
            received = talk(address, *pieces, GET % b"after", request + LAST % b"last")

            echoed = bodies(received)
            assert [body.split(b" ", 1)[0] for body in echoed] == [method, b"GET", method, b"GET"], (upgrade, framing)
            assert echoed[0].endswith(SMUGGLED)
            assert echoed[2].endswith(SMUGGLED)


def test_upgrade_without_a_body_is_answered() -> None:
    """Many requests that ask for an upgrade, in one packet, are as many answers."""
    upgrade = b"GET /%d HTTP/1.1\r\nHost: mock\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    with served(echo) as address:
        received = talk(address, b"".join(upgrade % number for number in range(3_000)) + LAST % b"last")

    assert len(bodies(received)) == 3_001


def test_upgrade_can_not_hide_how_long_a_body_is() -> None:
    """What is refused without an upgrade is refused with one."""
    with served(echo) as address:
        for framing in (
            b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            b"Content-Length: 5\r\nContent-Length: 6\r\n",
            b"Content-Length: -5\r\n",
            b"Transfer-Encoding: gzip\r\n",
            b"Transfer-Encoding: chunked, identity\r\n",
        ):
            received = talk(address, HEAD + UPGRADES[0] + framing + b"\r\n" + GET % b"smuggled")

            assert received.startswith(b"HTTP/1.1 400 "), framing
            assert received.count(b"HTTP/1.1 ") == 1


UNFINISHED = {
    "nothing": b"",
    "one byte": b"G",
    "a request line": b"GET / HTTP/1.1\r\n",
    "half a header": GET[:-4] % b"" + b"\r\nX-A: ",
    "no body": HEAD + b"Content-Length: 9\r\n\r\n",
    "half a body": HEAD + b"Content-Length: 9\r\n\r\n1234",
    "no long body": HEAD + b"Content-Length: 99999\r\n\r\n",
    "half a long body": HEAD + b"Content-Length: 99999\r\n\r\n" + b"x" * 9_999,
    "no chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
    "half a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
    "no last chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
    "half a trailer": HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-A: b\r\n",
    "100-continue": HEAD + b"Expect: 100-continue\r\nContent-Length: 9\r\n\r\n",
    "an upgrade": HEAD + UPGRADES[0] + b"Content-Length: 9\r\n\r\n1234",
    "behind another": GET % b"" + HEAD + b"Content-Length: 9\r\n\r\n1234",
}


@pytest.mark.parametrize("app", [echo, slowly])
def test_what_is_never_finished_is_given_up(app: Respond) -> None:
    """A client that stops in the middle of a head or of a body gets a 408 and the end, whatever waits for it."""
    with served(app, PATIENCE) as address, ThreadPoolExecutor(len(UNFINISHED)) as threads:
        received = dict(
            zip(UNFINISHED, threads.map(lambda sent: talk(address, sent), UNFINISHED.values()), strict=True)
        )

    assert received.pop("nothing") == b""
    assert received.pop("behind another").startswith(b"HTTP/1.1 200 OK\r\n")
    interim = received.pop("100-continue").removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert {name for name, answer in {**received, "100": interim}.items() if not answer.startswith(LATE)} == set()


DRIPPING = [GET[:-2] % b"" + b"X-A: ", HEAD + b"Content-Length: 9999\r\n\r\n", HEAD + b"Content-Length: 9\r\nX-A:"]


@pytest.mark.parametrize("sent", DRIPPING)
def test_dripping_does_not_extend_the_time(impatient: tuple[str, int], sent: bytes) -> None:
    """A head or a body that comes byte by byte has no more time than one that stops."""
    received = bytearray()
    with socket.create_connection(impatient, timeout=TIMEOUT) as connection:
        connection.sendall(sent)
        connection.settimeout(PATIENCE / 10)
        for _ in range(100):
            connection.sendall(b"x")
            with suppress(TimeoutError):
                receive(connection, received)
                break

    assert received.startswith(LATE)


def test_empty_lines_are_silence(impatient: tuple[str, int]) -> None:
    """A client that sends line breaks and no request is given up as one that sends nothing."""
    with socket.create_connection(impatient, timeout=TIMEOUT) as connection:
        connection.settimeout(PATIENCE / 10)
        with suppress(ConnectionError):
            for _ in range(200):
                connection.sendall(b"\r\n")
                with suppress(TimeoutError):
                    if not connection.recv(1):
                        break
            else:
                pytest.fail("the connection is still open")


def test_client_that_is_gone_is_not_waited_for_long() -> None:
    """An answer that takes longer than a client may holds no connection of a client that has closed its side."""
    begun = threading.Event()

    async def late(_request: Request) -> Response:
        begun.set()
        await asyncio.sleep(TIMEOUT)
        return Response(200, [])

    with served(late, PATIENCE) as address, socket.create_connection(address, timeout=TIMEOUT) as connection:
        connection.sendall(GET % b"")
        assert begun.wait(TIMEOUT)
        connection.shutdown(socket.SHUT_WR)
        started = monotonic()
        with suppress(ConnectionError):
            assert connection.recv(1) == b""

    assert monotonic() - started < SOON


def test_half_closed_client_gets_what_came_before_its_mistake() -> None:
    """Requests before one that is cut off are answered, though the client has closed its side."""
    with served(slowly) as address, socket.create_connection(address, timeout=TIMEOUT) as connection:
        connection.sendall(GET % b"first" + HEAD + b"Content-Length: 99999\r\n\r\nhalf")
        connection.shutdown(socket.SHUT_WR)
        received = bytearray()
        receive(connection, received)

    assert bodies(bytes(received)) == [b"GET /first  "]


async def reads_late(request: Request) -> Response:
    """An application that asks for the body after a while."""
    await asyncio.sleep(PATIENCE / 4)
    return await echo(request)


async def breaks_late(_request: Request) -> Response:
    """An application whose answer breaks off after a while."""
    await asyncio.sleep(PATIENCE / 4)
    return Response(200, [], b"body", ending="truncated")


@pytest.mark.parametrize("app", [reads_late, breaks_late])
def test_client_that_was_refused_costs_others_nothing(app: Respond, caplog: pytest.LogCaptureFixture) -> None:
    """What an application does for a client that was refused is sent to nobody, and takes no others' answers."""
    head = HEAD + b"Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
    with served(app) as address, ExitStack() as stack, ThreadPoolExecutor(1) as threads:
        attackers = [stack.enter_context(socket.create_connection(address, timeout=TIMEOUT)) for _ in range(20)]
        for attacker in attackers:
            attacker.sendall(head + b"zzz\r\n")
        victim = threads.submit(talk, address, (GET % b"") * 20 + LAST % b"")
        refused = [attacker.recv(65536) for attacker in attackers]

        assert victim.result().startswith(b"HTTP/1.1 200 OK\r\n")
    assert {answer[:13] for answer in refused} == {b"HTTP/1.1 400 "}
    assert not caplog.records


def test_client_can_read_an_early_answer() -> None:
    """A client that is still sending reads the answer after which the connection ends."""
    with served(deaf) as address:
        head = HEAD + b"Connection: close\r\nContent-Length: 20000000\r\n\r\n"
        received = talk(address, head, *[b"x" * 1_000_000] * 20)

    assert received.startswith(b"HTTP/1.1 403 ")


def test_pieces_of_one_client_do_not_hold_up_others() -> None:
    """A body of tiny chunks that came before another request, all at once, is parsed in turns with it."""
    asked, order = threading.Event(), list[bytes]()

    async def app(request: Request) -> Response:
        if request.raw_path == b"/hold":
            assert asked.wait(TIMEOUT)  # holds up the event loop until both have sent all
        await request.read()
        order.append(request.raw_path)
        return Response(200, [])

    chunks = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 10_000 + b"0\r\n\r\n"
    with served(app) as address, ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection(address, timeout=TIMEOUT)) for _ in range(3)]
        for client, sent in zip(clients, (GET % b"hold", chunks, GET % b"other"), strict=True):
            client.sendall(sent)
        asked.set()
        assert all(client.recv(1) for client in clients)

    assert order == [b"/hold", b"/other", b"/"]


def test_requests_that_are_over_are_let_go() -> None:
    """A request that is over doesn't wait for the garbage collector."""
    gone = threading.Event()

    class Body(bytearray):
        def __del__(self) -> None:
            gone.set()

    async def app(request: Request) -> Response:
        request.headers[b"x-kept"] = Body()  # type: ignore[assignment]
        return Response(200, [])

    gc.disable()
    try:
        with served(app) as address:
            talk(address, LAST % b"")
            assert gone.wait(TIMEOUT)
    finally:
        gc.enable()


def test_body_that_nobody_waits_for_is_given_up() -> None:
    """A request that is answered before its body came ends without another answer, if the body never comes."""
    with served(deaf, PATIENCE) as address:
        received = talk(address, HEAD + b"Content-Length: 99999\r\n\r\n")

    assert received.count(b"HTTP/1.1 ") == 1
    assert received.startswith(b"HTTP/1.1 403 ")


def test_slow_answer_is_not_the_client_s_fault() -> None:
    """What takes us longer than a client may take is answered; and then the client may go on as before."""

    async def late(request: Request) -> Response:
        await asyncio.sleep(2 * PATIENCE)
        return await echo(request)

    with served(late, PATIENCE) as address:
        received = talk(address, GET % b"first", (GET % b"second") * 2, LAST % b"last")

    assert len(bodies(received)) == 4


@pytest.mark.parametrize(("size", "count"), [(2_000, 8_000), (16 * 1024 * 1024, 1), (16 * 1024 * 1024, 3)])
def test_client_that_reads_nothing_is_reset(size: int, count: int) -> None:
    """A client that doesn't fetch its answers, many small ones or a large one, is given up; others are served."""

    async def app(_request: Request) -> Response:
        return Response(200, [], b"x" * size)

    with served(app, 4 * PATIENCE) as address, socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(address)
        connection.sendall((GET % b"") * count)
        is_reset = select.poll()
        is_reset.register(connection, 0)

        assert bodies(talk(address, LAST % b"")) == [b"x" * size]
        assert is_reset.poll(1000 * TIMEOUT)


def test_slow_reader_that_goes_on_is_served() -> None:
    """A client that fetches a large answer slowly, but steadily, gets all of it, however long that takes."""
    size, taken = 8 * 1024 * 1024, 0

    async def app(_request: Request) -> Response:
        return Response(200, [], b"x" * size)

    with served(app, 10 * PATIENCE) as address, socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        connection.connect(address)
        connection.sendall(LAST % b"")
        paced = select.poll()
        while part := connection.recv(512 * 1024):
            taken += len(part)
            paced.poll(1)

    assert taken > size


def test_large_constant_is_shared() -> None:
    """Clients that don't read a large answer don't each hold a copy of it."""
    body = b"x" * 8 * 1024 * 1024

    async def app(_request: Request) -> Response:
        return Response(200, [], body)

    with served(app) as address, ExitStack() as stack:
        tracemalloc.start()
        for _ in range(20):
            connection = stack.enter_context(socket.create_connection(address, timeout=TIMEOUT))
            connection.sendall(GET % b"")
            assert connection.recv(1)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert peak < len(body)


def test_burst_of_one_client_does_not_hold_up_others() -> None:
    """While thousands of requests of one client are answered, another one has its turn after a few."""
    asked, made = threading.Event(), count()

    async def app(_request: Request) -> Response:
        assert asked.wait(TIMEOUT)  # holds up the event loop until the other client has asked
        return Response(200, [], b"%d" % next(made))

    with (
        served(app) as address,
        socket.create_connection(address) as greedy,
        socket.create_connection(address) as other,
    ):
        greedy.sendall((GET % b"") * 8_000)
        other.sendall(LAST % b"other")
        asked.set()
        received = bytearray()
        receive(other, received)

    assert int(bodies(bytes(received))[0]) < 100


@pytest.mark.parametrize("app", [echo, slowly])
def test_pipeline_of_any_length_is_answered(app: Respond) -> None:
    """Twenty thousand small requests in one go are no large head."""
    with served(app) as address, ThreadPoolExecutor(1) as threads:
        answers = threads.submit(
            talk, address, b"".join(GET % b"%d" % number for number in range(20_000)) + LAST % b"z"
        )

    assert len(bodies(answers.result())) == 20_001


def test_what_is_no_body_is_bounded() -> None:
    """Trailers without an end, or what stands behind the size of a chunk, may be no larger than a head."""
    chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    endless = {
        "trailer": b"0\r\nX-T: ",
        "name of a trailer": b"0\r\n",
        "extension": b"1;a=",
    }
    for name, begun in endless.items():
        with served(echo) as address:
            received = talk(address, chunked + begun, *[b"x" * 9_000] * 40)

        assert received.startswith(b"HTTP/1.1 400 "), name


OVERLONG = {
    "one header": [b"X-A: " + b"a" * 100_000, b"\r\n\r\n"],
    "many headers": [b"".join(b"X-%d: a\r\n" % number for number in range(6_000)), b"\r\n"],
    "the same header": [b"X-A: a\r\n" * 8_000, b"\r\n"],
    "a header without an end": [b"X-A: ", *[b"a" * 9_000] * 40],
    "headers without an end": [b"X-A: " + b"a" * 900 + b"\r\n"] * 400,
}


@pytest.mark.parametrize("pieces", OVERLONG.values(), ids=OVERLONG)
def test_client_can_read_why_it_is_refused(pieces: list[bytes]) -> None:
    """A head that is too large is answered by a 431 that arrives, though the client is still sending."""
    with served(echo) as address:
        received = talk(address, b"GET / HTTP/1.1\r\nHost: mock\r\n", *pieces)

    assert received.startswith(b"HTTP/1.1 431 ")
    assert received.count(b"HTTP/1.1 ") == 1


def test_head_may_have_its_size() -> None:
    """A head just under the limit is answered, also behind others in the same packet."""
    large = b"GET / HTTP/1.1\r\nHost: mock\r\nConnection: close\r\nX-A: " + b"a" * (LONGEST_HEAD - 200) + b"\r\n\r\n"
    with served(echo) as address:
        assert len(bodies(talk(address, (GET % b"") * 3_000 + large))) == 3_001


def test_garbage_amid_a_body_ends_its_request() -> None:
    """An application that waits for the rest of a body is told that there is none, and the client why."""
    for garbage in (b"zz\r\n", b"-1\r\n", b"fffffffffffffffff\r\n", b"2\r\nabc"):
        with served(echo, 3 * TIMEOUT) as address:
            head = HEAD + b"Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
            received = talk(address, head + b"2\r\nab\r\n" + garbage)

        assert received.endswith(b"Invalid HTTP request received.")


def test_server_ends_at_once_whatever_is_open(caplog: pytest.LogCaptureFixture) -> None:
    """Clients that are silent, slow, deaf or waiting for ever don't keep a server from ending soon, and quietly."""

    async def app(request: Request) -> Response:
        if request.raw_path == b"/hung":
            return Response(200, [], b"", ending="hung")
        return Response(200, [], b"x" * MAX_BODY * 16) if request.raw_path == b"/large" else await echo(request)

    with ExitStack() as stack:
        with served(app) as address:
            for sent in (*UNFINISHED.values(), GET % b"hung", (GET % b"large") * 4, (GET % b"hung") * 9):
                connection = stack.enter_context(socket.create_connection(address))
                connection.sendall(sent)
            assert bodies(talk(address, LAST % b"")) == [b"GET /  "]
            started = monotonic()
        assert monotonic() - started < SOON

    assert not caplog.records
