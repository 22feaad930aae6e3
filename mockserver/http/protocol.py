"""HTTP/1.1 on one connection, as a protocol class for uvicorn.

uvicorn's own protocol makes a task, an event and a timer for every request, and passes its response on in pieces: half
of the time of a small request. Here a request is answered as soon as it is complete; only one that has to wait becomes
a task. The parser is the same (httptools); server, lifespan and shutdown are uvicorn's.

The memory and time that a client can take are bounded: a head, READ_AHEAD of a body that nobody reads, one response
that it doesn't fetch, and a time-out for each. So is the delay for others: BURST responses to one client in a turn of
the event loop.
"""

import asyncio
import socket
import struct
import sys
from collections import deque
from contextlib import suppress
from contextvars import copy_context
from typing import Any, NamedTuple, cast

from uvicorn import Config
from uvicorn.server import ServerState

from mockserver.http.eager import start, start_as_task
from mockserver.http.exchange import Exchange, HttpApplication
from mockserver.http.messages import Request
from mockserver.http.request_parser import PIECE, RequestParser, final_error
from mockserver.http.write_batching import WriteBatcher

if sys.platform != "win32":
    import fcntl
    import termios

READ_AHEAD = 64 * 1024  # bytes of a body
BURST = 16  # responses
LEAST_PROGRESS = 64 * 1024  # bytes that a client must fetch within the time-out, if there are as many
LINGER = 5.0  # seconds in which a client that is refused can read why
LONG_BODY_DIGITS = 4  # of a length; a longer one is of a body that is waited for
RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)  # SO_LINGER: on, no seconds
OUTGOING: int | None = None if sys.platform == "win32" else getattr(termios, "TIOCOUTQ", None)
TOO_SLOW = final_error(408, "Request Timeout")
TOO_MANY = final_error(
    503, "Too many connections. Close some that are idle, or raise the limit of open files (ulimit -n)."
)


class ConnectionLimits(NamedTuple):
    """The limits of time and number for the connections of a server."""

    client_timeout: float  # seconds to send a head, to send a body, and to fetch some of a response
    connections: int


class HttpProtocol(asyncio.Protocol):
    """One connection of a uvicorn server. Requests are answered in the order in which they came."""

    transport: asyncio.Transport
    _start = staticmethod(start)

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],  # noqa: ARG002 (uvicorn's signature)
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        batcher: WriteBatcher,
        limits: ConnectionLimits,
    ) -> None:
        """`batcher` is shared by the connections of a server."""
        self.app = cast("HttpApplication", config.app)
        self.loop = _loop or asyncio.get_running_loop()
        self.client, self.scheme = "", "http"
        self.drained: asyncio.Future[None] | None = None  # to wait for while the client doesn't fetch its responses
        self.state = server_state
        self._context = copy_context()  # each request gets a copy, also one that begins when another ends
        self._batcher = batcher
        self._limits = limits
        self._keep_alive: float = config.timeout_keep_alive
        self._received_at = self._idle_since = self.loop.time()  # only a complete request ends the idle time
        self._idle_timeout = limits.client_timeout  # seconds that the client may be idle before its next request
        self._unfetched: tuple[float, int] | None = (
            None  # the time since which the client hasn't fetched enough of so many bytes
        )
        self._parser = RequestParser(
            self._begin_request, self._receive_body, self._end_request, self._refuse, self.app.single_headers
        )
        self._unparsed = b""
        self._receiving: Exchange | None = None
        self._unanswered: deque[Exchange] = deque()
        self._queue_is_running = False
        self._burst = 0
        self._reading_is_paused = False
        self._paused_at = 0.0
        self._ignores_input = False  # input is no longer parsed
        self._final_response = b""
        self._ended_at: float | None = None  # when the client said that it sends no more
        self._parse_is_scheduled = False

    # ---------------------------------------------------------------- the connection
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept a client, which may have left already."""
        self.transport = cast("asyncio.Transport", transport)
        self.state.connections.add(self)  # type: ignore[arg-type] # uvicorn lists its own protocols only
        peer = transport.get_extra_info("peername")
        if not peer:
            self.transport.abort()
            return
        self.client = peer[0]
        if transport.get_extra_info("sslcontext"):
            self.scheme = "https"
            self._set_kernel_timeout()
        if max(len(self.state.connections), len(self.state.tasks)) > self._limits.connections:
            self.send(TOO_MANY)
            self._close()

    def _bytes_in_kernel(self) -> int:
        """The bytes in the system's send buffer that the client hasn't fetched; 0 where that isn't known."""
        connection = self.transport.get_extra_info("socket")
        if connection is None or OUTGOING is None:
            return 0
        try:
            return int.from_bytes(fcntl.ioctl(connection.fileno(), OUTGOING, bytes(4)), sys.byteorder)
        except OSError:
            return 0

    def _set_kernel_timeout(self) -> None:
        """Let the system end a TLS connection whose client fetches nothing: only the system sees that."""
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            milliseconds = int(1000 * self._limits.client_timeout)
            connection = self.transport.get_extra_info("socket")
            with suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's signature)
        """Tell everybody who waits for this client that it has left."""
        self.state.connections.discard(self)
        self.ignore_input()
        for exchange in (*self._unanswered, *filter(None, [self._receiving])):
            exchange.abandon()
        self._unanswered.clear()
        self._receiving = None
        self.resume_writing()
        self._parser.close()

    def eof_received(self) -> bool:
        """Note that the client sends no more. Its complete requests are still answered; then the connection ends."""
        self._batcher.flush()
        self._abandon_incomplete()
        is_hung = self._ignores_input and not self._final_response
        if is_hung or not self._unanswered:
            return False
        self._unanswered[-1].keep_alive = False
        self._ended_at = self.loop.time()
        for exchange in self._unanswered:
            exchange.receive_eof()
        return self.scheme == "http"  # TLS has no half that stays open

    def shutdown(self) -> None:
        """Close the connection after the responses to its requests."""
        if self._unanswered and not self._ignores_input:
            self._unanswered[-1].keep_alive = False
        else:
            self._close()

    def send(self, data: bytes) -> None:
        """Write soon, together with the writes of other connections."""
        self._batcher.put(self.transport, data)

    def reset(self) -> None:
        """Reset the connection, so that the client sees an error."""
        connection = self.transport.get_extra_info("socket")
        if connection is not None:  # the client hasn't left, or that isn't known
            with suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.transport.abort()

    def _close(self) -> None:
        self.ignore_input()
        self._batcher.flush()
        self.transport.close()

    def pause_writing(self) -> None:
        """Hold back responses and requests of a client that doesn't fetch."""
        self.drained = self.loop.create_future()
        self.apply_backpressure()

    def resume_writing(self) -> None:
        """Go on once the client has fetched."""
        self._unfetched = None
        if self.drained:
            if not self.drained.done():  # cancelled, if the server ends
                self.drained.set_result(None)
            self.drained = None
            self.apply_backpressure()

    def check_time(self, now: float) -> None:
        """End the connection if its client takes too long; the server calls it ten times a second."""
        if self.scheme == "http" and self._is_stalled(now):
            self.reset()  # after a close the system would keep the rest, and try to send it
        elif self._is_receiving() and not (self._reading_is_paused or self._ignores_input):
            if now >= self._parser.began_at + self._limits.client_timeout:
                self._refuse(TOO_SLOW)
        elif not self._unanswered and now >= self._idle_since + self._idle_timeout:
            if self.scheme == "http" or not self._bytes_in_kernel():
                self._close()
        elif self._ended_at is not None and now >= self._ended_at + self._limits.client_timeout:
            self.transport.abort()  # it may listen, or have left: that looks the same

    def _is_stalled(self, now: float) -> bool:
        """Whether the client has fetched less than LEAST_PROGRESS within the time-out."""
        size = self.transport.get_write_buffer_size()
        if not size:
            self._unfetched = None
            return False
        size += self._bytes_in_kernel()
        if not self._unfetched or size <= self._unfetched[1] - LEAST_PROGRESS:
            self._unfetched = now, size
        return self._unfetched is not None and now >= self._unfetched[0] + self._limits.client_timeout

    # ---------------------------------------------------------------- receiving
    def data_received(self, data: bytes) -> None:
        """Parse what was received. Complete requests that needn't wait are answered before this returns."""
        if self._ignores_input:
            return
        self._received_at = now = self.loop.time()
        self._burst = 0
        if self._unparsed or len(data) > PIECE:
            self._unparsed += data
            self._parse_on()
        else:
            self._parser.feed(data, now)

    def _parse_on(self) -> None:
        """Parse the next piece, if there is no backlog; the rest in another turn of the event loop."""
        self._parse_is_scheduled = False
        if self._unparsed and not self._has_backlog():
            piece, self._unparsed = self._unparsed[:PIECE], self._unparsed[PIECE:]
            self._parser.feed(piece, self._received_at)
        self.apply_backpressure()

    def _has_backlog(self) -> bool:
        """Whether there is so much unfinished work that nothing more shall be received."""
        receiving = self._receiving
        is_full = receiving is not None and len(receiving.received) > READ_AHEAD
        return is_full or len(self._unanswered) > 1 or self.drained is not None

    def _is_receiving(self) -> bool:
        """Whether a request has begun and is not complete."""
        return self._parser.in_head or (self._receiving is not None and not self._receiving.is_complete)

    def apply_backpressure(self) -> None:
        """Pause reading while there is a backlog, and resume it afterwards."""
        is_busy = self._has_backlog()
        if self._unparsed and not is_busy and not self._parse_is_scheduled:
            self._parse_is_scheduled = True
            self.loop.call_soon(self._parse_on)
        pauses = (is_busy or self._unparsed != b"") and not self._ignores_input
        if pauses != self._reading_is_paused and not self.transport.is_closing():
            self._reading_is_paused, now = pauses, self.loop.time()
            if pauses:
                self._paused_at = now
                self.transport.pause_reading()
            else:
                self._parser.began_at = now - max(0.0, self._paused_at - self._parser.began_at)  # the pause was ours
                self.transport.resume_reading()

    def ignore_input(self) -> None:
        """Read on, but only to see when the client leaves."""
        self._ignores_input = True
        self._unparsed = b""
        self.apply_backpressure()

    def _begin_request(self, request: Request) -> None:
        """Begin the exchange of a request whose head is complete."""
        parser = self._parser
        self._receiving = request.source = exchange = Exchange(self, request, parser.size, parser.keeps_alive)
        if not parser.keeps_alive:
            exchange.takes_chunks = parser.version == "1.1"
        if parser.expects_continue:
            exchange.expects_continue = True
        if parser.expects_continue or len(request.headers.get(b"content-length", b"")) > LONG_BODY_DIGITS:
            self._enqueue(exchange)  # it may be refused before its body is sent

    def _receive_body(self, piece: bytes) -> None:
        self._parser.size = 0  # chunk sizes and trailers between two pieces have the limit of a head
        exchange = cast("Exchange", self._receiving)
        if exchange.is_answered:
            return  # the body is skipped, up to the next request
        exchange.received = exchange.received + piece if exchange.received else piece
        if len(exchange.received) > READ_AHEAD:
            self.apply_backpressure()
            self._enqueue(exchange)

    def _end_request(self) -> None:
        """Complete the request that is being received, and answer it in its turn."""
        if not self._parser.asks_for_upgrade:
            exchange = cast("Exchange", self._receiving)
            exchange.is_complete = True
            self._idle_since = self._received_at
            self._enqueue(exchange)

    # ---------------------------------------------------------------- answering
    def _enqueue(self, exchange: Exchange) -> None:
        """Add a request to the queue. If it is in the queue, tell its exchange that there is more of the body."""
        if exchange.is_queued:
            exchange.wake()
            return
        if self._ignores_input:
            return
        exchange.is_queued = True
        self._unanswered.append(exchange)
        if len(self._unanswered) > 1:
            self.apply_backpressure()
        self._run_queued()

    def _run_queued(self) -> None:
        """Answer the requests in the queue, BURST of them in a turn of the event loop."""
        if self._queue_is_running:
            return  # it goes on by itself: in the loop below, or in the next turn of the event loop
        self._queue_is_running = True
        while self._unanswered and not self._unanswered[0].runs:
            self._burst += 1
            if self._burst > BURST:
                self.loop.call_soon(self._run_more)
                return
            exchange = self._unanswered[0]
            exchange.runs = True
            task = self._start(self.loop, exchange.run(), self._context)
            if task:
                self.state.tasks.add(task)
                task.add_done_callback(self.state.tasks.discard)
        self._queue_is_running = False

    def _run_more(self) -> None:
        self._queue_is_running = False
        self._burst = 0
        self._run_queued()

    def exchange_done(self, exchange: Exchange, *, keep_alive: bool) -> None:
        """Remove an exchange from the queue, and go on with the next. An abandoned one is ignored."""
        if self.transport.is_closing() or not self._unanswered or self._unanswered[0] is not exchange:
            return
        self._unanswered.popleft()
        self._idle_timeout = self._keep_alive
        if not keep_alive:
            self._unanswered.clear()
            if exchange.is_complete:
                self._close()
            else:
                self._half_close()
            return
        if not self._queue_is_running:
            self._idle_since = self.loop.time()  # until now the silence was ours
        if self._unanswered:
            self._run_queued()
        elif self._final_response:
            self._send_final_response()
        if self._reading_is_paused:
            self.apply_backpressure()

    def _refuse(self, final_response: bytes) -> None:
        """Send an error response after those to complete requests, and close. The incomplete request is abandoned."""
        self._final_response = final_response
        self.ignore_input()
        cut = self._abandon_incomplete()
        if cut and cut.is_answered:
            self._close()  # it has its response
        else:
            self._send_final_response()

    def _abandon_incomplete(self) -> Exchange | None:
        """Abandon the request that is being received; returns it."""
        cut = self._receiving
        if cut is None or cut.is_complete:
            return None
        if cut in self._unanswered:
            self._unanswered.remove(cut)
        cut.abandon()
        return cut

    def _send_final_response(self) -> None:
        if self._final_response and not self._unanswered and not self.transport.is_closing():
            self.send(self._final_response)
            self._half_close()

    def _half_close(self) -> None:
        """Close the sending half, and the rest after LINGER: to close while a client sends would be a reset."""
        self.ignore_input()
        self._batcher.flush()
        self._idle_timeout, self._idle_since = LINGER, self.loop.time()
        if self.transport.can_write_eof():
            self.transport.write_eof()


class WaitingProtocol(HttpProtocol):
    """The same for applications that mostly wait: each request has a task from its start."""

    _start = staticmethod(start_as_task)
