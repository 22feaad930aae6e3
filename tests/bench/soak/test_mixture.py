"""bench.soak.mixture: what is asked for, how often, and what is right."""

from collections import Counter
from contextlib import suppress
from itertools import islice

import pytest

from bench.soak.mixture import LIST, ONE, READ_JOURNAL, SHARES, asked, sequence


def test_each_kind_comes_as_often_as_its_share() -> None:
    """In each round of all shares every kind has its share, and the most frequent comes at even intervals."""
    kinds = sequence({"often": 3, "seldom": 1})

    assert [next(kinds) for _ in range(8)] == ["often", "often", "seldom", "often"] * 2
    assert Counter(islice(sequence(SHARES), 2 * sum(SHARES.values()))) == {k: 2 * v for k, v in SHARES.items()}


def test_what_is_unknown_is_not_asked_for() -> None:
    """Without a subscription that is there, the list is read in its place."""
    assert asked(ONE, 1, "abc").path.endswith("/abc")
    assert asked(ONE, 1, None).path == asked(LIST, 1, None).path


@pytest.mark.parametrize("kind", SHARES)
def test_nothing_is_no_right_answer(kind: str) -> None:
    """An answer without what was asked for is wrong, or can't be read."""
    with suppress(KeyError):
        assert not asked(kind, 1, "abc").is_right({})


def test_pages_have_what_they_say() -> None:
    """A list has as many rows as it counts, up to a page, and those of the event that was asked for."""
    request = asked(LIST, 1, None)
    row = {"eventName": "MemberAchievementProgressWasChanged"}

    assert request.is_right({"items": [row], "total": {"filtered": 1}})
    assert not request.is_right({"items": [row], "total": {"filtered": 2}})
    assert not request.is_right({"items": [{"eventName": "CustomerUpdated"}], "total": {"filtered": 1}})


def test_journals_are_bounded() -> None:
    """No more calls are listed than were asked for."""
    call = {"requestId": "r-1"}

    assert asked(READ_JOURNAL, 1, None).is_right({"items": [call] * 50})
    assert not asked(READ_JOURNAL, 1, None).is_right({"items": [call] * 51})
