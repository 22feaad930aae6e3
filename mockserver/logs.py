"""Logging that untrusted input can neither forge nor flood."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import monotonic  # noqa: TID251 (lines per real second, handed in by tests)

from mockserver.escaping import visible

INTERVAL = 1.0  # seconds, at least, between two lines of a kind


class Formatter(logging.Formatter):
    """Formats a record so that its message is one line, and nothing in it or in a traceback can steer a terminal."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the base class's name)
        """The line of the message."""
        record.message = visible(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: "logging._SysExcInfoType") -> str:  # noqa: N802 (the same)
        """The lines of a traceback."""
        return visible(super().formatException(ei), kept="\n")


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
