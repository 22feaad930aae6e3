"""Requests out of the bytes of a connection: llhttp's parser, and what a request must be beyond its grammar.

A head has LONGEST_HEAD bytes at most, where each field counts FIELD_SIZE more than it has, as it takes memory.
"""

import re
from collections.abc import Callable
from http import HTTPMethod

import httptools
import orjson

from mockserver.errors import BadRequest
from mockserver.exchange import last_words
from mockserver.messages import Header, Request, combined

LONGEST_HEAD = 64 * 1024  # bytes of request line and fields
FIELD_SIZE = 16  # bytes; so a head has some three thousand fields at most
METHODS = {method.encode(): method.value for method in HTTPMethod}  # those of which nothing has to be made any more
_FRAMING = (b"content-length", b"transfer-encoding")
_HOST = re.compile(rb"([A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(:[0-9]*)?")  # RFC 9110, section 7.2


def refusal(status: int, message: str) -> bytes:
    """An answer in the vendor's shape, after which the connection is closed."""
    return last_words(status, b"application/json", orjson.dumps({"code": status, "message": message}))


NO_HTTP = last_words(400, b"text/plain; charset=utf-8", b"Invalid HTTP request received.")
NO_HOST = refusal(400, "An HTTP/1.1 request must have one Host header with a valid host.")
NO_CODING = refusal(400, "The only Transfer-Encoding that is known here is chunked, and that of HTTP/1.1.")
HEAD_TOO_LARGE = refusal(431, "Request Header Fields Too Large")


class RequestParser:
    """Parses the requests of one connection, and hands over each as a head, pieces of a body, and an end."""

    def __init__(
        self,
        begin_request: Callable[["RequestParser", Request], None],
        receive_body: Callable[[bytes], None],
        end_request: Callable[[], None],
        refuse: Callable[[bytes], None],
        single_headers: frozenset[bytes],
    ) -> None:
        """What can't be served is refused with an answer that says so: then nothing more may be fed. `single_headers`
        are the names, in lower case, of headers that a request may have once only."""
        self.in_head = False
        self.began_at = 0.0  # when the head in progress began, or else the body in progress
        self.head_size = 0
        self.on_body = receive_body
        self._begin_request = begin_request
        self._end_request = end_request
        self._refuse = refuse
        self._single_headers = single_headers
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._repeated: list[Header] = []
        self._pending = 0  # bytes received since the data in which the head in progress began
        self._reason = NO_HTTP
        self._resumes = False
        self._known_host: bytes | None = None
        self._parser = httptools.HttpRequestParser(self)

    def feed(self, data: bytes, now: float) -> None:
        """Parse more bytes, received at this time."""
        self._now = now
        if self.in_head:
            self._pending += len(data)
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
        if self.in_head and self._pending > LONGEST_HEAD:
            self._refuse(HEAD_TOO_LARGE)

    def _decline_upgrade(self) -> None:
        """Go on after a head that asks for another protocol, or for a tunnel, as if it didn't.

        httptools takes such a request to end with its head: what follows, its body, would be parsed as a request. So
        another parser goes on behind a head that says only how long the body is.
        """
        framing = [b"%b: %b\r\n" % (name, self._headers[name]) for name in _FRAMING if name in self._headers]
        closes = [] if self.keeps_alive() else [b"connection: close\r\n"]
        self._resumes = True
        self._parser = httptools.HttpRequestParser(self)
        self._parser.feed_data(b"".join([b"POST / HTTP/1.1\r\n", *closes, *framing, b"\r\n"]))

    def keeps_alive(self) -> bool:
        """Whether the client goes on after this request. One of HTTP/1.0 that says so would want to hear it, too."""
        keeps: bool = self._parser.should_keep_alive()
        return keeps and (b"connection" not in self._headers or self._version() == "1.1")

    def expects_continue(self) -> bool:
        """Whether the client waits to be told that it shall send the body; one of HTTP/1.0 can't."""
        headers = self._headers
        return b"expect" in headers and headers[b"expect"].lower() == b"100-continue" and self._version() == "1.1"

    def _version(self) -> str:
        version: str = self._parser.get_http_version()  # takes longer than all else that is asked of it
        return version

    # ---------------------------------------------------------------- called by httptools
    def on_message_begin(self) -> None:
        """A head begins."""
        if not self._resumes:
            self.in_head = True
            self.began_at = self._now
            self.head_size = self._pending = 0
            self._url = b""
            self._headers = {}

    def on_url(self, url: bytes) -> None:
        """A piece of the request's target."""
        self._url += url
        self.head_size += len(url)
        if self.head_size > LONGEST_HEAD:
            self._stop(HEAD_TOO_LARGE)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer, of which nobody here makes anything."""
        if not self.in_head:
            return
        name = name.lower()
        if name in self._headers:
            self._repeated.append((name, value))
        else:
            self._headers[name] = value
        self.head_size = size = self.head_size + len(name) + len(value) + FIELD_SIZE
        if size > LONGEST_HEAD:
            self._stop(HEAD_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """The head is over."""
        if self._resumes:
            self._resumes = False
            return
        self.in_head = False
        self.began_at = self._now
        self._check()
        method: bytes = self._parser.get_method()
        request = Request(METHODS.get(method) or method.decode("ascii"), self._target(), self._headers, None)
        self._begin_request(self, request)

    def on_message_complete(self) -> None:
        """The request is complete; of one that asks for an upgrade the head is, and its body comes yet."""
        if not self._parser.should_upgrade():
            self._end_request()

    def _target(self) -> bytes:
        """Path and query."""
        url = self._url
        if url[:1] == b"/" and b"#" not in url:
            return url
        parsed = httptools.parse_url(url)  # http://host/path, or what no server gets to see
        path, query = parsed.path or b"/", parsed.query or b""
        return path + b"?" + query if query else path

    def _check(self) -> None:
        """Refuse what is well-formed, and yet ambiguous: who is asked, who asks, or where the request ends."""
        if self._repeated:
            self._combine()
        host = self._headers.get(b"host")
        if host is None or host != self._known_host:
            self._check_host(host)
        if not self._parser.should_keep_alive() and self._version() not in ("1.0", "1.1"):
            self._stop(NO_HTTP)
        coding = self._headers.get(b"transfer-encoding")
        if coding is not None and (coding.lower() != b"chunked" or self._version() != "1.1"):
            self._stop(NO_CODING)

    def _combine(self) -> None:
        repeated, self._repeated = self._repeated, []
        try:
            self._headers = combined(self._headers, repeated, self._single_headers)
        except BadRequest as error:
            self._stop(last_words(error.status, b"application/json", orjson.dumps(error.body())))

    def _check_host(self, host: bytes | None) -> None:
        if host is None and self._version() == "1.0":
            return  # health checks of balancers name no host
        if host is None or not _HOST.fullmatch(host):
            self._stop(NO_HOST)
        self._known_host = host

    def _stop(self, reason: bytes) -> None:
        self._reason = reason
        raise ValueError  # of which httptools makes the error that `feed` expects
