"""The mock as an ASGI application, for test clients and servers other than ours: its messages, in our words."""

from urllib.parse import quote

from starlette.types import Receive, Scope, Send

from mockserver.http.messages import WITHOUT_LENGTH, Disconnected, Header, Request, Response, combined

BROKEN_OFF = "A fault breaks the answer off."


class _Source:
    """Where a request comes from: the client of somebody else's server."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.client = scope["client"][0] if scope.get("client") else ""
        self.scheme = scope.get("scheme", "http")
        self.head_size = len(_target(scope)) + sum(len(name) + len(value) for name, value in scope["headers"])
        self._receive = receive
        self._is_over = False

    async def read(self) -> bytes:
        """The next piece of the body, or nothing at its end. Raises Disconnected."""
        piece = b""
        while not (piece or self._is_over):
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            piece += message.get("body", b"")
            self._is_over = not message.get("more_body", False)
        return piece


def request_of(scope: Scope, receive: Receive, single_headers: frozenset[bytes] = frozenset()) -> Request:
    """The request that a scope of the type "http" describes. Raises BadRequest if a single header is repeated."""
    headers: dict[bytes, bytes] = {}
    repeated: list[Header] = []
    for name, value in scope["headers"]:
        if name in headers:
            repeated.append((name, value))
        else:
            headers[name] = value
    combined_headers = combined(headers, repeated, single_headers) if repeated else headers
    return Request(scope["method"], _target(scope), combined_headers, _Source(scope, receive))


def path_of(scope: Scope) -> bytes:
    """The path as it was sent, below where the application is mounted. Not every server tells either."""
    path = bytes(scope.get("raw_path") or quote(scope["path"]).encode())
    root = quote(scope.get("root_path", "")).rstrip("/").encode()
    return path[len(root) :] if path.startswith(root + b"/") else path  # whole segments: /mock isn't above /mocked


def _target(scope: Scope) -> bytes:
    """Path and query."""
    path, query = path_of(scope), scope.get("query_string", b"")
    return b"%b?%b" % (path, query) if query else path


async def send_response(request: Request, answer: Response, receive: Receive, send: Send) -> None:
    """Hand an answer over. Raises ConnectionAbortedError for one that shall not arrive: ASGI has no word for it, but
    servers end the connection, or an HTTP/2 stream, of an answer that isn't complete. One that can't be incomplete, as
    it has no body, is not even begun: of that, servers make a 500."""
    while answer.ending == "hung":
        if (await receive())["type"] == "http.disconnect":
            return
    if answer.ending == "dropped" and not answer.may_have_body(request):
        raise ConnectionAbortedError(BROKEN_OFF)
    length = [] if answer.status in WITHOUT_LENGTH else [(b"content-length", b"%d" % answer.length)]
    await send({"type": "http.response.start", "status": answer.status, "headers": [*answer.headers, *length]})
    await send({"type": "http.response.body", "body": answer.sent_to(request), "more_body": answer.ending is not None})
    if answer.ending:
        raise ConnectionAbortedError(BROKEN_OFF)
