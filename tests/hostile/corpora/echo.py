"""The application that all servers serve: it answers with what it was asked, and remembers it.

What a server makes two requests of, or none, so becomes visible. As ASGI it is `app`, which needs the standard library
alone; `mock` has it behind the mock's protocol. `GET /seen` answers with all that was asked since it was asked last.
"""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

Message = MutableMapping[str, Any]
Header = tuple[bytes, bytes]

LONGEST = 80  # characters of a body that are shown whole
MARK: Header = (b"x-answered", b"by the application")  # and not by the server
SPLIT = b"value\r\nsmuggled: value"


@dataclass(slots=True)
class Reply:
    """What is answered. `length` is what the application says it is, where that is wrong."""

    status: int = 200
    headers: list[Header] = field(default_factory=lambda: [MARK])
    body: bytes = b""
    length: int | None = None
    in_pieces: bool = False


class Failure(Exception):
    """The application fails."""


class Echo:
    """What one server was asked."""

    def __init__(self) -> None:
        self._seen: list[str] = []

    def reply(self, method: str, target: str, body: bytes) -> Reply:
        """The answer to a request that came whole. Raises Failure for a target that asks for it."""
        if target == "/seen":
            seen, self._seen = self._seen, []
            return Reply(body=json.dumps(seen).encode())
        if target == "/fails":
            raise Failure
        asked = shown(method, target, body)
        self._seen.append(asked)
        return _reply(method, target, body, asked.encode("latin-1"))

    def left(self, method: str, target: str) -> None:
        """The client has left before its request was whole."""
        self._seen.append(f"left {method} {target}")


def reads(target: str) -> bool:
    """Whether the application asks for the body."""
    return target != "/deaf"


def shown(method: str, target: str, body: bytes) -> str:
    """A request in a line."""
    text = body.decode("latin-1")
    if len(text) > LONGEST:
        text = f"{text[:10]}... {len(text)} bytes"
    return f"{method} {target} {text}" if text else f"{method} {target}"


def _reply(method: str, target: str, body: bytes, asked: bytes) -> Reply:
    if method == "CONNECT":
        return Reply(405, body=asked)
    special = {
        "/204": Reply(204),
        "/deaf": Reply(403, body=b"no"),
        "/closes": Reply(headers=[MARK, (b"connection", b"close")], body=asked),
        "/splits": Reply(headers=[MARK, (b"x-split", SPLIT)], body=asked),
        "/says": Reply(headers=[MARK, (b"x-said", body)], body=asked),
        "/short": Reply(body=asked, length=len(asked) + 7),
        "/long": Reply(body=asked, length=len(asked) - 2),
        "/pieces": Reply(body=asked, in_pieces=True),
    }
    return special.get(target, Reply(body=asked))


ECHO = Echo()  # of this process


async def app(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """The application as ASGI."""
    if scope["type"] == "lifespan":
        for event in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{event}.complete"})
        return
    method, target = scope["method"], _target(scope)
    body = await _body(receive) if reads(target) else b""
    if body is None:
        ECHO.left(method, target)
        return
    reply = ECHO.reply(method, target, body)
    await send({"type": "http.response.start", "status": reply.status, "headers": _headers(reply)})
    if reply.in_pieces:
        for at in range(len(reply.body)):
            await send({"type": "http.response.body", "body": reply.body[at : at + 1], "more_body": True})
        reply.body = b""
    await send({"type": "http.response.body", "body": reply.body})


def _target(scope: Message) -> str:
    """Path and query as they were sent, as far as the server tells."""
    path = (scope.get("raw_path") or scope["path"].encode("utf-8")).partition(b"?")[0]
    query = scope["query_string"]
    return str((path + b"?" + query if query else path).decode("latin-1"))


async def _body(receive: Callable[[], Awaitable[Message]]) -> bytes | None:
    """The whole body; None if the client leaves before its end."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _headers(reply: Reply) -> list[Header]:
    if reply.in_pieces:
        return [*reply.headers, (b"transfer-encoding", b"chunked")]
    if reply.status == 204:
        return reply.headers
    length = len(reply.body) if reply.length is None else reply.length
    return [*reply.headers, (b"content-length", b"%d" % length)]
