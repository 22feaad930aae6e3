"""What a run has asked, and was answered: operations, each with the scenario. Nothing else can be said to be gone."""

from collections.abc import Callable, Iterator

import requests

from mockserver.checks.transport.instance_url import BaseUrl
from mockserver.checks.transport.recording import RecordedExchange, Recording
from mockserver.errors import MethodNotAllowed, NotFound
from mockserver.openapi.resources import Call, Surface


def answered(
    recording: Recording, surface: Surface, url: str, is_over: Callable[[str], bool]
) -> frozenset[tuple[str, str]]:
    """The operations, each with a scenario that came to its end in which it was answered. An undeclared 429 is no
    answer: what it stands in the place of isn't known."""
    base = BaseUrl(url)
    seen, throttled = set[tuple[str, str]](), set[tuple[str, str]]()
    for exchange in recording:
        if exchange.status and is_over(exchange.scenario):
            for call in _calls(exchange, surface, base):
                is_early = exchange.status == requests.codes.too_many_requests
                kept = throttled if is_early and "429" not in call.operation.responses else seen
                kept.add((call.id, exchange.scenario))
    return frozenset(seen - throttled)


def _calls(exchange: RecordedExchange, surface: Surface, base: BaseUrl) -> Iterator[Call]:
    """The operation of a request; for a method that its path doesn't declare, all operations of the path."""
    if exchange.operation in surface.calls:
        yield surface.calls[exchange.operation]
        return
    path = (base.path_below(exchange.url) or "").encode("utf-8", "replace")
    try:
        yield surface.match(exchange.method, path)[0]
    except MethodNotAllowed as error:
        yield from (surface.match(method, path)[0] for method in error.allow)
    except NotFound:
        return
