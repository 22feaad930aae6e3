"""bench.rows.rounds: whose latency is measured when."""

from bench.contestants.roster import CONSTANT, OURS
from bench.rows.rounds import paced


def test_mock_and_constant_are_paced_together() -> None:
    """The two take their turns one after the other in every round, others in some of them."""
    turns = paced([OURS, "mock, a line per request", CONSTANT, "a peer"], 5)

    assert turns[:4] == [OURS, CONSTANT, "mock, a line per request", "a peer"]
    assert turns[-4:] == [OURS, CONSTANT] * 2
    assert [turns.count(name) for name in (OURS, CONSTANT, "a peer")] == [5, 5, 3]


def test_who_takes_no_part_is_not_paced() -> None:
    """A contestant that was left out has no turn."""
    assert paced(["a peer"], 1) == ["a peer"]
    assert paced([CONSTANT], 4) == [CONSTANT] * 4
