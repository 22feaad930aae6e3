"""Ports of loopback that are kept for one program, also while it is started again."""

import socket
import sys

from tools.programs import Failure

HOST = "127.0.0.1"
HELD = sys.platform == "linux"  # elsewhere a port that is bound twice is refused


class Port:
    """A port that nobody else gets until `release`: bound, and never listened on. Port 0 lets the system choose.

    Raises Failure if the port is taken, or can't be used.
    """

    def __init__(self, number: int = 0) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((HOST, number))
        except OSError as error:
            self._socket.close()
            raise Failure(f"Port {number} can't be used ({error.strerror}). Choose another one: PORT=8282.") from error
        self.number: int = self._socket.getsockname()[1]
        if not HELD:
            self._socket.close()

    def release(self) -> None:
        """Let others have it."""
        self._socket.close()
