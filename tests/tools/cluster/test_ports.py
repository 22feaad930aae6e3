"""tools.cluster.ports: ports that are kept for one program."""

import socket

import pytest

from tools.cluster.ports import HOST, Port
from tools.programs import Failure


def test_kept_port_can_be_listened_on() -> None:
    """Whom a port is kept for listens on it, ends, and listens again."""
    port = Port()

    for _ in range(2):
        with socket.create_server((HOST, port.number)), socket.create_connection((HOST, port.number)):
            pass
    port.release()


def test_port_of_somebody_else_is_refused() -> None:
    """A port on which somebody listens is refused, with what to do."""
    with socket.create_server((HOST, 0)) as other:
        number = other.getsockname()[1]
        with pytest.raises(Failure, match=f"Port {number} can't be used .*PORT=8282"):
            Port(number)
