"""Files of a run: each is written as a whole or not at all, and never through a link that somebody else has left."""

import os
from collections.abc import Iterable
from pathlib import Path

from mockserver.errors import SettingsError

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)  # Windows has no such flag


def make_folder(folder: Path) -> None:
    """Make a folder for reports, unless it is there. Raises SettingsError if there is no place for it, if it lies
    behind a link, or if it belongs to another user: a folder that came with somebody's repository may lead anywhere."""
    if _is_behind_a_link(folder):
        raise SettingsError(
            f"The reports aren't written to {folder}, as a link leads from there to {folder.resolve()}. Remove the "
            "link, or give the folder itself by --report-dir."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        owner = folder.stat().st_uid
    except OSError as error:
        raise unwritable(folder, error) from error
    if hasattr(os, "getuid") and owner != os.getuid():
        raise SettingsError(
            f"The reports aren't written to {folder}, as it belongs to another user. Give a folder of your own by "
            "--report-dir."
        )


def write(path: Path, pieces: Iterable[str | bytes]) -> None:
    """Write a file piece by piece, which then takes the place of what was there. Raises OSError."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)  # of a run that was killed
    try:
        with os.fdopen(os.open(unfinished, _NEW, 0o666), "wb") as file:
            file.writelines(piece.encode() if isinstance(piece, str) else piece for piece in pieces)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def unwritable(folder: Path, error: OSError) -> SettingsError:
    """The error that says why there is no place for reports."""
    return SettingsError(f"The reports can't be written to {folder}: {error.strerror}.")


def _is_behind_a_link(folder: Path) -> bool:
    """Whether a folder is a link, or one of those on the way to it, if that begins at the working directory."""
    way = [folder, *folder.parents] if not folder.is_absolute() else [folder]
    return any(step.is_symlink() for step in way)
