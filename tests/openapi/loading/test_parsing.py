"""mockserver.openapi.loading.parsing: JSON and YAML are known by their content, and bad text by its line."""

import codecs
import json
from pathlib import Path

import pytest

from mockserver.openapi.loading import load
from tests.openapi.loading.documents import EMPTY, refused, write


@pytest.mark.parametrize("name", ["openapi.yaml", "openapi.json", "openapi", "openapi.txt"])
def test_json_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    """JSON is JSON under any name."""
    text = json.dumps({"openapi": "3.0.3", "info": {"title": "\U0001f600", "version": "1"}, "paths": {}})

    assert load(write(tmp_path, {name: "\n\t " + text})).content == json.loads(text)


def test_yaml_is_known_by_its_content(tmp_path: Path) -> None:
    """YAML is YAML under the name of a JSON file; a YAML file may begin with a brace."""
    assert load(write(tmp_path, {"openapi.json": EMPTY})).content["paths"] == {}
    assert load(write(tmp_path, {"openapi.yaml": "{openapi: 3.0.3, info: {title: t, version: '1'}, paths: {}}"}))


@pytest.mark.parametrize("text", [EMPTY, '{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}}'])
def test_byte_order_mark_is_no_part_of_the_text(tmp_path: Path, text: str) -> None:
    """A UTF-8 byte order mark is skipped, but kept in the text."""
    path = tmp_path / "openapi.yaml"
    path.write_bytes(codecs.BOM_UTF8 + text.encode())

    document = load(path)

    assert document.content["openapi"] == "3.0.3"
    assert document.text.startswith(codecs.BOM_UTF8)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('{\n"a": 1,\n}', 3, "not JSON: Expecting property name"),
        ('{"a": 1}\n}', 2, "not JSON: Extra data"),
        ('{"a": "\\ud83d\\ude00",\n"b": {"c": 1,\n"c": 2}}', 3, "the key 'c' is there twice"),
        ('{\n"a": %s}' % ("9" * 5000), 2, "number is too long"),
    ],
)
def test_bad_json_is_refused(tmp_path: Path, text: str, line: int, said: str) -> None:
    """What is no JSON is refused with its line, as is a key that is there twice."""
    message = refused(write(tmp_path, {"openapi.json": text}))

    assert message.startswith(f"openapi.json:{line}: ")
    assert said in message


def test_no_number_is_refused(tmp_path: Path) -> None:
    """NaN is no JSON."""
    assert "NaN is no number" in refused(write(tmp_path, {"openapi.json": '{"a": NaN}'}))


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    """A file that is not UTF-8 is refused with its line."""
    path = tmp_path / "openapi.yaml"
    path.write_bytes(EMPTY.encode() + "x-name: Käse\n".encode("latin-1"))

    assert refused(path) == "openapi.yaml:4: this is not UTF-8. Save the file as UTF-8."


@pytest.mark.parametrize("text", ['{"a":' * 100_000, EMPTY + "x: " + "[" * 5_000 + "]" * 5_000])
def test_deep_nesting_is_refused(tmp_path: Path, text: str) -> None:
    """A document that is nested without measure is refused like any other."""
    assert "openapi.yaml" in refused(write(tmp_path, {"openapi.yaml": text}))
