"""mockserver.logs: lines that can be neither forged nor flooded."""

import asyncio
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator, Mapping

import pytest

from mockserver.logs import (
    LONGEST_BATCH,
    BatchingHandler,
    BoundedLog,
    EventRecord,
    Formatter,
    JsonFormatter,
    LogEvent,
    Parts,
    RateLimitedLog,
    log_event,
    wants_colours,
    write_out,
)


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


class Event(LogEvent):
    """An event with a text of a stranger in it."""

    def __init__(self, stranger: str = "") -> None:
        self._stranger = stranger

    def parts(self) -> Parts:
        """Two parts, one of them with a style."""
        yield "seen ", ""
        yield self._stranger, "bad"

    def fields(self) -> Mapping[str, object]:
        """One that there is, and one that there isn't."""
        return {"seen": self._stranger, "missing": None}


def _record(message: object, level: int = logging.INFO) -> logging.LogRecord:
    return logging.LogRecord("mockserver", level, "", 0, message, (), None)


@pytest.mark.parametrize("stranger", ["\x1b[2J", "\x9b31m", "\n2026-01-01 forged", "\r", "\u202egnp", "\x00", "\x7f"])
@pytest.mark.parametrize("formatter", [Formatter("%(message)s"), JsonFormatter()], ids=["text", "json"])
def test_events_cant_be_forged(formatter: logging.Formatter, stranger: str) -> None:
    """Whatever an event is made of, it is one line that steers no terminal; JSON gives it back unchanged."""
    line = formatter.format(_record(Event(stranger)))

    assert line.isprintable()
    if isinstance(formatter, JsonFormatter):
        assert line.isascii()
        assert json.loads(line)["seen"] == stranger


def test_colours_are_ours_alone() -> None:
    """With colours a part has its style, and what a stranger wrote still steers nothing."""
    assert Formatter("%(message)s", colours=True).format(_record(Event("\x1b[2J"))) == "seen \x1b[33m\\x1b[2J\x1b[0m"
    assert Formatter("%(message)s").format(_record(Event("x"))) == "seen x"


def test_warnings_are_named() -> None:
    """A line says its level where that is WARNING or above."""
    formatter = Formatter("%(warning)s%(message)s")

    assert [formatter.format(_record("a", level)) for level in (logging.INFO, logging.WARNING)] == ["a", "WARNING a"]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [({}, True), ({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_colours_are_for_terminals(environment: dict[str, str], wanted: bool) -> None:  # noqa: FBT001 (a parameter of a test)
    """Colours are for terminals that know them, unless NO_COLOR says no; never for files and pipes."""
    assert wants_colours(_Terminal(), environment) is wanted
    assert not wants_colours(io.StringIO(), environment)


def test_json_has_time_and_level() -> None:
    """A line of JSON begins with time and level; a plain message is there by name; what is None is left out."""
    plain, event = (json.loads(JsonFormatter().format(_record(what))) for what in ("a\nb", Event()))

    assert list(plain) == ["time", "level", "message"]
    assert (plain["message"], plain["time"][-1], "missing" in event) == ("a\nb", "Z", False)


def test_traceback_is_a_field() -> None:
    """A traceback is within the line."""
    try:
        dict[str, str]()["x"]
    except KeyError:
        record = logging.LogRecord("mockserver", logging.ERROR, "", 0, "broke", (), sys.exc_info())

    line = JsonFormatter().format(record)

    assert "\n" not in line
    assert "KeyError: 'x'" in json.loads(line)["traceback"]


def _bounded(clock: Waiting, most: int) -> BoundedLog:
    logger = logging.getLogger("mockserver")
    return BoundedLog(logger, logging.INFO, "%d more", most=most, now=lambda: clock.now, later=clock.later)


def test_events_are_bounded(clock: Waiting, caplog: pytest.LogCaptureFixture) -> None:
    """So many events of an interval are logged, the others counted; none is made that isn't logged."""
    caplog.set_level(logging.INFO, "mockserver")
    events = iter([Event("1"), Event("2"), Event("6")])  # the third one would be missing for the last line
    log = _bounded(clock, most=2)

    for _ in range(5):
        log.log(lambda: next(events))
    clock.advance(1)
    log.log(lambda: next(events))

    assert caplog.messages == ["seen 1", "seen 2", "3 more", "seen 6"]


def test_silent_levels_cost_nothing(clock: Waiting, caplog: pytest.LogCaptureFixture) -> None:
    """Below the level of the logger nothing is made, counted or told."""
    caplog.set_level(logging.WARNING, "mockserver")
    log = _bounded(clock, most=0)

    log.log(Event)
    clock.advance(1)
    log.flush()

    assert caplog.messages == []


# ---------------------------------------------------------------- many lines
@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a handler of the root logger writes."""
    stream = io.StringIO()
    handler = BatchingHandler(stream)
    logging.getLogger().addHandler(handler)
    logging.getLogger("mockserver").setLevel(logging.INFO)
    yield stream
    logging.getLogger().removeHandler(handler)


def test_lines_of_a_turn_are_written_together(written: io.StringIO) -> None:
    """What is logged in a turn of the event loop is written when that is over, in its order."""

    async def turn() -> str:
        for stranger in ("a", "b"):
            log_event(logging.getLogger("mockserver"), Event(stranger))
        meanwhile = written.getvalue()
        await asyncio.sleep(0)
        return meanwhile

    assert asyncio.run(turn()) == ""
    assert written.getvalue() == "seen a\nseen b\n"


def test_warnings_dont_wait(written: io.StringIO) -> None:
    """A warning is written at once, and what came before it too; nothing is written twice."""

    async def turn() -> str:
        log_event(logging.getLogger("mockserver"), Event("a"))
        logging.getLogger("mockserver").warning("b")
        return written.getvalue()

    assert asyncio.run(turn()) == "seen a\nb\n" == written.getvalue()


def test_no_line_waits_without_an_event_loop(written: io.StringIO) -> None:
    """Where no turn ends, a line is written at once."""
    log_event(logging.getLogger("mockserver"), Event("a"))

    assert written.getvalue() == "seen a\n"


def test_no_line_is_lost_at_the_end(written: io.StringIO) -> None:
    """What waits is written before a signal ends the process, and a long turn doesn't keep all of its lines."""

    async def turn() -> tuple[int, int]:
        for _ in range(LONGEST_BATCH + 1):
            log_event(logging.getLogger("mockserver"), Event("a"))
        before = written.getvalue().count("\n")
        write_out()
        return before, written.getvalue().count("\n")

    assert asyncio.run(turn()) == (LONGEST_BATCH, LONGEST_BATCH + 1)


def test_event_that_cant_be_told_hides_no_other() -> None:
    """An event whose line can't be made is told as that, between the others."""

    class Broken(Event):
        def __str__(self) -> str:
            raise ValueError("odd")

    stream = io.StringIO()
    handler = BatchingHandler(stream)

    async def turn() -> None:
        for event in (Event("a"), Broken(), Event("b")):
            handler.handle(EventRecord("mockserver", event))

    asyncio.run(turn())

    first, told, last = stream.getvalue().splitlines()
    assert (first, last) == ("seen a", "seen b")
    assert "odd" in told


def test_stream_that_is_gone_harms_nobody() -> None:
    """A reader that leaves takes its lines along, and nothing else."""

    class Gone(io.StringIO):
        def write(self, _text: str) -> int:
            """Nobody reads."""
            raise BrokenPipeError

    handler = BatchingHandler(Gone())

    async def turn() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: pytest.fail(str(context)))
        handler.handle(_record("a"))
        await asyncio.sleep(0)

    asyncio.run(turn())


def test_records_of_events_are_like_others() -> None:
    """The formatter of anybody else finds in the record of an event what it finds in others."""
    event, other = EventRecord("mockserver", Event("a")), _record("b")

    assert vars(event).keys() >= vars(other).keys()
    assert (event.levelname, event.getMessage(), event.threadName) == ("INFO", "seen a", other.threadName)


def test_times_are_those_of_logging() -> None:
    """A line has the time as `logging` writes it, also in another second and in a form that somebody asks for."""
    records = [_record("a") for _ in range(3)]
    for record, created in zip(records, (1.25, 1.75, 2.0), strict=True):
        record.created, record.msecs = created, created % 1 * 1000
    ours, theirs = Formatter("%(asctime)s %(message)s"), logging.Formatter("%(asctime)s %(message)s")

    assert ours.formatTime(records[0], "%M:%S") == theirs.formatTime(records[0], "%M:%S")
    assert [ours.format(one) for one in records] == [theirs.format(one) for one in records]
