"""A right receiver on Starlette, as FastAPI has it, which verifies by the guide's function."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.receivers.right import MOST_BYTES, PATH, parsed
from tools.signature_check.languages import sample


class StarletteReceiver:
    """The receiver: its application, and its effects."""

    def __init__(self, secret: str) -> None:
        names: dict[str, Any] = {}
        exec(sample("python"), names)  # noqa: S102 (the guide's own code)
        self._is_authentic: Callable[..., bool] = names["is_authentic"]
        self._secret, self._seen, self._lock = secret, set[str](), threading.Lock()
        self.url, self.effects = "", 0
        routes = [Route(PATH, self._hook, methods=["POST"]), Route("/effects", self._tell)]
        self.application = Starlette(routes=routes)
        self.application.router.redirect_slashes = False

    async def _tell(self, _: Request) -> Response:
        return JSONResponse(self.effects)

    async def _hook(self, request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            raise HTTPException(415)
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_BYTES:
                raise HTTPException(413)
        if not self._is_authentic(self._secret, self.url, request.headers, body):
            raise HTTPException(401)
        await run_in_threadpool(self._take, _event(body))
        return Response(status_code=204)

    def _take(self, event: dict[str, Any]) -> None:
        with self._lock:
            if event["eventName"] == "CustomerRegistered" and event["messageId"] not in self._seen:
                self._seen.add(event["messageId"])
                self.effects += 1


def _event(body: bytes) -> dict[str, Any]:
    try:
        event = parsed(body)
    except ValueError:
        raise HTTPException(400) from None
    if not isinstance(event, dict) or not all(isinstance(event.get(name), str) for name in ("messageId", "eventName")):
        raise HTTPException(400)
    if not isinstance(event.get("data"), dict | list):
        raise HTTPException(400)
    return event


@contextmanager
def serving(secret: str) -> Iterator[str]:
    """The URL of such a receiver, until the end of the context."""
    receiver = StarletteReceiver(secret)
    config = uvicorn.Config(receiver.application, host="127.0.0.1", port=0, log_config=None, loop="asyncio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    with config.bind_socket() as socket:
        socket.listen()  # who comes before it serves has to wait, and isn't refused
        receiver.url = f"http://127.0.0.1:{socket.getsockname()[1]}{PATH}"
        thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
        thread.start()
        try:
            yield receiver.url
        finally:
            server.should_exit = True
            thread.join()
