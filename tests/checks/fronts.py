"""Somebody in front of an instance who spoils its answers, or gives answers of his own."""

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any

from tests.checks.instance import Asgi, Front

Reply = tuple[int, dict[str, str], Any]  # status, headers, and a body: JSON, or bytes as they are
Change = Callable[[str, str, Reply], Reply]  # method, path, answer


class Changed:
    """Answers go through `change` before they leave."""

    def __init__(self, application: Asgi, change: Change) -> None:
        self._application, self._change = application, change

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        sent: list[Any] = []

        async def keep(message: Any) -> None:
            sent.append(message)

        await self._application(scope, receive, keep)
        body = b"".join(message.get("body", b"") for message in sent)
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        reply = (sent[0]["status"], headers, _json(body))
        await answer(send, self._change(scope["method"], scope["path"], reply))


class Instead:
    """Answers without asking the instance, where `reply` has an answer for a method and a path."""

    def __init__(self, application: Asgi, reply: Callable[[str, str], Reply | None]) -> None:
        self._application, self._reply = application, reply

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        reply = self._reply(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if reply is None:
            await self._application(scope, receive, send)
        else:
            await answer(send, reply)


class Silent:
    """Answers start-up and so many requests, and nothing any more."""

    def __init__(self, application: Asgi, after: int = 0) -> None:
        self._application, self._left = application, after

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            self._left -= 1
            if self._left < 0:
                await asyncio.Event().wait()
        await self._application(scope, receive, send)


def changed(method: str, path: str, change: Callable[[Reply], Reply]) -> Front:
    """A front that changes the answers of one operation; `path` is a pattern."""
    pattern = re.compile(path)

    def decide(asked: str, where: str, reply: Reply) -> Reply:
        return change(reply) if asked == method and pattern.fullmatch(where) else reply

    return lambda application: Changed(application, decide)


def always(status: int, headers: dict[str, str] | None = None, body: Any = None, *, after: int = 0) -> Front:
    """A front that gives one answer to everything, after so many requests."""
    asked = iter(range(after + 10**9))

    def reply(_method: str, _path: str) -> Reply | None:
        return (
            (status, headers or {}, body if body is not None else {"message": "no"}) if next(asked) >= after else None
        )

    return lambda application: Instead(application, reply)


async def answer(send: Any, reply: Reply) -> None:
    """Send an answer."""
    status, headers, content = reply
    body = content if isinstance(content, bytes) else b"" if content is None else json.dumps(content).encode()
    kept = {name.lower(): value for name, value in headers.items()}
    kept = {"content-type": "application/json"} | kept | {"content-length": str(len(body))}
    if content is None:
        kept.pop("content-type")
    raw = [(name.encode(), value.encode()) for name, value in kept.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body
