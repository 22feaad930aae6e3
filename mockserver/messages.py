"""What comes in and what goes out: a request and an answer, as the pipeline sees them."""

from collections.abc import Awaitable, Callable, Mapping
from itertools import islice
from typing import Any, Literal, NamedTuple

import orjson

from mockserver.errors import ApiError, PayloadTooLarge

Header = tuple[bytes, bytes]

MAX_BODY = 1024 * 1024  # bytes (assumption A22)
MOST_HEADERS = 64  # that are kept of a request that is over
BREACH_HEADER = b"x-mock-contract-violation"  # in which the guard says what is wrong with an answer
JSON_TYPE: Header = (b"content-type", b"application/json")


class Disconnected(Exception):
    """The client went away before it had sent its body."""


class Request:
    """What of an HTTP request the pipeline needs. Header names are lower case; of repeated headers the last counts."""

    __slots__ = ("_body", "client", "headers", "method", "path_parameters", "query_string", "raw_path", "receive")

    def __init__(self, scope: Mapping[str, Any], receive: Callable[[], Awaitable[Any]]) -> None:
        self.method: str = scope["method"]
        self.raw_path: bytes = scope["raw_path"]
        self.query_string: bytes = scope["query_string"]
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.client: str = scope["client"][0] if scope.get("client") else ""
        self.receive = receive
        self.path_parameters: dict[str, str] = {}
        self._body: bytes | None = None

    @property
    def path(self) -> str:
        """The path as it was sent, for people: decoded it could forge log lines. Without the query: that may hold
        secrets."""
        return self.raw_path.decode("latin-1")

    @property
    def received(self) -> bytes:
        """The body as far as somebody has asked for it."""
        return self._body or b""

    def forget(self, longest_body: int, longest_head: int) -> None:
        """Let go of the connection, and of what body and head have beyond so many bytes. Of a head that is longer, each
        part is cut to a share of that."""
        self.receive = _gone
        if self._body and len(self._body) > longest_body:
            self._body = self._body[:longest_body]
        headers = self.headers
        size = len(self.raw_path) + len(self.query_string) + len(b"".join((*headers, *headers.values())))
        if size > longest_head or len(headers) > MOST_HEADERS:
            self._shorten(longest_head // 8)

    def _shorten(self, share: int) -> None:
        self.raw_path, self.query_string = self.raw_path[:share], self.query_string[:share]
        self.path_parameters = {}
        kept = islice(self.headers.items(), MOST_HEADERS)
        self.headers = {name[:share]: value[:share] for name, value in kept}

    async def body(self, longest: int = MAX_BODY) -> bytes:
        """The whole body. Raises PayloadTooLarge as soon as it is known to exceed so many bytes, or Disconnected."""
        if self._body is not None:
            return self._body
        if len(self.headers.get(b"content-length", b"")) >= len(str(longest)):
            self._refuse_what_is_announced(longest)
        body, is_complete = b"", False
        while not is_complete:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            piece = message.get("body", b"")
            body = body + piece if body else piece
            if len(body) > longest:
                raise PayloadTooLarge
            is_complete = not message.get("more_body")
        self._body = body
        return body

    def _refuse_what_is_announced(self, longest: int) -> None:
        announced = self.headers[b"content-length"].lstrip(b"0")
        if len(announced) > len(str(longest)) or (announced.isdigit() and int(announced) > longest):
            raise PayloadTooLarge


async def _gone() -> dict[str, Any]:
    return {"type": "http.disconnect"}


Ending = Literal["dropped", "truncated"]


class Answer(NamedTuple):
    """An HTTP response. `content` is what the body says, where that is JSON.

    `ending` is set where it shall not arrive: "dropped" closes the connection before it, "truncated" amid its body.
    """

    status: int
    headers: list[Header]
    body: bytes = b""
    content: object = None
    ending: Ending | None = None


Responder = Callable[[Request], Awaitable[Answer]]


def json_answer(status: int, content: object, headers: list[Header] | None = None) -> Answer:
    """A JSON response; without content, one that has no body."""
    if content is None:
        return Answer(status, headers or [])
    body = orjson.dumps(content)
    return Answer(status, [JSON_TYPE, (b"content-length", b"%d" % len(body)), *(headers or ())], body, content)


def error_answer(error: ApiError) -> Answer:
    """The response that an ApiError stands for."""
    return json_answer(error.status, error.body(), error.headers())
