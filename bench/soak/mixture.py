"""The mixture: what a soak asks for, how often, and what each answer must be."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.cluster.load import ADMIN, DELIVERED, EVENTS, LOGIN, MEMBERS, NOWHERE, SILENT, SUBSCRIPTIONS, subscription
from bench.shared.work import WRONG

OK, BAD_REQUEST = 200, 400
JOURNAL, LAST = "/_mock/requests", 50
PAGE_SIZE = 10
LISTING = f"{SUBSCRIPTIONS}?eventName={SILENT}&_orderBy%5BcreatedAt%5D=desc&_page=1&_itemsOnPage={PAGE_SIZE}"
READ, ONE, LIST, SUBSCRIBE, REFUSED, LOG_IN, MEMBER, READ_JOURNAL = (
    "read events",
    "read a subscription",
    "list",
    "subscribe",
    "refused",
    "log in",
    "add a member",
    "read the journal",
)
SHARES = {READ: 30, LIST: 20, ONE: 18, SUBSCRIBE: 14, REFUSED: 10, LOG_IN: 3, MEMBER: 3, READ_JOURNAL: 2}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, the status that it must be answered with, and what the content must be."""

    kind: str
    method: str
    path: str
    content: Any = None
    expected: int = OK
    is_right: Callable[[Any], bool] = field(default=lambda _: True)


def sequence(shares: Mapping[str, int]) -> Iterator[str]:
    """Kinds for ever, each as often as its share says, as evenly as can be."""
    total, credit = sum(shares.values()), dict.fromkeys(shares, 0)
    while True:
        for kind, share in shares.items():
            credit[kind] += share
        chosen = max(credit, key=credit.__getitem__)
        credit[chosen] -= total
        yield chosen


def asked(kind: str, number: int, known: str | None) -> Asked:
    """A request of a kind. `number` is unlike that of any other; `known` is the id of a subscription, if there is one:
    without, the list is read in place of one."""
    if kind == ONE and known:
        return Asked(kind, "GET", f"{SUBSCRIPTIONS}/{known}", is_right=lambda one: known in one.values())
    makers: Mapping[str, Callable[[], Asked]] = {
        READ: lambda: Asked(kind, "GET", EVENTS, is_right=lambda found: DELIVERED in found["items"]),
        SUBSCRIBE: lambda: Asked(
            kind,
            "POST",
            SUBSCRIPTIONS,
            subscription(SILENT, f"{NOWHERE}{number}"),
            is_right=_has("webhookSubscriptionId"),
        ),
        REFUSED: lambda: Asked(kind, "POST", SUBSCRIPTIONS, WRONG, BAD_REQUEST, lambda found: "url" in str(found)),
        LOG_IN: lambda: Asked(kind, "POST", LOGIN, ADMIN, is_right=_has("token")),
        MEMBER: lambda: Asked(kind, "POST", MEMBERS, member(number), is_right=_has("customerId")),
        READ_JOURNAL: lambda: Asked(kind, "GET", f"{JOURNAL}?last={LAST}", is_right=_is_journal),
    }
    return makers.get(kind, lambda: Asked(kind, "GET", LISTING, is_right=_is_page))()


def member(number: int) -> dict[str, Any]:
    """A new member, by whose e-mail receivers know the event."""
    return {"customer": {"email": f"soak-{number}@example.com", "firstName": "Jane"}}


def _has(name: str) -> Callable[[Any], bool]:
    return lambda found: bool(found.get(name))


def _is_page(found: Any) -> bool:
    items = found["items"]
    return len(items) == min(PAGE_SIZE, found["total"]["filtered"]) and {one["eventName"] for one in items} <= {SILENT}


def _is_journal(found: Any) -> bool:
    items = found["items"] if isinstance(found, dict) else found
    return len(items) <= LAST and all(one["requestId"] for one in items)
