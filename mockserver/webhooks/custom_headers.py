"""The custom headers of a subscription: one rule, `objection`, decides which may be set, and which are sent.

Any web page may call the API, so it may subscribe. Headers that receivers trust as coming from a browser, a proxy or
the mock are therefore reserved, and so are those that frame a request: a page must not reach receivers on this machine
with headers that browsers forbid. Many servers read `_` as `-`, so both count as the same.
"""

from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

import orjson

from mockserver.storage.model import Destination
from mockserver.violations import Path, Violation, reserved

DELIVERY_ID = "X-Mock-Delivery"  # the control plane refuses requests that have it
MOST = 100  # of one subscription (assumption A75)
Pair = tuple[str, str]

_OF_THE_CONNECTION = "it says where a request ends, or is about its connection"
_OF_BROWSERS = "only browsers say it, and receivers may rely on that"
_OF_PROXIES = "only proxies say it, and receivers may rely on that"
_OF_THE_MOCK = "the mock itself says it"
_OF_NOTHING = "no header has such a name"
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
_BEGINNINGS = tuple(_PREFIXES)


def objection(name: str) -> str | None:
    """The objection to a header of this name, in words; None if a subscription may set it (assumption A70)."""
    if not (name.isascii() and name.isprintable()) or " " in name:  # the contract is stricter
        return _OF_NOTHING
    plain = name.lower().replace("_", "-")
    if not plain.startswith(_BEGINNINGS):  # in one call, as nearly no name does
        return _REASONS.get(plain)
    return next(why for prefix, why in _PREFIXES.items() if plain.startswith(prefix))


def violations(wanted: Mapping[str, Any], path: Path) -> list[Violation]:
    """The violations in `wanted`, the part at `path` of a request's body that describes a subscription."""
    own = _reason(wanted)
    found = [reserved((*path, "headerName"), own)] if own else []
    for number, row in enumerate(wanted.get("headers", ())):
        if why := _reason(row):
            found.append(reserved((*path, "headers", number, "headerName"), why))
    return found


def _reason(row: Mapping[str, Any]) -> str | None:
    name = row.get("headerName")
    return objection(name) if name else None


def delivery_headers(own: Mapping[str, str], destination: Destination) -> tuple[Pair, ...]:
    """The headers of a delivery: the mock's `own`, then the subscription's, which replace those of the same name in any
    case (assumption A39). The time is linear in their number."""
    custom = _custom(destination.headers, destination.header_name, destination.header_value)
    return (*(pair for pair in own.items() if pair[0].lower() not in custom), *custom.values())


@lru_cache(maxsize=256)
def _custom(headers: str, single_name: str | None, single_value: str | None) -> dict[str, Pair]:
    """The headers that a subscription sets, by name in lower case. Of a repeated name the last one counts."""
    rows = [(row.get("headerName"), row.get("headerValue")) for row in islice(orjson.loads(headers), MOST)]
    custom: dict[str, Pair] = {}
    for name, value in ((single_name, single_value), *rows):
        if name and objection(name) is None:
            custom.pop(name.lower(), None)
            custom[name.lower()] = (name, value or "")
    return custom
