"""Cookies that an instance hands out. A judge keeps none, as a request by nobody carries nothing; and it shows none of
their values, which may let in whoever has them."""

import re
from collections.abc import Iterator

import requests

from mockserver.checks.transport.session import SECRET

NAMES = frozenset({"set-cookie", "set-cookie2"})  # of headers
LONGEST = 4096  # characters of a value that are kept secret elsewhere; browsers take no more
_COOKIE = re.compile(r'(?P<name>[^=;]*=|)(?P<value>\s*"[^"]*"|[^;]*)(?P<rest>.*)', re.DOTALL)


def keep_out_of_jars(response: requests.Response) -> None:
    """See that no session finds cookies in a response that was read; its headers still show them."""
    if response.raw is not None:
        response.raw._original_response = None  # noqa: SLF001 (where sessions of requests look for them)


def headers_of(response: requests.Response) -> list[tuple[str, str]]:
    """The headers of a response, each cookie in one of its own, and without its value."""
    others = [(name, value) for name, value in response.headers.items() if name.lower() not in NAMES]
    found = filter(None, map(_COOKIE.match, _lines(response)))
    return [*others, *(("Set-Cookie", f"{one['name']}{SECRET}{one['rest']}") for one in found)]


def values_in(response: requests.Response) -> Iterator[str]:
    """The values of the cookies that a response hands out."""
    for line in _lines(response):
        if found := _COOKIE.match(line):
            yield found["value"].strip(' \t"')[:LONGEST]


def _lines(response: requests.Response) -> list[str]:
    """The headers that set cookies, one for each: those of a response of requests are joined by commas, which dates
    have, too."""
    raw = getattr(response.raw, "headers", None)
    if raw is not None and hasattr(raw, "getlist"):
        return [line for name in sorted(NAMES) for line in raw.getlist(name)]
    return [value for name, value in response.headers.items() if name.lower() in NAMES]
