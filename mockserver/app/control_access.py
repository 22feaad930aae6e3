"""Access rules: requests that may use the control plane, and requests that may read a private contract.

With a control token, only who knows it may use the control plane. Without one, no web page may but the mock's own, and
those of origins that the operator names. A page of another origin can send a POST to 127.0.0.1 without reading the
response: its `Origin` shows that; or a GET, as a frame or an image, which costs the mock something: there is no
`Origin` then, but `Sec-Fetch-Site`. A page whose host name resolves to this machine (DNS rebinding) can read the
response, too: its `Host` shows that. Deliveries of a mock are refused as well: they have a header that no subscription
can remove.
"""

import hmac
import re
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Protocol

from mockserver.errors import ControlTokenRequired, ForeignHost, ForeignOrigin, ReadByAPublicName, SentByAMock
from mockserver.http.messages import Request
from mockserver.webhooks import custom_headers
from mockserver.world.page_sessions import PageSessions
from mockserver.world.reserved_headers import SESSION

TOKEN_HEADER = b"x-mock-control-token"
DELIVERY_ID_HEADER = custom_headers.DELIVERY_ID.lower().encode()
# Hosts that no public name server knows: names without a dot, addresses, and domains for private use.
_PRIVATE = (
    rb"([A-Za-z0-9_-]*|[0-9.]+|\[[0-9A-Fa-f:.]+\]|([A-Za-z0-9_-]+\.)+(localhost|local|internal|test|lan|home\.arpa))"
    rb"\.?(:[0-9]*)?"
)


def is_in_session(sessions: PageSessions, request: Request) -> bool:
    """Whether a request comes from a page of the mock that has logged in.

    Browsers send the cookie from every page of this machine, whatever its port: the request has to come from our own.
    """
    named = [cookie.strip().partition(b"=") for cookie in request.headers.get(b"cookie", b"").split(b";")]
    cookies = [value for name, _, value in named if name == SESSION.encode()]
    return sessions.knows(cookies) and is_of_own_page(request)


def is_of_own_page(request: Request) -> bool:
    """Whether a request is one that the mock's own page, or the person at the browser, makes."""
    host, origin = request.headers.get(b"host", b""), request.headers.get(b"origin")
    is_own = origin is None or origin in (b"http://" + host, b"https://" + host)
    return is_own and request.headers.get(b"sec-fetch-site", b"none") in (b"none", b"same-origin")


class AccessRule(Protocol):
    """A rule that refuses some requests."""

    def check(self, request: Request) -> None:
        """Raise an ApiError if the request is refused."""


class ControlAccess:
    """The rule for the control plane, with a control token or without one. Pages of `origins` may use it, and with a
    token those that are in `sessions`.
    """

    def __init__(self, token: str | None, origins: Iterable[str] = (), sessions: PageSessions | None = None) -> None:
        self._token = None if token is None else token.encode()
        self._sessions = sessions
        self._origins = frozenset(origin.encode() for origin in origins)

    def check(self, request: Request) -> None:
        """Raise SentByAMock, ControlTokenRequired, ForeignOrigin or ForeignHost if the request is refused."""
        if DELIVERY_ID_HEADER in request.headers:
            raise SentByAMock
        if self._token is not None:
            is_known = hmac.compare_digest(self._token, request.headers.get(TOKEN_HEADER, b""))
            is_known = is_known or (self._sessions is not None and is_in_session(self._sessions, request))
            if not is_known:
                raise ControlTokenRequired
            return
        if not is_of_own_page(request) and request.headers.get(b"origin") not in self._origins:
            raise ForeignOrigin
        if not re.fullmatch(_PRIVATE, request.headers.get(b"host", b"")):
            raise ForeignHost


class DocumentationAccess:
    """The rule for the contract and its documentation.

    A mock that listens on a loopback address shows them only under private host names, as DNS rebinding needs a public
    one. A mock that other machines can reach by its `address` shows them to all.
    """

    def __init__(self, address: str) -> None:
        self._is_open = not _is_loopback(address)

    def check(self, request: Request) -> None:
        """Raise ReadByAPublicName if the request is refused."""
        if not (self._is_open or re.fullmatch(_PRIVATE, request.headers.get(b"host", b""))):
            raise ReadByAPublicName


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address.lower() == "localhost"
