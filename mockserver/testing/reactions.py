"""What a receiver does with a request, well-behaved or not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Protocol


class Reaction(Protocol):
    """Deals with one request; write another one if those here are not enough."""

    def react(self, handler: BaseHTTPRequestHandler, ended: Event) -> None:
        """Answer by `handler`, or don't. `ended` is set when the receiver ends: whatever waits has to wait for that."""


@dataclass(frozen=True, slots=True)
class Respond:
    """Answer properly, after `delay` seconds."""

    status: int = 204
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0

    def react(self, handler: BaseHTTPRequestHandler, ended: Event) -> None:
        """Send status, headers and body."""
        if self.delay and ended.wait(self.delay):
            return
        handler.send_response(self.status)
        for name, value in self.headers.items():
            handler.send_header(name, value)
        if self.status != 204:  # noqa: PLR2004 (it has no body)
            handler.send_header("Content-Length", str(len(self.body)))
        handler.end_headers()
        handler.wfile.write(self.body)


def redirect(url: str, status: int = 302) -> Respond:
    """Answer that it is elsewhere."""
    return Respond(status, headers={"Location": url})


@dataclass(frozen=True, slots=True)
class Hang:
    """Never answer."""

    def react(self, handler: BaseHTTPRequestHandler, ended: Event) -> None:
        """Wait for the end."""
        ended.wait()
        handler.close_connection = True


@dataclass(frozen=True, slots=True)
class Drip:
    """Answer 200, and then a byte each `seconds`, without end."""

    seconds: float = 0.05

    def react(self, handler: BaseHTTPRequestHandler, ended: Event) -> None:
        """Send until the other side leaves."""
        handler.close_connection = True
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not ended.wait(self.seconds):
            handler.wfile.write(b".")


@dataclass(frozen=True, slots=True)
class CloseEarly:
    """Close the connection, after this much of an answer."""

    data: bytes = b""

    def react(self, handler: BaseHTTPRequestHandler, ended: Event) -> None:  # noqa: ARG002 (it doesn't wait)
        """Leave."""
        handler.close_connection = True
        handler.wfile.write(self.data)


def Garbage(data: bytes = b"This is not HTTP.\r\n\r\n") -> CloseEarly:  # noqa: N802 (one of the reactions)
    """Answer what is no HTTP."""
    return CloseEarly(data)
