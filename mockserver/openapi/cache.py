"""A cache on disk for results that are computed from a text, such as a parsed contract.

An entry is a JSON file named by the digest of the text and of the code that computed it. A folder or file that another
user could have written is never read; if an entry is missing or broken, the result is computed again.
"""

import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


class Cache:
    """A folder of computed results. Without a folder it stores nothing."""

    def __init__(self, folder: str | None = None) -> None:
        self._folder = Path(folder).expanduser() if folder and hasattr(os, "getuid") else None

    def get(self, text: bytes, version: str) -> Any:
        """The stored result for `text`; None if there is none.

        `version` names the code that computes it, with its version.
        """
        if self._folder is not None:
            with suppress(OSError, ValueError):
                return orjson.loads(_read(self._path(self._folder, text, version)))
        return None

    def put(self, text: bytes, version: str, result: Any) -> None:
        """Store the result for `text`, which must be what JSON can hold. A failure to do so is ignored: the result will
        be computed again."""
        if self._folder is not None:
            with suppress(OSError, TypeError):  # a full disk, another user's folder, or a result that JSON can't hold
                _write(
                    self._path(self._folder, text, version),
                    orjson.dumps(result, option=orjson.OPT_PASSTHROUGH_DATETIME),
                )

    @staticmethod
    def _path(folder: Path, text: bytes, version: str) -> Path:
        return folder / f"{hashlib.sha256(version.encode() + bytes(1) + text).hexdigest()}.json"


class Kept:
    """What a cache has of one text, by `version`, which names all that it depends on beside the text. Without a cache
    nothing is kept."""

    def __init__(self, cache: Cache | None = None, text: bytes = b"", version: str = "") -> None:
        self._cache, self._version = cache or Cache(), version
        self._text = hashlib.sha256(text).digest()

    def get(self, what: str) -> Any:
        """What was made of the text; None if that isn't kept."""
        return self._cache.get(self._text, f"{what} {self._version}")

    def put(self, what: str, result: Any) -> None:
        """Keep what was made of the text, as `Cache.put` does."""
        self._cache.put(self._text, f"{what} {self._version}", result)


def _read(path: Path) -> bytes:
    """The content of a file that no other user can have written. Raises OSError."""
    _require_ours(path.parent.stat())
    with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
        _require_ours(os.fstat(file.fileno()))
        return file.read()


def _write(path: Path, text: bytes) -> None:
    """Write a file that only we may read, completely or not at all. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _require_ours(path.parent.stat())
    unfinished = path.with_suffix(f".{os.getpid()}")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _require_ours(status: os.stat_result) -> None:
    if not hasattr(os, "getuid") or status.st_uid != os.getuid() or status.st_mode & OTHERS_MAY_WRITE:
        raise PermissionError
