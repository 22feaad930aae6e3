"""Checks of what a receiver does with an event: once, whatever happens."""

import copy
import re
from collections.abc import Callable

from mockserver.checks.findings.receiver_promises import ReceiverPromise as P
from mockserver.checks.receiver import refusing
from mockserver.checks.receiver.courier import Reply
from mockserver.checks.receiver.effects import EffectChange, ProbeFailed, ReceiverEffects, run_command
from mockserver.checks.receiver.hook_request import HookRequest
from mockserver.checks.receiver.payloads import Json
from mockserver.checks.receiver.trial import Trial
from mockserver.clock import timestamp

AT_ONCE, BURST = 10, 100
_CHANGING = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|\d+")  # ids, times and numbers
EARLIER, LATER = "Earlier", "Later"
_TOLD_BY = re.compile(rf"\b({EARLIER}|{LATER})\b", re.IGNORECASE)  # a receiver may write names its own way
SERVER_ERROR = 500
NO_STATE = (
    "it takes a probe that prints a list with an item for each record, and what is in it: --state, --state-command"
)
NO_DIFFERENCE = "the probe shows nothing in which the two events differ (firstName)"
NO_NAME = "has no firstName, by which its events are told apart: name one that has by --event"


def forged_has_no_effect(trial: Trial) -> None:
    """Forged requests of the kinds that were refused. What was accepted is found already."""
    if not trial.sees_effects(P.FORGED_HAS_NO_EFFECT):
        return
    forgeries: tuple[Callable[[], HookRequest], ...] = (
        lambda: _tampered(trial),
        lambda: refusing.forged(trial),
        lambda: trial.signed(trial.event(), "an event signed six minutes ago", ahead=-refusing.SIX_MINUTES),
    )
    for make in forgeries:
        request = make()
        reply, change = trial.effects.around(lambda one=request: trial.courier.send(one))  # type: ignore[misc]
        if reply.refuses:  # what isn't is found by the check of that
            message = f"{request.what} is refused, and has an effect"
            trial.has_effect(P.FORGED_HAS_NO_EFFECT, request, change, 0, message)
    if trial.card.mark_of(P.FORGED_HAS_NO_EFFECT) is None:
        trial.card.not_judged(
            P.FORGED_HAS_NO_EFFECT, "forged events are not refused, so this says nothing", asked=False
        )


def _tampered(trial: Trial) -> HookRequest:
    return refusing.tampered(trial.signed(trial.event()))


def replay(trial: Trial) -> None:
    """The same request twice, byte by byte."""
    request = trial.signed(trial.event(), "the same request once more")
    if trial.sees_effects(P.REPLAY_HAS_ONE_EFFECT):
        replies, change = trial.effects.around(lambda: [trial.courier.send(request) for _ in range(2)])
        _once(trial, P.REPLAY_HAS_ONE_EFFECT, replies, change, "the same request twice")


def repeat(trial: Trial) -> None:
    """An event, and its repeat as the sender makes it."""
    event = trial.event()
    sent = [trial.signed(event), trial.signed(trial.repeated(event), "the sender's repeat")]
    replies, change = trial.effects.around(lambda: [trial.courier.send(one) for one in sent])
    if not trial.holds(P.REPEAT_HAS_ONE_EFFECT, replies[1], "a 2xx", good=replies[1].accepts):
        return
    if trial.effects.can_be_seen:
        _once(trial, P.REPEAT_HAS_ONE_EFFECT, replies, change, "an event and the sender's repeat")
    else:
        trial.card.forget(P.REPEAT_HAS_ONE_EFFECT)  # the 2xx is half of it
        trial.sees_effects(P.REPEAT_HAS_ONE_EFFECT)


def at_once(trial: Trial) -> None:
    """The same request ten times, at the same time."""
    if not trial.sees_effects(P.ONE_EFFECT_AT_ONCE):
        return
    request = trial.signed(trial.event(), f"the same request {AT_ONCE} times at once")
    replies, change = trial.effects.around(lambda: trial.courier.together(request, AT_ONCE))
    _once(trial, P.ONE_EFFECT_AT_ONCE, replies, change, f"{AT_ONCE} of the same at once")


def forged_blocks_nothing(trial: Trial) -> None:
    """A forged event, then the real one with the same messageId."""
    if not trial.sees_effects(P.FORGED_BLOCKS_NOTHING):
        return
    event = trial.event()
    real = trial.signed(event, "a real event after a forged one with its messageId")
    sent = [refusing.forged(trial, real.body), real]
    replies, change = trial.effects.around(lambda: [trial.courier.send(one) for one in sent])
    if not replies[0].refuses:
        trial.card.not_judged(
            P.FORGED_BLOCKS_NOTHING, "forged events are not refused, so this says nothing", asked=False
        )
    elif trial.holds(P.FORGED_BLOCKS_NOTHING, replies[1], "a 2xx", good=replies[1].accepts):
        message = "a real event has no effect after a forged one with its messageId"
        trial.has_effect(P.FORGED_BLOCKS_NOTHING, real, change, 1, message)


def lost_answer(trial: Trial) -> None:
    """An event whose sender hangs up before the answer, and repeats it."""
    if not trial.sees_effects(P.LOST_ANSWER):
        return
    event = trial.event()
    again = trial.signed(trial.repeated(event), "the repeat after the sender has hung up")

    def act() -> Reply:
        trial.courier.hang_up(trial.signed(event))
        trial.effects.wait(trial.effects.seconds)
        return trial.courier.send(again)

    reply, change = trial.effects.around(act)
    if trial.holds(P.LOST_ANSWER, reply, "a 2xx", good=reply.accepts):
        trial.has_effect(P.LOST_ANSWER, again, change, 1, "an event that is repeated after a lost answer")


def own_failure(trial: Trial) -> None:
    """An event while the receiver is broken, as its user breaks it, and the repeat when it is mended."""
    broken, mended = trial.options.break_command, trial.options.mend_command
    if not broken or not mended:
        reason = "nothing makes the receiver fail: --break-command and --mend-command do"
        trial.card.not_judged(P.OWN_FAILURE, reason, asked=False)
        return
    if not trial.sees_effects(P.OWN_FAILURE):
        return
    event = trial.event()

    def act() -> tuple[Reply, Reply]:
        run_command(broken, trial.courier.redact)
        try:
            first = trial.courier.send(trial.signed(event))
        finally:
            run_command(mended, trial.courier.redact)
        return first, trial.courier.send(trial.signed(trial.repeated(event), "the repeat after a 5xx"))

    try:
        (first, second), change = trial.effects.around(act)
    except ProbeFailed as error:
        trial.card.not_judged(P.OWN_FAILURE, str(error))
        return
    if first.status < SERVER_ERROR:
        said = f"after --break-command an event was answered with {first.words}, not with a 5xx"
        trial.card.not_judged(P.OWN_FAILURE, said)
    elif trial.holds(P.OWN_FAILURE, second, "a 2xx", good=second.accepts):
        trial.has_effect(P.OWN_FAILURE, second.request, change, 1, "an event that is repeated after a 5xx")


def any_order(trial: Trial) -> None:
    """Two events about one record, in order; and two about another one, the later one first."""
    if not trial.payloads.has_envelope(trial.event_name):
        trial.card.not_judged(P.ANY_ORDER, "payloads without createdAt say nothing of their order", asked=False)
        return
    shown, in_order, backwards = trial.state or trial.effects, _pair(trial), _pair(trial)[::-1]
    if reason := _shows_no_order(trial, in_order):
        trial.card.not_judged(P.ANY_ORDER, reason, asked=trial.state is not None)
        return
    changes = []
    for pair in (in_order, backwards):
        replies, change = shown.around(lambda some=pair: [trial.courier.send(one) for one in some])  # type: ignore[misc]
        good = [trial.holds(P.ANY_ORDER, reply, "a 2xx", good=reply.accepts) for reply in replies]
        if not all(good):
            return
        changes.append(change)
    _compare(trial, shown, backwards[1], changes)


def _compare(trial: Trial, shown: ReceiverEffects, request: HookRequest, changes: list[EffectChange]) -> None:
    """Judge what a probe shows after two events in order, and after two the later one first."""
    usual, other = (sorted(_CHANGING.sub("…", item) for item in change.new) for change in changes)
    trial.card.forget(P.ANY_ORDER)
    if shown.trouble:
        trial.card.not_judged(P.ANY_ORDER, shown.trouble)
    elif len(usual) != 1:
        trial.card.not_judged(P.ANY_ORDER, NO_STATE, asked=trial.state is not None)
    elif not _TOLD_BY.search("\n".join((*usual, *other))):
        trial.card.not_judged(P.ANY_ORDER, NO_DIFFERENCE, asked=trial.state is not None)
    elif usual == other:
        trial.passed(P.ANY_ORDER, request)
    else:
        got = f"{', '.join(other) or 'nothing'} in place of {usual[0]}"
        trial.fail(P.ANY_ORDER, Reply(request), "the same state", "the order of two events decides", got=got)


def _shows_no_order(trial: Trial, pair: list[HookRequest]) -> str:
    """Why nothing would show the order of two events; empty if something may."""
    if trial.state is None and not (trial.effects.can_be_seen and trial.effects.shows_items):
        return trial.effects.trouble or NO_STATE
    return "" if EARLIER.encode() in pair[0].body else f"{trial.event_name} {NO_NAME}"


def _pair(trial: Trial) -> list[HookRequest]:
    """Two events about one record, of which the second one was made later."""
    now, first = trial.clock.now(), trial.event()
    second = trial.repeated(copy.deepcopy(first)) | {"messageId": trial.ids.uuid()}
    made = []
    for event, word, ago in ((first, EARLIER, 60.0), (second, LATER, 30.0)):
        named = _renamed(event, word) | {"createdAt": timestamp(now - ago)}
        made.append(trial.signed(named, "an event that arrives after a later one about the same"))
    return made


def _renamed(value: Json, word: str) -> Json:
    """A payload in which the first name is this word."""
    return {
        key: word if key == "firstName" else _renamed(one, word) if isinstance(one, dict) else one
        for key, one in value.items()
    }


def burst(trial: Trial) -> None:
    """A hundred events, as many at a time as the connection takes."""
    if not trial.options.is_hostile:
        trial.card.not_judged(P.BURST, "a burst is sent with --hostile, or to this machine", asked=False)
        return
    sent = [trial.signed(trial.event(), f"one of {BURST} events at once") for _ in range(BURST)]
    replies, change = trial.effects.around(lambda: trial.courier.at_once(sent))
    good = [trial.holds(P.BURST, one, "a 2xx, or a 429 with Retry-After", good=one.accepts or one.says_when)
            for one in replies]  # fmt: skip
    if all(good) and trial.effects.can_be_seen:
        taken = sum(reply.accepts for reply in replies)
        trial.has_effect(P.BURST, sent[0], change, taken, f"of {BURST} events at once some were accepted and lost")


def _once(trial: Trial, promise: P, replies: list[Reply], change: EffectChange, message: str) -> None:
    """Hold the receiver to one effect, and to no 5xx."""
    failed = [reply for reply in replies if not reply.status or reply.status >= SERVER_ERROR]
    if failed:
        trial.holds(promise, failed[0], "no 5xx", good=False)
        return
    trial.has_effect(promise, replies[-1].request, change, 1, message)
