"""Sending a case over a connection of its own."""

import json
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from tests.hostile.corpora.cases import AWAIT, NEXT, STOP, Case, Piece
from tests.hostile.corpora.outcomes import Outcome, outcome, replies_in

STEP = 0.01  # seconds between two looks at whether the server has begun to end
SLOW = 10.0  # seconds for what takes its time
ASKING = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Server:
    """A server that serves the echo. `patience` are the seconds after which a silent connection counts as hanging."""

    address: tuple[str, int]
    stop: Callable[[], object]
    patience: float


def run(server: Server, case: Case) -> Outcome:
    """Send a case, and see what comes of it. A server that it stops can't be asked what the application saw."""
    received, closed = _exchange(server, case)
    return outcome(received, None if case.stops else _seen(server), closed=closed)


def _exchange(server: Server, case: Case) -> tuple[bytes, bool]:
    """All that comes back, and whether the server closed the connection."""
    received = b""
    with socket.create_connection(server.address, timeout=SLOW if case.slow else server.patience) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(OSError):  # who refuses may close before all is sent
            for piece in _pieces(case):
                received += _do(piece, server, connection)
            if case.then == "ends":
                connection.shutdown(socket.SHUT_WR)
        rest, closed = _rest(connection)
        return received + rest, closed


def _pieces(case: Case) -> tuple[Piece, ...]:
    """The next request leaves in one packet with what is before it: whoever skips a part of a packet is found out."""
    if case.then != "next":
        return case.pieces
    *before, last = case.pieces
    return (*before, last + NEXT) if isinstance(last, bytes) else (*case.pieces, NEXT)


def _do(piece: Piece, server: Server, connection: socket.socket) -> bytes:
    """Do what a piece says; what came back for it."""
    received = b""
    if isinstance(piece, bytes):
        connection.sendall(piece)
    elif piece == AWAIT:
        while b"\r\n\r\n" not in received and (part := connection.recv(65536)):
            received += part
    elif piece == STOP:
        server.stop()
        _until_it_ends(server)
    return received


def _until_it_ends(server: Server) -> None:
    """Wait until the server takes no new connection, which is the first thing that it does at its end."""
    for _ in range(int(ASKING / STEP)):
        try:
            socket.create_connection(server.address, timeout=server.patience).close()
        except OSError:
            return
        time.sleep(STEP)


def _rest(connection: socket.socket) -> tuple[bytes, bool]:
    """All up to the end, and whether there was one."""
    received = b""
    try:
        while part := connection.recv(65536):
            received += part
    except TimeoutError:
        return received, False
    except OSError:
        pass
    return received, True


def _seen(server: Server) -> list[str]:
    """What the application was asked since it was asked this last."""
    with socket.create_connection(server.address, timeout=ASKING) as connection:
        connection.sendall(b"GET /seen HTTP/1.1\r\nHost: mock\r\nConnection: close\r\n\r\n")
        received, _ = _rest(connection)
    replies, _ = replies_in(received, ["GET"])
    seen: list[str] = json.loads(replies[0].body or b"")
    return seen
