"""The proxy's own answers: in place of one that the instance doesn't give, or that isn't let through."""

import re

from mockserver.app.cross_origin import AnyPage
from mockserver.escaping import decoded
from mockserver.http.messages import AbsoluteRequest, Header, Request, Response, json_response
from mockserver.proxy import passed_headers
from mockserver.proxy.live_address import LiveAddress
from mockserver.remarks import LONGEST_TEXT

SOURCE: Header = (b"x-mock-source", b"proxy")
BAD_GATEWAY, NOT_IMPLEMENTED, FORBIDDEN, LOOP = 502, 501, 403, 508
MISDIRECTED, HTTP_PORT = 421, 80
OF_ANOTHER = (
    "This request names another server. This is no proxy for any of them: use its own address, such as "
    "http://localhost:8182, as that of the API."
)
_THIS_MACHINE = rb"(?i)(?:localhost|127[0-9.]+|\[::1\]):?([0-9]{0,5})"
_CLIMBING = r"(^|[/\\])\.\.([/\\;]|$)"  # as servers read it: some take a backslash for a slash
BAD_REQUEST, MOST_PROXIES = 400, 8  # that a request may have come by
_ANY_PAGE = AnyPage()


def own_answer(request: Request, status: int, message: str, errors: list[str] | None = None) -> Response:
    """An answer of the proxy, which says so, and which any page may read."""
    content = {"code": status, "message": message} | ({"errors": errors} if errors else {})
    response = json_response(status, content, [SOURCE, *_ANY_PAGE.headers(request)])
    response.remark(hint=message[:LONGEST_TEXT])
    return response


def misdirected(request: Request, url: str, own_port: int | None) -> Response | None:
    """The answer to a request for another server, as forward proxies get them; None if it is for this one."""
    if request.method == "CONNECT":
        return own_answer(
            request,
            NOT_IMPLEMENTED,
            f"This is no proxy to tunnel through: it stands before {url}. Use its own address as that of the API.",
        )
    if not isinstance(request, AbsoluteRequest):
        return None
    named = re.fullmatch(_THIS_MACHINE, request.headers[b"host"])
    if named and own_port in (None, int(named[1] or HTTP_PORT)):
        return None
    return own_answer(request, MISDIRECTED, OF_ANOTHER)


def refusal(request: Request, proxy_id: bytes, address: LiveAddress) -> Response | None:
    """The answer to a request that can't be passed on at all; None if it can."""
    url = address.url
    if address.base_path and re.search(_CLIMBING, decoded(request.path)):
        return own_answer(
            request,
            BAD_REQUEST,
            f"This path has .. in it, and might lead out of {address.base_path}, which --to names.",
        )
    if wanted := passed_headers.asked_protocol(request):
        shown = re.sub(rb"[^ -~]", b"?", wanted[:40]).decode()
        return own_answer(
            request,
            NOT_IMPLEMENTED,
            f"The proxy passes on HTTP alone, and can't change to {shown}. Connect to {url} directly for that.",
        )
    come_by = request.headers.get(passed_headers.LOOP, b"").split(b",")
    if proxy_id in (one.strip() for one in come_by) or len(come_by) > MOST_PROXIES:
        return own_answer(
            request, LOOP, f"This request has come by this proxy before: {url}, which --to names, leads back to it."
        )
    return None
