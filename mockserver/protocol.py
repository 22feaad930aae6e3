"""HTTP/1.1 on one connection, as a protocol class for uvicorn.

uvicorn's own makes a task, an event and a timer for every request and hands its answer over in pieces: half of the time
of a small request. Here a request is answered on the spot as soon as it is complete; only one that has to wait for
something becomes a task. The parser is the same (httptools), and the server, its lifespan and its end are uvicorn's.

What a client can make the server hold is bounded: a head of LONGEST_HEAD, READ_AHEAD of a body that nobody has asked
for, one answer that it doesn't fetch, and silence.
"""

import asyncio
import socket
import struct
from collections import deque
from http import HTTPMethod
from typing import Any, cast

import httptools
import orjson
from uvicorn import Config
from uvicorn.server import ServerState

from mockserver.exchange import Answering, Exchange, last_words, start
from mockserver.messages import Header, Request
from mockserver.outbox import Outbox

LONGEST_HEAD = 64 * 1024  # bytes of request line and headers
READ_AHEAD = 64 * 1024  # bytes
LONG_BODY_DIGITS = 4  # of a length; a longer one is of a body that is waited for
LONGEST_SILENCE = 60  # seconds within a request, or before the first
NO_LINGERING = struct.pack("ii", 1, 0)  # what is closed is reset
METHODS = {method.encode(): method.value for method in HTTPMethod}  # those of which nothing has to be made any more
NO_HTTP = last_words(400, b"text/plain; charset=utf-8", b"Invalid HTTP request received.")
HEAD_TOO_LARGE = last_words(
    431, b"application/json", orjson.dumps({"code": 431, "message": "Request Header Fields Too Large"})
)


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
        outbox: Outbox | None = None,
    ) -> None:
        """`outbox` is shared by the connections of a server."""
        self.app = cast("Answering", config.app)
        self.loop = _loop or asyncio.get_running_loop()
        self.drained: asyncio.Future[None] | None = None  # to wait for while the client doesn't fetch its answers
        self._state = server_state
        self._outbox = outbox or Outbox()
        self._keep_alive = config.timeout_keep_alive
        self._parser = httptools.HttpRequestParser(self)
        self._in_head = False
        self._head_size = 0  # bytes of request line and headers, as far as they are known
        self._pending = 0  # bytes received since the piece in which the head began, that piece included
        self._receiving: Exchange | None = None
        self._unanswered: deque[Exchange] = deque()
        self._proceeds = False
        self._pauses_reading = False
        self._last_words: bytes | None = None
        self._heard_at = self.loop.time()
        self._default_headers: tuple[list[Header], bytes] = ([], b"")

    # ---------------------------------------------------------------- the connection
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        self.transport = cast("asyncio.Transport", transport)
        self._state.connections.add(self)  # type: ignore[arg-type] # uvicorn lists its own protocols only
        self.scheme = "https" if transport.get_extra_info("sslcontext") else "http"
        self.client: str = transport.get_extra_info("peername")[0]
        self._silence = self.loop.call_later(self._keep_alive, self._check_silence)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's signature)
        """The client has left; whoever waits for it must know."""
        self._state.connections.discard(self)
        self._silence.cancel()
        for exchange in (*self._unanswered, *filter(None, [self._receiving])):
            exchange.disconnect()
        self._unanswered.clear()
        self.resume_writing()

    def eof_received(self) -> bool:
        """The client sends no more. What it has asked for in full is still answered; then the connection ends."""
        self._outbox.flush()
        is_cut = self._receiving is not None and self._receiving.is_taken and not self._receiving.is_complete
        if is_cut or not self._unanswered:
            return False
        self._unanswered[-1].keep_alive = False
        for exchange in self._unanswered:
            exchange.hear_the_end()
        return self.scheme == "http"  # TLS has no half that stays open

    def shutdown(self) -> None:
        """The server ends: close, after what is being answered."""
        if self._unanswered:
            self._unanswered[-1].keep_alive = False
        else:
            self._close()

    def send(self, data: bytes) -> None:
        """Write soon, together with what others have to write."""
        self._outbox.put(self.transport, data)

    def reset(self) -> None:
        """End the connection so that the client can't take it for an orderly end."""
        self._outbox.flush()
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGERING)
        self.transport.abort()

    def _close(self) -> None:
        self._outbox.flush()
        self.transport.close()

    def pause_writing(self) -> None:
        """The client doesn't fetch its answers: the next wait, and so do its requests."""
        self.drained = self.loop.create_future()
        self.regulate()

    def resume_writing(self) -> None:
        """It has fetched them."""
        if self.drained:
            self.drained.set_result(None)
            self.drained = None
            self.regulate()

    def regulate(self) -> None:
        """Stop to read while there is enough to do, and go on afterwards."""
        receiving = self._receiving
        is_full = receiving is not None and len(receiving.received) > READ_AHEAD
        pauses = is_full or len(self._unanswered) > 1 or self.drained is not None
        if pauses != self._pauses_reading and not self.transport.is_closing():
            self._pauses_reading = pauses
            (self.transport.pause_reading if pauses else self.transport.resume_reading)()

    def _check_silence(self) -> None:
        """Close a connection that is silent for too long. One timer is enough for all its requests."""
        between_requests = self._receiving is not None and self._receiving.is_complete and not self._in_head
        left = self._heard_at + (self._keep_alive if between_requests else LONGEST_SILENCE) - self.loop.time()
        if left <= 0 and not self._unanswered:
            self._close()
        else:
            self._silence = self.loop.call_later(max(left, 1), self._check_silence)

    # ---------------------------------------------------------------- receiving
    def data_received(self, data: bytes) -> None:
        """Read on; what is complete and need not wait is answered when this returns."""
        if self._last_words:
            return
        self._heard_at = self.loop.time()
        in_same_head = self._in_head
        self._pending = self._pending + len(data) if in_same_head else len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # nothing but HTTP is spoken here; the request itself is answered
        except httptools.HttpParserError:
            self._refuse(HEAD_TOO_LARGE if self._head_size > LONGEST_HEAD else NO_HTTP)
        if in_same_head and self._in_head and self._pending > LONGEST_HEAD:
            self._refuse(HEAD_TOO_LARGE)

    def on_message_begin(self) -> None:
        """The parser: a head begins."""
        self._in_head = True
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._head_size = 0

    def on_url(self, url: bytes) -> None:
        """The parser: a piece of the request's target."""
        self._url += url
        self._head_size += len(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """The parser: a header, or a trailer, of which nobody here makes anything."""
        if self._in_head:
            self._headers[name.lower()] = value
            self._head_size += len(name) + len(value)

    def on_headers_complete(self) -> None:
        """The parser: the head is over."""
        if self._head_size > LONGEST_HEAD:
            raise ValueError("the head is too large")  # the parser stops, and `data_received` refuses
        self._in_head = False
        headers = self._headers
        exchange = self._receiving = Exchange(self, self._head_size)
        exchange.keep_alive = self._keeps_alive()
        exchange.expects_continue = b"expect" in headers and headers[b"expect"].lower() == b"100-continue"
        method = self._parser.get_method()
        exchange.request = Request(METHODS.get(method) or method.decode("ascii"), self._target(), headers, exchange)
        if exchange.expects_continue or len(headers.get(b"content-length", b"")) > LONG_BODY_DIGITS:
            self._take(exchange)  # it may be refused before its body is sent

    def on_body(self, body: bytes) -> None:
        """The parser: a piece of a body."""
        exchange = cast("Exchange", self._receiving)
        if exchange.is_answered:
            return  # it is read, for what comes after it
        exchange.received = exchange.received + body if exchange.received else body
        if len(exchange.received) > READ_AHEAD:
            self.regulate()
            self._take(exchange)

    def on_message_complete(self) -> None:
        """The parser: the request is complete."""
        exchange = cast("Exchange", self._receiving)
        exchange.is_complete = True
        self._take(exchange)

    def _keeps_alive(self) -> bool:
        """Whether the client goes on afterwards. One of HTTP/1.0 that says so would want to hear it, too."""
        keeps: bool = self._parser.should_keep_alive()
        return keeps and (b"connection" not in self._headers or self._parser.get_http_version() == "1.1")

    def _target(self) -> bytes:
        """Path and query."""
        url = self._url
        if url[:1] == b"/" and b"#" not in url:
            return url
        parsed = httptools.parse_url(url)  # http://host/path, or what no server gets to see
        path, query = parsed.path or b"", parsed.query or b""
        return path + b"?" + query if query else path

    # ---------------------------------------------------------------- answering
    def _take(self, exchange: Exchange) -> None:
        """Answer a request once those before it are answered; if it is on its way, say that there is more of it."""
        if exchange.is_taken:
            exchange.wake()
            return
        exchange.is_taken = True
        self._unanswered.append(exchange)
        if len(self._unanswered) > 1:
            self.regulate()
        self._proceed()

    def _proceed(self) -> None:
        if self._proceeds:
            return  # the loop below goes on by itself
        self._proceeds = True
        while self._unanswered and not self._unanswered[0].runs:
            exchange = self._unanswered[0]
            exchange.runs = True
            task = start(self.loop, exchange.run())
            if task:
                self._state.tasks.add(task)
                task.add_done_callback(self._state.tasks.discard)
        self._proceeds = False

    def answered(self, *, keep_alive: bool) -> None:
        """The first of the unanswered exchanges is over."""
        if self.transport.is_closing():
            return
        self._unanswered.popleft()
        if not keep_alive:
            self._unanswered.clear()
            self._close()
            return
        if self._unanswered:
            self._proceed()
        elif self._last_words:
            self._say_last_words()
        if self._pauses_reading:
            self.regulate()

    def _refuse(self, words: bytes) -> None:
        """Answer what is no request, after those that were, and close."""
        self._last_words = words
        self._say_last_words()

    def _say_last_words(self) -> None:
        if self._last_words and not self._unanswered and not self.transport.is_closing():
            self.send(self._last_words)
            self._close()

    def default_headers(self) -> bytes:
        """The headers that the server adds to every answer: uvicorn makes them anew each second."""
        headers, rendered = self._default_headers
        if headers is not self._state.default_headers:
            headers = self._state.default_headers
            rendered = b"".join(b"%s: %s\r\n" % header for header in headers)
            self._default_headers = headers, rendered
        return rendered
