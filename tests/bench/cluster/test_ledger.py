"""bench.cluster.ledger: what is lost, out of order or sent twice is found, and nothing else."""

import pytest

from bench.cluster.ledger import Arrival, Event, Ledger


def _ledger(*arrivals: tuple[int, str, int], answered: int = 3, lane: str = "a") -> Ledger:
    """A ledger of a writer whose first events were answered, with arrivals: number, request, status."""
    ledger = Ledger({Event("w", number): float(number) for number in range(1, answered + 1)})
    for moment, (number, request_id, status) in enumerate(arrivals):
        ledger.add(Arrival(lane, Event("w", number), request_id, float(moment), status))
    return ledger


IN_ORDER = ((1, "1a", 503), (1, "1b", 204), (2, "2a", 204), (3, "3a", 500), (3, "3b", 500))


def test_orderly_run_has_no_findings() -> None:
    """Repeated before their successors, all in order: nothing is wrong; who has refused all has confirmed nothing."""
    ledger = _ledger(*IN_ORDER)

    assert (ledger.disorders(), ledger.sent_twice(), ledger.never_came(["a"])) == ([], 0, [])
    assert ledger.missing(["a"]) == [("a", Event("w", 3))]


def test_lost_delivery_is_found() -> None:
    """What was answered and has not arrived at a subscription is missing there; what wasn't answered is not."""
    ledger = _ledger((1, "1a", 204), (3, "3a", 204), answered=3)

    assert ledger.missing(["a"]) == [("a", Event("w", 2))]
    assert len(ledger.never_came(["a", "b"])) == 1 + 3
    ledger.answered.clear()
    assert ledger.missing(["a"]) == []


@pytest.mark.parametrize(
    ("arrivals", "why"),
    [
        (((2, "2a", 204), (1, "1a", 204)), "after 2"),
        (((1, "1a", 204), (3, "3a", 204), (2, "2a", 204)), "after 3"),
        (((1, "1a", 503), (2, "2a", 204), (1, "1b", 204)), "before 1 was repeated"),
        (((1, "1a", 503), (1, "1a", 503), (2, "2a", 204)), "before 1 was repeated"),
    ],
)
def test_disorder_is_found(arrivals: tuple[tuple[int, str, int], ...], why: str) -> None:
    """A delivery after a later one, or before its predecessor was repeated, is out of order."""
    assert _ledger(*arrivals).disorders()[0].why == why


def test_attempt_that_came_again_is_no_disorder() -> None:
    """A crash may repeat an attempt: it is counted as sent twice, and is in order as long as no later one came."""
    ledger = _ledger((1, "1a", 204), (1, "1a", 204), (2, "2a", 204), (2, "2a", 204), (2, "2a", 204))

    assert (ledger.disorders(), ledger.sent_twice()) == ([], 3)


def test_events_without_an_answer_have_no_order() -> None:
    """Nobody knows when something happened that wasn't answered: it may come at any time."""
    assert _ledger((2, "2a", 204), (1, "1a", 204), answered=0).disorders() == []


def test_lag_is_that_of_the_slowest() -> None:
    """It counts the events that were answered and have not come, where most are missing."""
    ledger = _ledger((1, "1a", 503), (1, "1b", 204), (2, "2a", 204))

    assert (ledger.lag(["a"]), ledger.lag(["a", "b"])) == (1, 3)


def test_silence_ends_with_the_last_subscription() -> None:
    """It lasts until each subscription has got something, and isn't over while one has got nothing."""
    ledger = _ledger((1, "1a", 204), (2, "2a", 204))
    ledger.add(Arrival("b", Event("w", 1), "b1", 5.0, 204))

    assert ledger.silence(["a"], 0.5) == 0.5
    assert ledger.silence(["a", "b"], 0.0) == 5.0
    assert ledger.silence(["a", "b", "c"], 0.0) is None
