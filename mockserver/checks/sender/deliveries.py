"""The evidence of a run: who subscribed, what was caused, and what was caught; and which of it belongs together."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

MESSAGE_ID, REQUEST_ID, EVENT_NAME, STORE_CODE = "messageId", "requestId", "eventName", "storeCode"
CREATED_AT, DATA = "createdAt", "data"
ENVELOPE = (MESSAGE_ID, REQUEST_ID, EVENT_NAME, STORE_CODE, CREATED_AT, DATA)


@dataclass(frozen=True)
class Caught:
    """A request as it was caught. `at` is on the clock of the run, `moment` in Unix seconds, `status` what it was
    answered; 0 where somebody else caught it. `token` says for which subscription it came,
    `target` is path and query."""

    number: int
    token: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    at: float = 0.0
    moment: float = 0.0
    status: int = 0

    def header(self, name: str) -> str:
        """The value of a header, in any case; empty if there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def all_of(self, name: str) -> list[str]:
        """The values of all headers of this name."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @cached_property
    def payload(self) -> Any:
        """The body as JSON; None if it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def member(self, name: str) -> Any:
        """A key of the envelope; None if it isn't there."""
        return self.payload.get(name) if isinstance(self.payload, dict) else None

    @property
    def succeeded(self) -> bool:
        """Whether it was answered with a 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 (a 2xx)


class Role(StrEnum):
    """The role of a subscription: what it is there to show."""

    PLAIN = "plain"
    FAILING = "answers 500"
    REFUSING = "answers 400"
    REDIRECTING = "answers 302"
    UNSIGNED = "unsigned"
    OVERRIDING = "sets headers of the platform"
    ODD_URL = "has an odd URL"
    DELETED = "deleted"
    ELSEWHERE = "in another store"
    CAPTURED = "captured elsewhere"  # of which only the secrets may be known, in any order


REPEATED = frozenset({Role.FAILING, Role.REFUSING})  # what they answer is to be repeated once


@dataclass
class CaughtSubscription:
    """A subscription of the run. `keys` are the secrets that sign it, the newest last, of which one was `rotated_at`;
    none if it isn't signed. Times are on the clock of the run."""

    role: Role
    event: str
    store: str
    token: str
    url: str
    record: str = ""
    keys: list[str] = field(default_factory=list)
    headers: tuple[tuple[str, str], ...] = ()
    rotated_at: float | None = None
    deleted_at: float | None = None
    location: str = ""  # the token of where a redirect leads


@dataclass(frozen=True)
class Cause:
    """What caused events: a request to the API that created a record, or a command, which has none. `asked` and
    `answered` are on the clock of the run, `moment` in Unix seconds. `id_name` is what the contract calls the id."""

    number: int
    events: frozenset[str]
    store: str
    asked: float
    answered: float
    moment: float
    record: str = ""
    id_name: str = ""


@dataclass
class CaughtEvidence:
    """Everything that a run knows when it judges. `over` is when it stopped to wait, on its clock."""

    subscriptions: list[CaughtSubscription] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)
    caught: list[Caught] = field(default_factory=list)
    over: float = 0.0

    def of(self, subscription: CaughtSubscription) -> list[Caught]:
        """What was caught for a subscription, but for events that others caused."""
        return [
            one for one in self.caught if one.token == subscription.token and not self.is_foreign(subscription, one)
        ]

    def attempts(self, subscription: CaughtSubscription, cause: Cause) -> list[Caught]:
        """What was caught for a subscription of what a cause caused, in the order in which it came."""
        return [one for one in self.of(subscription) if self.cause_of(subscription, one) is cause]

    def causes_of(self, subscription: CaughtSubscription) -> list[Cause]:
        """The causes of events that a subscription is for, while it is there."""
        ended = float("inf") if subscription.deleted_at is None else subscription.deleted_at
        return [
            one
            for one in self.causes
            if subscription.event in one.events and one.store == subscription.store and one.asked < ended
        ]

    def cause_of(self, subscription: CaughtSubscription, request: Caught) -> Cause | None:
        """The cause of a request: the one whose record it names, else the last one before it came."""
        of_event = [one for one in self.causes if subscription.event in one.events]
        named = [one for one in of_event if one.record and one.record.encode() in request.body]
        if named:
            return named[0]
        earlier = [one for one in of_event if one.asked <= request.at]
        return earlier[-1] if earlier else None

    def is_foreign(self, subscription: CaughtSubscription, request: Caught) -> bool:
        """Whether a request is about what somebody else did meanwhile: it names records of that kind, none of which is
        one of the run's. It is neither judged nor shown."""
        of_event = [one for one in self.causes if subscription.event in one.events]
        names = {one.id_name for one in of_event if one.record}
        if not names:
            return False
        named = set(_values(request.payload, names))
        return bool(named) and not named & {one.record for one in self.causes}


def _values(content: Any, names: Iterable[str]) -> Iterator[str]:
    """The texts under these names, at all depths."""
    if isinstance(content, dict):
        for name, value in content.items():
            if name in names and isinstance(value, str):
                yield value
            else:
                yield from _values(value, names)
    elif isinstance(content, list):
        for item in content:
            yield from _values(item, names)
