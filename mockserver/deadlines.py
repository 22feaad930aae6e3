"""Connections with a deadline for the whole exchange, however slowly the other side sends or reads.

A socket time-out limits the silence between two bytes; a peer that sends a byte a second never exceeds it. Here no wait
is longer than the time that is left until the deadline.
"""

import socket
import ssl
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import httpcore2

PIECE = 16 * 1024  # bytes per write, as one write may wait twice
FAILURES = (OSError, httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException, httpcore2.ProxyError)

LookUp = Callable[[str], list[str]]


def looked_up(host: str) -> list[str]:
    """IP addresses of a host. Raises OSError."""
    return [str(address[0]) for *_, address in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


class Network(httpcore2.NetworkBackend):
    """Network backend whose connections end at a deadline (`end`, by the clock `now`), and after `silence` seconds
    without a byte. A host name is resolved once; later connections use the same addresses.

    All waits raise one of FAILURES: at the deadline TimeoutError or TimeoutException.
    """

    def __init__(self, silence: float, end: float, now: Callable[[], float], look_up: LookUp = looked_up) -> None:
        self._silence, self._end, self._now, self._look_up = silence, end, now, cache(look_up)
        self._network = httpcore2.SyncBackend()

    def patience(self) -> float:
        """Seconds that the next wait may take. Raises TimeoutError at the deadline."""
        left = self._end - self._now()
        if left <= 0:
            raise TimeoutError("timed out: it took too long as a whole")
        return min(self._silence, left)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 (ours is shorter)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """A connection to the first address that accepts one."""
        problem: Exception = OSError(f"{host} has no address")
        for address in self._look_up(host):
            try:
                found = self._network.connect_tcp(address, port, self.patience(), local_address, socket_options)
            except (httpcore2.NetworkError, httpcore2.TimeoutException) as error:
                problem = error
            else:
                return _Stream(found, self)
        raise problem


class _Stream(httpcore2.NetworkStream):
    """A connection whose waits end with the deadline of its network; the time-outs of callers are ignored."""

    def __init__(self, stream: httpcore2.NetworkStream, network: Network) -> None:
        self._stream, self._network = stream, network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 (see above)
        """The next bytes, `max_bytes` at most; empty at the end."""
        return self._stream.read(max_bytes, self._network.patience())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 (see above)
        """Send all bytes."""
        for at in range(0, len(buffer), PIECE):
            self._stream.write(buffer[at : at + PIECE], self._network.patience())

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 (see above)
    ) -> httpcore2.NetworkStream:
        """The same connection under TLS."""
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, self._network.patience()), self._network)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        """A property of the connection, by its name in httpcore2."""
        return self._stream.get_extra_info(info)
