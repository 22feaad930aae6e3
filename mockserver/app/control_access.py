"""Who may steer the mock: who knows the control token, if there is one, and no web page but the mock's own.

A page of another origin can send a POST to 127.0.0.1 even where it can't read the answer, and one whose host name was
made to resolve to this machine (DNS rebinding) can read it too. The first says so in `Origin`, the second in `Host`.
And it can have a mock deliver to another one, or through somebody who passes deliveries on: those say so by a header
that no subscription can take away.
"""

import hmac
import re
from ipaddress import ip_address
from typing import Protocol

from mockserver.errors import ControlTokenRequired, ForeignHost, ForeignOrigin, ReadByAPublicName, SentByAMock
from mockserver.http.messages import Request
from mockserver.webhooks.deliveries import DELIVERY_ID_HEADER

TOKEN_HEADER = b"x-mock-control-token"
_DELIVERY_ID_HEADER = DELIVERY_ID_HEADER.lower().encode()
# Names that no public name server knows: those without a dot, addresses, and the domains that are kept for private use.
_PRIVATE = re.compile(
    rb"([A-Za-z0-9_-]*|[0-9.]+|\[[0-9A-Fa-f:.]+\]|([A-Za-z0-9_-]+\.)+(localhost|local|internal|test|lan|home\.arpa))"
    rb"\.?(:[0-9]*)?"
)


class Check(Protocol):
    """Something that not every request passes."""

    def check(self, request: Request) -> None:
        """Raises ApiError."""


class ControlAccess:
    """Lets through what may steer the mock."""

    def __init__(self, token: str | None) -> None:
        self._token = None if token is None else token.encode()

    def check(self, request: Request) -> None:
        """Raises SentByAMock, ControlTokenRequired, ForeignOrigin or ForeignHost."""
        if _DELIVERY_ID_HEADER in request.headers:
            raise SentByAMock
        if self._token is not None:
            if not hmac.compare_digest(self._token, request.headers.get(TOKEN_HEADER, b"")):
                raise ControlTokenRequired
            return
        host, origin = request.headers.get(b"host", b""), request.headers.get(b"origin")
        if origin is not None and origin not in (b"http://" + host, b"https://" + host):
            raise ForeignOrigin
        if not _PRIVATE.fullmatch(host):
            raise ForeignHost


class ReadingRoom:
    """Lets through what may read the contract of a mock that listens at this address: unless that was chosen so that
    other machines reach it, only who knows the mock by a name that no web page can have made up."""

    def __init__(self, address: str) -> None:
        self._is_open = not _is_loopback(address)

    def check(self, request: Request) -> None:
        """Raises ReadByAPublicName."""
        if not (self._is_open or _PRIVATE.fullmatch(request.headers.get(b"host", b""))):
            raise ReadByAPublicName


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address.lower() == "localhost"
