"""The checks of a receiver, in the order in which they are tried, each with the promises that it looks for."""

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from mockserver.checks.findings.receiver_promises import ReceiverPromise as P
from mockserver.checks.receiver import accepting, acting, refusing, whole_way
from mockserver.checks.receiver.options import ReceiverOptions
from mockserver.checks.receiver.trial import Trial


class Check(NamedTuple):
    """A check: what it does to a receiver, the promises that it judges, and how many requests it takes of an event.
    `looks` is how often it waits for effects that it has caused, where a probe shows them."""

    run: Callable[[Trial], None]
    promises: tuple[P, ...]
    requests: int
    looks: int = 0


CHECKS = (
    Check(accepting.raw_body, (P.RAW_BODY,), 4),
    Check(accepting.header_case, (P.HEADER_CASE,), 2),
    Check(accepting.unknown_event, (P.UNKNOWN_EVENT,), 1, 1),
    Check(accepting.unknown_fields, (P.UNKNOWN_FIELDS,), 2),
    Check(refusing.other_key, (P.OTHER_KEY,), 2),
    Check(refusing.tampered_body, (P.TAMPERED_BODY,), 2),
    Check(refusing.unsigned, (P.UNSIGNED,), 4),
    Check(refusing.old_key, (P.OLD_KEY,), 0),
    Check(refusing.other_algorithm, (P.OTHER_ALGORITHM,), 5),
    Check(refusing.malformed_signature, (P.MALFORMED_SIGNATURE,), 6),
    Check(refusing.whole_signature, (P.WHOLE_SIGNATURE,), 4),
    Check(refusing.malformed_timestamp, (P.MALFORMED_TIMESTAMP,), 6),
    Check(refusing.time_window, (P.STALE, P.AHEAD), 2),
    Check(refusing.signed_headers, (P.SIGNED_TIMESTAMP, P.SIGNED_REQUEST_ID), 2),
    Check(refusing.verifies_first, (P.VERIFIES_FIRST,), 5),
    Check(refusing.against_schema, (P.AGAINST_SCHEMA,), 9),
    Check(refusing.only_post, (P.ONLY_POST,), 3, 3),
    Check(refusing.only_json, (P.ONLY_JSON,), 3),
    Check(refusing.large_body, (P.LARGE_BODY,), 1),
    Check(refusing.no_redirect, (P.NO_REDIRECT,), 2),
    Check(acting.forged_has_no_effect, (P.FORGED_HAS_NO_EFFECT,), 3, 3),
    Check(acting.replay, (P.REPLAY_HAS_ONE_EFFECT,), 2, 1),
    Check(acting.repeat, (P.REPEAT_HAS_ONE_EFFECT,), 2, 1),
    Check(acting.at_once, (P.ONE_EFFECT_AT_ONCE,), acting.AT_ONCE, 1),
    Check(acting.forged_blocks_nothing, (P.FORGED_BLOCKS_NOTHING,), 2, 1),
    Check(acting.lost_answer, (P.LOST_ANSWER,), 2, 2),
    Check(acting.own_failure, (P.OWN_FAILURE,), 2, 1),
    Check(acting.any_order, (P.ANY_ORDER,), 4, 2),
    Check(accepting.every_event, (P.EVERY_EVENT,), 0),
    Check(accepting.every_shape, (P.EVERY_SHAPE,), 0),
    Check(whole_way.whole_way, (P.WHOLE_WAY,), 0, 1),
    Check(acting.burst, (P.BURST,), acting.BURST, 1),
)
TELLING = frozenset(
    {refusing.other_key, refusing.malformed_signature, refusing.against_schema}
)  # what is refused is told
OF_EACH_REPLY = (P.ACCEPTS_EVENTS, P.ANSWERS_EVENTS_IN_TIME, P.TELLS_NOTHING)  # judged beside all checks
WITH_PROBE = frozenset(
    {P.FORGED_HAS_NO_EFFECT, P.REPLAY_HAS_ONE_EFFECT, P.ONE_EFFECT_AT_ONCE, P.FORGED_BLOCKS_NOTHING, P.LOST_ANSWER}
    | {P.OWN_FAILURE, P.ANY_ORDER}
)


OF_SIGNATURES = frozenset(  # checks that say nothing new of a receiver that verifies nothing
    {refusing.tampered_body, refusing.unsigned, refusing.old_key, refusing.other_algorithm}
    | {refusing.malformed_signature, refusing.whole_signature, refusing.malformed_timestamp, refusing.time_window}
    | {refusing.signed_headers, refusing.verifies_first}
)
OF_REFUSALS = frozenset({refusing.against_schema, refusing.only_post, refusing.only_json, refusing.large_body})


def foregone(check: Check, trial: Trial) -> str:
    """Why a check would only find once more what is found already; empty if it has something to say."""
    if trial.verifies_nothing and check.run in OF_SIGNATURES:
        return f"{refusing.NOTHING_VERIFIED.partition(':')[0]}: see {P.OTHER_KEY}"
    if trial.takes_anything and check.run in OF_REFUSALS:
        return f"nothing at all is refused: see {P.OTHER_KEY}"
    return ""


def chosen(only: Collection[str]) -> list[Check]:
    """The checks for these promises; all of them if there are none. For what every reply may show, some that are
    refused."""
    shown = P.TELLS_NOTHING in only
    return [
        check
        for check in CHECKS
        if not only or any(promise in only for promise in check.promises) or (shown and check.run in TELLING)
    ]


def requests(check: Check, options: ReceiverOptions, events: int) -> int:
    """How many requests a check sends, of so many events, to a receiver that does all it should."""
    (first, *_) = check.promises
    if first is P.ANY_ORDER:
        return check.requests if options.has_state_probe else 0  # a probe of effects seldom shows it
    if first in WITH_PROBE and not options.has_probe:
        return 0
    if first in (P.BURST, P.LARGE_BODY) and not options.is_hostile:
        return 0
    own = {
        P.OLD_KEY: 1 + len(options.old_secrets) if options.old_secrets else 0,
        P.OWN_FAILURE: check.requests if options.break_command else 0,
        P.EVERY_EVENT: events,
        P.EVERY_SHAPE: events * (len(accepting.SIZES) + options.examples),
    }
    return own.get(first, check.requests)


def waits(checks: Iterable[Check], options: ReceiverOptions, events: int) -> int:
    """How often a run of these checks waits for effects: after each act whose effects it looks at, also for the first
    event, and before such an act where something was sent since the last look."""
    number, are_due = int(options.has_probe), False
    for check in checks:
        by_mock = check.run is whole_way.whole_way and options.against_mock is not None
        if not by_mock and not requests(check, options, events):
            continue
        if check.promises == (P.ANY_ORDER,):  # by a probe of its own, to which all before is news
            number, are_due = number + 1 + check.looks, True
        elif check.looks and options.has_probe:
            number, are_due = number + are_due + check.looks, False
        else:
            are_due = True
    return number
