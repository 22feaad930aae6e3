"""Hostile targets: sockets that answer each connection as they like, in threads."""

import gzip
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Behaviour = Callable[[socket.socket], None]
MOST = 100_000  # pieces; whoever is still there has no bounds
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: no orderly end
MEBIBYTE = 2**20


@contextmanager
def target(behaviour: Behaviour) -> Iterator[str]:
    """The URL of a target, which takes connections until the end of the context. `behaviour` is called for each, once
    there was a request."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, behaviour, over), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        over.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _serve(listener: socket.socket, behaviour: Behaviour, over: threading.Event) -> None:
    while not over.is_set():
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(connection, behaviour), daemon=True).start()


def _answer(connection: socket.socket, behaviour: Behaviour) -> None:
    with connection, suppress(OSError):
        if connection.recv(MEBIBYTE):
            behaviour(connection)


# ---------------------------------------------------------------- behaviours
def says(content: bytes) -> Behaviour:
    """Says one thing, and hangs up."""
    return lambda connection: connection.sendall(content)


def drips(first: bytes, drop: bytes = b"a", seconds: float = 0.02) -> Behaviour:
    """Says something, and then a little more again and again."""
    pause = threading.Event()

    def behave(connection: socket.socket) -> None:
        connection.sendall(first)
        for _ in range(MOST):
            pause.wait(seconds)
            connection.sendall(drop)

    return behave


def floods(first: bytes, piece: bytes) -> Behaviour:
    """Says something, and then a lot more, as fast as it is read."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(first)
        for _ in range(MOST):
            connection.sendall(piece)

    return behave


def resets(first: bytes) -> Behaviour:
    """Says something, and resets the connection."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(first)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    return behave


def body(content: bytes, *headers: str, length: int | None = None) -> bytes:
    """An answer with a body, and if need be a length that isn't its own."""
    lines = "".join(f"{header}\r\n" for header in headers)
    return OK + f"Content-Length: {len(content) if length is None else length}\r\n{lines}\r\n".encode() + content


def bomb(encoding: str, size: int, times: int = 1) -> Behaviour:
    """Gives an answer that unfolds to so many blanks. It is made when it is given: that takes a while."""

    def behave(connection: socket.socket) -> None:
        content = b" " * size
        for _ in range(times):
            content = zlib.compress(content) if encoding == "deflate" else gzip.compress(content, 1)
        connection.sendall(body(content, f"Content-Encoding: {', '.join([encoding] * times)}"))

    return behave
