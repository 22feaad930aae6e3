"""The scorecard of a judge: what weighs more, in which order, and what it says."""

from mockserver.checks.findings.receiver_promises import ReceiverPromise as P
from mockserver.checks.findings.scorecard import Mark, Scorecard


def test_failure_weighs_more_than_success_and_that_more_than_nothing() -> None:
    """A check is noted as often as it is tried; the worst that was seen of it counts."""
    card = Scorecard()
    card.not_judged(P.STALE, "no time")
    card.passed(P.STALE, "curl 1")
    card.failed(P.STALE, "curl 2", seen="a 200")
    card.passed(P.STALE, "curl 3")
    card.not_judged(P.STALE, "no time")

    (row,) = card.rows
    assert (row.mark, row.curl, row.seen, row.reason) == (Mark.FAILED, "curl 2", "a 200", "")


def test_rows_are_in_the_order_of_the_promises() -> None:
    """Whatever is tried first."""
    card = Scorecard()
    for promise in (P.BURST, P.STALE, P.ACCEPTS_EVENTS):
        card.passed(promise)

    assert [row.check for row in card.rows] == [P.ACCEPTS_EVENTS, P.STALE, P.BURST]


def test_gaps_are_told_apart_by_who_asked() -> None:
    """What was asked for and could not be judged is a gap; the rest was left out."""
    card = Scorecard()
    card.not_judged(P.STALE, "the clock is gone")
    card.not_judged(P.BURST, "nobody asked", asked=False)

    assert card.gaps == ["stale: the clock is gone"]
    assert card.left_out == ["burst: nobody asked"]


def test_success_can_be_forgotten_and_failure_not() -> None:
    """What turned out to be a part of a check only counts no more; what was wrong stays wrong."""
    card = Scorecard()
    card.passed(P.STALE)
    card.failed(P.AHEAD)
    for promise in (P.STALE, P.AHEAD, P.BURST):
        card.forget(promise)

    assert [(row.check, row.mark) for row in card.rows] == [(P.AHEAD, Mark.FAILED)]
    assert card.mark_of(P.STALE) is None


def test_texts_from_outside_are_cleaned() -> None:
    """A secret that an answer shows doesn't stand in the scorecard."""
    card = Scorecard()
    card.failed(P.STALE, "curl s3cret", "right", "seen s3cret")

    shown = card.rows[0].cleaned(lambda text: text.replace("s3cret", "…")).as_json()

    assert shown == {
        "mark": "failed", "check": "stale", "says": P.STALE.says, "reason": "", "curl": "curl …", "right": "right",
        "seen": "seen …",
    }  # fmt: skip
