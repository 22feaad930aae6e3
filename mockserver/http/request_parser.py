"""The request parser of a connection: llhttp (httptools), and checks that go beyond the grammar."""

import re
from collections.abc import Callable
from http import HTTPMethod
from typing import NoReturn

import httptools
import orjson

from mockserver.errors import BadRequest
from mockserver.http.exchange import final_response
from mockserver.http.messages import AbsoluteRequest, Header, Request, combine_headers

PIECE = 8 * 1024  # bytes that are parsed at once, at most
LONGEST_HEAD = 64 * 1024  # bytes of request line and headers
MOST_HEADERS = 3_000
# Methods that need no further check. CONNECT asks for a tunnel, which is examined.
METHODS = {method.encode(): method.value for method in HTTPMethod if method is not HTTPMethod.CONNECT}
_FRAMING = (b"content-length", b"transfer-encoding")
_HOST = re.compile(rb"([A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(:[0-9]*)?")  # RFC 9110, section 7.2


def final_error(status: int, message: str) -> bytes:
    """The bytes of an error response in the vendor's shape, after which the connection is closed."""
    return final_response(status, b"application/json", orjson.dumps({"code": status, "message": message}))


NO_HTTP = final_response(400, b"text/plain; charset=utf-8", b"Invalid HTTP request received.")
NO_HOST = final_error(400, "An HTTP/1.1 request must have one Host header with a valid host.")
NO_CODING = final_error(400, "The only Transfer-Encoding that is known here is chunked, and that of HTTP/1.1.")
BETWEEN_TOO_LARGE = final_error(400, "What stands between the chunks of the body, or behind them, is too large.")
HEAD_TOO_LARGE = final_error(431, "Request Header Fields Too Large")


def _authority(url: bytes) -> bytes:
    """Host and port of an absolute URL, without a user name; nothing if it has none."""
    return re.split(rb"[/?#]", url.partition(b"://")[2], maxsplit=1)[0].rpartition(b"@")[2]


def _target(url: bytes) -> bytes:
    """Path and query of an absolute URL, without a fragment."""
    parsed = httptools.parse_url(url)
    path, query = parsed.path or b"/", parsed.query or b""
    return path + b"?" + query if query else path


class RequestParser:
    """Parses the requests of one connection. Calls back with each head, each piece of a body, and each end."""

    def __init__(
        self,
        begin_request: Callable[[Request], None],
        receive_body: Callable[[bytes], None],
        end_request: Callable[[], None],
        refuse: Callable[[bytes], None],
        single_headers: frozenset[bytes],
    ) -> None:
        """`refuse` gets the error response for input that can't be served; nothing more may be fed then.
        `single_headers` are the names, in lower case, of headers that a request may have once only."""
        self.in_head = False
        self.began_at = 0.0  # when the head in progress began, or else the body in progress
        self.size = 0  # bytes of the head in progress, then of chunk sizes and trailers; rounded up by a piece at most
        # Of the last request with a complete head:
        self.keeps_alive = False  # whether the client goes on after it
        self.expects_continue = False  # whether it waits for `100 Continue`
        self.asks_for_upgrade = False  # httptools then reports an end twice: after the head, and after the body
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
        """Parse a piece that was received at the time `now`."""
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

    @property
    def version(self) -> str:
        """The version of HTTP of the request whose head is complete, such as 1.1."""
        return str(self._parser.get_http_version())

    def close(self) -> None:
        """Drop all references, as connection and parser refer to each other."""
        self.__dict__.clear()

    def _decline_upgrade(self) -> None:
        """Ignore the wish for another protocol or a tunnel, and parse the body of the request.

        httptools ends such a request with its head, and would parse its body as the next request. So a new parser is
        fed with a head that states only the length of the body, and continues from there.
        """
        framing = [b"%b: %b\r\n" % (name, self._headers[name]) for name in _FRAMING if name in self._headers]
        closes = [] if self.keeps_alive else [b"connection: close\r\n"]
        self._resumes, self.asks_for_upgrade = True, False
        self._parser = httptools.HttpRequestParser(self)
        self._parser.feed_data(b"".join([b"POST / HTTP/1.1\r\n", *closes, *framing, b"\r\n"]))

    # ---------------------------------------------------------------- called by httptools
    def on_message_begin(self) -> None:
        """Begin a head."""
        if not self._resumes:
            self.in_head = True
            self.began_at = self._now
            self.size = self._piece
            self._url = b""
            self._headers = {}

    def on_url(self, url: bytes) -> None:
        """Add a piece of the request's target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header, without the blanks behind its value (RFC 9110 §5.5). Trailers are ignored."""
        if self.in_head:
            name, value = name.lower(), value.rstrip(b" \t")
            if name in self._headers:
                self._repeated.append((name, value))
            else:
                self._headers[name] = value

    def on_headers_complete(self) -> None:
        """End the head. Only an unusual one is validated in detail."""
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
            headers = self._validated_headers(headers)
        kind = Request
        if method is None and self._parser.get_method() == b"CONNECT":
            pass  # its target is an authority, and nothing else
        elif url[:1] != b"/" or b"#" in url:
            if authority := _authority(url) if url[:1] != b"/" else b"":
                kind, headers = AbsoluteRequest, headers | {b"host": authority}
                self._check_host(authority, "1.1")
            url = _target(url)
        self._begin_request(kind(method or self._parser.get_method().decode("ascii"), url, headers, None))
        self.size = 0

    def _validated_headers(self, headers: dict[bytes, bytes]) -> dict[bytes, bytes]:
        """The headers, repeated ones joined. Rejects a head that is well-formed but ambiguous about its host, its
        credentials, or the end of the request."""
        version: str = self._parser.get_http_version()
        if version not in ("1.0", "1.1"):
            self._reject(NO_HTTP)
        if self._exact_size() > LONGEST_HEAD or len(headers) + len(self._repeated) > MOST_HEADERS:
            self._reject(HEAD_TOO_LARGE)
        headers = self._combined(headers)
        self._check_host(headers.get(b"host"), version)
        coding = headers.get(b"transfer-encoding")
        if coding is not None and (coding.lower() != b"chunked" or version != "1.1"):
            self._reject(NO_CODING)
        if b"connection" in headers and version != "1.1":
            self.keeps_alive = False  # keep-alive of HTTP/1.0 would have to be confirmed by a header
        self.expects_continue = version == "1.1" and headers.get(b"expect", b"").lower() == b"100-continue"
        self.asks_for_upgrade = self._parser.should_upgrade()
        return headers

    def _exact_size(self) -> int:
        fields = (*self._headers.items(), *self._repeated)
        return len(self._url) + sum(len(name) + len(value) for name, value in fields)

    def _combined(self, headers: dict[bytes, bytes]) -> dict[bytes, bytes]:
        repeated, self._repeated = self._repeated, []
        try:
            return combine_headers(headers, repeated, self._single_headers)
        except BadRequest as error:
            self._reject(final_response(error.status, b"application/json", orjson.dumps(error.body())))

    def _check_host(self, host: bytes | None, version: str) -> None:
        if host is None and version == "1.0":
            return  # health checks of balancers name no host
        if host is None or not _HOST.fullmatch(host):
            self._reject(NO_HOST)
        self._known_host = host

    def _reject(self, reason: bytes) -> NoReturn:
        self._reason = reason
        raise ValueError  # httptools turns it into the error that `feed` expects
