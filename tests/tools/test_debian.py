"""tools.debian: packages that are unpacked, not installed."""

from pathlib import Path

import pytest

from tools import debian
from tools.programs import Missing


def test_folder_of_somebody_else_is_not_used(tmp_path: Path) -> None:
    """Where others can write, a folder may lead elsewhere: nothing is unpacked in one that isn't ours."""
    (tmp_path / "real").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "real")

    assert debian.is_ours(tmp_path / "real")
    assert not debian.is_ours(tmp_path / "missing")
    with pytest.raises(Missing, match="link belongs to somebody else: remove it"):
        debian.unpack(["hello"], link)


@pytest.mark.skipif(not debian.can_unpack(), reason="needs Debian's apt")
def test_unknown_package_needs_no_libraries() -> None:
    """Of a package that nobody knows nothing is said to be needed."""
    assert debian.absent_libraries("no-such-package-of-anybody") == []
