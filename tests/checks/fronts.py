"""Somebody in front of an instance who spoils its answers, or gives answers of his own."""

import asyncio
import base64
import json
import re
from collections.abc import Callable
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

from mockserver.http.messages import Request, Response
from tests.checks.instance import Front, Respond

Reply = tuple[int, dict[str, str], Any]  # status, headers, and a body: JSON, or bytes as they are
GATE_HEADER, GATE_BASIC = ("CF-Access", "very-secret-value"), "gate:open-sesame"
Change = Callable[[str, str, Reply], Reply]  # method, path, answer


def changing(change: Change) -> Front:
    """Answers go through `change` before they leave."""

    def front(respond: Respond) -> Respond:
        async def answer(request: Request) -> Response:
            usual = await respond(request)
            headers = {name.decode(): value.decode() for name, value in usual.headers}
            return _answer(change(request.method, request.path, (usual.status, headers, _json(usual.body))))

        return answer

    return front


def instead(reply: Callable[[str, str], Reply | None]) -> Front:
    """Answers without asking the instance, where `reply` has an answer for a method and a path."""

    def front(respond: Respond) -> Respond:
        async def answer(request: Request) -> Response:
            found = reply(request.method, request.path)
            return await respond(request) if found is None else _answer(found)

        return answer

    return front


def with_session(name: str, session: str) -> Front:
    """A framework with sessions: every success hands out a cookie, which lets in whoever has it."""

    def front(respond: Respond) -> Respond:
        async def answer(request: Request) -> Response:
            if session.encode() in request.headers.get(b"cookie", b""):
                request.headers.setdefault(b"x-auth-token", b"mock-api-key")
            usual = await respond(request)
            cookie = (b"set-cookie", f"{name}={session}; path=/; HttpOnly".encode())
            more = [cookie, (b"set-cookie", b"lang=en; path=/")] if usual.status == 200 else []
            return Response(usual.status, [*usual.headers, *more], usual.body)

        return answer

    return front


def silent(after: int = 0) -> Front:
    """Answers so many requests, and nothing any more."""
    asked = count()

    def front(respond: Respond) -> Respond:
        async def answer(request: Request) -> Response:
            if next(asked) >= after:
                await asyncio.Event().wait()
            return await respond(request)

        return answer

    return front


def changed(method: str, path: str, change: Callable[[Reply], Reply]) -> Front:
    """A front that changes the answers of one operation; `path` is a pattern."""
    pattern = re.compile(path)

    def decide(asked: str, where: str, reply: Reply) -> Reply:
        return change(reply) if asked == method and pattern.fullmatch(where) else reply

    return changing(decide)


def always(status: int, headers: dict[str, str] | None = None, body: Any = None, *, after: int = 0) -> Front:
    """A front that gives one answer to everything, after so many requests."""
    asked, content = count(), body if body is not None else {"message": "no"}
    return instead(lambda _method, _path: (status, headers or {}, content) if next(asked) >= after else None)


def gate(*, basic: bool = True) -> Front:
    """A gate that wants GATE_HEADER, and GATE_BASIC if so wished."""
    (name, value), wanted = GATE_HEADER, b"Basic " + base64.b64encode(GATE_BASIC.encode())
    refusal = [(b"content-type", b"text/html"), (b"www-authenticate", b'Basic realm="staging"')]

    def front(respond: Respond) -> Respond:
        async def answer(request: Request) -> Response:
            headers = dict(request.headers)
            is_open = headers.get(name.lower().encode()) == value.encode()
            if is_open and (not basic or headers.get(b"authorization") == wanted):
                return await respond(request)
            return Response(401, refusal, b"<title>Staging</title>")

        return answer

    return front


def crowded(*, searches: bool = True) -> Front:
    """Somebody in front of an instance whose list has no end, in which the instance's own rows are the newest; who asks
    for a part of an address gets them, unless nothing `searches` for it."""

    def front(respond: Respond) -> Respond:
        async def answer(request: Request) -> Response:
            usual = await respond(request)
            if not request.path.endswith("subscription") or request.method != "GET":
                return usual
            asked, content = dict(parse_qsl(request.query_string.decode())), json.loads(usual.body)
            page = int(asked.get("_page", 1))
            if "url[like]" not in asked and page > 1:
                old = {"createdAt": "2001-01-01T00:00:00+00:00"}
                content["items"] = [{"webhookSubscriptionId": f"{page}-{row}", **old} for row in range(50)]
            elif "url[like]" in asked and not searches:
                content["items"] = []
            if "url[like]" not in asked:
                content["total"] = {"all": 10**6, "filtered": 10**6, "estimated": False}
            return Response(usual.status, [(b"content-type", b"application/json")], json.dumps(content).encode())

        return answer

    return front


def oldest_first(pages: int) -> Front:
    """Somebody in front of an instance whose list shows so many full pages of older rows before the instance's own,
    however it shall be sorted, and whose search finds nothing."""

    own: list[Any] = []

    def front(respond: Respond) -> Respond:
        async def answer(request: Request) -> Response:
            usual = await respond(request)
            if not request.path.endswith("subscription") or request.method != "GET":
                return usual
            asked = dict(parse_qsl(request.query_string.decode()))
            page, rows = int(asked.get("_page", 1)), []
            if "url[like]" not in asked and page <= pages:
                own[:] = json.loads(usual.body)["items"] if page == 1 else own
                old = {"createdAt": f"20{page:02}-01-01T00:00:00+00:00"}
                rows = [{"webhookSubscriptionId": f"{page}-{row}", **old} for row in range(50)]
            elif "url[like]" not in asked and page == pages + 1:
                rows = own
            return _answer((usual.status, {}, {"items": rows}))

        return answer

    return front


def _answer(reply: Reply) -> Response:
    status, headers, content = reply
    body = content if isinstance(content, bytes) else b"" if content is None else json.dumps(content).encode()
    kept = ({"content-type": "application/json"} if body else {}) | {name.lower(): headers[name] for name in headers}
    return Response(status, [(name.encode(), value.encode()) for name, value in kept.items()], body)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body
