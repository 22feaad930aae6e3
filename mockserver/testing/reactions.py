"""The reactions of a receiver to a request, well-behaved or not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Protocol


class Reaction(Protocol):
    """A reaction to one request: an extension point for tests that need another one."""

    def react(self, handler: BaseHTTPRequestHandler, ended: Event) -> None:
        """Respond through `handler`, or don't. `ended` is set when the receiver ends; waiting stops then."""


@dataclass(frozen=True, slots=True)
class Respond:
    """A complete response, after `delay` seconds."""

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
    """A redirect to a URL."""
    return Respond(status, headers={"Location": url})


@dataclass(frozen=True, slots=True)
class Hang:
    """No response at all."""

    def react(self, handler: BaseHTTPRequestHandler, ended: Event) -> None:
        """Wait until the receiver ends."""
        ended.wait()
        handler.close_connection = True


@dataclass(frozen=True, slots=True)
class Drip:
    """An endless response: 200, then a byte each `seconds`."""

    seconds: float = 0.05

    def react(self, handler: BaseHTTPRequestHandler, ended: Event) -> None:
        """Send until the client closes the connection."""
        handler.close_connection = True
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not ended.wait(self.seconds):
            handler.wfile.write(b".")


@dataclass(frozen=True, slots=True)
class CloseEarly:
    """A connection that is closed after `data`, the beginning of a response."""

    data: bytes = b""

    def react(self, handler: BaseHTTPRequestHandler, ended: Event) -> None:  # noqa: ARG002 (it doesn't wait)
        """Send the data and close the connection."""
        handler.close_connection = True
        handler.wfile.write(self.data)


def Garbage(data: bytes = b"This is not HTTP.\r\n\r\n") -> CloseEarly:  # noqa: N802 (one of the reactions)
    """A response that isn't HTTP."""
    return CloseEarly(data)
