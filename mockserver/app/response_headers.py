"""The headers of answers that a contract may declare, and those that it may not set.

A contract may be a stranger's. What browsers keep, obey beyond the one answer, or share with other pages would reach
all that is served on this machine; what frames a message is told by who sends it; and what makes an answer safe to
open is the mock's to say.
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


def reason_against(name: str) -> str | None:
    """Why no contract may set a header of this name; None if it may."""
    lower = name.lower()
    return _REASONS.get(lower) or next((why for prefix, why in _PREFIXES.items() if lower.startswith(prefix)), None)


def without_reserved(declared: Operation) -> tuple[Operation, list[str]]:
    """An operation whose answers declare no header that a contract may not set, so that none is sent and none is
    missed; and the names of those that were left out, in lower case."""
    names = [name for response in declared.responses.values() for name in response.headers]
    reserved = [name.lower() for name in names if reason_against(name)]
    if not reserved:
        return declared, []
    return declared._replace(responses={key: _allowed(one) for key, one in declared.responses.items()}), reserved


def warn_of_reserved(left_out: Iterable[str]) -> None:
    """Log, in one line, which headers of a contract are left out, and why; nothing if there are none."""
    told = [f"{name} ({reason_against(name)})" for name in dict.fromkeys(left_out)]
    if told:
        more = f", and {len(told) - MOST_LISTED} more" if len(told) > MOST_LISTED else ""
        logger.warning(
            "the contract declares headers that answers don't get: %s%s", ", ".join(told[:MOST_LISTED]), more
        )


def _allowed(response: DeclaredResponse) -> DeclaredResponse:
    headers = {name: header for name, header in response.headers.items() if reason_against(name) is None}
    return response._replace(headers=headers)
