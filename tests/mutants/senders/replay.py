"""A faulty sender without a network: what a correct one sent is sent anew through a fault, and on a clock of its own.

So a fault costs milliseconds. Where the fault hides a failure from the sender, the recorded repeat isn't sent.
"""

import heapq
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from types import SimpleNamespace

from mockserver.checks.sender.deliveries import MESSAGE_ID, Caught, CaughtEvidence, CaughtSubscription, Role
from tests.mutants.senders.delivery import OK, Delivery, Fault, Known

STATUS = {Role.FAILING: 500, Role.REFUSING: 400, Role.REDIRECTING: 302}
PATIENCE = 10.0  # seconds for which the judge waits after the last delivery, for what doesn't come


class Replay:
    """The way of deliveries from a recorded run to new evidence."""

    def __init__(self, recorded: CaughtEvidence, fault: Fault) -> None:
        self._recorded, self._fault = recorded, fault
        self.memory = SimpleNamespace()
        self._of = {one.token: one for one in recorded.subscriptions}
        self._known = {
            one.token: Known(one.url, one.event, one.store, one.record, one.keys[:1]) for one in recorded.subscriptions
        }
        self.known = list(self._known.values())
        self._caught: list[Caught] = []
        self._now = 0.0
        self._numbers = count()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._answers: dict[tuple[str, object], int] = {}

    def evidence(self) -> CaughtEvidence:
        """What is caught of it."""
        recorded = self._recorded
        for one in recorded.caught:
            self._at(one.at, lambda one=one: self._again(one))  # type: ignore[misc] # a closure of its own
        while self._due:
            self._now, _, act = heapq.heappop(self._due)
            act()
        over = max(recorded.over, self._now) + PATIENCE
        return CaughtEvidence(recorded.subscriptions, recorded.causes, self._caught, over)

    def _at(self, moment: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._due, (moment, next(self._numbers), act))

    def _again(self, one: Caught) -> None:
        """What a correct sender does now."""
        self._bring_up_to_date()
        message = (one.token, one.member(MESSAGE_ID))
        if self._answers.get(message, 500) >= 400:  # the first attempt, or the repeat of one that has failed
            delivery = Delivery(self._known[one.token], one.method, one.headers, one.body)
            self._answers[message] = self._fault(delivery, self)

    def _bring_up_to_date(self) -> None:
        """What the sender knows of subscriptions at this time."""
        for token, known in self._known.items():
            subscription = self._of[token]
            if subscription.rotated_at is not None and self._now > subscription.rotated_at:
                known.keys = list(subscription.keys)
            known.is_deleted = subscription.deleted_at is not None and self._now > subscription.deleted_at

    # ---------------------------------------------------------------- what a fault may do
    def send(self, delivery: Delivery) -> int:
        """Catch it."""
        subscription = self._subscription(delivery)
        status = STATUS.get(subscription.role, OK)
        self._catch(delivery, subscription.token, status)
        return status

    def later(self, seconds: float, delivery: Delivery) -> None:
        """Catch it after so many seconds."""
        self._at(self._now + seconds, lambda: self._ignore(self.send(delivery)))

    def follow(self, delivery: Delivery) -> None:
        """Catch it where the redirect led."""
        self._catch(delivery, self._subscription(delivery).location, OK)

    def _subscription(self, delivery: Delivery) -> CaughtSubscription:
        return next(one for one in self._recorded.subscriptions if one.url == delivery.to.url)

    def _catch(self, delivery: Delivery, token: str, status: int) -> None:
        first = self._recorded.caught[0]
        moment = first.moment + self._now - first.at
        number, target = len(self._caught) + 1, delivery.to.url
        one = Caught(number, token, delivery.method, target, delivery.headers, delivery.body, self._now, moment, status)
        self._caught.append(replace(one))

    @staticmethod
    def _ignore(_: object) -> None:
        """What comes back to nobody."""
