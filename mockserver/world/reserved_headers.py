"""Reserved response headers: no contract and no fault sets them.

Headers that browsers keep, or apply beyond the one response, would affect everything that is served on this machine.
Framing is the server's, and security headers are the mock's.
"""

import re

SESSION = "mockserver_session"  # the cookie of the page that has logged in
_COOKIE = r"([^\s=;,{}]+) *=.*"
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


def is_cookie(value: str) -> bool:
    """Whether a value of `Set-Cookie` plainly names its cookie, and not that of the mock's page.

    Browsers send the value of a cookie without a name alone, and that could look like any other cookie.
    """
    named = re.fullmatch(_COOKIE, value)
    return named is not None and named[1] != SESSION
