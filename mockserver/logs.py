"""Logging that untrusted input can neither forge nor flood: lines for people, with colours, or JSON for programs."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from time import monotonic, time  # noqa: TID251 (lines per real second, handed in by tests; when a line was logged)
from typing import TextIO

from mockserver.escaping import visible

INTERVAL = 1.0  # seconds, at least, between two lines of a kind
MOST_LINES = 20  # of events, in each INTERVAL
LONGEST_BATCH = 100  # lines
Parts = Iterable[tuple[str, str]]  # texts, each with the name of its style or an empty text
STYLES: Mapping[str, str] = {"good": "32", "moved": "36", "bad": "33", "worse": "31", "fault": "35", "dim": "2"}  # ANSI


class LogEvent:
    """What a log line tells, as a message of `logging`. `str` of it is the line without colours."""

    __slots__ = ()

    def parts(self) -> Parts:
        """The line in parts."""
        raise NotImplementedError

    def fields(self) -> Mapping[str, object]:
        """The same for programs; what is None is left out."""
        raise NotImplementedError

    def __str__(self) -> str:
        return "".join(visible(text) for text, _ in self.parts())  # as logs of others don't use our Formatter


class EventRecord(logging.LogRecord):
    """The record of an event of level INFO, made in a sixth of the time of others: it tells no place in the code, and
    the thread that imported this module."""

    def __init__(self, name: str, event: LogEvent) -> None:
        self.name, self.args = name, None
        self.msg = self.event = event
        self.created = now = time()
        self.msecs, self.relativeCreated = 1000 * (now % 1), 0
        self.levelname, self.levelno = "INFO", logging.INFO
        self.pathname = self.filename = self.module = ""
        self.lineno, self.funcName = 0, ""
        self.exc_info = self.exc_text = self.stack_info = None
        self.thread, self.threadName = _HERE.thread, _HERE.threadName
        self.process, self.processName = _HERE.process, _HERE.processName
        self.taskName = None  # since Python 3.12


_HERE = logging.LogRecord("", logging.INFO, "", 0, None, (), None)


def log_event(logger: logging.Logger, event: LogEvent) -> None:
    """Log an event of which there may be many a second, with the level INFO."""
    if logger.isEnabledFor(logging.INFO):
        logger.handle(EventRecord(logger.name, event))


def style_of(status: int) -> str:
    """The style of an HTTP status."""
    return {2: "good", 3: "moved", 4: "bad"}.get(status // 100, "worse")


def wants_colours(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether lines on a stream get colours: on a terminal that knows them, unless NO_COLOR is set (no-color.org)."""
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


class Formatter(logging.Formatter):
    """Formats a record so that its message is one line, and nothing in it or in a traceback can steer a terminal.

    `%(warning)s` in `fmt` is the level and a blank, if that is WARNING or above. Besides it, `fmt` has the time and the
    message only.
    """

    def __init__(self, fmt: str, *, colours: bool = False) -> None:
        super().__init__(fmt)
        self._form, self._colours = fmt, colours
        self._second, self._written = 0, ""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record, and those of its traceback. An event in a record of its own comes in numbers, and has
        none."""
        if not isinstance(record, EventRecord):
            return super().format(record)
        time = self.formatTime(record)
        return self._form % {"asctime": time, "warning": "", "message": self._told(record.event)}

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 (the base class's name)
        """The time of a record. What lines of one second have in common is made once."""
        second = int(record.created)
        if datefmt:
            return super().formatTime(record, datefmt)
        if second != self._second:
            self._second, self._written = second, super().formatTime(record, self.default_time_format)
        return f"{self._written},{int(record.msecs):03d}"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the same)
        """The line of the message."""
        record.__dict__["warning"] = "" if record.levelno < logging.WARNING else self._warning(record)
        record.message = self._told(record.msg) if isinstance(record.msg, LogEvent) else visible(record.message)
        return super().formatMessage(record)

    def _told(self, event: LogEvent) -> str:
        if not self._colours:
            return visible(str(event))
        return "".join(self._styled(visible(text), style) for text, style in event.parts())

    def formatException(self, ei: "logging._SysExcInfoType") -> str:  # noqa: N802 (the same)
        """The lines of a traceback."""
        return visible(super().formatException(ei), kept="\n")

    def _warning(self, record: logging.LogRecord) -> str:
        return self._styled(f"{record.levelname} ", "worse" if record.levelno >= logging.ERROR else "bad")

    def _styled(self, text: str, style: str) -> str:
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if self._colours and style and text else text


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON in plain ASCII, so that nothing in it steers a terminal: `time` (RFC 3339,
    UTC), `level`, then the fields of an event, or `message`, and `traceback` if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        told = record.msg.fields() if isinstance(record.msg, LogEvent) else {"message": record.getMessage()}
        if record.exc_info:
            told = {**told, "traceback": self.formatException(record.exc_info)}
        return self.line(record, told)

    def line(self, record: logging.LogRecord, told: Mapping[str, object]) -> str:
        """A line with the time and the level of a record. What is None is left out."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        named = {"time": time, "level": record.levelname, **told}
        return json.dumps({key: value for key, value in named.items() if value is not None}).replace("\x7f", "\\u007f")


class BatchingHandler(logging.StreamHandler[TextIO]):
    """A handler that writes the lines of one turn of the event loop together, when it is over: to write costs more than
    all else of a line. Warnings are written at once, with what came before, and so is all where no event loop runs.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._waiting: list[logging.LogRecord | str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line of a record, or note it: an event as it is, as it doesn't change, of others the line."""
        try:
            self._waiting.append(record if isinstance(record, EventRecord) else self.format(record))
            size = len(self._waiting)
            if record.levelno >= logging.WARNING or size >= LONGEST_BATCH or (size == 1 and not self._ends_turn()):
                self.flush()
        except Exception:  # noqa: BLE001 (as all handlers of `logging`)
            self.handleError(record)

    def _ends_turn(self) -> bool:
        """Whether there is a turn whose end writes the lines."""
        try:
            asyncio.get_running_loop().call_soon(self._end_turn)
        except RuntimeError:
            return False
        return True

    def _end_turn(self) -> None:
        with suppress(OSError, ValueError):  # nobody reads them any more
            self.flush()

    def flush(self) -> None:
        """Write what was only noted so far."""
        self.acquire()
        try:
            waiting, self._waiting = self._waiting, []
            if waiting:
                lines = [one if isinstance(one, str) else self._line(one) for one in waiting]
                self.stream.write("\n".join([*lines, ""]))
            super().flush()
        finally:
            self.release()

    def _line(self, record: logging.LogRecord) -> str:
        try:
            return self.format(record)
        except Exception as error:  # noqa: BLE001 (the other lines are written all the same)
            return f"A line of the log can't be written: {error!r}"


def write_out() -> None:
    """Have all handlers write what they only noted so far, as before a signal ends the process."""
    for handler in logging.getLogger().handlers:
        handler.flush()


def after(seconds: float, do: Callable[[], None]) -> None:
    """Call a function after so many real seconds, if an event loop runs in this thread."""
    with suppress(RuntimeError):
        asyncio.get_running_loop().call_later(seconds, do)


class RateLimitedLog:
    """A rate-limited log of errors. The first error of a kind is logged at once; those of the next `interval` seconds
    become one line with their number.

    The kind is the message without its arguments. `now` is a clock in seconds; `later` calls a function after a delay
    in seconds.
    """

    def __init__(
        self,
        logger: logging.Logger,
        interval: float = INTERVAL,
        now: Callable[[], float] = monotonic,
        later: Callable[[float, Callable[[], None]], object] = after,
    ) -> None:
        self._logger = logger
        self._interval = interval
        self._now = now
        self._later = later
        self._logged_at: dict[str, float] = {}  # by kind: the time of the last line
        self._counted: dict[
            str, tuple[int, tuple[object, ...]]
        ] = {}  # by kind: errors since then, and the arguments of the last

    def error(self, message: str, *arguments: object) -> None:
        """Log an error, or count it."""
        now = self._now()
        logged_at = self._logged_at.get(message)
        count, _ = self._counted.get(message, (0, ()))
        self._counted[message] = (count + 1, arguments)
        if logged_at is None or now - logged_at >= self._interval:
            self._log(message)
        elif not count:
            self._later(logged_at + self._interval - now, partial(self._log_unless_logged, message, logged_at))

    def flush(self) -> None:
        """Log the errors that were only counted so far."""
        for message in tuple(self._counted):
            self._log(message)

    def _log_unless_logged(self, message: str, since: float) -> None:
        """Log the counted errors of a kind, unless it had another line since."""
        if message in self._counted and self._logged_at.get(message) == since:
            self._log(message)

    def _log(self, message: str) -> None:
        count, arguments = self._counted.pop(message)
        self._logged_at[message] = self._now()
        if count == 1:
            self._logger.error(message, *arguments)
        else:
            self._logger.error(f"{message} (the last of %d)", *arguments, count)  # noqa: G004 (a kind is fixed)


class BoundedLog:
    """A log of events of one kind and level, `most` lines in each INTERVAL; the rest becomes one line with
    their number, `more`, which has a `%d`.

    `now` and `later` are those of RateLimitedLog.
    """

    def __init__(  # noqa: PLR0913 (clock and timer are handed in by tests)
        self,
        logger: logging.Logger,
        level: int,
        more: str,
        *,
        most: int = MOST_LINES,
        now: Callable[[], float] = monotonic,
        later: Callable[[float, Callable[[], None]], object] = after,
    ) -> None:
        self._logger, self._level, self._more = logger, level, more
        self._most, self._interval = most, INTERVAL
        self._now, self._later = now, later
        self._begun: float | None = None  # when the interval began
        self._lines = self._left = 0

    def log(self, event: Callable[[], LogEvent]) -> None:
        """Log the event that a function makes, or count it. Nothing is made where it isn't logged."""
        if not self._logger.isEnabledFor(self._level):
            return
        now = self._now()
        if self._begun is None or now - self._begun >= self._interval:
            self.flush()
            self._begun, self._lines = now, 0
        if self._lines < self._most:
            self._lines += 1
            self._logger.log(self._level, event())
            return
        self._left += 1
        if self._left == 1:
            self._later(self._begun + self._interval - now, self.flush)

    def flush(self) -> None:
        """Log the number of those that were only counted so far."""
        left, self._left = self._left, 0
        if left:
            self._logger.log(self._level, self._more, left)
