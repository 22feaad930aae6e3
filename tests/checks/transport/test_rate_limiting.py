"""Rates, budgets and pauses, by a clock that is handed in."""

import pytest

from mockserver.checks.transport.rate_limiting import MonotonicTime, RateLimiter, parse_rate
from mockserver.errors import SettingsError


class Hands:
    """A clock that moves when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    @property
    def time(self) -> MonotonicTime:
        """What limits count."""
        return MonotonicTime(lambda: self.now, self.wait)


@pytest.mark.parametrize(("text", "rate"), [("10/s", 10.0), ("90/m", 1.5), ("0.5/s", 0.5)])
def test_rates(text: str, rate: float) -> None:
    """A rate is so many requests in a second or a minute."""
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "10", "10/h", "0/s", "-1/s", "ten/s"])
def test_rates_that_are_none(text: str) -> None:
    """Anything else is refused, with an example."""
    with pytest.raises(SettingsError, match="10/s"):
        parse_rate(text)


def test_the_rate_is_kept() -> None:
    """So many requests in a second, and no more."""
    hands = Hands()
    limits = RateLimiter(rate=10, time=hands.time)

    for _ in range(21):
        limits.before(login=False)

    assert hands.now == pytest.approx(2.0)


def test_logins_are_counted_by_the_minute() -> None:
    """The twenty-first login waits for the first to be a minute old; other requests don't."""
    hands = Hands()
    limits = RateLimiter(logins_a_minute=20, time=hands.time)

    for _ in range(20):
        limits.before(login=True)
    limits.before(login=False)
    assert hands.now == 0
    limits.before(login=True)

    assert hands.now == 60


def test_a_login_waits_no_longer_than_the_budget() -> None:
    """The time for what is reserved is kept: here ten requests, two at once, of a second each."""
    hands = Hands()
    limits = RateLimiter(seconds=30, logins_a_minute=1, time=hands.time)
    limits.reserved, limits.at_once = lambda: 10, lambda: 2
    limits.took(1.0)

    limits.before(login=True, until=lambda: limits.end)
    limits.before(login=True, until=lambda: limits.end)

    assert (hands.now, limits.end) == (25, 25)
    assert "30 seconds" in limits.spent


def test_a_pause_is_kept_unless_it_is_long() -> None:
    """What a host asks for is waited for, but for more than a minute it is the answer under test."""
    hands = Hands()
    limits = RateLimiter(time=hands.time)

    assert limits.pause(7)
    assert not limits.pause(300)
    limits.before(login=False)

    assert hands.now == 7


def test_budgets_end() -> None:
    """Requests and seconds are counted from the start."""
    hands = Hands()
    limits = RateLimiter(requests=2, seconds=100, time=hands.time)
    assert limits.spent == ""

    limits.before(login=False)
    limits.before(login=False)
    assert "2 requests" in limits.spent

    assert "5 seconds" in _late(5, hands).spent


def _late(seconds: float, hands: Hands) -> RateLimiter:
    limits = RateLimiter(seconds=seconds, time=hands.time)
    hands.wait(seconds)
    return limits
