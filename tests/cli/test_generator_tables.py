"""The tables of Hypothesis stand where nobody finds them in a checkout."""

import os
from pathlib import Path

import pytest

from mockserver.cli.generator_tables import FOLDER, kept_apart


def test_tables_are_kept_in_a_folder_that_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable names a folder as long as it is there."""
    monkeypatch.delenv(FOLDER, raising=False)

    with kept_apart():
        folder = Path(os.environ[FOLDER])
        assert folder.is_dir()

    assert not folder.exists()
    assert FOLDER not in os.environ


def test_a_folder_of_the_environment_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever has chosen one keeps it."""
    monkeypatch.setenv(FOLDER, str(tmp_path))

    with kept_apart():
        assert os.environ[FOLDER] == str(tmp_path)

    assert tmp_path.is_dir()
