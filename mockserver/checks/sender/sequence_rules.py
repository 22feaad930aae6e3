"""Rules about several caught requests: what comes, how often, in which order, and what a repeat keeps."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mockserver.checks.findings.sender_promises import SenderPromise
from mockserver.checks.sender.deliveries import (
    CREATED_AT,
    DATA,
    MESSAGE_ID,
    REPEATED,
    REQUEST_ID,
    STORE_CODE,
    Caught,
    CaughtEvidence,
    CaughtSubscription,
    Cause,
    Role,
)
from mockserver.checks.sender.observations import Gap, Observation

ASSIGNED = "TransactionAssignedToCustomer"  # which adding a member's transaction causes, too, by assumption A58
NO_ORDER = (
    "nothing tells apart what a command causes again: order shows in events that records of the run cause "
    "(--allow-residue member)"
)
USUAL_DELAY = (0.5, 5.0)  # seconds between two attempts by assumption A67, on machines that may be busy


@dataclass(frozen=True)
class Patience:
    """How long a run waits, in seconds: for a delivery, and for a repeat. `promised` says that the repeat has to come
    in that time, as whoever runs the check knows."""

    wait: float
    repeats: float
    promised: bool = False


class SequenceRules:
    """The rules about what came in the course of a run."""

    def __init__(self, evidence: CaughtEvidence, patience: Patience) -> None:
        self._evidence, self._patience = evidence, patience

    def judge(self) -> Iterator[Observation | Gap]:
        """What all that was caught says of the promises."""
        for subscription in self._evidence.subscriptions:
            if subscription.role is Role.ELSEWHERE:
                yield from self._elsewhere(subscription)
                continue
            for cause in self._evidence.causes_of(subscription):
                yield from self._of_cause(subscription, cause)
            yield from self._own_store(subscription)
            yield from self._in_order(subscription)
            yield from self._after_deletion(subscription)
        yield from self._message_ids()
        if not any(len(self._records_of(one)) > 1 for one in self._evidence.subscriptions):
            yield Gap(SenderPromise.IN_ORDER, NO_ORDER)

    # ---------------------------------------------------------------- what came of one cause
    def _of_cause(self, subscription: CaughtSubscription, cause: Cause) -> Iterator[Observation | Gap]:
        attempts = self._evidence.attempts(subscription, cause)
        if not attempts and self._evidence.over - cause.answered < self._patience.wait:
            return  # the run ended before
        if not attempts:
            yield self._delivered(subscription, cause, None, f"it didn't come {self._in_time}")
            return
        first, late = attempts[0], attempts[0].at - cause.answered
        wrong = f"it came after {late:.1f} seconds" if late > self._patience.wait else ""
        yield self._delivered(subscription, cause, first, wrong)
        if subscription.role in REPEATED:
            yield from self._repeats(subscription, attempts)
        else:
            yield from self._once(subscription, attempts)

    def _delivered(
        self, subscription: CaughtSubscription, cause: Cause, request: Caught | None, wrong: str
    ) -> Observation:
        is_match = cause.record and subscription.event == ASSIGNED
        more: dict[str, Any] = {"claims": ("A58",), "refutes": request is None} if is_match else {}
        return self._seen(subscription, request, SenderPromise.DELIVERED, wrong, expected=self._in_time, **more)

    @property
    def _in_time(self) -> str:
        return f"within {self._patience.wait:g} seconds"

    def _once(self, subscription: CaughtSubscription, attempts: list[Caught]) -> Iterator[Observation]:
        """What was answered with a 2xx, or a redirect, comes once."""
        first, *more = attempts
        same = [one for one in more if one.member(MESSAGE_ID) == first.member(MESSAGE_ID)]
        said = f"it was answered with {first.status}, and came again"
        wrong = f"{said} after {same[0].at - first.at:.1f} seconds" if same else ""
        if subscription.role is Role.REDIRECTING:
            followed = [one for one in self._evidence.caught if one.token == subscription.location]
            wrong = "it followed the redirect" if followed else wrong
            final: dict[str, Any] = {"expected": "no repeat", "claims": ("A68",), "refutes": True}
            yield self._seen(subscription, first, SenderPromise.NOT_REDIRECTED, wrong, **final)
        else:
            seen = (same or [first])[0]
            yield self._seen(subscription, seen, SenderPromise.NO_REPEAT_AFTER_SUCCESS, wrong, expected="no repeat")
        others = [one for one in more if one not in same]
        wrong = "the same event came twice, under two message ids" if others else ""
        yield self._seen(subscription, (others or [first])[0], SenderPromise.ONCE, wrong, expected="one delivery")

    # ---------------------------------------------------------------- repeats
    def _repeats(self, subscription: CaughtSubscription, attempts: list[Caught]) -> Iterator[Observation | Gap]:
        """What was answered with an error comes once more, as the same event."""
        first, *more = attempts
        if not more:
            yield from self._never(subscription, first)
            return
        repeat = more[0]
        yield self._seen(subscription, repeat, SenderPromise.REPEATED)
        yield self._delay(subscription, first, repeat)
        wrong = f"it came {len(attempts)} times" if len(more) > 1 else ""
        yield self._seen(subscription, more[-1], SenderPromise.REPEATED_ONCE, wrong, expected="two attempts")
        yield from self._ids_of_repeat(subscription, first, repeat)

    def _delay(self, subscription: CaughtSubscription, first: Caught, repeat: Caught) -> Observation:
        delay = repeat.at - first.at
        wrong = "" if USUAL_DELAY[0] <= delay <= USUAL_DELAY[1] else f"it came after {delay:.1f} seconds"
        more: dict[str, Any] = {"claims": ("A67",), "refutes": True, "severity": "low"}
        return self._seen(subscription, repeat, SenderPromise.REPEAT_DELAY, wrong, expected="about a second", **more)

    def _never(self, subscription: CaughtSubscription, first: Caught) -> Iterator[Observation | Gap]:
        said = f"what was answered with {first.status} didn't come again within {self._patience.repeats:g} seconds"
        if self._evidence.over - first.at < self._patience.repeats:
            return  # the run ended before
        if self._patience.promised:
            yield self._seen(subscription, first, SenderPromise.REPEATED, said, expected="a second attempt")
        else:
            advice = "the contract promises no time; --wait-repeats says how long it may take"
            yield Gap(SenderPromise.REPEATED, f"{said}, and {advice}")

    def _ids_of_repeat(self, subscription: CaughtSubscription, first: Caught, repeat: Caught) -> Iterator[Observation]:
        before, after = first.member(MESSAGE_ID), repeat.member(MESSAGE_ID)
        if isinstance(before, str) and isinstance(after, str):
            wrong = "the repeat has another messageId" if before != after else ""
            yield self._seen(subscription, repeat, SenderPromise.MESSAGE_ID_KEPT, wrong, expected=before, got=after)
        before, after = first.member(REQUEST_ID), repeat.member(REQUEST_ID)
        if isinstance(before, str) and isinstance(after, str):
            wrong = "the repeat has the requestId of the first attempt" if before == after else ""
            yield self._seen(subscription, repeat, SenderPromise.REQUEST_ID_NEW, wrong, expected="a new one", got=after)
        changed = [name for name in (CREATED_AT, DATA) if first.member(name) != repeat.member(name)]
        wrong = f"the repeat has another {' and '.join(changed)}" if changed else ""
        yield self._seen(
            subscription, repeat, SenderPromise.REPEAT_IS_THE_SAME, wrong, expected="the same", claims=("A49",)
        )

    # ---------------------------------------------------------------- what must not come
    def _elsewhere(self, subscription: CaughtSubscription) -> Iterator[Observation]:
        """A subscription in another store gets nothing of what was caused here."""
        records = [one.record for one in self._evidence.causes if one.record]
        found = [one for one in self._evidence.caught if one.token == subscription.token]
        wrong = [
            one
            for one in found
            if one.member(STORE_CODE) != subscription.store or any(name.encode() in one.body for name in records)
        ]
        said = f"store {subscription.store} got an event of another store" if wrong else ""
        first = wrong[0] if wrong else None
        yield self._seen(subscription, first, SenderPromise.OWN_STORE, said, expected="nothing", severity="critical")

    def _own_store(self, subscription: CaughtSubscription) -> Iterator[Observation]:
        for request in self._evidence.of(subscription):
            code = request.member(STORE_CODE)
            if isinstance(code, str):
                wrong = f"it says to be of store {code[:80]!r}" if code != subscription.store else ""
                yield self._seen(subscription, request, SenderPromise.OWN_STORE, wrong, expected=subscription.store)

    def _after_deletion(self, subscription: CaughtSubscription) -> Iterator[Observation]:
        if subscription.deleted_at is None:
            return
        later = [one for one in self._evidence.of(subscription) if one.at > subscription.deleted_at]
        wrong = f"it came {later[0].at - subscription.deleted_at:.1f} seconds after the deletion" if later else ""
        first = later[0] if later else None
        yield self._seen(
            subscription, first, SenderPromise.NOT_AFTER_DELETION, wrong, expected="nothing", claims=("A71",)
        )

    # ---------------------------------------------------------------- order
    def _in_order(self, subscription: CaughtSubscription) -> Iterator[Observation]:
        """First attempts come in the order of their causes, and a repeat before the event that came next."""
        causes = self._records_of(subscription)
        firsts = [(cause, found[0]) for cause in causes if (found := self._evidence.attempts(subscription, cause))]
        if len(firsts) < 2:  # noqa: PLR2004 (an order takes two)
            return
        numbers = [request.number for _, request in firsts]
        swapped = next((at for at in range(1, len(numbers)) if numbers[at] < numbers[at - 1]), None)
        request = firsts[-1 if swapped is None else swapped][1]
        wrong = "" if swapped is None else "it came before the event that happened first"
        yield self._seen(
            subscription,
            request,
            SenderPromise.IN_ORDER,
            wrong,
            expected="the order of the events",
            claims=("A65",),
            refutes=True,
        )

    def _records_of(self, subscription: CaughtSubscription) -> list[Cause]:
        """The causes that made records, by which their deliveries are told apart."""
        return [one for one in self._evidence.causes_of(subscription) if one.record]

    # ---------------------------------------------------------------- ids
    def _message_ids(self) -> Iterator[Observation]:
        """No two events have a message id in common, and no two subscriptions."""
        known: dict[str, tuple[CaughtSubscription, Cause]] = {}
        for subscription in self._evidence.subscriptions:
            for cause in self._evidence.causes_of(subscription):
                for request in self._evidence.attempts(subscription, cause)[:1]:
                    message_id = request.member(MESSAGE_ID)
                    if isinstance(message_id, str):
                        owner = known.setdefault(message_id, (subscription, cause))
                        yield self._message_id(subscription, request, cause, owner)

    def _message_id(
        self, subscription: CaughtSubscription, request: Caught, cause: Cause, owner: tuple[CaughtSubscription, Cause]
    ) -> Observation:
        shared = owner[0] is not subscription or owner[1] is not cause
        by_subscriptions = owner[0] is not subscription and owner[1] is cause
        whom = "another subscription" if by_subscriptions else "another event"
        wrong = f"its messageId is that of {whom}, too" if shared else ""
        more: dict[str, Any] = {"claims": ("A72",), "refutes": by_subscriptions}
        return self._seen(subscription, request, SenderPromise.MESSAGE_ID_NEW, wrong, expected="a new one", **more)

    def _seen(
        self,
        subscription: CaughtSubscription,
        request: Caught | None,
        promise: SenderPromise,
        wrong: str = "",
        **more: Any,
    ) -> Observation:
        return Observation(promise, subscription.event, request, subscription.url, wrong=wrong, **more)
