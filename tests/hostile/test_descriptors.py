"""A mock with few descriptors, in a process of its own, and clients that want them all."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from time import monotonic  # noqa: TID251 (bounds in real time)
from typing import NamedTuple

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of descriptors to set")
FILES = 256
TIMEOUT = 30  # seconds; nothing waits for them unless it is broken
SOON = 5  # seconds; it takes half of one, on a machine that has nothing else to do
LOGIN = b'{"username":"admin","password":"password"}'
COMMAND = f"ulimit -n {FILES} && exec {sys.executable} -m mockserver serve --port 0 --seed 1"


class Mock(NamedTuple):
    """A mock in a process of its own."""

    process: "subprocess.Popen[str]"
    port: int

    def status(self, method: str, path: str, body: bytes | None = None) -> int:
        """The status of an answer, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            return connection.getresponse().status
        finally:
            connection.close()


@pytest.fixture
def mock() -> Iterator[Mock]:
    """A mock that may have few files open."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
    with subprocess.Popen(  # noqa: S603 (our own command)
        ["/bin/sh", "-c", COMMAND], stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        watchdog = threading.Timer(TIMEOUT, process.kill)  # a banner that never comes must not hang the test
        watchdog.start()
        assert process.stderr
        shown = next(line for line in process.stderr if " on http://" in line)
        found = re.search(r":(\d+)$", shown)
        assert found
        for line in process.stderr:
            if line.lstrip().startswith("curl"):
                break
        try:
            yield Mock(process, int(found[1]))
        finally:
            watchdog.cancel()
            process.kill()


def test_first_login_succeeds_however_many_connect(mock: Mock) -> None:
    """Connections leave files to everything else: the first login, which reads modules, is answered among them; those
    that are too many are told so; and when they have left, the mock is as before."""
    with ExitStack() as stack:
        early = stack.enter_context(socket.create_connection(("127.0.0.1", mock.port), timeout=TIMEOUT))
        for _ in range(2 * FILES):
            stack.enter_context(socket.create_connection(("127.0.0.1", mock.port)))
        assert mock.status("GET", "/_mock/health") == 503
        head = b"POST /api/admin/login_check HTTP/1.1\r\nHost: mock\r\nContent-Type: application/json\r\n"
        early.sendall(head + b"Content-Length: %d\r\n\r\n" % len(LOGIN) + LOGIN)
        assert early.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")

    assert mock.status("POST", "/api/admin/login_check", LOGIN) == 200


def test_interrupted_mock_ends_soon_and_says_nothing(mock: Mock) -> None:
    """Ctrl-C ends a mock soon, with answers under way that nobody fetches, and without a word about them."""
    assert mock.process.stderr
    with ExitStack() as stack:
        for path in (b"/api/DEFAULT/webhook/event", b"/_mock/deliveries?wait=60", b"/docs/assets/scalar.js", b"/"):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", mock.port)))
            connection.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\nPrefer: delay=30\r\n\r\n" % path * 4)
        assert mock.status("GET", "/_mock/health") == 200

        started = monotonic()
        mock.process.send_signal(signal.SIGINT)
        assert mock.process.wait(TIMEOUT) == 130
        assert monotonic() - started < SOON

    assert not re.search("Traceback|Error|cancel", mock.process.stderr.read())
