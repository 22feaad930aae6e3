"""A trial of one receiver: makes events, sends them, judges the answers, and keeps the score."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from mockserver.checks.findings.receiver_promises import ReceiverPromise, Words, words_of
from mockserver.checks.findings.report import Finding, Report
from mockserver.checks.findings.scorecard import Mark, Scorecard
from mockserver.checks.receiver.body_files import BodyFiles
from mockserver.checks.receiver.courier import Courier, Reply
from mockserver.checks.receiver.effects import EffectChange, ReceiverEffects
from mockserver.checks.receiver.hook_request import STANDARD_NAMES, HookRequest, RequestSigner
from mockserver.checks.receiver.options import ReceiverOptions
from mockserver.checks.receiver.payloads import EventPayloads, Json, OwnEvent, Size
from mockserver.checks.receiver.sending_mock import SendingMock
from mockserver.checks.receiver.stack_traces import shows_trace
from mockserver.checks.wording import counted, joined
from mockserver.clock import Clock, Ids
from mockserver.signing import SECRET_PREFIX

MOST_LATE = 3  # answers that don't come, one after the other
MOST_NAMED = 3  # events in a line
P = ReceiverPromise
_SEVERITIES = {
    **dict.fromkeys((P.TAMPERED_BODY, P.UNSIGNED, P.OTHER_KEY, P.WHOLE_SIGNATURE, P.FORGED_HAS_NO_EFFECT), "critical"),
    **dict.fromkeys((P.AHEAD, P.HEADER_CASE, P.VERIFIES_FIRST, P.AGAINST_SCHEMA, P.ONLY_POST, P.NO_REDIRECT), "medium"),
    **dict.fromkeys((P.LARGE_BODY, P.ONLY_JSON), "low"),
}


def _severity(promise: ReceiverPromise, reply: Reply) -> str:
    """The severity of a broken promise: who refuses what is right lets nobody in."""
    severity = _SEVERITIES.get(promise, "high")
    return "high" if severity == "critical" and reply.refuses else severity


class GivenUp(Exception):
    """The receiver can't be judged any further. The message says why."""


@dataclass
class Trial:
    """A trial. `where` says at which line of the contract an event stands. `state` is what the receiver knows, where a
    probe of its own shows that; else the one of effects may."""

    options: ReceiverOptions
    payloads: EventPayloads
    signer: RequestSigner
    effects: ReceiverEffects
    report: Report
    clock: Clock
    ids: Ids
    where: Callable[[str], str] = lambda _: ""
    state: ReceiverEffects | None = None
    mock: SendingMock | None = None
    late: int = 0
    delivered: int = 0  # by a mock
    refuses_events: set[str] = field(default_factory=set)  # names of valid ones
    verifies_nothing: bool = False
    takes_anything: bool = False  # whatever is sent, by whatever method
    courier: Courier = field(init=False)
    bodies: BodyFiles = field(init=False)
    card: Scorecard = field(init=False)

    def __post_init__(self) -> None:
        self.bodies = BodyFiles(self.options.report_dir, self.options.proxy is not None)
        self.card = Scorecard({one: self._words(one).says for one in P})

    # ---------------------------------------------------------------- what is sent
    @property
    def event_name(self) -> str:
        """The name of the event that has an effect."""
        return self.options.event or self.payloads.names[0]

    def event(self, name: str = "", size: Size = Size.TYPICAL) -> Json:
        """A new valid event."""
        return self.payloads.event(name or self.event_name, self.clock.now(), size)

    def signed(self, content: Json | bytes, what: str = "", *, ahead: float = 0.0, request_id: str = "") -> HookRequest:
        """A request that is rightly signed now, or so many seconds ahead of now. Its id is that of the body, or the one
        that is given for bytes."""
        named = content if isinstance(content, dict) else {}
        body = content if isinstance(content, bytes) else as_bytes(content)
        request_id = request_id or (self.id_of(content) if isinstance(content, dict) else self.ids.uuid())
        event = content.name if isinstance(content, OwnEvent) else str(named.get("eventName") or self.event_name)
        request = self.signer.request(body, request_id, self.clock.now() + ahead, event)
        method = self.payloads.method(event if event in self.payloads.names else self.event_name)
        return replace(request, what=what or request.what, method=method)

    def id_of(self, event: Json) -> str:
        """The id that a request with this event is signed with: that of the attempt as Open Loyalty has it, that of
        the message by Standard Webhooks; a new one if it has none."""
        key = "messageId" if self._is_standard else "requestId"
        own = event.message_id if isinstance(event, OwnEvent) else event.get(key)
        return str(own or self.ids.uuid())

    @property
    def _is_standard(self) -> bool:
        return self.signer.names is STANDARD_NAMES

    def _words(self, promise: ReceiverPromise) -> Words:
        return words_of(promise, is_standard=self._is_standard)

    def repeated(self, event: Json) -> Json:
        """The event as its sender repeats it: with a new request id, if it has one in its body."""
        return event if isinstance(event, OwnEvent) else event | {"requestId": self.ids.uuid()}

    # ---------------------------------------------------------------- what comes of it
    def accepts(self, promise: ReceiverPromise, *requests: HookRequest, shared: bool = False) -> bool:
        """Hold the receiver to a 2xx for each of these; returns whether that holds. `shared` makes one finding of all
        events."""
        good = [self._judged(promise, self.courier.send(one), "a 2xx", shared=shared) for one in requests]
        return all(good)

    def refuses(self, promise: ReceiverPromise, *requests: HookRequest) -> bool:
        """Hold the receiver to a 4xx for each of these; returns whether that holds."""
        good = [self._judged(promise, self.courier.send(one), "a 4xx") for one in requests]
        return all(good)

    def holds(self, promise: ReceiverPromise, reply: Reply, expected: str, *, good: bool, message: str = "") -> bool:
        """Hold the receiver to an answer that somebody else has looked at."""
        if reply.is_late:
            self.fail(P.ANSWERS_EVENTS_IN_TIME, reply, f"an answer within {self.options.timeout:g} s",
                      "an event isn't answered in time")  # fmt: skip
            self.card.not_judged(promise, "there was no answer in time")
            return False
        if good:
            self.passed(promise, reply.request)
            return True
        answered = f"is answered with {reply.status}" if reply.status else "is not answered"
        self.fail(promise, reply, expected, message or f"{reply.request.what} {answered}")
        return False

    def passed(self, promise: ReceiverPromise, request: HookRequest) -> None:
        """Note a check that was passed."""
        if self.card.mark_of(promise) in (None, Mark.NOT_JUDGED):  # later requests show nothing more
            self.card.passed(promise, self.bodies.curl(request, promise.value), self._words(promise).hint)

    def fail(  # noqa: PLR0913 (all that a finding says)
        self,
        promise: ReceiverPromise,
        reply: Reply,
        expected: str,
        message: str,
        *,
        got: str = "",
        shared: bool = False,
    ) -> None:
        """Note a check that was failed, with a finding."""
        request, seen = reply.request, got or reply.words
        curl = self.bodies.curl(request, promise.value)
        hint = self._words(promise).hint
        self.card.failed(promise, curl, hint, f"{message}; expected {expected}, got {seen}")
        kind = f"{reply.status // 100}xx" if reply.status else "none"
        self.report.add(
            Finding(
                promise,
                request.event,
                request.method,
                urlsplit(request.url).path or "/",
                message,
                _severity(promise, reply),
                expected,
                seen,
                curl,
                self.where(request.event),
                hint=hint,
                cause=f"{message if got else request.what} {kind}",
                shared=f"{promise} {kind}" if shared else "",
                blame="receiver",
                scenario=promise.value,
                exchanges=(reply.number,) if reply.number is not None else (),
                again=self.options.again(promise.value, self.report.seed),
            )
        )

    def has_effect(
        self, promise: ReceiverPromise, request: HookRequest, change: EffectChange, times: int, message: str
    ) -> bool:
        """Hold the receiver to so many effects; returns whether that holds."""
        if self.effects.trouble:
            self.card.not_judged(promise, self.effects.trouble)
            return False
        effects, wanted = change.number, times * self.effects.unit
        if effects == wanted:
            self.passed(promise, request)
            return True
        reply = Reply(request)
        seen = f"{counted(effects, 'effect')} in place of {wanted}"
        self.fail(promise, reply, counted(wanted, "effect"), message, got=seen)
        return False

    def sees_effects(self, *promises: ReceiverPromise) -> bool:
        """Whether effects can be seen; notes for these promises why not."""
        if self.effects.can_be_seen:
            return True
        for promise in promises:
            if not self.options.has_probe:
                self.card.not_judged(promise, "no --effects or --effects-command shows the effects", asked=False)
            else:
                self.card.not_judged(promise, self.effects.trouble or self._without_effect)
        return False

    @property
    def _without_effect(self) -> str:
        return f"{self.event_name} has no effect that the probe sees: name an event that has one by --event"

    def leaves_out_refused(self, promise: ReceiverPromise) -> None:
        """Note that events that are refused as they usually are weren't tried for a promise: what was passed is a part
        of it."""
        if self.refuses_events:
            names = few([name for name in self.payloads.names if name in self.refuses_events])
            self.card.forget(promise)
            self.card.not_judged(promise, f"not tried with {names}: see every_event", asked=False)

    # ---------------------------------------------------------------- every reply
    def await_effects(self) -> None:
        """Note that something was sent, whose effects may still come."""
        self.effects.are_due = True
        if self.state is not None:
            self.state.are_due = True

    def noticed(self, reply: Reply) -> None:
        """Look at a reply, whatever was sent. Raises GivenUp if none comes again and again."""
        self.await_effects()
        if told := self._told(reply):
            self.fail(
                P.TELLS_NOTHING, reply, "nothing of that", f"an answer shows {told}", got=f"{reply.status}, {told}"
            )
        elif reply.status:
            self.passed(P.TELLS_NOTHING, reply.request)
        self.late = 0 if reply.status else self.late + 1
        if self.late >= MOST_LATE:
            raise GivenUp(f"{reply.error}, {self.late} times running")

    def _told(self, reply: Reply) -> str:
        """What an answer shows that it should not; empty if there is nothing."""
        own = self.options.secret.removeprefix(SECRET_PREFIX)
        right, sent = reply.request.signature, reply.request.headers.values()
        shown = {
            "the secret": own and own in reply.text,
            "the signature that would be right": right
            and right in reply.text
            and not any(right in value for value in sent),
            "a stack trace": shows_trace(reply.text),
        }
        return joined(name for name, is_there in shown.items() if is_there)

    def _judged(self, promise: ReceiverPromise, reply: Reply, expected: str, *, shared: bool = False) -> bool:
        accepting = expected == "a 2xx"
        if shared and reply.status and not reply.accepts:
            request = reply.request
            message = f"{request.event}: {request.what} is answered with {reply.status}"
            self.fail(promise, reply, expected, message, shared=True)
            return False
        good = reply.accepts if accepting else reply.refuses
        return self.holds(promise, reply, expected, good=good)


def few(names: Sequence[str]) -> str:
    """Names for a line: all of them, or the first few and how many there are beside them."""
    shown = names if len(names) <= MOST_NAMED + 1 else [*names[:MOST_NAMED], f"{len(names) - MOST_NAMED} more"]
    return " and ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part)


def as_bytes(payload: Any) -> bytes:
    """A payload as a sender writes it: UTF-8, without blanks."""
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()
