"""Node.js: the folders whose locked packages are installed in their own `node_modules`, and by which options of npm."""

import shutil
from pathlib import Path

from tools.programs import Missing, run

NPM_INSTALL = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def install(folder: Path) -> None:
    """Install what the lock of a folder names, once per change of it. Raises Missing without Node.js or a registry."""
    for program in ("node", "npm"):
        if not shutil.which(program):
            raise Missing(f"{program} is needed")
    lock, there = folder / "package-lock.json", stamp(folder)
    if there.exists() and there.read_bytes() == lock.read_bytes():
        return
    run(["npm", "ci", *NPM_INSTALL], cwd=folder, missing=f"the packages of {folder.name} can't be installed")
    shutil.copy(lock, there)


def stamp(folder: Path) -> Path:
    """The copy of the lock that says what is installed in a folder. Who installs something else there, removes it."""
    return folder / "node_modules" / ".installed.json"
