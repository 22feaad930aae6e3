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
        return [one for one, _ in self.with_causes(subscription)]

    def attempts(self, subscription: CaughtSubscription, cause: Cause) -> list[Caught]:
        """What was caught for a subscription of what a cause caused, in the order in which it came."""
        return [one for one, found in self.with_causes(subscription) if found is cause]

    def causes_of(self, subscription: CaughtSubscription) -> list[Cause]:
        """The causes of events that a subscription is for, while it is there."""
        ended = float("inf") if subscription.deleted_at is None else subscription.deleted_at
        return [
            one
            for one in self.causes
            if subscription.event in one.events and one.store == subscription.store and one.asked < ended
        ]

    def with_causes(self, subscription: CaughtSubscription) -> list[tuple[Caught, Cause]]:
        """What was caught for a subscription, in the order in which it came, each with its cause: the one whose record
        it names; else that of what it repeats, however late; else the last one before it came."""
        of_event = [one for one in self.causes if subscription.event in one.events]
        own: list[tuple[Caught, Cause]] = []
        of_messages: dict[tuple[str, str], Cause] = {}
        firsts: dict[int, Caught] = {}
        for one in self._caught_for(subscription):
            named = next((cause for cause in of_event if cause.record and cause.record.encode() in one.body), None)
            message = _message_of(one)
            repeated = of_messages.get(message) if message else None
            cause = named or repeated or _last_before(of_event, one.at)
            if cause is None or not (named or self._may_be_own(one, of_event, firsts.setdefault(cause.number, one))):
                continue
            if message:
                of_messages.setdefault(message, cause)
            own.append((one, cause))
        return own

    def foreign(self, subscription: CaughtSubscription) -> list[Caught]:
        """What was caught for a subscription of what others did meanwhile. It is neither judged nor shown."""
        own = {one.number for one in self.of(subscription)}
        return [one for one in self._caught_for(subscription) if one.number not in own]

    def _caught_for(self, subscription: CaughtSubscription) -> Iterator[Caught]:
        return (one for one in self.caught if one.token == subscription.token)

    def _may_be_own(self, request: Caught, of_event: list[Cause], first: Caught) -> bool:
        """Whether a request that names no record of its event's causes may be of one. Where they made records, it isn't
        if it names others of that kind. Where commands did, it isn't if it has another message id than what came first
        after the command, and other data, too."""
        if names := {one.id_name for one in of_event if one.record}:
            named = set(_values(request.payload, names))
            return not named or bool(named & {one.record for one in self.causes})
        is_like = request.member(DATA) == first.member(DATA)
        return is_like or request.member(MESSAGE_ID) in (None, first.member(MESSAGE_ID))


def _message_of(request: Caught) -> tuple[str, str] | None:
    """What a repeat has in common with the first attempt, and no other event has; None if it isn't there."""
    message_id, created_at = request.member(MESSAGE_ID), request.member(CREATED_AT)
    return (message_id, created_at) if isinstance(message_id, str) and isinstance(created_at, str) else None


def _last_before(causes: list[Cause], moment: float) -> Cause | None:
    return next((one for one in reversed(causes) if one.asked <= moment), None)


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
