"""The programs of PostgreSQL: those of this machine, or else Debian's package, unpacked without being installed."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

SYSTEM = Path("/usr/lib/postgresql")  # where Debian and Ubuntu keep each version
CACHE = Path(tempfile.gettempdir()) / "openloyalty-mockserver-postgresql"  # outside of the clone: another user runs it
PACKAGES = ("postgresql-17", "libpq5")
NEEDED = ("initdb", "pg_ctl", "postgres")
OLDEST = 15


class NoPostgres(Exception):
    """PostgreSQL can't be had here. The message says why, and what to do."""


def find() -> Path | None:
    """The folder with the programs of the newest PostgreSQL on this machine; None if there is none to be used."""
    unpacked = CACHE.glob("usr/lib/postgresql/*/bin") if _is_ours(CACHE) else ()
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
    if shutil.which("apt-get") and shutil.which("dpkg"):
        _unpack()
    found = find()
    if found is None:
        raise NoPostgres("No PostgreSQL was found: install it by your package manager (Debian: postgresql).")
    return found


def _unpack() -> None:
    """Unpack Debian's packages; what can't be had is left out. Raises NoPostgres."""
    CACHE.mkdir(exist_ok=True)
    if not _is_ours(CACHE):
        raise NoPostgres(f"{CACHE} belongs to somebody else: remove it.")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["apt-get", "download", *PACKAGES], cwd=folder, capture_output=True, check=False)  # noqa: S603, S607
        for package in Path(folder).glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, CACHE], check=True)  # noqa: S603, S607


def _is_ours(folder: Path) -> bool:
    """Whether a folder belongs to us: anybody may have made one of this name, where all can write."""
    return folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == os.geteuid()


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def _is_whole(folder: Path) -> bool:
    return all((folder / name).exists() for name in NEEDED) and (_version(folder) or OLDEST) >= OLDEST
