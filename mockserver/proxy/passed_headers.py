"""The headers that are passed on: all but those of one connection (RFC 9110, section 7.6.1)."""

import re
from collections.abc import Iterable, Sequence

from mockserver.http.messages import Header, Request

LOOP = b"x-mock-proxy"  # the proxies that a request has come by, so that none passes it on twice
# What belongs to one connection, whether `Connection` names it or not. Trailers are dropped, so nothing announces them.
HOP_BY_HOP = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade"}
)
READABLE = (b"gzip", b"x-gzip", b"deflate", b"identity")  # the content codings that can be judged
_REFUSED = rb"[^;]+;\s*[qQ]\s*=\s*0(\.0*)?\s*"
_CODINGS = b"accept-encoding"
# What the proxy writes itself, or keeps to itself.
_OWN = frozenset({b"host", b"expect", b"content-length", b"x-mock-control-token", LOOP, _CODINGS})


def of_request(request: Request, authority: bytes, framing: Sequence[Header], proxy_id: bytes) -> list[Header]:
    """The headers for the instance: `Host` is its own, and `framing` says how long the body is.

    `Accept-Encoding` names only what can be judged. Nothing else is added or changed: `Forwarded` and `X-Forwarded-*`
    are passed as they come.
    """
    headers = request.headers
    left_out = HOP_BY_HOP | _OWN | _named(headers.get(b"connection", b""))
    come_by = headers[LOOP] + b", " + proxy_id if LOOP in headers else proxy_id
    kept = [(name, value) for name, value in headers.items() if name not in left_out]
    codings = [(_CODINGS, _readable(headers[_CODINGS]))] if _CODINGS in headers else []
    return [(b"host", authority), *kept, *codings, *framing, (LOOP, come_by)]


def of_answer(headers: Iterable[Header]) -> list[Header]:
    """The headers for the client: those of the instance, in its order and its letters, but for the connection's."""
    all_headers = list(headers)
    named = b",".join(value for name, value in all_headers if name.lower() == b"connection")
    left_out = HOP_BY_HOP | _named(named) | {b"content-length"}
    return [(name, value) for name, value in all_headers if name.lower() not in left_out]


def asked_protocol(request: Request) -> bytes:
    """The protocol to which a client wants to change, if its request makes no sense otherwise; else nothing.

    HTTP/2 is a wish (`h2c`) that a server may ignore, and so does this one (RFC 9110, section 7.8).
    """
    if b"upgrade" not in _named(request.headers.get(b"connection", b"")):
        return b""
    wanted = [one.strip() for one in request.headers.get(b"upgrade", b"").split(b",")]
    return next((one for one in wanted if one and one.lower() not in (b"h2c", b"h2")), b"")


def _named(connection: bytes) -> frozenset[bytes]:
    """The names of headers that `Connection` lists; Host and Content-Length can't be among them."""
    names = {name.strip().lower() for name in connection.split(b",")} if connection else set()
    return frozenset(names - {b"host", b"content-length"})


def _readable(value: bytes) -> bytes:
    """The content codings of a client that can be judged; `identity` if there is none. All of them, if the client
    takes none of these and refuses `identity`, too: there is nothing else to ask for."""
    wanted = [part.strip() for part in value.split(b",")]
    refused = {part for part in wanted if re.fullmatch(_REFUSED, part)}
    kept = [part for part in wanted if part.partition(b";")[0].strip().lower() in READABLE]
    refuses_plain = any(part.lower().startswith((b"identity", b"*")) for part in refused)
    if refuses_plain and refused.issuperset(kept) and len(refused) < len(wanted):
        return value
    return b", ".join(kept) or b"identity"
