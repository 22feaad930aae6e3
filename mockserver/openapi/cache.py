"""What was made of a text once, kept in a folder for the next start.

Nothing is taken from a folder or file that anybody else could have written; whatever is wrong with one, it is made
again. What is kept is JSON, by the digest of what it was made from.
"""

import hashlib
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


class Cache:
    """A folder of made things; without a folder, one that keeps nothing."""

    def __init__(self, folder: str | None = None) -> None:
        self._folder = Path(folder).expanduser() if folder and hasattr(os, "getuid") else None

    def get_or_make(self, text: bytes, how: str, make: Callable[[], Any]) -> Any:
        """What `make` makes of `text`, which must be JSON. `how` names the maker with its version.

        It is only kept if it comes back from JSON as it was.
        """
        if (kept := self.get(text, how)) is not None:
            return kept
        made = make()
        self.put(text, how, made)
        return made

    def get(self, text: bytes, how: str) -> Any:
        """What was made of `text` before; None if nothing was kept."""
        if self._folder is not None:
            with suppress(OSError, ValueError):
                return orjson.loads(_read(self._path(self._folder, text, how)))
        return None

    def put(self, text: bytes, how: str, made: Any) -> None:
        """Keep what was made of `text`, if that can be done."""
        if self._folder is not None:
            with suppress(OSError, TypeError):  # a full disk, a folder of somebody else's; what is no JSON
                _write(self._path(self._folder, text, how), orjson.dumps(made, option=orjson.OPT_PASSTHROUGH_DATETIME))

    @staticmethod
    def _path(folder: Path, text: bytes, how: str) -> Path:
        return folder / f"{hashlib.sha256(how.encode() + bytes(1) + text).hexdigest()}.json"


def _read(path: Path) -> bytes:
    """The text of a file that nobody else can have written. Raises OSError."""
    _require_ours(path.parent.stat())
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        _require_ours(os.fstat(file.fileno()))
        return file.read()


def _write(path: Path, text: bytes) -> None:
    """Write a file for us alone, as a whole or not at all. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _require_ours(path.parent.stat())
    unfinished = path.with_suffix(f".{os.getpid()}")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text)
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _require_ours(status: os.stat_result) -> None:
    if status.st_uid != os.getuid() or status.st_mode & OTHERS_MAY_WRITE:
        raise PermissionError
