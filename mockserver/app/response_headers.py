"""Reserved response headers: a contract may declare them, but the mock doesn't send them.

A contract may come from a stranger. Headers that browsers keep, or apply beyond the one response, would affect
everything that is served on this machine. Framing is the server's, and security headers are the mock's.
"""

import logging
from collections.abc import Iterable

from mockserver.openapi.contract import DeclaredResponse, Operation

logger = logging.getLogger("mockserver")

MOST_LISTED = 20
_FRAMING = "it is about the connection, or how the body is sent"
_STEERING = "browsers obey it beyond this answer"
_OF_THE_MOCK = "the mock itself says it"
_REASONS = {
    **dict.fromkeys(("connection", "content-encoding", "content-length", "content-range", "http2-settings"), _FRAMING),
    **dict.fromkeys(("keep-alive", "te", "trailer", "transfer-encoding", "upgrade"), _FRAMING),
    **dict.fromkeys(
        ("set-cookie", "set-cookie2", "set-login", "clear-site-data", "activate-storage-access"), _STEERING
    ),
    **dict.fromkeys(("refresh", "alt-svc", "strict-transport-security", "public-key-pins", "expect-ct"), _STEERING),
    **dict.fromkeys(("nel", "report-to", "reporting-endpoints", "public-key-pins-report-only"), _STEERING),
    **dict.fromkeys(("accept-ch", "critical-ch", "service-worker-allowed", "speculation-rules"), _STEERING),
    **dict.fromkeys(("sourcemap", "x-sourcemap", "x-dns-prefetch-control", "use-as-dictionary"), _STEERING),
    **dict.fromkeys(("content-security-policy", "content-security-policy-report-only"), _OF_THE_MOCK),
    **dict.fromkeys(("x-content-type-options", "x-frame-options", "x-xss-protection"), _OF_THE_MOCK),
    **dict.fromkeys(("permissions-policy", "feature-policy", "document-policy", "referrer-policy"), _OF_THE_MOCK),
    **dict.fromkeys(("origin-agent-cluster", "timing-allow-origin", "x-permitted-cross-domain-policies"), _OF_THE_MOCK),
}
_PREFIXES = {
    "proxy-": _FRAMING,
    "sec-": _FRAMING,
    "access-control-": _OF_THE_MOCK,
    "cross-origin-": _OF_THE_MOCK,
    "x-mock-": _OF_THE_MOCK,
}


def reserved_because(name: str) -> str | None:
    """The reason why a header of this name is reserved; None if it isn't."""
    lower = name.lower()
    return _REASONS.get(lower) or next((why for prefix, why in _PREFIXES.items() if lower.startswith(prefix)), None)


def without_reserved(declared: Operation) -> tuple[Operation, list[str]]:
    """The operation without reserved response headers, so that none is sent and none is required; and the names of the
    reserved ones, in lower case."""
    names = [name for response in declared.responses.values() for name in response.headers]
    reserved = [name.lower() for name in names if reserved_because(name)]
    if not reserved:
        return declared, []
    return declared._replace(responses={key: _allowed(one) for key, one in declared.responses.items()}), reserved


def warn_of_reserved(names: Iterable[str]) -> None:
    """Log, in one line, the reserved headers of a contract and the reasons; nothing if there are none."""
    listed = [f"{name} ({reserved_because(name)})" for name in dict.fromkeys(names)]
    if listed:
        more = f", and {len(listed) - MOST_LISTED} more" if len(listed) > MOST_LISTED else ""
        logger.warning(
            "the contract declares headers that answers don't get: %s%s", ", ".join(listed[:MOST_LISTED]), more
        )


def _allowed(response: DeclaredResponse) -> DeclaredResponse:
    headers = {name: header for name, header in response.headers.items() if reserved_because(name) is None}
    return response._replace(headers=headers)
