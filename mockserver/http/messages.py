"""HTTP messages: the request and the response, as the pipeline sees them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal, Protocol

import orjson

from mockserver.errors import ApiError, BadRequest, PayloadTooLarge
from mockserver.remarks import LONGEST_TEXT, NO_REMARKS, Remarks

Header = tuple[bytes, bytes]

MAX_BODY = 1024 * 1024  # bytes (assumption A22)
MOST_HEADERS_KEPT = 64  # that are kept of a request that is over
JSON_TYPE: Header = (b"content-type", b"application/json")
WITHOUT_BODY = frozenset({204, 205, 304})  # statuses after whose heads no client waits for a body
WITHOUT_LENGTH = WITHOUT_BODY - {205}  # and that tell no length; a 205 has to say that it is 0 (RFC 9110, 15.3.6)
NO_SNIFF: Header = (b"x-content-type-options", b"nosniff")  # no browser may take it for another type
PREFLIGHT_AGE = 3600  # seconds, as the vendor's old configuration had it (vendor-facts §1.6)
NO_PARAMETERS: Mapping[str, str] = {}
# Headers that a request may have once only: two would be ambiguous about caller, host or origin.
SINGLE_HEADERS = frozenset({b"authorization", b"content-type", b"host", b"origin"})


class Disconnected(Exception):
    """Raised if the client leaves before it has sent its body."""


class BrokenOff(Exception):
    """Raised by a stream that can't go on: what was sent of its body isn't all of it."""


class Overtaken(Disconnected):
    """Raised if the mock was reset since a request began: it ends without an answer, as if it had never come."""


def combine_headers(
    headers: dict[bytes, bytes], repeated: list[Header], single: frozenset[bytes]
) -> dict[bytes, bytes]:
    """The headers with the values of repeated ones joined to one list each (RFC 9110, section 5.3).

    Raises BadRequest if one of them may be there once only.
    """
    names = single.intersection(name for name, _ in repeated)
    if names:
        named = b", ".join(sorted(names)).decode("latin-1")
        raise BadRequest(message=f"A request may have one of these headers, not several: {named}.")
    values: dict[bytes, list[bytes]] = {}
    for name, value in repeated:
        values.setdefault(name, [headers[name]]).append(value)
    return headers | {name: (b"; " if name == b"cookie" else b", ").join(all_) for name, all_ in values.items()}


class RequestOrigin(Protocol):
    """The client of a request, and the source of its body."""

    @property
    def client(self) -> str:
        """The address of the client."""

    @property
    def head_size(self) -> int:
        """The size of path, query and headers in bytes, or somewhat more."""

    @property
    def has_left(self) -> bool:
        """Whether the client has left, or at least closed its half of the connection, which looks the same."""

    @property
    def scheme(self) -> str:
        """http or https."""

    async def read(self) -> bytes:
        """The next piece of the body, or nothing at its end. Raises Disconnected."""

    def when_left(self, call: Callable[[], object] | None) -> None:
        """Call this, in place of what was given before, once the client has left; where that isn't told, never."""


class Request:
    """An HTTP request. Header names are lower case; repeated headers are joined. `body` is None until `read` has it.
    `began_at` is the moment of a stopwatch when it arrived, 0 if nobody noted it."""

    __slots__ = ("began_at", "body", "headers", "method", "path_parameters", "query_string", "raw_path", "source")

    def __init__(self, method: str, target: bytes, headers: dict[bytes, bytes], source: RequestOrigin | None) -> None:
        self.method = method
        self.raw_path, _, self.query_string = target.partition(b"?")
        self.headers = headers
        self.source = source  # None once its connection serves others
        self.path_parameters: Mapping[str, str] = NO_PARAMETERS
        self.body: bytes | None = None
        self.began_at = 0.0

    @property
    def client(self) -> str:
        """The address of the client; empty after `trim`."""
        return self.source.client if self.source else ""

    @property
    def path(self) -> str:
        """The path for logs: as it was sent, since a decoded one could forge log lines; without the query, which may
        hold secrets."""
        return self.raw_path.decode("latin-1")

    async def read(self, longest: int = MAX_BODY) -> bytes:
        """The whole body. Raises Disconnected, or PayloadTooLarge as soon as it is known to exceed `longest` bytes."""
        if self.body is None:
            if len(self.headers.get(b"content-length", b"")) >= len(str(longest)):
                self._refuse_what_is_announced(longest)
            self.body = await self._read_to_the_end(longest)
        if len(self.body) > longest:
            raise _too_large(longest)
        return self.body

    async def _read_to_the_end(self, longest: int) -> bytes:
        """The body; of one that is too large as much as shows it, so that the next who reads it learns the same."""
        body = bytearray()  # which grows in place: a large body comes in a thousand pieces
        while self.source and len(body) <= longest and (piece := await self.source.read()):
            body += piece
        return bytes(body)

    def _refuse_what_is_announced(self, longest: int) -> None:
        announced = self.headers[b"content-length"].lstrip(b"0")
        if len(announced) > len(str(longest)) or (announced.isdigit() and int(announced) > longest):
            raise _too_large(longest)

    def trim(self, longest_body: int, longest_head: int) -> RequestOrigin | None:
        """Release the connection, which is returned, and cut the body to `longest_body` bytes. Of a head of more than
        `longest_head` bytes, each part is cut to a share of that."""
        source, self.source = self.source, None
        size = 0 if source is None else source.head_size
        body = self.body
        if body and len(body) > longest_body:
            self.body = body[:longest_body]
        if size > longest_head or len(self.headers) > MOST_HEADERS_KEPT:
            self._shorten(longest_head // 8)
        return source

    def _shorten(self, share: int) -> None:
        self.raw_path, self.query_string = self.raw_path[:share], self.query_string[:share]
        self.path_parameters = NO_PARAMETERS
        kept = islice(self.headers.items(), MOST_HEADERS_KEPT)
        self.headers = {name[:share]: value[:share] for name, value in kept}


class AbsoluteRequest(Request):
    """A request whose target was a whole URL, as proxies get it; `Host` is that of it (RFC 9112, section 3.2.2)."""

    __slots__ = ()


class BodyStream(Protocol):
    """A body that goes on: pieces that aren't there yet."""

    async def read(self) -> bytes:
        """The next piece, or nothing at its end. Lets others have their turn."""

    def close(self) -> None:
        """End it, as its client has left or the server ends: whoever waits in `read` gets nothing. May be repeated."""


Ending = Literal["dropped", "truncated", "hung"]


@dataclass(slots=True)
class Response:
    """An HTTP response; the server adds its length. `content` is the parsed body if that is JSON.

    `ending` makes it incomplete: "truncated" closes the connection in the middle of the body, "dropped" resets the
    connection after one byte of it at most, "hung" sends nothing until the client leaves or the server ends. What the
    mock says about it stands in `remarks` alone; whoever sends it takes `all_headers`.
    """

    status: int
    headers: list[Header]
    body: bytes = b""
    content: object = None
    ending: Ending | None = None
    remarks: Remarks = NO_REMARKS

    @property
    def all_headers(self) -> list[Header]:
        """The headers with those of the remarks."""
        remarks = self.remarks
        return self.headers if remarks is NO_REMARKS else [*self.headers, *remarks.headers()]

    def remark(self, **said: Any) -> None:
        """Add to the remarks, by their names."""
        self.remarks = self.remarks._replace(**said)

    def body_for(self, request: Request) -> bytes:
        """The part of the body that is sent in response to this request."""
        if request.method == "HEAD":
            return b""
        if self.ending:
            return self.body[: 1 if self.ending == "dropped" else len(self.body) // 2]
        return self.body

    def may_have_body(self, request: Request) -> bool:
        """Whether the client reads a body after this head."""
        return request.method != "HEAD" and self.status not in WITHOUT_BODY

    @property
    def length(self) -> int:
        """The announced length of the body; at least 1 for a dropped response, so that a byte is missing."""
        return len(self.body) or int(self.ending == "dropped")


class OpenResponse(Response):
    """A response that goes on after its body with the pieces of a stream. It has no length, and ends the connection; it
    isn't incomplete, so it has no `ending`."""

    __slots__ = ("stream",)

    def __init__(self, status: int, headers: list[Header], stream: BodyStream, body: bytes = b"") -> None:
        super().__init__(status, headers, body)
        self.stream = stream


class PassedResponse(Response):
    """A response that another server has made, with its own headers: of ours it gets those that frame it, and a date if
    it has none.

    Its body goes on with the pieces of `stream`, if there is one, `size` bytes in all; None if nobody knows. The
    connection goes on after it. A stream that raises BrokenOff ends it, so that the client sees that something is
    missing.
    """

    __slots__ = ("size", "stream")

    def __init__(self, status: int, headers: list[Header], body: bytes = b"", stream: BodyStream | None = None) -> None:
        super().__init__(status, headers, body)
        self.stream = stream
        self.size: int | None = len(body) if stream is None else None


Responder = Callable[[Request], Awaitable[Response]]


def json_response(status: int, content: object, headers: list[Header] | None = None) -> Response:
    """A JSON response; without a body if `content` is None."""
    if content is None:
        return Response(status, headers or [])
    return Response(status, [JSON_TYPE, *(headers or ())], orjson.dumps(content), content)


def error_response(error: ApiError) -> Response:
    """The response for an ApiError, with its hint."""
    response = json_response(error.status, error.body(), error.headers())
    response.remark(hint=error.hint[:LONGEST_TEXT])
    return response


def _too_large(longest: int) -> PayloadTooLarge:
    return PayloadTooLarge(hint=f"A body may have {longest} bytes here, not more.")
