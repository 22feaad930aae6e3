"""mockserver.openapi.cache: a result is stored once, and read only from files that no other user can write."""

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver.openapi.cache import Cache, Kept

TEXT = b"openapi: 3.0.3"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that isn't there yet."""
    return tmp_path / "deep" / "cache"


def test_stored_for_the_next_process(folder: Path) -> None:
    """The result for a text is found again, also by another cache in the same folder."""
    document = {"openapi": "3.0.3", "paths": {"/ä": [1, 2.5, None, True]}}

    Cache(str(folder)).put(TEXT, "yaml", document)

    assert Cache(str(folder)).get(TEXT, "yaml") == document


@pytest.mark.parametrize(("text", "how"), [(b"openapi: 3.0.2", "yaml"), (TEXT, "yaml 2")])
def test_other_text_or_maker_is_made_anew(folder: Path, text: bytes, how: str) -> None:
    """The result for another text, or of another version, isn't used."""
    cache = Cache(str(folder))
    cache.put(TEXT, "yaml", "one")

    assert cache.get(text, how) is None


@pytest.mark.parametrize("folder", [None, ""])
def test_without_a_folder_nothing_is_kept(folder: str | None) -> None:
    """A cache without a folder stores nothing."""
    Cache(folder).put(TEXT, "yaml", 1)

    assert Cache(folder).get(TEXT, "yaml") is None


@pytest.mark.parametrize("document", [{200: "an integer key"}, {"at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}])
def test_what_json_would_change_is_not_kept(folder: Path, document: Any) -> None:
    """A result that JSON would change isn't stored."""
    Cache(str(folder)).put(TEXT, "yaml", document)

    assert Cache(str(folder)).get(TEXT, "yaml") is None


def _folder_of_all(file: Path) -> None:
    file.parent.chmod(0o777)


def _file_of_all(file: Path) -> None:
    file.chmod(0o666)


def _link(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to(file.with_name("elsewhere"))


def _spoilt(file: Path) -> None:
    file.write_bytes(b'{"half')


@pytest.mark.parametrize("spoil", [_folder_of_all, _file_of_all, _link, _spoilt])
def test_what_others_may_have_written_is_not_taken(folder: Path, spoil: Callable[[Path], None]) -> None:
    """A folder or file that others can write, a link, and half a file are ignored."""
    cache = Cache(str(folder))
    cache.put(TEXT, "yaml", "ours")
    (file,) = folder.iterdir()
    spoil(file)

    assert cache.get(TEXT, "yaml") is None


def test_kept_for_us_alone(folder: Path) -> None:
    """No other user can read or write an entry, and no unfinished file is left."""
    Cache(str(folder)).put(TEXT, "yaml", "ours")

    (file,) = folder.iterdir()
    assert file.suffix == ".json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_folder_that_cannot_be_made_does_no_harm(tmp_path: Path) -> None:
    """A cache that can't write works like one without a folder."""
    (tmp_path / "file").write_bytes(b"")

    cache = Cache(os.fspath(tmp_path / "file" / "cache"))
    cache.put(TEXT, "yaml", 1)

    assert cache.get(TEXT, "yaml") is None


def test_kept_of_one_text_and_version(folder: Path) -> None:
    """What was made of a text is found by its name, and not by that of something else, another text or version."""
    Kept(Cache(str(folder)), TEXT, "1").put("resources", [1])

    others = [("document", TEXT, "1"), ("resources", b"", "1"), ("resources", TEXT, "2")]
    found = [Kept(Cache(str(folder)), text, version).get(what) for what, text, version in others]
    assert Kept(Cache(str(folder)), TEXT, "1").get("resources") == [1]
    assert found == [None, None, None]
    assert Kept().get("resources") is None
