"""What belongs together of what was caught: repeats to their first attempts, and what others did to nobody."""

import json
from dataclasses import replace
from typing import Any

from mockserver.checks.sender.deliveries import Caught, CaughtEvidence, CaughtSubscription, Cause, Role
from mockserver.checks.sender.judgement import standing
from mockserver.checks.sender.observations import Gap, Observation
from mockserver.checks.sender.sequence_rules import NO_ORDER, Patience, SequenceRules

EVENT, STORE = "CustomerUpdated", "DEFAULT"


def _caught(number: int, at: float, message: str, *, status: int = 500, **data: Any) -> Caught:
    """A request whose event was created when its message was new."""
    content = {"messageId": message, "requestId": f"r{number}", "storeCode": STORE, "createdAt": message, "data": data}
    return Caught(number, "t", "POST", "/", (), json.dumps(content).encode(), at, at, status)


def _evidence(*caught: Caught, role: Role = Role.FAILING) -> CaughtEvidence:
    """Two commands caused the event, at 0 and at 11 seconds."""
    subscription = CaughtSubscription(role, EVENT, STORE, "t", "http://127.0.0.1:1/t")
    causes = [Cause(number, frozenset({EVENT}), STORE, at, at + 0.1, at) for number, at in ((1, 0.0), (2, 11.0))]
    return CaughtEvidence([subscription], causes, list(caught), over=60.0)


def _wrong(evidence: CaughtEvidence) -> set[str]:
    found = standing(SequenceRules(evidence, Patience(10.0, 10.0)).judge())
    return {one.promise for one in found if isinstance(one, Observation) and one.wrong}


def _numbers(evidence: CaughtEvidence) -> list[list[int]]:
    (subscription,) = evidence.subscriptions
    return [[one.number for one in evidence.attempts(subscription, cause)] for cause in evidence.causes]


def test_a_late_repeat_belongs_to_its_first_attempt() -> None:
    """Though another event was caused meanwhile: the contract promises no time. Only the assumption about it falls."""
    evidence = _evidence(_caught(1, 0.2, "m1"), _caught(2, 11.2, "m2"), _caught(3, 12.2, "m1"), _caught(4, 13.2, "m2"))
    assert _numbers(evidence) == [[1, 3], [2, 4]]
    assert _wrong(evidence) == {"sends_again_soon"}


def test_a_message_id_of_another_event_makes_no_repeat() -> None:
    """Two events with one message id are still two."""
    second = json.loads(_caught(2, 11.2, "m2", status=204).body) | {"messageId": "m1"}
    later = Caught(2, "t", "POST", "/", (), json.dumps(second).encode(), 11.2, 11.2, 204)
    evidence = _evidence(_caught(1, 0.2, "m1", status=204), later, role=Role.PLAIN)
    assert _numbers(evidence) == [[1], [2]]
    assert _wrong(evidence) == {"sends_new_message_id"}


def test_what_others_did_is_not_looked_at() -> None:
    """Where a command causes events: what came before it, and what is another event with other data."""
    caught = [_caught(1, -1.0, "m0"), _caught(2, 0.2, "m1", status=204, a=1), _caught(3, 0.4, "m2", status=204, a=2)]
    evidence = _evidence(*caught, _caught(4, 11.2, "m3", status=204), role=Role.PLAIN)
    assert _numbers(evidence) == [[2], [4]]
    assert [one.number for one in evidence.foreign(evidence.subscriptions[0])] == [1, 3]
    assert _wrong(evidence) == set()


def test_the_same_data_twice_is_one_event_twice() -> None:
    """Under another message id, too."""
    caught = [_caught(1, 0.2, "m1", status=204, a=1), _caught(2, 0.4, "m2", status=204, a=1)]
    evidence = _evidence(*caught, _caught(3, 11.2, "m3", status=204), role=Role.PLAIN)
    assert _wrong(evidence) == {"sends_once"}


def test_order_is_not_judged_where_nothing_tells_events_apart() -> None:
    """Commands leave no record: what does is said. Two records are enough."""
    by_commands = _evidence(_caught(1, 0.2, "m1", status=204), _caught(2, 11.2, "m2", status=204), role=Role.PLAIN)
    causes = [replace(one, record=f"record-{one.number}") for one in by_commands.causes]
    caught = [_caught(at, 11.0 + at, f"m{name}", status=204, a=f"record-{name}") for at, name in ((1, 2), (2, 1))]
    by_records = replace(by_commands, causes=causes, caught=caught)

    gaps = [one for one in SequenceRules(by_commands, Patience(10.0, 10.0)).judge() if isinstance(one, Gap)]
    assert [(one.promise, one.reason, one.asked) for one in gaps] == [("sends_in_order", NO_ORDER, False)]
    assert "sends_in_order" in _wrong(by_records)
