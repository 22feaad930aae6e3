"""Logs that strangers can neither forge nor flood."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

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
    """Do something after so many real seconds, if an event loop runs here."""
    with suppress(RuntimeError):
        asyncio.get_running_loop().call_later(seconds, do)


class RateLimitedLog:
    """Errors that may come in masses. Of each kind the first is logged at once, as it is, and those of the seconds that
    follow as their number: so a flood of them is a line in `interval` seconds.

    The kind is the message without its arguments. `now` is a clock in seconds, and `later` calls a function after so
    many of them.
    """

    def __init__(
        self,
        logger: logging.Logger,
        interval: float = INTERVAL,
        now: Callable[[], float] = time.monotonic,
        later: Callable[[float, Callable[[], None]], object] = after,
    ) -> None:
        self._logger = logger
        self._interval = interval
        self._now = now
        self._later = later
        self._told: dict[str, float] = {}  # when a line of this kind was logged last
        self._untold: dict[str, tuple[int, tuple[object, ...]]] = {}  # how many were not since then, and the last one

    def error(self, message: str, *arguments: object) -> None:
        """Log an error, or count it."""
        now = self._now()
        told = self._told.get(message)
        count, _ = self._untold.get(message, (0, ()))
        self._untold[message] = (count + 1, arguments)
        if told is None or now - told >= self._interval:
            self._tell(message)
        elif not count:
            self._later(told + self._interval - now, partial(self._ripen, message, told))

    def flush(self) -> None:
        """Log how many were only counted so far."""
        for message in tuple(self._untold):
            self._tell(message)

    def _ripen(self, message: str, told: float) -> None:
        """Log how many were counted since a line, if there was none since."""
        if message in self._untold and self._told.get(message) == told:
            self._tell(message)

    def _tell(self, message: str) -> None:
        count, arguments = self._untold.pop(message)
        self._told[message] = self._now()
        if count == 1:
            self._logger.error(message, *arguments)
        else:
            self._logger.error(f"{message} (the last of %d)", *arguments, count)  # noqa: G004 (a kind is fixed)
