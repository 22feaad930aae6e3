"""Access to the files of a contract: regular files of bounded size, those that it refers to within one folder.

Symbolic links are resolved here, step by step from the folder, and never by the system. So nothing outside is even
looked at, and no file can be exchanged between the check and the reading. Windows opens no folders: there the system
resolves them, and what it found is checked.
"""

import errno
import os
import stat
from collections import deque
from functools import reduce
from operator import or_
from pathlib import Path
from types import TracebackType
from typing import Self

MAX_FILE = 64 * 2**20  # bytes
_MOST_LINKS = 40  # on the way to a file
STEPWISE = os.open in os.supports_dir_fd  # whether the system opens a file by its folder


def _flags(*names: str) -> int:
    """The sum of these flags of `os`; a system that lacks one does without."""
    return reduce(or_, (getattr(os, name, 0) for name in names))


_FILE = os.O_RDONLY | _flags("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY")
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | _flags("O_DIRECTORY", "O_CLOEXEC")
_NO_LINK = _flags("O_NOFOLLOW")


class FileRefused(Exception):
    """A file that must not be read. The message continues a sentence that begins with its name, and says what to do."""


class Folder:
    """The folder that must hold all files that a contract refers to. Hidden files are read only if the folder was
    `chosen` by the user: else it may be a home directory."""

    def __init__(self, path: str | Path, *, chosen: bool = False, stepwise: bool = STEPWISE) -> None:
        self._chosen = chosen
        self._stepwise = stepwise
        self.path = os.path.abspath(path)  # noqa: PTH100 (absolute() would keep `..`)
        self._real = os.path.realpath(path)

    def read(self, name: str) -> bytes:
        """The content of a file in the folder. Raises FileRefused, OSError, and ValueError for an impossible path."""
        if not self._stepwise:
            return self._read_resolved(name)
        with _Walk(self) as walk:
            return _content(walk.opened(self.steps_to(name)))

    def _read_resolved(self, name: str) -> bytes:
        """The content of a file that is in the folder, by its name and by where the system's links lead."""
        for path in (name, os.path.realpath(name)):
            for step in self.steps_to(path):
                self.check(step)
        _check_kind(Path(name).stat().st_mode)
        return _content(os.open(os.path.realpath(name), _FILE | _NO_LINK))

    def check(self, step: str) -> None:
        """Raise FileRefused if this step is hidden and hidden files may not be read."""
        if step.startswith(".") and not self._chosen:
            raise FileRefused("is hidden. Move it, or name a folder that may be read as a whole: --spec-root DIR")

    def steps_to(self, name: str) -> list[str]:
        """The steps from the folder to a path, by its text alone. Raises FileRefused if the path is outside."""
        path = os.path.abspath(name)  # noqa: PTH100 (the same)
        for folder in (self.path, self._real):
            inside = path.removeprefix(folder.rstrip(os.sep) + os.sep)
            if inside != path:
                return inside.split(os.sep)  # noqa: PTH206 (Path.parts would drop what the caller has to see)
        raise self.outside()

    def open(self) -> int:
        """A descriptor of the folder. Raises OSError."""
        return os.open(self._real, _FOLDER)

    def outside(self) -> FileRefused:
        """The error for a path that leads out of the folder."""
        return FileRefused(
            f"is not in {self.path}, and no other file is read. Move it there, or name a folder that holds them all: "
            "--spec-root DIR"
        )


def read_anywhere(name: str) -> bytes:
    """The content of a file that the user named. Raises FileRefused, OSError, and ValueError for an impossible path."""
    return _content(os.open(name, _FILE))


class _Walk:
    """A walk from a folder to a file, with all folders on the way open. A context manager."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._links = 0
        self._open: list[int] = []

    def __enter__(self) -> Self:
        self._open.append(self._folder.open())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._return_to(0)

    def opened(self, steps: list[str]) -> int:
        """A descriptor of the file at the end of these steps. Raises FileRefused and OSError."""
        ahead = deque(steps)
        while ahead:
            step = ahead.popleft()
            if step == "..":
                self._up()
            elif step not in ("", "."):
                self._folder.check(step)  # here, so that the steps of a link are checked, too
                mode = os.stat(step, dir_fd=self._open[-1], follow_symlinks=False).st_mode
                if stat.S_ISLNK(mode):
                    ahead.extendleft(reversed(self._target(step)))
                elif ahead or stat.S_ISDIR(mode):
                    self._open.append(os.open(step, _FOLDER | _NO_LINK, dir_fd=self._open[-1]))
                else:
                    _check_kind(mode)  # before it is opened, which may have effects, and after
                    return os.open(step, _FILE | _NO_LINK, dir_fd=self._open[-1])
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))

    def _target(self, link: str) -> list[str]:
        """The steps of the target of a link in the last open folder, from the folder that is the last one then."""
        self._links += 1
        if self._links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        target = os.readlink(link, dir_fd=self._open[-1])
        if not target.startswith("/"):
            return target.split("/")
        self._return_to(1)
        return self._folder.steps_to(target)

    def _up(self) -> None:
        if len(self._open) == 1:
            raise self._folder.outside()
        self._return_to(len(self._open) - 1)

    def _return_to(self, depth: int) -> None:
        """Close all folders except for the first `depth`."""
        while len(self._open) > depth:
            os.close(self._open.pop())


def _content(descriptor: int) -> bytes:
    """The content of an open file, which is closed. Raises FileRefused and OSError."""
    try:
        status = os.fstat(descriptor)
        _check_kind(status.st_mode)
        if status.st_size <= MAX_FILE:
            with open(descriptor, "rb", closefd=False) as file:
                text = file.read(MAX_FILE + 1)  # some files grow, and some have no size
            if len(text) <= MAX_FILE:
                return text
    finally:
        os.close(descriptor)
    raise FileRefused(f"has more than {MAX_FILE >> 20} MB. Leave out what isn't needed.")


def _check_kind(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise FileRefused("is no regular file. Save what it holds as one.")
