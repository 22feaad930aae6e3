"""Wrong receivers that answer as they should, and act as they should not; and those that can't bear much."""

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mockserver.checks.findings.receiver_promises import ReceiverPromise as P
from tests.receivers.registry import WrongReceivers
from tests.receivers.right import Incoming, Refused, RightReceiver, parsed

WRONG = WrongReceivers()
ONCE = (P.REPLAY_HAS_ONE_EFFECT, P.REPEAT_HAS_ONE_EFFECT, P.ONE_EFFECT_AT_ONCE, P.LOST_ANSWER)
FULL = 90  # events
TOGETHER = 0.3  # seconds that one waits for another


@WRONG.breaking(P.REPLAY_HAS_ONE_EFFECT, *ONCE[1:])
class ForgetsReplays(RightReceiver):
    """It acts on every request, also on one that it had before."""

    def take(self, event: dict[str, Any], _request: Incoming) -> None:
        """Each."""
        with self.lock:
            self.work()
            self.act(event)


@WRONG.breaking(P.REPEAT_HAS_ONE_EFFECT, P.LOST_ANSWER)
class CountsAttempts(RightReceiver):
    """It tells repeats by their request id, which is another one each time: one effect per attempt."""

    def key(self, event: dict[str, Any]) -> str:
        """The request id."""
        return str(event["requestId"])


@WRONG.breaking(P.REPEAT_HAS_ONE_EFFECT, P.LOST_ANSWER)
class RefusesRepeats(RightReceiver):
    """It answers 409 to what it had before, so that the sender takes it for lost."""

    def take(self, event: dict[str, Any], _request: Incoming) -> None:
        """Or refuse."""
        with self.lock:
            known = self.key(event) in self.seen
        if known:
            raise Refused(409)
        super().take(event, _request)


@WRONG.breaking(P.LOST_ANSWER)
class StopsWithItsSender(RightReceiver):
    """It notes a message, and gives its work up when the sender hangs up, as some frameworks have it."""

    def take(self, event: dict[str, Any], _request: Incoming) -> None:
        """If somebody waits for it."""
        with self.lock:
            if self.key(event) in self.seen:
                return
            self.work()
            self.seen.add(self.key(event))
        if not _request.sender_is_gone():
            self.act(event)


@WRONG.breaking(P.ONE_EFFECT_AT_ONCE, P.LOST_ANSWER)
@dataclass
class LooksThenActs(RightReceiver):
    """It looks whether it had a message, and notes that it had it, in two steps: two at once are both new."""

    meetings: dict[str, threading.Barrier] = field(default_factory=dict)

    def take(self, event: dict[str, Any], _request: Incoming) -> None:
        """If it is new when it is looked at."""
        if self.key(event) in self.seen:
            return
        self.meet(event)
        with self.lock:
            self.act(event)
        self.seen.add(self.key(event))

    def meet(self, event: dict[str, Any]) -> None:
        """Wait for another one with the same message, if it comes soon."""
        with self.lock:
            meeting = self.meetings.setdefault(self.key(event), threading.Barrier(2))
        with suppress(threading.BrokenBarrierError):
            meeting.wait(TOGETHER)


@WRONG.breaking(P.FORGED_BLOCKS_NOTHING)
class DeduplicatesFirst(RightReceiver):
    """It notes a message before it verifies: a forged one keeps the real one out."""

    def verify(self, request: Incoming) -> None:
        """After a look whether it had it."""
        try:
            event = parsed(request.body)
            message = event["messageId"]
            with self.lock:
                request.is_known = message in self.seen
                self.seen.add(message)
        except (ValueError, TypeError, KeyError):
            request.is_known = False
        super().verify(request)

    def take(self, event: dict[str, Any], _request: Incoming) -> None:
        """If it wasn't known."""
        if not _request.is_known:
            with self.lock:
                self.act(event)


@WRONG.breaking(P.FORGED_BLOCKS_NOTHING)
class AnswersKnownOnesFirst(RightReceiver):
    """It notes a message before it verifies, and answers 204 to each one that it knows, who ever sends it."""

    def receive(self, request: Incoming) -> None:
        """Unless it is known, or was and failed."""
        message = _message_in(request.body)
        with self.lock:
            if message in self.known:
                return
            self.known |= {message} if message else set()
        try:
            super().receive(request)
        except RuntimeError:
            self.known.discard(message)
            raise

    @cached_property
    def known(self) -> set[str]:
        """What it has noted."""
        return set()


def _message_in(body: bytes) -> str:
    try:
        return str(parsed(body)["messageId"])
    except (ValueError, TypeError, KeyError):
        return ""


@WRONG.breaking(P.FORGED_HAS_NO_EFFECT)
class ActsFirst(RightReceiver):
    """It acts, and verifies afterwards."""

    def verify(self, request: Incoming) -> None:
        """After the effect."""
        try:
            event = self.parse(request.body)
        except Refused:
            event = {"eventName": ""}
        if self.concerns(event):
            self.take(event, request)
        super().verify(request)


@WRONG.breaking(P.OWN_FAILURE)
class LosesAfterItsFailure(RightReceiver):
    """It notes a message before it acts: what failed is never done."""

    def take(self, event: dict[str, Any], _request: Incoming) -> None:
        """Note, then act."""
        with self.lock:
            if self.key(event) in self.seen:
                return
            self.seen.add(self.key(event))
            self.work()
            self.act(event)


@WRONG.breaking(P.OWN_FAILURE)
class DoublesAfterItsFailure(RightReceiver):
    """It acts, fails afterwards, and acts once more at the repeat."""

    def take(self, event: dict[str, Any], _request: Incoming) -> None:
        """Act, then note."""
        with self.lock:
            if self.key(event) in self.seen:
                return
            self.act(event)
            self.work()
            self.seen.add(self.key(event))


@WRONG.breaking(P.ANY_ORDER)
class LastArrivalWins(RightReceiver):
    """It keeps what arrives last, also if it was made earlier."""

    def remember(self, event: dict[str, Any]) -> None:
        """Whatever comes."""
        member, name = self.read(event)
        self.members[member] = (event["createdAt"], name)


@WRONG.breaking(P.ANSWERS_EVENTS_IN_TIME)
class IsSlow(RightReceiver):
    """It answers later than the sender waits."""

    def receive(self, request: Incoming) -> None:
        """When it has ended."""
        self.ended.wait(5)
        super().receive(request)


@WRONG.breaking(P.BURST)
class BreaksDownInABurst(RightReceiver):
    """It answers 503 when its queue is full."""

    def work(self) -> None:
        """If there is place."""
        super().work()
        if len(self.acts) >= FULL:
            raise Refused(503)


@WRONG.breaking(P.BURST)
class ThrottlesWithoutSaying(RightReceiver):
    """It answers 429 when its queue is full, and doesn't say when to come back."""

    def work(self) -> None:
        """If there is place."""
        super().work()
        if len(self.acts) >= FULL:
            raise Refused(429)


@WRONG.breaking(P.BURST)
class LosesInABurst(RightReceiver):
    """It answers 2xx when its queue is full, and drops the event."""

    def act(self, event: dict[str, Any]) -> None:
        """If there is place."""
        if len(self.acts) < FULL:
            super().act(event)
