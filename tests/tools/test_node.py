"""Where packages of Node.js are installed: once per change of their lock, whoever asks for it."""

import shutil
from pathlib import Path

import pytest

from tools import node

LOCK = '{"name": "nothing", "lockfileVersion": 3, "requires": true, "packages": {"": {"name": "nothing"}}}'


@pytest.mark.skipif(not shutil.which("npm"), reason="npm is needed")
def test_folder_is_installed_once_per_change_of_its_lock(tmp_path: Path) -> None:
    """What the lock names is installed when it was not, or when the lock has changed, and left alone otherwise."""
    (tmp_path / "package.json").write_text('{"name": "nothing"}')
    (tmp_path / "package-lock.json").write_text(LOCK)
    (tmp_path / "node_modules").mkdir()
    found = []

    for lock in (LOCK, LOCK, LOCK + "\n"):
        (tmp_path / "package-lock.json").write_text(lock)
        node.install(tmp_path)
        found.append((tmp_path / "node_modules" / "left").exists())
        assert node.stamp(tmp_path).read_text() == lock
        (tmp_path / "node_modules" / "left").touch()

    assert found == [False, True, False]
