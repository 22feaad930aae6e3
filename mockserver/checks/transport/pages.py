"""Pages: HTML where an API answers, from a gate, a login or somebody who is maintaining something."""

import requests

from mockserver.openapi.resources import SAFE, Call

HTML = "html"


def is_page(response: requests.Response) -> bool:
    """Whether it is a page; JSON that is only declared as one comes from the API."""
    return reads_as_page(response.headers.get("Content-Type", ""), response.content)


def reads_as_page(media_type: str, body: bytes) -> bool:
    """The same of a media type and a body."""
    return HTML in media_type.lower() and body.lstrip()[:1] not in (b"{", b"[")


def is_in_the_way(response: requests.Response, call: Call | None, method: str) -> bool:
    """Whether a page stands where the contract has none, and nothing was changed: a success of what only reads or logs
    in, or a 403. `call` is the operation, if one is declared."""
    if call is None or not is_page(response) or _has_pages(call, response.status_code):
        return False
    only_reads = method in SAFE or call.issues
    return response.status_code == requests.codes.forbidden or (only_reads and 200 <= response.status_code < 300)  # noqa: PLR2004 (a success)


def _has_pages(call: Call, status: int) -> bool:
    declared = call.operation.responses.get(str(status))
    return declared is not None and any(HTML in one for one in declared.media_types)
