"""Debian's packages, unpacked in a folder instead of being installed: for that nobody has to be root."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.programs import Missing

PROGRAMS = ("apt-get", "apt-cache", "dpkg", "dpkg-query")
# Of all that packages say of each other, only what they can't do without.
NEEDED_ONLY = [f"--no-{kind}" for kind in ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")]


def can_unpack() -> bool:
    """Whether this machine has the programs that fetch and unpack packages."""
    return all(map(shutil.which, PROGRAMS))


def unpack(packages: Sequence[str], folder: Path) -> None:
    """Unpack packages in a folder, which is made; what can't be had is left out. Raises Missing if the folder belongs
    to somebody else."""
    folder.mkdir(exist_ok=True)
    if not is_ours(folder):
        raise Missing(f"{folder} belongs to somebody else: remove it.")
    with tempfile.TemporaryDirectory() as downloads:
        subprocess.run(["apt-get", "download", *packages], cwd=downloads, capture_output=True, check=False)  # noqa: S603, S607
        for package in Path(downloads).glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, folder], check=True)  # noqa: S603, S607


def absent_libraries(package: str) -> list[str]:
    """The packages of libraries that a package needs, directly or not, and this machine hasn't installed."""
    told = _said(["apt-cache", "depends", "--recurse", *NEEDED_ONLY, package])
    needed = {line for line in told if line.startswith("lib")}
    known = _said(["dpkg-query", "-W", "-f", "${Package} ${Status}\\n"])
    return sorted(needed - {line.partition(" ")[0] for line in known if line.endswith(" installed")})


def is_ours(folder: Path) -> bool:
    """Whether a folder belongs to us: anybody may have made one of this name, where all can write."""
    return folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == os.geteuid()


def _said(command: Sequence[str]) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own words)
    return done.stdout.splitlines()
