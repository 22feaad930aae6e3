"""The promises of all judges, by name. A name stands for one promise, whichever judge holds somebody to it."""

from collections.abc import Iterator

from mockserver.checks.findings.drift_promises import DriftPromise
from mockserver.checks.findings.promises import Promise, Promised
from mockserver.checks.findings.receiver_promises import ReceiverPromise
from mockserver.checks.findings.recording_promises import RecordingPromise
from mockserver.checks.findings.sender_promises import SenderPromise

JUDGES: tuple[type[Promised], ...] = (Promise, ReceiverPromise, SenderPromise, RecordingPromise, DriftPromise)


def all_promises() -> Iterator[Promised]:
    """All promises, judge by judge."""
    return (promise for judge in JUDGES for promise in judge)


def promise_named(name: str) -> Promised:
    """The promise with a name. Raises KeyError."""
    return {promise.value: promise for promise in all_promises()}[name]
