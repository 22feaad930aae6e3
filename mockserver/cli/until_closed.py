"""The watch on a pipe: the mock ends once nobody holds the other end, and so never outlives what started it."""

import logging
import os
import selectors
import signal
import stat
import threading

import click

from mockserver.errors import SettingsError

HIGHEST = 2**31 - 1  # a descriptor is a C int
PIECE = 65_536  # bytes of what is sent, and not looked at
logger = logging.getLogger("mockserver")

until_closed_option = click.option(
    "--until-closed",
    type=click.IntRange(0, HIGHEST),
    metavar="DESCRIPTOR",
    envvar="MOCKSERVER_UNTIL_CLOSED",
    show_envvar=True,
    help="End when nobody holds the other end of this pipe any more; 0 is standard input.",
)


def end_when_closed(descriptor: int) -> None:
    """Have the mock end, in order, once the other end of a pipe, a socket or a terminal is closed; the log says so.

    Raises SettingsError if the descriptor is of something else, which has no other end, or can't be read.
    """
    _require_an_other_end(descriptor)

    def wait() -> None:
        try:
            while _next_piece(descriptor):
                pass
            logger.info("The mock ends: nobody holds the other end of --until-closed %d any more.", descriptor)
        except OSError as error:
            logger.warning("The mock ends: --until-closed %d can't be read (%s).", descriptor, error.strerror)
        signal.raise_signal(signal.SIGTERM)

    threading.Thread(target=wait, name="until-closed", daemon=True).start()


def _require_an_other_end(descriptor: int) -> None:
    try:
        kind = os.fstat(descriptor).st_mode
    except OSError as error:
        raise SettingsError(
            f"--until-closed {descriptor}: no such file is open ({error.strerror}). Hand one over, or name 0."
        ) from error
    if not (stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind) or os.isatty(descriptor)):
        raise SettingsError(
            f"--until-closed {descriptor}: this is no pipe, socket or terminal, so it has no other end. Hand over "
            "the end of a pipe that is read."
        )
    try:
        os.read(descriptor, 0)
    except BlockingIOError:
        pass
    except OSError as error:
        raise SettingsError(
            f"--until-closed {descriptor}: it can't be read ({error.strerror}). Hand over the end of a pipe "
            "that is read."
        ) from error


def _next_piece(descriptor: int) -> bytes:
    """What comes next, or nothing at the end. Waits for it, also if the descriptor is one that doesn't block."""
    while True:
        try:
            return os.read(descriptor, PIECE)
        except BlockingIOError:
            with selectors.DefaultSelector() as selector:
                selector.register(descriptor, selectors.EVENT_READ)
                selector.select()
