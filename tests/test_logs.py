"""mockserver.logs: lines that can be neither forged nor flooded."""

import logging
import sys
from collections.abc import Callable

import pytest

from mockserver.logs import Formatter, RateLimitedLog


class Waiting:
    """A clock at which things wait until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0
        self.due: list[tuple[float, Callable[[], None]]] = []

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        """Do it then."""
        self.due.append((self.now + seconds, do))

    def advance(self, seconds: float) -> None:
        """Move on."""
        self.now += seconds
        ripe = [do for at, do in self.due if at <= self.now]
        self.due = [one for one in self.due if one[0] > self.now]
        for do in ripe:
            do()


@pytest.fixture
def clock() -> Waiting:
    """A clock that a test moves."""
    return Waiting()


@pytest.fixture
def log(clock: Waiting) -> RateLimitedLog:
    """A log that goes by that clock."""
    return RateLimitedLog(logging.getLogger("mockserver"), 1.0, lambda: clock.now, clock.later)


def test_flood_is_a_line_a_second(log: RateLimitedLog, clock: Waiting, caplog: pytest.LogCaptureFixture) -> None:
    """Of ten thousand errors of a kind in ten seconds the first is told, then their number, once a second."""
    for number in range(10_000):
        log.error("Delivery %d is dropped", number)
        clock.advance(0.001)
    clock.advance(1)

    assert len(caplog.messages) <= 12
    assert caplog.messages[0] == "Delivery 0 is dropped"
    assert caplog.messages[-1].startswith("Delivery 9999 is dropped (the last of ")


def test_nothing_is_uncounted(log: RateLimitedLog, clock: Waiting, caplog: pytest.LogCaptureFixture) -> None:
    """The first and the numbers of the others make up all; a flood that is over is told too."""
    for number in range(25):
        log.error("%d", number)
    clock.advance(1)

    assert caplog.messages == ["0", "24 (the last of 24)"]
    assert clock.due == []


@pytest.mark.parametrize("interval", [0.1, 0.3, 0.7, 1.0, 1 / 3])
@pytest.mark.parametrize("started", [0.0, 0.9, 1e9 / 7, 123_456.789])
def test_first_is_told_at_once(
    clock: Waiting, caplog: pytest.LogCaptureFixture, interval: float, started: float
) -> None:
    """The first of a kind is logged at once and the rest when the interval is over, whatever that and the time are."""
    clock.now = started
    log = RateLimitedLog(logging.getLogger("mockserver"), interval, lambda: clock.now, clock.later)

    log.error("lost %d", 1)
    first = list(caplog.messages)
    log.error("lost %d", 2)
    clock.advance(interval * 1.001)

    assert (first, caplog.messages) == (["lost 1"], ["lost 1", "lost 2"])


def test_kinds_are_apart(log: RateLimitedLog, caplog: pytest.LogCaptureFixture) -> None:
    """A flood of one kind hides no other."""
    for _ in range(3):
        log.error("a %s", "x")
        log.error("b")

    assert caplog.messages == ["a x", "b"]


def test_rare_errors_are_all_told(log: RateLimitedLog, clock: Waiting, caplog: pytest.LogCaptureFixture) -> None:
    """What comes now and then is logged as it is."""
    for number in range(3):
        log.error("Delivery %d is dropped", number)
        clock.advance(1.5)

    assert caplog.messages == [f"Delivery {number} is dropped" for number in range(3)]


def test_end_tells_the_rest(log: RateLimitedLog, caplog: pytest.LogCaptureFixture) -> None:
    """What is counted but not told yet is told at the end."""
    for _ in range(3):
        log.error("lost")
    log.flush()

    assert caplog.messages == ["lost", "lost (the last of 2)"]


# ---------------------------------------------------------------- the form of a line
@pytest.mark.parametrize("stranger", ["\x1b[2J", "\x9b31m", "\n2026-01-01 forged", "\r", "\u202egnp", "\x00", "\x85"])
def test_lines_cant_be_forged(stranger: str) -> None:
    """Whatever a message is made of, it is one line, and nothing in it steers a terminal."""
    record = logging.LogRecord("mockserver", logging.INFO, "", 0, "GET /%s 404", (stranger,), None)

    line = Formatter("%(message)s").format(record)

    assert line.isprintable()
    assert line == f"GET /{stranger.encode('unicode_escape').decode()} 404"


def test_tracebacks_stay_readable() -> None:
    """A traceback keeps its lines, and what an error says can't steer a terminal either."""
    try:
        dict[str, str]()["\x1b[2J\x9b"]
    except KeyError:
        record = logging.LogRecord("mockserver", logging.ERROR, "", 0, "broke", (), sys.exc_info())

    first, *trace = Formatter("%(message)s").format(record).split("\n")

    assert (first, trace[-1]) == ("broke", "KeyError: '\\x1b[2J\\x9b'")
