"""A file of one process: begun anew, readable by its owner alone, and written by nobody else at the same time."""

import os
import stat
import sys

from mockserver.errors import SettingsError

if sys.platform != "win32":
    import fcntl

OWNER_ONLY = 0o600
# What Windows doesn't know it does without: it has neither such links nor such pipes.
_FLAGS = os.O_CREAT | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def opened(option: str, path: str) -> int:
    """The descriptor of the file that an option names, empty and locked. Nothing but a regular file is touched:
    neither a device, a pipe, nor what a link leads to. Raises SettingsError."""
    try:
        descriptor = os.open(path, _FLAGS, OWNER_ONLY)
    except OSError as error:
        why = "it is a link" if os.path.islink(path) else error.strerror  # noqa: PTH114 (it may be no path at all)
        raise SettingsError(f"{option} {path} can't be written: {why}. Name another file.") from error
    try:
        _take(descriptor, f"{option} {path}")
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def is_deleted(descriptor: int) -> bool:
    """Whether an open file has no name any more, so that nobody will find it."""
    return os.fstat(descriptor).st_nlink == 0


def _take(descriptor: int, named: str) -> None:
    """Lock and empty a file that was opened."""
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise SettingsError(f"{named} is no regular file. Name another one.")
    try:
        if sys.platform != "win32":
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.fchmod(descriptor, OWNER_ONLY)
        os.ftruncate(descriptor, 0)
    except BlockingIOError as error:
        raise SettingsError(
            f"{named} is being written by another proxy. Name another file, or end that one."
        ) from error
    except OSError as error:
        raise SettingsError(f"{named} can't be written: {error.strerror}. Name another file.") from error
