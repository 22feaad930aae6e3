"""mockserver.proxy.own_file: what is taken as the file of a process, and what isn't touched."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver.errors import SettingsError
from mockserver.proxy.own_file import is_deleted, opened


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_begun_anew_and_its_owner_s_alone(tmp_path: Path) -> None:
    """What was in the file is gone, and others can't read it any more."""
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(0o644)
    os.close(opened("--har", str(path)))

    assert (path.read_text(), _mode(path)) == ("", 0o600)


def _link(path: Path) -> None:
    target = path.with_name("target")
    target.write_text("kept")
    target.chmod(0o644)
    path.symlink_to(target)


@pytest.mark.parametrize(
    ("make", "why"),
    [(_link, "it is a link"), (os.mkfifo, "No such device"), (Path.mkdir, "Is a directory")],
)
def test_what_is_no_file_isn_t_touched(make: Callable[[Path], None], why: str, tmp_path: Path) -> None:
    """Links aren't followed, pipes not waited for, and their modes stay."""
    make(tmp_path / "a")
    with pytest.raises(SettingsError, match=f"--har .* can't be written: {why}.*Name another file"):
        opened("--har", str(tmp_path / "a"))

    assert not (tmp_path / "target").exists() or (tmp_path / "target").read_text() == "kept"
    assert not (tmp_path / "target").exists() or _mode(tmp_path / "target") == 0o644


def test_a_pipe_that_somebody_reads_is_none_either(tmp_path: Path) -> None:
    """Devices, and pipes with a reader, can be opened, and are refused."""
    os.mkfifo(tmp_path / "a")
    reader = os.open(tmp_path / "a", os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(SettingsError, match="is no regular file"):
            opened("--har", str(tmp_path / "a"))
    finally:
        os.close(reader)


def test_two_processes_don_t_share_a_file(tmp_path: Path) -> None:
    """Who comes second is refused, and what the first has written stays."""
    path = tmp_path / "a"
    first = opened("--har", str(path))
    os.write(first, b"first")
    with pytest.raises(SettingsError, match="is being written by another proxy"):
        opened("--har", str(path))
    os.close(first)

    assert path.read_text() == "first"


def test_a_deleted_file_is_known(tmp_path: Path) -> None:
    """A file without a name is told from one that has it."""
    descriptor = opened("--har", str(tmp_path / "a"))
    before = is_deleted(descriptor)
    (tmp_path / "a").unlink()

    assert (before, is_deleted(descriptor)) == (False, True)
    os.close(descriptor)
