"""The headers of a subscription: which may be set, and which are sent. One rule for who subscribes and for what leaves.

A web page may subscribe, as any page may call the API. So no header can be set that a receiver takes for the word of a
browser, of a proxy or of the mock, and none that says where a request ends: to receivers on this machine, the mock
would be a way around what browsers don't let pages do. Many servers read `_` as `-`, so it counts as that.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

import orjson

from mockserver.storage.model import Destination
from mockserver.violations import Path, Violation, reserved

MARK = "X-Mock-Delivery"  # carries the id of a delivery; the control plane refuses whatever has it
MOST_CUSTOM = 100  # of one subscription (assumption A75)
Pair = tuple[str, str]

_OF_THE_CONNECTION = "it says where a request ends, or is about its connection"
_OF_BROWSERS = "only browsers say it, and receivers may rely on that"
_OF_PROXIES = "only proxies say it, and receivers may rely on that"
_OF_THE_MOCK = "the mock itself says it"
_OF_NOTHING = "no header has such a name"
_NAME = re.compile(r"[!-~]*")  # the contract says more closely which; no line break may hide the rest from what follows
_REASONS = {
    **dict.fromkeys(
        (
            "connection",
            "content-length",
            "expect",
            "host",
            "http2-settings",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
        ),
        _OF_THE_CONNECTION,
    ),
    **dict.fromkeys(
        (
            "client-ip",
            "forwarded",
            "true-client-ip",
            "via",
            "x-client-ip",
            "x-cluster-client-ip",
            "x-http-method",
            "x-http-method-override",
            "x-method-override",
            "x-rewrite-url",
        ),
        _OF_PROXIES,
    ),
    **dict.fromkeys(("cookie", "cookie2", "origin", "referer"), _OF_BROWSERS),
}
_PREFIXES = {
    "proxy-": _OF_THE_CONNECTION,
    "access-control-": _OF_BROWSERS,
    "cf-": _OF_PROXIES,
    "sec-": _OF_BROWSERS,
    "x-forwarded-": _OF_PROXIES,
    "x-mock-": _OF_THE_MOCK,
    "x-original-": _OF_PROXIES,
    "x-real-": _OF_PROXIES,
}


def reason_against(name: str) -> str | None:
    """Why no subscription may set a header of this name; None if it may (assumption A70)."""
    if not _NAME.fullmatch(name):
        return _OF_NOTHING
    plain = name.lower().replace("_", "-")
    return _REASONS.get(plain) or next((why for prefix, why in _PREFIXES.items() if plain.startswith(prefix)), None)


def violations_of(wanted: Mapping[str, Any], path: Path) -> list[Violation]:
    """What in the body of a subscription, found at `path`, sets a header that it may not set."""
    rows = [(path, wanted), *(((*path, "headers", n), row) for n, row in enumerate(wanted.get("headers", ())))]
    reasons = [(where, reason_against(row.get("headerName") or "")) for where, row in rows]
    return [reserved((*where, "headerName"), why) for where, why in reasons if why]


def merged(own: Mapping[str, str], destination: Destination) -> tuple[Pair, ...]:
    """The headers of a delivery: `own`, then those of the subscription, which replace what has the same name in any
    case (assumption A39). Takes time in proportion to their number."""
    custom = _custom(destination.headers, destination.header_name, destination.header_value)
    return (*(pair for pair in own.items() if pair[0].lower() not in custom), *custom.values())


@lru_cache(maxsize=256)
def _custom(headers: str, single_name: str | None, single_value: str | None) -> dict[str, Pair]:
    """What a subscription sets, by the name in lower case. Of a repeated name the last counts, at its place."""
    rows = [(row.get("headerName"), row.get("headerValue")) for row in islice(orjson.loads(headers), MOST_CUSTOM)]
    custom: dict[str, Pair] = {}
    for name, value in ((single_name, single_value), *rows):
        if name and reason_against(name) is None:
            custom.pop(name.lower(), None)
            custom[name.lower()] = (name, value or "")
    return custom
