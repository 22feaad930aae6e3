"""Every promise about deliveries is seen broken: by the faulty senders, of whom what a correct one sent is replayed.

So these are the tests of `findings/sender_promises.py`, and of the rules of requests and sequences, too.
"""

from collections.abc import Callable, Sequence

import pytest

from mockserver.checks.findings.report import Report
from mockserver.checks.findings.sender_promises import SenderPromise
from mockserver.checks.sender.deliveries import CaughtEvidence
from tests.mutants.senders.delivery import honest
from tests.mutants.senders.faults import SENDERS, Sender
from tests.mutants.senders.replay import Replay

Judged = Callable[[CaughtEvidence], Report]


def _names() -> Sequence[object]:
    """Each sender, by the promise that it breaks, or by its own name if it isn't the first."""
    seen: set[SenderPromise] = set()
    named = []
    for sender in SENDERS:
        named.append(pytest.param(sender, id=sender.name if sender.promise in seen else sender.promise.value))
        seen.add(sender.promise)
    return named


@pytest.mark.parametrize("sender", _names())
def test_broken_promises_are_found(sender: Sender, recorded: CaughtEvidence, judged: Judged) -> None:
    """A faulty sender is found by the promise that it breaks, and nothing else is blamed."""
    report = judged(Replay(recorded, sender.fault).evidence())
    found = {(one.check, one.assumption) for one in report.findings}
    assert found == {(sender.promise, sender.assumption)}, [one.message for one in report.findings]


def test_a_correct_sender_passes(recorded: CaughtEvidence, judged: Judged) -> None:
    """What a correct sender sends breaks no promise, and shows that each is kept."""
    report = judged(Replay(recorded, honest).evidence())
    assert report.findings == []
    assert [one.check for one in report.scorecard if one.mark != "passed"] == []


def test_each_promise_is_broken_by_somebody() -> None:
    """There is a faulty sender for each promise."""
    assert {one.promise for one in SENDERS} == set(SenderPromise)
