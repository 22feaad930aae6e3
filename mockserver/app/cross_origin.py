"""Cross-origin rules: which pages of other origins may read answers (CORS), and the answer to their preflights."""

import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from mockserver.http.messages import PREFLIGHT_AGE, Header, Request, Response
from mockserver.openapi.contract import Operation

EXPOSED_HEADERS = (  # that pages of other origins may read
    *("Location", "Link", "X-Total-Count"),
    *("Allow", "Retry-After", "WWW-Authenticate", "Preference-Applied"),
    *("X-Mock-Fault", "X-Mock-Hint", "X-Mock-Source", "X-Mock-Contract-Violation", "X-Mock-Replica"),
)
FIELD_NAME = r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}"
LONGEST_REQUESTED = 4096  # bytes of Access-Control-Request-Headers that are repeated
EXPOSE: Header = (b"access-control-expose-headers", ", ".join(EXPOSED_HEADERS).encode())
MOST_DECLARED = 50  # headers of a contract that are exposed
_ANY_ORIGIN: Header = (b"access-control-allow-origin", b"*")
ANYBODY: Sequence[Header] = (_ANY_ORIGIN, EXPOSE)
CREDENTIALS: Header = (b"access-control-allow-credentials", b"true")
VARY: Header = (b"vary", b"origin")


class OriginPolicy(Protocol):
    """A policy: which pages of other origins may read answers."""

    @property
    def depends_on_origin(self) -> bool:
        """Whether answers differ from page to page, so that caches have to know."""

    def headers(self, request: Request, /) -> Sequence[Header]:
        """The headers by which a browser decides."""


class AnyPage:
    """The policy that any page may read answers. Its browser sends no cookies."""

    depends_on_origin = False

    def __init__(self, exposes: Header = EXPOSE) -> None:
        self._anybody = (_ANY_ORIGIN, exposes)

    def headers(self, request: Request, /) -> Sequence[Header]:
        """The headers that let anybody read, where a page asks."""
        return self._anybody if b"origin" in request.headers else ()


class ListedPages:
    """The policy that pages of these origins may read answers, and no others; with an empty list nobody. With
    `credentials` their browsers send cookies, too."""

    def __init__(self, origins: Iterable[str], *, credentials: bool, exposes: Header = EXPOSE) -> None:
        self._allowed = frozenset(origin.encode() for origin in origins)
        self._more = (exposes, VARY, CREDENTIALS) if credentials else (exposes, VARY)

    @property
    def depends_on_origin(self) -> bool:
        """Whether there is a list: without one the answer is the same for all."""
        return bool(self._allowed)

    def allows(self, request: Request) -> bool:
        """Whether the page that sends a request is in the list."""
        return request.headers.get(b"origin") in self._allowed

    def headers(self, request: Request, /) -> Sequence[Header]:
        """The headers by which a browser decides. Where there is a list, every answer says that it depends on it."""
        if self.allows(request):
            return ((b"access-control-allow-origin", request.headers[b"origin"]), *self._more)
        return (VARY,) if self._allowed else ()


def exposing(operations: Iterable[Operation]) -> Header:
    """The header by which pages of other origins may read what the mock and these operations say in headers."""
    declared = {
        name.lower(): name
        for operation in operations
        for response in operation.responses.values()
        for name in response.headers
        if re.fullmatch(FIELD_NAME, name)
    }
    more = [declared[name] for name in sorted(declared.keys() - {name.lower() for name in EXPOSED_HEADERS})]
    return EXPOSE[0], ", ".join([*EXPOSED_HEADERS, *more[:MOST_DECLARED]]).encode()


def is_preflight(request: Request) -> bool:
    """Whether a browser asks before it sends a request of a page."""
    return request.method == "OPTIONS" and b"access-control-request-method" in request.headers


async def preflight(request: Request) -> Response:
    """Any method and header, as the vendor allows them (vendor-facts §1.6)."""
    requested = request.headers.get(b"access-control-request-headers", b"*")
    if len(requested) > LONGEST_REQUESTED:
        requested = b"*"
    headers = [
        (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE"),
        (b"access-control-allow-headers", requested),
        (b"access-control-max-age", b"%d" % PREFLIGHT_AGE),
    ]
    return Response(204, headers)
