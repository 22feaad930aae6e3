"""The catcher: an HTTP server of the run's own that takes deliveries, and answers each as the run wants it.

It may stand in the open, so it knows only the tokens that it was told of, keeps only so much, and gives up who is slow.
"""

import re
import socket
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import Any, Self

from mockserver.checks.sender.deliveries import Caught
from mockserver.checks.transport.ledger import RESERVED
from mockserver.checks.transport.rate_limiting import MonotonicTime
from mockserver.clock import Clock
from mockserver.errors import SettingsError

LONGEST_BODY = 4 * 2**20  # bytes
LONGEST_LINE = 4096  # bytes of the size of a chunk
MOST_CAUGHT = 20_000  # requests that are kept
MOST_AT_ONCE = 128  # connections
SILENCE = 15.0  # seconds without a byte after which a connection is given up
NOBODY_HERE, TOO_LARGE = 404, 413
NO_CONTENT = 204
_TOKEN = re.compile(rf"/[0-9a-f]{{8}}\.{re.escape(RESERVED)}/([0-9a-f]{{8,}})(?=[/?#]|$)")


@dataclass
class CatcherReaction:
    """The reaction to the requests with one token: their statuses, one after another, of which the last is repeated."""

    statuses: tuple[int, ...] = (NO_CONTENT,)
    location: str = ""
    asked: int = 0

    def next(self) -> int:
        """The status of the next answer."""
        status = self.statuses[min(self.asked, len(self.statuses) - 1)]
        self.asked += 1
        return status


@dataclass
class Catcher:
    """A catcher from `with` to the end of its block. `listen` is host and port, of which 0 is any free one; `public` is
    the address by which the instance reaches it, if that is another one. Raises SettingsError on entering if it can't
    listen there."""

    listen: tuple[str, int] = ("127.0.0.1", 0)
    public: str = ""
    time: MonotonicTime = field(default_factory=MonotonicTime)
    clock: Clock = field(default_factory=Clock)
    strangers: int = 0  # requests with no token that it was told of

    def __post_init__(self) -> None:
        self._caught: list[Caught] = []
        self._reactions: dict[str, CatcherReaction] = {}
        self._counts = Counter[str]()
        self._arrived = threading.Condition()
        self._server: _Server | None = None

    def __enter__(self) -> Self:
        try:
            self._server = _Server(self.listen, self._take)
        except OSError as error:
            where, why = f"{self.listen[0]}:{self.listen[1]}", error.strerror or error
            raise SettingsError(f"Nothing can listen on {where}: {why}. Give another --catcher-listen.") from error
        self._server.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.end()

    @property
    def url(self) -> str:
        """The address that the instance is given, without a slash at its end."""
        if self.public:
            return self.public.rstrip("/")
        return f"http://{self.listens_on}"

    @property
    def listens_on(self) -> str:
        """Host and port at which it listens, also where any free port was asked for."""
        port = self._server.server_port if self._server is not None else self.listen[1]
        return f"{f'[{self.listen[0]}]' if ':' in self.listen[0] else self.listen[0]}:{port}"

    def expect(self, path: str, reaction: CatcherReaction) -> str:
        """Take the requests of a path with a token from now on; returns its whole URL."""
        with self._arrived:
            self._reactions[token_of(path)] = reaction
        return self.url + path

    def count(self, token: str) -> int:
        """The number of requests with a token so far."""
        return self._counts[token]

    def caught(self) -> list[Caught]:
        """The requests so far, in the order in which they came."""
        with self._arrived:
            return list(self._caught)

    def wait(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Wait so long, but no longer than until something holds of what was caught; whether it does."""
        with self._arrived:
            return self._arrived.wait_for(until, seconds)

    # ---------------------------------------------------------------- in the threads of the server
    def _take(self, request: BaseHTTPRequestHandler) -> None:
        """Keep a request if its token is known, and answer it. Of others no body is read."""
        token, at, moment = token_of(request.path), self.time.now(), self.clock.now()
        with self._arrived:
            reaction = self._reactions.get(token)
            self.strangers += reaction is None
        body = None if reaction is None else _body(request)
        if reaction is None or body is None:
            _answer(request, NOBODY_HERE if reaction is None else TOO_LARGE)
            return
        with self._arrived:
            status = reaction.next()
            headers = tuple((name, value) for name, value in request.headers.items())
            self._counts[token] += 1
            if (number := len(self._caught) + 1) <= MOST_CAUGHT:
                method, target = request.command, request.path
                self._caught.append(Caught(number, token, method, target, headers, body, at, moment, status))
        _answer(request, status, reaction.location)
        with self._arrived:
            self._arrived.notify_all()


def token_of(target: str) -> str:
    """The token in a path, whatever stands before or after it; empty if there is none."""
    found = _TOKEN.search(target)
    return found[1] if found else ""


def _body(request: BaseHTTPRequestHandler) -> bytes | None:
    """The body as it came, joined if it came in chunks; None if it is too large, or its length is no number."""
    try:
        if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
            return _from_chunks(request)
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        return None
    return request.rfile.read(length) if 0 <= length <= LONGEST_BODY else None


def _from_chunks(request: BaseHTTPRequestHandler) -> bytes | None:
    """Raises ValueError if the size of a chunk is no number."""
    body = b""
    while size := int(request.rfile.readline(LONGEST_LINE).partition(b";")[0], 16):
        if not 0 < size <= LONGEST_BODY - len(body):
            return None
        body += request.rfile.read(size)
        request.rfile.readline(LONGEST_LINE)
    while request.rfile.readline(LONGEST_LINE).strip():
        pass  # trailers
    return body


def _answer(request: BaseHTTPRequestHandler, status: int, location: str = "") -> None:
    refused = status in (NOBODY_HERE, TOO_LARGE)
    request.close_connection = request.close_connection or refused  # a body may not have been read
    request.send_response_only(status)
    if location:
        request.send_header("Location", location)
    if status != NO_CONTENT:
        request.send_header("Content-Length", "0")
    if refused:
        request.send_header("Connection", "close")
    request.end_headers()


class _Server(ThreadingHTTPServer):
    """The server: a thread for each connection, and so many of them at most."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, listen: tuple[str, int], take: Callable[[BaseHTTPRequestHandler], None]) -> None:
        self.address_family = socket.AF_INET6 if ":" in listen[0] else socket.AF_INET
        self.take = take
        self._room = threading.BoundedSemaphore(MOST_AT_ONCE)
        super().__init__(listen, _Handler)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def server_bind(self) -> None:
        """Bind, without asking a name server who we are, as the base class does."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def begin(self) -> None:
        """Take connections."""
        self._thread.start()

    def end(self) -> None:
        """Take none any more."""
        self.shutdown()
        self._thread.join()
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Hand a connection to a thread, or close it if there are too many."""
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Handle a connection to its end."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore errors: senders may break off."""


class _Handler(BaseHTTPRequestHandler):
    """Passes every request, whatever its method, on."""

    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = SILENCE

    def do_POST(self) -> None:
        """Pass it on."""
        with suppress(OSError):
            self.server.take(self)

    do_GET = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_POST  # noqa: N815 (the base class's names)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's)
        """Log nothing."""
