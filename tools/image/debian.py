"""A base made of Debian's packages, for machines that reach no registry of images: two, to build with and to run on.

The one that the mock runs on has Python and the libraries that it needs, unpacked: no shell, no package manager that
could run. What it is made of stands in /var/lib/dpkg/status.d, where scanners of images look for it.
"""

import shutil
from pathlib import Path

from tools.release.build import run

SUITE = "trixie"
PYTHON = "3.13"  # of that suite
PROGRAM = "mmdebstrap"
# For each .deb that was unpacked, what it says of itself.
STATUS = """\
mkdir -p "$1/var/lib/dpkg/status.d"
for deb in "$1"/var/cache/apt/archives/*.deb; do
  dpkg-deb --field "$deb" >"$1/var/lib/dpkg/status.d/$(dpkg-deb --field "$deb" Package)"
done"""
BASES = {
    "builder": ("essential", "python3-minimal,python3-venv,ca-certificates", ()),
    "base": ("extract", "base-files,python3-minimal,libpython3-stdlib", ("--extract-hook", STATUS)),
}
CONTAINERFILE = "FROM scratch\nADD {name}.tar /\n"


def missing() -> str | None:
    """What this machine lacks to make a base, else None."""
    return None if shutil.which(PROGRAM) else f"{PROGRAM} isn't installed"


def command(name: str, target: Path) -> list[str]:
    """The command that makes a base as an archive."""
    variant, packages, more = BASES[name]
    return [PROGRAM, "--quiet", f"--variant={variant}", f"--include={packages}", *more, SUITE, str(target)]


def make(name: str, folder: Path) -> Path:
    """Make a base in a folder, if it isn't there, with the Containerfile that makes an image of it. Returns the folder.

    Raises Failure. `rm -r` of the folder renews it, with what Debian has mended since.
    """
    archive = folder / f"{name}.tar"
    if not archive.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / "unfinished.tar"
        run(command(name, unfinished), f"Debian's packages gave no {name}")
        unfinished.rename(archive)
    (folder / "Containerfile").write_text(CONTAINERFILE.format(name=name), "utf-8")
    return folder
