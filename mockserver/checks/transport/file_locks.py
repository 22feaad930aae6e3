"""Locks of files and folders, by which two runs don't share one. They end with the process, whatever ends that."""

from contextlib import suppress

try:
    import fcntl
except ImportError:  # Windows, where neither can be locked like that
    fcntl = None  # type: ignore[assignment]


def hold(descriptor: int) -> bool:
    """Hold the lock of an open file or folder until it is closed; False if somebody else holds it. Where there are no
    locks, it is free."""
    if fcntl is None:
        return True
    with suppress(OSError):  # some file systems have none
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
