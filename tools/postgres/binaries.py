"""The programs of PostgreSQL: those of this machine, or else Debian's package, unpacked without being installed."""

import shutil
import tempfile
from pathlib import Path

from tools import debian
from tools.programs import Missing

SYSTEM = Path("/usr/lib/postgresql")  # where Debian and Ubuntu keep each version
CACHE = Path(tempfile.gettempdir()) / "openloyalty-mockserver-postgresql"  # outside of the clone: another user runs it
PACKAGES = ("postgresql-17", "libpq5")
NEEDED = ("initdb", "pg_ctl", "postgres")
OLDEST = 15


class NoPostgres(Exception):
    """PostgreSQL can't be had here. The message says why, and what to do."""


def find() -> Path | None:
    """The folder with the programs of the newest PostgreSQL on this machine; None if there is none to be used."""
    unpacked = CACHE.glob("usr/lib/postgresql/*/bin") if debian.is_ours(CACHE) else ()
    folders = sorted([*SYSTEM.glob("*/bin"), *unpacked], key=_version, reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return next((folder for folder in folders if _is_whole(folder)), None)


def fetch() -> Path:
    """The folder with the programs: found, or of Debian's package, which is unpacked in CACHE. Raises NoPostgres."""
    found = find()
    if found and _version(found) >= int(PACKAGES[0].rpartition("-")[2]):
        return found
    if debian.can_unpack():
        try:
            debian.unpack(PACKAGES, CACHE)
        except Missing as error:
            raise NoPostgres(str(error)) from None
    found = find()
    if found is None:
        raise NoPostgres("No PostgreSQL was found: install it by your package manager (Debian: postgresql).")
    return found


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def _is_whole(folder: Path) -> bool:
    return all((folder / name).exists() for name in NEEDED) and (_version(folder) or OLDEST) >= OLDEST
