"""Lists as pages, by parameters as they stand in the contract: for those who ask for more than tests do."""

from collections.abc import Iterator, Mapping
from typing import Any, NotRequired, Protocol, TypedDict, TypeVar

from mockserver.remote.answers import DeliveryJson, RequestListJson

LONGEST_WAIT = 60.0  # seconds that one call may wait; who waits longer, asks again
Answer = TypeVar("Answer")


class ControlCall(Protocol):
    """The call of an operation, as `MockConnection.control` makes it; `request` may have `json` and `params`."""

    def __call__(
        self, method: str, path: str, kind: type[Answer], *, patience: float = 0.0, **request: Any
    ) -> Answer: ...


class DeliveryPageJson(TypedDict):
    """A page of deliveries. A mock of before 0.2 doesn't count changes."""

    items: list[DeliveryJson]
    total: int
    revision: NotRequired[int]
    emptied: NotRequired[int]


def page_of_deliveries(call: ControlCall, query: Mapping[str, Any]) -> DeliveryPageJson:
    """One page of deliveries."""
    return call("GET", "/deliveries", DeliveryPageJson, params=query, patience=query.get("wait", 0.0))


def latest_deliveries(call: ControlCall, query: Mapping[str, Any], count: int) -> DeliveryPageJson:
    """The page of deliveries that pass the filters of `query`; `items` has the last `count` of them."""
    pages = [page_of_deliveries(call, {**query, "_page": 1, "_itemsOnPage": count})]
    last = -(-pages[0]["total"] // count)
    numbers = range(max(2, last - 1), last + 1)
    pages += [page_of_deliveries(call, {**query, "_page": number, "_itemsOnPage": count}) for number in numbers]
    items = [delivery for page in pages[-2:] for delivery in page["items"]]
    return {**pages[0], "items": items[-count:]}


def page_of_requests(call: ControlCall, query: Mapping[str, Any]) -> RequestListJson:
    """The list of requests, with its total."""
    return call("GET", "/requests", RequestListJson, params=query, patience=query.get("wait", 0.0))


def waits(seconds: float) -> Iterator[float]:
    """The waits of the calls that together wait so long: there is always one."""
    yield min(seconds, LONGEST_WAIT)
    while (seconds := seconds - LONGEST_WAIT) > 0:
        yield min(seconds, LONGEST_WAIT)
