"""Throttling: what a 429 asks for, and whether it is the instance's own or that of whoever counts requests in front."""

from email.utils import parsedate_to_datetime

import requests

from mockserver.checks.transport.pages import is_page
from mockserver.checks.transport.rate_limiting import LONGEST_WAIT
from mockserver.clock import Clock
from mockserver.openapi.resources import Call


def is_throttled(response: requests.Response) -> bool:
    """Whether an answer is a 429."""
    return bool(response.status_code == requests.codes.too_many_requests)


def seconds_asked(response: requests.Response) -> float | None:
    """The seconds after which to come back, as Retry-After says: a number, or a date by the clock of the `Date` header;
    None if it says nothing that can be read."""
    value = response.headers.get("Retry-After", "")
    if value.isdecimal() and value.isascii():
        return float(value)
    try:
        then = parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError):
        return None
    try:
        now = parsedate_to_datetime(response.headers.get("Date", "")).timestamp()
    except (ValueError, OverflowError):
        now = Clock().now()
    return max(0.0, then - now)


def is_in_front(response: requests.Response, call: Call | None) -> bool:
    """Whether a 429 says nothing about the contract: it isn't declared, or a page and not the API's JSON. `call` is the
    operation, if one is declared."""
    is_declared = call is not None and "429" in call.operation.responses
    return is_throttled(response) and (not is_declared or is_page(response))


def is_endless(response: requests.Response, call: Call | None) -> bool:
    """Whether somebody who was waited for still answers 429. One that is declared, and asks for more time than a run
    has, is a response under test."""
    if not is_throttled(response):
        return False
    seconds = seconds_asked(response)
    return is_in_front(response, call) or (seconds is not None and seconds <= LONGEST_WAIT)
