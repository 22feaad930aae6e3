"""Checks of what a receiver has to accept."""

from mockserver.checks.findings.receiver_promises import ReceiverPromise as P
from mockserver.checks.receiver.courier import Reply
from mockserver.checks.receiver.fuzzed_payloads import FuzzedPayloads
from mockserver.checks.receiver.payloads import Size, spellings
from mockserver.checks.receiver.trial import Trial, few

SIZES = (Size.MINIMAL, Size.MAXIMAL, Size.UNICODE)


def every_event(trial: Trial) -> None:
    """Each event of the contract, as it usually is."""
    refused: list[Reply] = []
    try:
        for name in trial.payloads.names:
            reply = trial.courier.send(trial.signed(trial.event(name), f"the event {name}"))
            if reply.status and not reply.accepts:
                refused.append(reply)
                trial.refuses_events.add(name)
            elif not trial.holds(P.EVERY_EVENT, reply, "a 2xx", good=reply.accepts):
                trial.refuses_events.add(name)
    finally:
        _refused(trial, refused)


def _refused(trial: Trial, replies: list[Reply]) -> None:
    """One finding for those that are refused alike, which names the events."""
    for kind in sorted({reply.status // 100 for reply in replies}):
        alike = [reply for reply in replies if reply.status // 100 == kind]
        names = few([reply.request.event for reply in alike])
        statuses = " or ".join(sorted({str(reply.status) for reply in alike}))
        for reply in alike:
            message = f"{names} {'is' if len(alike) == 1 else 'are'} answered with {statuses}"
            trial.fail(P.EVERY_EVENT, reply, "a 2xx", message, shared=True)


def every_shape(trial: Trial) -> None:
    """Each event that is accepted at all, in every size that the contract allows, and fuzzed."""
    number = trial.options.examples
    fuzzed = FuzzedPayloads(trial.payloads.contract, trial.report.seed) if number else None
    for name in trial.payloads.names:
        if name in trial.refuses_events:
            continue
        for size in SIZES:
            payload = trial.event(name, size)
            if not trial.payloads.fits(name, payload):
                trial.report.notes.append(f"no payload of {name} was found {size}")
                continue
            trial.accepts(P.EVERY_SHAPE, trial.signed(payload, f"an event {size}"), shared=True)
        for payload in fuzzed.of(name, number) if fuzzed else ():
            own = trial.payloads.own(name, payload, trial.clock.now())
            trial.report.cases += 1
            if trial.payloads.fits(name, own):
                trial.accepts(P.EVERY_SHAPE, trial.signed(own, "an event that Hypothesis made"), shared=True)
    trial.leaves_out_refused(P.EVERY_SHAPE)


def raw_body(trial: Trial) -> None:
    """One event in the spellings of several senders."""
    for how, written in spellings():
        event = trial.event()
        trial.accepts(P.RAW_BODY, trial.signed(written(event), f"an event {how}", request_id=trial.id_of(event)))


def header_case(trial: Trial) -> None:
    """One event with headers in lower case, and one in capitals."""
    for case, how in ((str.lower, "lower case"), (str.upper, "capitals")):
        request = trial.signed(trial.event(), f"an event with header names in {how}")
        spelled = {case(name): value for name, value in request.headers.items()}
        trial.accepts(P.HEADER_CASE, request.with_headers(spelled))


def unknown_event(trial: Trial) -> None:
    """An event that no contract has; it has to have no effect, if that can be seen."""
    key = trial.payloads.name_key(trial.event_name)
    if key is None:
        reason = f"the payload of {trial.event_name} doesn't say which event it is"
        trial.card.not_judged(P.UNKNOWN_EVENT, reason, asked=False)
        return
    event = trial.event() | {key: "SomethingNewHappened"}
    request = trial.signed(event, "an event of an unknown name")
    accepted, change = trial.effects.around(lambda: trial.accepts(P.UNKNOWN_EVENT, request))
    if accepted and trial.effects.can_be_seen:
        trial.has_effect(P.UNKNOWN_EVENT, request, change, 0, "an event of an unknown name has an effect")


def unknown_fields(trial: Trial) -> None:
    """An event with fields that the contract doesn't know: in its envelope, and in its data."""
    event = trial.event()
    more = {"newField": "new", "newObject": {"list": [1, None, True]}}
    trial.accepts(P.UNKNOWN_FIELDS, trial.signed(event | more, "an event with unknown fields"))
    if isinstance(event.get("data"), dict):
        within = trial.repeated(trial.event())
        within["data"] = within["data"] | more
        trial.accepts(P.UNKNOWN_FIELDS, trial.signed(within, "an event with unknown fields in its data"))
