"""Sending an input over a socket of its own, and recording what came back."""

import socket
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic  # noqa: TID251 (how long an answer took, and a deadline)

import orjson

from tests.hostile.inputs import CLOSED, Input

PATIENCE = 6.0  # seconds
SOON = 5.0  # seconds: what takes longer counts as a hang
HUNG = -1  # stands for a status where none came, and the connection stayed open
FAULTS = ("5xx", "hang", "traceback", "wrong answer", "other shape")
PLAIN = b"Invalid HTTP request received."  # uvicorn's 400


@dataclass(frozen=True)
class Outcome:
    """What an input led to. `status` may be CLOSED or HUNG; `body` is that of the first answer."""

    status: int
    seconds: float
    media_type: str = ""
    body: bytes = b""
    is_head: bool = False

    @property
    def shape(self) -> str:
        """What the body is, in a word."""
        if self.is_head:
            return "none"
        content = self._content()
        if not isinstance(content, dict):
            return "JSON" if content is not None else self.media_type.partition(";")[0] or "none"
        if "message" in content and (self.status == 401 or "code" in content):  # a missing credential has no code
            return "vendor"
        return "problem" if {"title", "status"} <= content.keys() else "JSON"

    @property
    def has_traceback(self) -> bool:
        """Whether the body shows code of the server."""
        return b"Traceback" in self.body or b'File "' in self.body

    def _content(self) -> object:
        try:
            return orjson.loads(self.body) if "json" in self.media_type else None
        except orjson.JSONDecodeError:
            return None


def faults(sent: Input, outcome: Outcome, *, is_mock: bool = True) -> list[str]:
    """What is wrong with an outcome, in the words of FAULTS. Another server than the mock knows neither its pages nor
    `Prefer`, and may redirect, or look at credentials first."""
    comparable = is_mock or (b" /api/" in sent.pieces[0][:20] and not sent.kind.startswith("preference"))
    may = sent.may if is_mock else sent.may | {307, 401}
    checks = {
        "5xx": outcome.status >= 500,
        "hang": outcome.status == HUNG or outcome.seconds > SOON,
        "traceback": outcome.has_traceback,
        "wrong answer": comparable and outcome.status not in may and HUNG < outcome.status < 500,
        "other shape": comparable and 400 <= outcome.status < 500 and not _is_refusal(sent, outcome),
    }
    return [fault for fault, found in checks.items() if found]


def _is_refusal(sent: Input, outcome: Outcome) -> bool:
    return outcome.is_head or outcome.shape == "vendor" or (not sent.is_http and outcome.body == PLAIN)


def exchange(address: tuple[str, int], sent: Input) -> Outcome:
    """Send an input and wait for the first answer, for the end of the connection, or till patience ends."""
    started = monotonic()
    with socket.create_connection(address, timeout=PATIENCE) as connection:
        with suppress(OSError):  # who refuses may close before all is sent
            for piece in sent.pieces:
                connection.sendall(piece)
            if sent.ends:
                connection.shutdown(socket.SHUT_WR)
        is_head = sent.pieces[0].startswith(b"HEAD ")
        received = _received(connection, started + PATIENCE, is_head=is_head)
    seconds = monotonic() - started
    if received is None:
        return Outcome(HUNG, seconds)
    head, body = received
    if not head.startswith(b"HTTP/"):
        return Outcome(CLOSED, seconds, body=head + body)
    media_type = _header(head, b"content-type").decode("latin-1")
    return Outcome(int(head.split(b" ", 2)[1]), seconds, media_type, body, is_head)


def _received(connection: socket.socket, until: float, *, is_head: bool) -> tuple[bytes, bytes] | None:
    """Head and body of the first final answer; what there is if the server closes; None if it does neither."""
    data = b""
    while True:
        head, separator, body = data.partition(b"\r\n\r\n")
        if separator and head.startswith(b"HTTP/1.1 100"):
            data = body
            continue
        if separator and (end := _end(head, body, is_head=is_head)) is not None:
            return head, body[:end]
        try:
            connection.settimeout(max(0.01, until - monotonic()))
            part = connection.recv(2**16)
        except TimeoutError:
            return None
        except OSError:
            part = b""
        if not part:
            return head, body
        data += part


def _end(head: bytes, body: bytes, *, is_head: bool) -> int | None:
    """Where the body ends; None if it goes on, or if only the end of the connection can tell."""
    if is_head or head.split(b" ", 2)[1] in (b"204", b"304"):
        return 0
    if b"chunked" in _header(head, b"transfer-encoding"):
        last = body.find(b"0\r\n\r\n")
        return None if last < 0 else last
    length = _header(head, b"content-length")
    return int(length) if length.isdigit() and len(body) >= int(length) else None


def _header(head: bytes, name: bytes) -> bytes:
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.lower() == name:
            return value.strip()
    return b""
