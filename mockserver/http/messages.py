"""What comes in and what goes out: a request and an answer, as the pipeline sees them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Literal, Protocol

import orjson

from mockserver.errors import ApiError, BadRequest, PayloadTooLarge

Header = tuple[bytes, bytes]

MAX_BODY = 1024 * 1024  # bytes (assumption A22)
MOST_HEADERS_KEPT = 64  # that are kept of a request that is over
BREACH_HEADER = b"x-mock-contract-violation"  # in which the guard says what is wrong with an answer
OUTSIDE: Header = (b"x-mock-source", b"mock")  # of an answer about which the contract has nothing to say
JSON_TYPE: Header = (b"content-type", b"application/json")
WITHOUT_BODY = frozenset({204, 205, 304})  # statuses after whose heads no client waits for a body
WITHOUT_LENGTH = WITHOUT_BODY - {205}  # and that tell no length; a 205 has to say that it is 0 (RFC 9110, 15.3.6)
AS_DECLARED: Header = (b"x-content-type-options", b"nosniff")  # no browser may take it for another type
EXPOSED = ("Allow", "Retry-After", "WWW-Authenticate")  # headers that pages of other origins may read
PREFLIGHT_AGE = 3600  # seconds, as the vendor's old configuration had it (vendor-facts §1.6)
NO_PARAMETERS: Mapping[str, str] = {}
# Headers that a request may have once only: of two, nobody could say who asks, for what, or from where.
SINGLE_HEADERS = frozenset({b"authorization", b"content-type", b"host", b"origin", b"x-mock-control-token"})


class Disconnected(Exception):
    """The client went away before it had sent its body."""


def combined(headers: dict[bytes, bytes], repeated: list[Header], single: frozenset[bytes]) -> dict[bytes, bytes]:
    """The headers with the values of those that are repeated, as one list each (RFC 9110, section 5.3).

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
    """Where a request comes from."""

    @property
    def client(self) -> str:
        """Its address."""

    @property
    def head_size(self) -> int:
        """Bytes of path, query and headers, or somewhat more."""

    @property
    def scheme(self) -> str:
        """http or https."""

    async def read(self) -> bytes:
        """The next piece of the body, or nothing at its end. Raises Disconnected."""


class Request:
    """An HTTP request. Header names are lower case; repeated headers are combined. `body` is None as long as it isn't
    there as a whole."""

    __slots__ = ("body", "headers", "method", "path_parameters", "query_string", "raw_path", "source")

    def __init__(self, method: str, target: bytes, headers: dict[bytes, bytes], source: RequestOrigin | None) -> None:
        self.method = method
        self.raw_path, _, self.query_string = target.partition(b"?")
        self.headers = headers
        self.source = source  # None once its connection serves others
        self.path_parameters: Mapping[str, str] = NO_PARAMETERS
        self.body: bytes | None = None

    @property
    def client(self) -> str:
        """The address of the client, as long as it is there."""
        return self.source.client if self.source else ""

    @property
    def path(self) -> str:
        """The path as it was sent, for people: decoded it could forge log lines. Without the query: that may hold
        secrets."""
        return self.raw_path.decode("latin-1")

    async def read(self, longest: int = MAX_BODY) -> bytes:
        """The whole body. Raises PayloadTooLarge as soon as it is known to exceed so many bytes, or Disconnected."""
        if self.body is None:
            if len(self.headers.get(b"content-length", b"")) >= len(str(longest)):
                self._refuse_what_is_announced(longest)
            self.body = await self._read_to_the_end(longest)
        if len(self.body) > longest:
            raise PayloadTooLarge
        return self.body

    async def _read_to_the_end(self, longest: int) -> bytes:
        body = bytearray()  # which grows in place: a large body comes in a thousand pieces
        while self.source and (piece := await self.source.read()):
            body += piece
            if len(body) > longest:
                raise PayloadTooLarge
        return bytes(body)

    def _refuse_what_is_announced(self, longest: int) -> None:
        announced = self.headers[b"content-length"].lstrip(b"0")
        if len(announced) > len(str(longest)) or (announced.isdigit() and int(announced) > longest):
            raise PayloadTooLarge

    def forget(self, longest_body: int, longest_head: int) -> None:
        """Let go of the connection, and of what body and head have beyond so many bytes. Of a head that is longer, each
        part is cut to a share of that."""
        size, self.source = self.source.head_size if self.source else 0, None
        if self.body and len(self.body) > longest_body:
            self.body = self.body[:longest_body]
        if size > longest_head or len(self.headers) > MOST_HEADERS_KEPT:
            self._shorten(longest_head // 8)

    def _shorten(self, share: int) -> None:
        self.raw_path, self.query_string = self.raw_path[:share], self.query_string[:share]
        self.path_parameters = NO_PARAMETERS
        kept = islice(self.headers.items(), MOST_HEADERS_KEPT)
        self.headers = {name[:share]: value[:share] for name, value in kept}


Ending = Literal["dropped", "truncated", "hung"]


@dataclass(slots=True)
class Response:
    """An HTTP response; the server adds its length. `content` is what the body says, where that is JSON.

    `ending` is set where it shall not arrive: "truncated" closes the connection amid its body, "dropped" resets it
    after at most one byte of that, "hung" sends nothing as long as client and mock are there.
    """

    status: int
    headers: list[Header]
    body: bytes = b""
    content: object = None
    ending: Ending | None = None

    def sent_to(self, request: Request) -> bytes:
        """What of the body goes out."""
        if request.method == "HEAD":
            return b""
        if self.ending:
            return self.body[: 1 if self.ending == "dropped" else len(self.body) // 2]
        return self.body

    def may_have_body(self, request: Request) -> bool:
        """Whether the client reads a body: what its head says about a length doesn't count otherwise."""
        return request.method != "HEAD" and self.status not in WITHOUT_BODY

    @property
    def length(self) -> int:
        """The length of the body as the client is told it. A dropped answer always has something that doesn't come."""
        return len(self.body) or int(self.ending == "dropped")


Responder = Callable[[Request], Awaitable[Response]]


def json_response(status: int, content: object, headers: list[Header] | None = None) -> Response:
    """A JSON response; without content, one that has no body."""
    if content is None:
        return Response(status, headers or [])
    return Response(status, [JSON_TYPE, *(headers or ())], orjson.dumps(content), content)


def error_response(error: ApiError) -> Response:
    """The response that an ApiError stands for."""
    return json_response(error.status, error.body(), error.headers())
