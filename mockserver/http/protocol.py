"""HTTP/1.1 on one connection, as a protocol class for uvicorn.

uvicorn's own makes a task, an event and a timer for every request and hands its answer over in pieces: half of the time
of a small request. Here a request is answered on the spot as soon as it is complete; only one that has to wait for
something becomes a task. The parser is the same (httptools), and the server, its lifespan and its end are uvicorn's.

What a client can make the server hold is bounded: a head, READ_AHEAD of a body that nobody has asked for, one answer
that it doesn't fetch, and the time for each of them. So is what others wait for: BURST answers to one client in a turn
of the event loop.
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

from mockserver.http.eager import start
from mockserver.http.exchange import Answering, Exchange
from mockserver.http.messages import Request
from mockserver.http.request_parser import PIECE, RequestParser, refusal
from mockserver.http.write_batching import Outbox

if sys.platform != "win32":
    import fcntl
    import termios

READ_AHEAD = 64 * 1024  # bytes of a body
BURST = 16  # answers
LEAST_PROGRESS = 64 * 1024  # bytes that a client must fetch within the time-out, if there are as many
LINGER = 5.0  # seconds in which a client that is refused can read why
LONG_BODY_DIGITS = 4  # of a length; a longer one is of a body that is waited for
RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)  # SO_LINGER: on, no seconds
OUTGOING: int | None = None if sys.platform == "win32" else getattr(termios, "TIOCOUTQ", None)
TOO_SLOW = refusal(408, "Request Timeout")
TOO_MANY = refusal(503, "Too many connections. Close some that are idle, or raise the limit of open files (ulimit -n).")


class ConnectionLimits(NamedTuple):
    """What clients may take."""

    client_timeout: float  # seconds to send a head, to send a body, and to fetch some of an answer
    connections: int


class HttpProtocol(asyncio.Protocol):
    """One connection, from uvicorn's hands. Requests are answered in the order in which they came."""

    transport: asyncio.Transport

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],  # noqa: ARG002 (uvicorn's signature)
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        outbox: Outbox,
        limits: ConnectionLimits,
    ) -> None:
        """`outbox` is shared by the connections of a server."""
        self.app = cast("Answering", config.app)
        self.loop = _loop or asyncio.get_running_loop()
        self.client, self.scheme = "", "http"
        self.drained: asyncio.Future[None] | None = None  # to wait for while the client doesn't fetch its answers
        self.state = server_state
        self._context = copy_context()  # of which each request gets a copy, also when one begins as another ends
        self._outbox = outbox
        self._limits = limits
        self._keep_alive: float = config.timeout_keep_alive
        self._heard_at = self._silent_since = self.loop.time()  # a request ends silence, and no less
        self._patience = limits.client_timeout  # seconds of silence before the next request
        self._unfetched: tuple[float, int] | None = None  # since when the client hasn't fetched some of so many bytes
        self._parser = RequestParser(
            self._begin_request, self._receive_body, self._end_request, self._refuse, self.app.single_headers
        )
        self._unparsed = b""
        self._receiving: Exchange | None = None
        self._unanswered: deque[Exchange] = deque()
        self._proceeds = False
        self._burst = 0
        self._pauses_reading = False
        self._paused_at = 0.0
        self._is_deaf = False  # what comes is no longer parsed
        self._last_words = b""
        self._ended_at: float | None = None  # when the client said that it sends no more
        self._parses_soon = False

    # ---------------------------------------------------------------- the connection
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come; it may have left before it was accepted."""
        self.transport = cast("asyncio.Transport", transport)
        self.state.connections.add(self)  # type: ignore[arg-type] # uvicorn lists its own protocols only
        peer = transport.get_extra_info("peername")
        if not peer:
            self.transport.abort()
            return
        self.client = peer[0]
        if transport.get_extra_info("sslcontext"):
            self.scheme = "https"
            self._bound_by_system()
        if max(len(self.state.connections), len(self.state.tasks)) > self._limits.connections:
            self.send(TOO_MANY)
            self._close()

    def _kept_by_system(self) -> int:
        """How many bytes the system has that the client hasn't fetched, where it says so."""
        connection = self.transport.get_extra_info("socket")
        if connection is None or OUTGOING is None:
            return 0
        try:
            return int.from_bytes(fcntl.ioctl(connection.fileno(), OUTGOING, bytes(4)), sys.byteorder)
        except OSError:
            return 0

    def _bound_by_system(self) -> None:
        """Let the system end the connection if the client fetches nothing: of TLS it knows alone what is sent."""
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            milliseconds = int(1000 * self._limits.client_timeout)
            connection = self.transport.get_extra_info("socket")
            with suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's signature)
        """The client has left; whoever waits for it must know."""
        self.state.connections.discard(self)
        self.ignore_input()
        for exchange in (*self._unanswered, *filter(None, [self._receiving])):
            exchange.disconnect()
            if not exchange.runs:
                exchange.request.source = None  # else the two would keep each other
        self._unanswered.clear()
        self._receiving = None
        self.resume_writing()
        self._parser.close()

    def eof_received(self) -> bool:
        """The client sends no more. What it has asked for in full is still answered; then the connection ends."""
        self._outbox.flush()
        self._give_up_incomplete()
        is_hung = self._is_deaf and not self._last_words
        if is_hung or not self._unanswered:
            return False
        self._unanswered[-1].keep_alive = False
        self._ended_at = self.loop.time()
        for exchange in self._unanswered:
            exchange.hear_the_end()
        return self.scheme == "http"  # TLS has no half that stays open

    def shutdown(self) -> None:
        """The server ends: close, after what is being answered."""
        if self._unanswered and not self._is_deaf:
            self._unanswered[-1].keep_alive = False
        else:
            self._close()

    def send(self, data: bytes) -> None:
        """Write soon, together with what others have to write."""
        self._outbox.put(self.transport, data)

    def reset(self) -> None:
        """End at once, in a way that the client takes for an error."""
        connection = self.transport.get_extra_info("socket")
        if connection is not None:  # the client hasn't left, or that isn't known
            with suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.transport.abort()

    def _close(self) -> None:
        self.ignore_input()
        self._outbox.flush()
        self.transport.close()

    def pause_writing(self) -> None:
        """The client doesn't fetch its answers: the next wait, and so do its requests."""
        self.drained = self.loop.create_future()
        self.regulate()

    def resume_writing(self) -> None:
        """It has fetched them."""
        self._unfetched = None
        if self.drained:
            if not self.drained.done():  # cancelled, if the server ends
                self.drained.set_result(None)
            self.drained = None
            self.regulate()

    def check_time(self, now: float) -> None:
        """End what takes too long: called by the server a few times a second."""
        if self.scheme == "http" and self._fetches_nothing(now):
            self.reset()  # not closed: the system would keep what is left, and go on trying
        elif self._is_receiving() and not (self._pauses_reading or self._is_deaf):
            if now >= self._parser.began_at + self._limits.client_timeout:
                self._refuse(TOO_SLOW)
        elif not self._unanswered and now >= self._silent_since + self._patience:
            if self.scheme == "http" or not self._kept_by_system():
                self._close()
        elif self._ended_at is not None and now >= self._ended_at + self._limits.client_timeout:
            self.transport.abort()  # it may listen, or have left: that looks the same

    def _fetches_nothing(self, now: float) -> bool:
        """Whether the client has fetched too little of what was sent, for too long."""
        size = self.transport.get_write_buffer_size()
        if not size:
            self._unfetched = None
            return False
        size += self._kept_by_system()
        if not self._unfetched or size <= self._unfetched[1] - LEAST_PROGRESS:
            self._unfetched = now, size
        return self._unfetched is not None and now >= self._unfetched[0] + self._limits.client_timeout

    # ---------------------------------------------------------------- receiving
    def data_received(self, data: bytes) -> None:
        """Parse on; what is complete and need not wait is answered when this returns."""
        if self._is_deaf:
            return
        self._heard_at = now = self.loop.time()
        self._burst = 0
        if self._unparsed or len(data) > PIECE:
            self._unparsed += data
            self._parse_on()
        else:
            self._parser.feed(data, now)

    def _parse_on(self) -> None:
        """Parse a piece of what was received, if there is room for what is in it; the rest after others had a turn."""
        self._parses_soon = False
        if self._unparsed and not self._is_busy():
            piece, self._unparsed = self._unparsed[:PIECE], self._unparsed[PIECE:]
            self._parser.feed(piece, self._heard_at)
        self.regulate()

    def _is_busy(self) -> bool:
        """Whether there is enough to do, so that nothing more need be received."""
        receiving = self._receiving
        is_full = receiving is not None and len(receiving.received) > READ_AHEAD
        return is_full or len(self._unanswered) > 1 or self.drained is not None

    def _is_receiving(self) -> bool:
        """Whether a request has begun that isn't complete."""
        return self._parser.in_head or (self._receiving is not None and not self._receiving.is_complete)

    def regulate(self) -> None:
        """Stop to read while there is enough to do, and go on afterwards."""
        is_busy = self._is_busy()
        if self._unparsed and not is_busy and not self._parses_soon:
            self._parses_soon = True
            self.loop.call_soon(self._parse_on)
        pauses = (is_busy or self._unparsed != b"") and not self._is_deaf
        if pauses != self._pauses_reading and not self.transport.is_closing():
            self._pauses_reading, now = pauses, self.loop.time()
            if pauses:
                self._paused_at = now
                self.transport.pause_reading()
            else:
                self._parser.began_at = now - max(0.0, self._paused_at - self._parser.began_at)  # the pause was ours
                self.transport.resume_reading()

    def ignore_input(self) -> None:
        """Read on, but only to see when the client leaves."""
        self._is_deaf = True
        self._unparsed = b""
        self.regulate()

    def _begin_request(self, request: Request) -> None:
        """A head is complete."""
        parser = self._parser
        self._receiving = request.source = exchange = Exchange(self, request, parser.size, parser.keeps_alive)
        if parser.expects_continue:
            exchange.expects_continue = True
        if parser.expects_continue or len(request.headers.get(b"content-length", b"")) > LONG_BODY_DIGITS:
            self._take(exchange)  # it may be refused before its body is sent

    def _receive_body(self, piece: bytes) -> None:
        self._parser.size = 0  # what is between two pieces is as bounded as a head: sizes of chunks, and trailers
        exchange = cast("Exchange", self._receiving)
        if exchange.is_answered:
            return  # it is read, for what comes after it
        exchange.received = exchange.received + piece if exchange.received else piece
        if len(exchange.received) > READ_AHEAD:
            self.regulate()
            self._take(exchange)

    def _end_request(self) -> None:
        """The request is complete."""
        if not self._parser.asks_for_upgrade:
            exchange = cast("Exchange", self._receiving)
            exchange.is_complete = True
            self._silent_since = self._heard_at
            self._take(exchange)

    # ---------------------------------------------------------------- answering
    def _take(self, exchange: Exchange) -> None:
        """Answer a request once those before it are answered; if it is on its way, say that there is more of it."""
        if exchange.is_taken:
            exchange.wake()
            return
        if self._is_deaf:
            return
        exchange.is_taken = True
        self._unanswered.append(exchange)
        if len(self._unanswered) > 1:
            self.regulate()
        self._proceed()

    def _proceed(self) -> None:
        if self._proceeds:
            return  # it goes on by itself: in the loop below, or in the next turn of the event loop
        self._proceeds = True
        while self._unanswered and not self._unanswered[0].runs:
            self._burst += 1
            if self._burst > BURST:
                self.loop.call_soon(self._proceed_anew)
                return
            exchange = self._unanswered[0]
            exchange.runs = True
            task = start(self.loop, exchange.run(), self._context)
            if task:
                self.state.tasks.add(task)
                task.add_done_callback(self.state.tasks.discard)
        self._proceeds = False

    def _proceed_anew(self) -> None:
        self._proceeds = False
        self._burst = 0
        self._proceed()

    def answered(self, exchange: Exchange, *, keep_alive: bool) -> None:
        """An exchange is over: the first of those that were unanswered, or one that was given up."""
        if self.transport.is_closing() or not self._unanswered or self._unanswered[0] is not exchange:
            return
        self._unanswered.popleft()
        self._patience = self._keep_alive
        if not keep_alive:
            self._unanswered.clear()
            if exchange.is_complete:
                self._close()
            else:
                self._end()
            return
        if not self._proceeds:
            self._silent_since = self.loop.time()  # before that it was we who were
        if self._unanswered:
            self._proceed()
        elif self._last_words:
            self._say_last_words()
        if self._pauses_reading:
            self.regulate()

    def _refuse(self, words: bytes) -> None:
        """Answer what is no request, after those that were, and close. Whoever waits for the rest of it is told."""
        self._last_words = words
        self.ignore_input()
        cut = self._give_up_incomplete()
        if cut and cut.is_answered:
            self._close()  # there is nothing more to say about it
        else:
            self._say_last_words()

    def _give_up_incomplete(self) -> Exchange | None:
        """Tell who waits for the rest of a request that it doesn't come; returns that request."""
        cut = self._receiving
        if cut is None or cut.is_complete:
            return None
        if cut in self._unanswered:
            self._unanswered.remove(cut)
        cut.disconnect()
        return cut

    def _say_last_words(self) -> None:
        if self._last_words and not self._unanswered and not self.transport.is_closing():
            self.send(self._last_words)
            self._end()

    def _end(self) -> None:
        """Send no more; close when what was sent can be read. Amid what a client sends that would be a reset."""
        self.ignore_input()
        self._outbox.flush()
        self._patience, self._silent_since = LINGER, self.loop.time()
        if self.transport.can_write_eof():
            self.transport.write_eof()
