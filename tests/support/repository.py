"""This repository: its code, and what is committed."""

import ast
import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
# At the top, after the tutorials and guides; some of them hold secrets.
MADE_BY_READERS = {"cert.pem", "key.pem", "mock.env"}
MADE_BY_READERS |= {"receiver.py", "snapshot.json", "subscription.json", "webhook.headers", "webhook.json"}
CODE = sorted((ROOT / "mockserver").rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    """The syntax of a module."""
    return ast.parse(path.read_text("utf-8"))


@cache
def committed() -> list[str]:
    """The files that are, or may be, committed: as git knows them, else all but what .gitignore names."""
    if shutil.which("git") and (ROOT / ".git").exists():
        listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
        names = listed.stdout.split("\0")
    else:
        anywhere = {*ignored(), ".git"} - MADE_BY_READERS
        paths = [path.relative_to(ROOT) for path in ROOT.rglob("*")]
        names = [path.as_posix() for path in paths if not anywhere & set(path.parts)]
        names = [name for name in names if name not in MADE_BY_READERS]
    return [name for name in names if name and (ROOT / name).is_file()]


def ignored() -> list[str]:
    """What .gitignore names: caches, what the targets of the Makefile make, and what readers of the guides do."""
    return [line.strip("/*") for line in (ROOT / ".gitignore").read_text("utf-8").split()]
