"""The files of a run go where they should, whatever was left there."""

import os
from contextlib import chdir
from pathlib import Path

import pytest

from mockserver.checks.reporting import files
from mockserver.errors import SettingsError


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """What a link names stays as it is; so does what a hard link shares."""
    other = tmp_path / "other.txt"
    other.write_text("precious", "utf-8")
    (tmp_path / "report.html").symlink_to(other)
    (tmp_path / "report.json").hardlink_to(other)
    for name in ("report.html", "report.json"):
        files.write(tmp_path / name, ["one ", "two"])

    assert other.read_text("utf-8") == "precious"
    assert [(tmp_path / name).read_text("utf-8") for name in ("report.html", "report.json")] == ["one two"] * 2
    assert not list(tmp_path.glob(".*"))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """It is replaced, too."""
    os.mkfifo(tmp_path / "report.html")
    files.write(tmp_path / "report.html", ["text"])

    assert (tmp_path / "report.html").read_text("utf-8") == "text"


def test_what_breaks_off_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    """As a whole or not at all."""
    files.write(tmp_path / "report.html", ["before"])
    with pytest.raises(ZeroDivisionError):
        files.write(tmp_path / "report.html", (str(1 // number) for number in (1, 0)))

    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert (tmp_path / "report.html").read_text("utf-8") == "before"


@pytest.mark.parametrize("folder", ["link", "link/within", "./link/in/it"])
def test_a_folder_behind_a_link_is_refused(tmp_path: Path, folder: str) -> None:
    """Relative ones at any step, as a repository may bring the link; absolute ones if they are a link themselves."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to("elsewhere")
    with chdir(tmp_path), pytest.raises(SettingsError, match="a link leads from there"):
        files.make_folder(Path(folder))
    with pytest.raises(SettingsError, match="a link leads from there"):
        files.make_folder(tmp_path / "link")

    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    """Whoever owns it could put a link in the way."""
    folder = Path("/")
    if os.getuid() == 0:
        folder = tmp_path / "theirs"
        folder.mkdir()
        os.chown(folder, 12_345, -1)
    with pytest.raises(SettingsError, match="belongs to another user"):
        files.make_folder(folder)
