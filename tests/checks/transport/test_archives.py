"""Archives are read entry by entry, whatever is in them."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from mockserver.checks.transport import archives
from mockserver.checks.transport.archives import CutArchive, archive_entries, listed, mapping, pairs, text, whole
from mockserver.errors import SettingsError


def _read(path: Path, content: str) -> list[Any]:
    (path / "a.har").write_text(content, "utf-8")
    return list(archive_entries(path / "a.har"))


def test_members_may_be_in_any_order(tmp_path: Path) -> None:
    """Also behind a mark of the byte order, with spaces everywhere, and with pages before the entries."""
    content = '\ufeff { "x" : [1, {}] , "log" : { "pages" : [ ] , "entries" : [ {"a": 1} , 2 ] } }'
    assert _read(tmp_path, content) == [{"a": 1}, 2]
    assert _read(tmp_path, '{"log": {"entries": []}}') == []


def test_entries_are_larger_than_what_is_read_at_once(tmp_path: Path) -> None:
    """A value goes on in the next piece of the file, and an escape, too."""
    entries = [{"a": "x" * archives.CHUNK + '"\\'}, {"b": ["é" * 10] * 200_000}, 12345]
    assert _read(tmp_path, json.dumps({"log": {"entries": entries}})) == entries


@pytest.mark.parametrize(
    ("content", "read", "said"),
    [
        ('{"log": {"entries": [{"a": 1}, {"b": 2', 1, "breaks off in entry 2: Expecting ',' delimiter"),
        ('{"log": {"entries": [{"a": 1}', 1, "breaks off behind entry 1"),
        ('{"log": {"entries": [{"a": 1} {"b": 1}]}}', 1, "breaks off behind entry 1"),
        ('{"log": {"entries": [' + "[" * 100_000, 0, "breaks off in entry 1: it is nested too deep"),
        ('{"log": {"entries": [' + "9" * 5_000 + "]}}", 0, "a number has too many digits"),
    ],
)
def test_what_breaks_off_is_told_behind_what_could_be_read(content: str, read: int, said: str, tmp_path: Path) -> None:
    """With the number of the entry: a file that was cut is the usual reason."""
    (tmp_path / "a.har").write_text(content, "utf-8")
    found = archive_entries(tmp_path / "a.har")
    for _ in range(read):
        next(found)
    with pytest.raises(CutArchive, match=said):
        next(found)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", "nothing", '{"log": []}', '{"log": {"entries": {}}}', '{"log" 1}', '{"log": {"a": x}}']
)
def test_what_is_no_archive_is_told(content: str, tmp_path: Path) -> None:
    """With where one comes from."""
    with pytest.raises(SettingsError, match="is no HTTP Archive"):
        _read(tmp_path, content)


def test_only_files_can_be_read(tmp_path: Path) -> None:
    """They are read twice, so a pipe won't do."""
    os.mkfifo(tmp_path / "pipe")
    for path, said in ((tmp_path, "it is no file"), (tmp_path / "pipe", "a pipe"), (tmp_path / "no", "No such file")):
        with pytest.raises(SettingsError, match=said):
            list(archive_entries(path))


def test_other_types_are_as_if_they_were_not_there() -> None:
    """Nobody knows who wrote an archive."""
    assert (mapping([1]), listed({"a": 1}), text(5), whole(True), whole("5", 7)) == ({}, [], "", -1, 7)  # noqa: FBT003 (a value)
    assert pairs([{"name": "a", "value": 5}, {"name": "", "value": "b"}, 3, {"value": "c"}]) == [("a", "")]
