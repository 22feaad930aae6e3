"""Requests out of the bytes of a connection: llhttp's parser, and what a request must be beyond its grammar."""

import re
from collections.abc import Callable
from http import HTTPMethod
from typing import NoReturn

import httptools
import orjson

from mockserver.errors import BadRequest
from mockserver.http.exchange import last_words
from mockserver.http.messages import Header, Request, combined

PIECE = 8 * 1024  # bytes that are parsed at once, at most
LONGEST_HEAD = 64 * 1024  # bytes of request line and headers
MOST_HEADERS = 3_000
# Those of which nothing has to be made any more. CONNECT asks for a tunnel, which is looked at more closely.
METHODS = {method.encode(): method.value for method in HTTPMethod if method is not HTTPMethod.CONNECT}
_FRAMING = (b"content-length", b"transfer-encoding")
_HOST = re.compile(rb"([A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(:[0-9]*)?")  # RFC 9110, section 7.2


def refusal(status: int, message: str) -> bytes:
    """An answer in the vendor's shape, after which the connection is closed."""
    return last_words(status, b"application/json", orjson.dumps({"code": status, "message": message}))


NO_HTTP = last_words(400, b"text/plain; charset=utf-8", b"Invalid HTTP request received.")
NO_HOST = refusal(400, "An HTTP/1.1 request must have one Host header with a valid host.")
NO_CODING = refusal(400, "The only Transfer-Encoding that is known here is chunked, and that of HTTP/1.1.")
BETWEEN_TOO_LARGE = refusal(400, "What stands between the chunks of the body, or behind them, is too large.")
HEAD_TOO_LARGE = refusal(431, "Request Header Fields Too Large")


def _target(url: bytes) -> bytes:
    """Path and query of http://host/path, or of what no server gets to see."""
    parsed = httptools.parse_url(url)
    path, query = parsed.path or b"/", parsed.query or b""
    return path + b"?" + query if query else path


class RequestParser:
    """Parses the requests of one connection, and hands over each as a head, pieces of a body, and an end."""

    def __init__(
        self,
        begin_request: Callable[[Request], None],
        receive_body: Callable[[bytes], None],
        end_request: Callable[[], None],
        refuse: Callable[[bytes], None],
        single_headers: frozenset[bytes],
    ) -> None:
        """What can't be served is refused with an answer that says so: then nothing more may be fed. `single_headers`
        are the names, in lower case, of headers that a request may have once only."""
        self.in_head = False
        self.began_at = 0.0  # when the head in progress began, or else the body in progress
        self.size = 0  # bytes of the head in progress, then of what else is no body; rounded up by a piece at most
        # Of the last request with a complete head:
        self.keeps_alive = False  # whether the client goes on after it
        self.expects_continue = False  # whether it waits to be told that it shall send the body
        self.asks_for_upgrade = False  # its end is told twice: of the head, which is none, and of its body
        self.on_body = receive_body  # called by httptools, as the methods below
        self.on_message_complete = end_request
        self._begin_request = begin_request
        self._refuse = refuse
        self._single_headers = single_headers
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._repeated: list[Header] = []
        self._reason = NO_HTTP
        self._resumes = False
        self._known_host = b"\n"  # that was found valid: none yet
        self._parser = httptools.HttpRequestParser(self)

    def feed(self, data: bytes, now: float) -> None:
        """Parse a piece, received at this time."""
        self._now = now
        self._piece = len(data)
        self.size += self._piece
        try:
            while data:
                try:
                    self._parser.feed_data(data)
                    break
                except httptools.HttpParserUpgrade as upgrade:
                    data = data[upgrade.args[0] :]
                    self._decline_upgrade()
        except httptools.HttpParserError:
            self._refuse(self._reason)
            return
        if self.size > LONGEST_HEAD + PIECE:
            self._refuse(HEAD_TOO_LARGE if self.in_head else BETWEEN_TOO_LARGE)

    def close(self) -> None:
        """Let go of the connection: else each would keep the other."""
        self.__dict__.clear()

    def _decline_upgrade(self) -> None:
        """Go on after a head that asks for another protocol, or for a tunnel, as if it didn't.

        httptools takes such a request to end with its head: what follows, its body, would be parsed as a request. So
        another parser goes on behind a head that says only how long the body is.
        """
        framing = [b"%b: %b\r\n" % (name, self._headers[name]) for name in _FRAMING if name in self._headers]
        closes = [] if self.keeps_alive else [b"connection: close\r\n"]
        self._resumes, self.asks_for_upgrade = True, False
        self._parser = httptools.HttpRequestParser(self)
        self._parser.feed_data(b"".join([b"POST / HTTP/1.1\r\n", *closes, *framing, b"\r\n"]))

    # ---------------------------------------------------------------- called by httptools
    def on_message_begin(self) -> None:
        """A head begins."""
        if not self._resumes:
            self.in_head = True
            self.began_at = self._now
            self.size = self._piece
            self._url = b""
            self._headers = {}

    def on_url(self, url: bytes) -> None:
        """A piece of the request's target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer, of which nobody here makes anything."""
        if self.in_head:
            name = name.lower()
            if name in self._headers:
                self._repeated.append((name, value))
            else:
                self._headers[name] = value

    def on_headers_complete(self) -> None:
        """The head is over. What has nothing odd about it is looked at no closer."""
        if self._resumes:
            self._resumes = False
            return
        self.in_head = False
        self.began_at = self._now
        headers, url, method = self._headers, self._url, METHODS.get(self._parser.get_method())
        self.keeps_alive, self.expects_continue = self._parser.should_keep_alive(), False
        if (
            headers.get(b"host") != self._known_host
            or not (self.keeps_alive and method and url[:1] == b"/")
            or self.size > PIECE  # else it is neither too large, nor has it too many headers
            or self._repeated
            or b"connection" in headers
            or b"transfer-encoding" in headers
            or b"expect" in headers
        ):
            headers = self._examined(headers)
        if url[:1] != b"/" or b"#" in url:
            url = _target(url)
        self._begin_request(Request(method or self._parser.get_method().decode("ascii"), url, headers, None))
        self.size = 0

    def _examined(self, headers: dict[bytes, bytes]) -> dict[bytes, bytes]:
        """The headers, repeated ones combined. Refuses what is well-formed, and yet ambiguous: who is asked, who asks,
        or where the request ends."""
        version: str = self._parser.get_http_version()
        if version not in ("1.0", "1.1"):
            self._stop(NO_HTTP)
        if self._exact_size() > LONGEST_HEAD or len(headers) + len(self._repeated) > MOST_HEADERS:
            self._stop(HEAD_TOO_LARGE)
        headers = self._combined(headers)
        self._check_host(headers.get(b"host"), version)
        coding = headers.get(b"transfer-encoding")
        if coding is not None and (coding.lower() != b"chunked" or version != "1.1"):
            self._stop(NO_CODING)
        if b"connection" in headers and version != "1.1":
            self.keeps_alive = False  # a client of HTTP/1.0 that says so would want to hear it, too
        self.expects_continue = version == "1.1" and headers.get(b"expect", b"").lower() == b"100-continue"
        self.asks_for_upgrade = self._parser.should_upgrade()
        return headers

    def _exact_size(self) -> int:
        fields = (*self._headers.items(), *self._repeated)
        return len(self._url) + sum(len(name) + len(value) for name, value in fields)

    def _combined(self, headers: dict[bytes, bytes]) -> dict[bytes, bytes]:
        repeated, self._repeated = self._repeated, []
        try:
            return combined(headers, repeated, self._single_headers)
        except BadRequest as error:
            self._stop(last_words(error.status, b"application/json", orjson.dumps(error.body())))

    def _check_host(self, host: bytes | None, version: str) -> None:
        if host is None and version == "1.0":
            return  # health checks of balancers name no host
        if host is None or not _HOST.fullmatch(host):
            self._stop(NO_HOST)
        self._known_host = host

    def _stop(self, reason: bytes) -> NoReturn:
        self._reason = reason
        raise ValueError  # of which httptools makes the error that `feed` expects
