"""A small HTTP server for deliveries: on loopback, in threads. `mockserver listen` and the inbox of the page have one.

It refuses requests of web pages. A page can post to any address, but browsers add `Origin` and `Sec-Fetch-…`; and after
DNS rebinding, `Host` still has the name of the page's host.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Self

from mockserver.http.loopback_server import LoopbackServer
from mockserver.http.messages import WITHOUT_BODY, WITHOUT_LENGTH

LONGEST_HEAD = 64 * 1024  # bytes of path and headers
LONGEST_BODY = 4 * 1024 * 1024  # bytes; deliveries have a quarter of that at most


@dataclass(frozen=True, slots=True)
class HookResponse:
    """The response to a delivery."""

    status: int = 204
    media_type: str = ""
    body: bytes = b""


FORBIDDEN, NOT_ALLOWED, LENGTH_REQUIRED, TOO_LARGE, HEAD_TOO_LARGE = (
    HookResponse(403),
    HookResponse(405),
    HookResponse(411),
    HookResponse(413),
    HookResponse(431),
)
METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})  # of deliveries
Handle = Callable[[str, Mapping[str, str], bytes], HookResponse]


class HookServer:
    """A server that hands every delivery (path, headers, body) to a function, from `with` to the end of its block.

    The function is called in a thread for each connection. Requests of web pages are refused.
    """

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._server = LoopbackServer(self._answer)
        self._host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self._host}"

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, error, trace)

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        """Send the response of the function, or a refusal."""
        refusal = self._refusal(request)
        if refusal:
            request.close_connection = True  # as its body isn't read
            _send(request, refusal)
        else:
            body = request.rfile.read(int(request.headers["Content-Length"]))
            _send(request, self._handle(request.path, dict(request.headers.items()), body))

    def _refusal(self, request: BaseHTTPRequestHandler) -> HookResponse | None:
        """The response that refuses a request; None if it is handed over."""
        if len(request.path) + sum(len(name) + len(value) for name, value in request.headers.items()) > LONGEST_HEAD:
            return HEAD_TOO_LARGE
        names = {name.lower() for name in request.headers}
        hosts = request.headers.get_all("Host") or []
        if "origin" in names or any(name.startswith("sec-") for name in names) or hosts != [self._host]:
            return FORBIDDEN
        if request.command not in METHODS:
            return NOT_ALLOWED
        lengths = request.headers.get_all("Content-Length") or []
        if len(lengths) != 1 or not re.fullmatch("[0-9]{1,18}", lengths[0]) or "transfer-encoding" in names:
            return LENGTH_REQUIRED
        return TOO_LARGE if int(lengths[0]) > LONGEST_BODY else None


def _send(request: BaseHTTPRequestHandler, response: HookResponse) -> None:
    body = b"" if response.status in WITHOUT_BODY else response.body
    request.send_response(response.status)
    if response.media_type:
        request.send_header("Content-Type", response.media_type)
    if response.status not in WITHOUT_LENGTH:
        request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)
