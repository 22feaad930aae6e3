"""mockserver.openapi.loading.document_cache: a document is cached if it follows from one text alone."""

import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest

import mockserver
from mockserver.errors import ContractError
from mockserver.openapi.cache import Cache
from mockserver.openapi.loading import load_repaired
from mockserver.openapi.loading.document_cache import deciding_files, fingerprint

DOCUMENT = {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {}}


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """A cache in a folder that isn't there yet."""
    return Cache(str(tmp_path / "cache"))


def _contract(tmp_path: Path, schema: Any, name: str = "contract.json") -> str:
    file = tmp_path / name
    file.write_text(json.dumps(DOCUMENT | {"components": {"schemas": {"Pet": schema}}}), "utf-8")
    return str(file)


def _cached(tmp_path: Path) -> int:
    return len(list((tmp_path / "cache").glob("*.json")))


def test_second_reading_says_the_same(tmp_path: Path, cache: Cache) -> None:
    """The cached document of an unchanged file is equal to the one that is read."""
    source = _contract(tmp_path, {"type": "object", "properties": {"child": {"$ref": "#/components/schemas/Pet"}}})

    first, second = load_repaired(source, cache), load_repaired(source, cache)

    assert _cached(tmp_path) == 1
    readings = [first, second, load_repaired(source, Cache())]
    assert len({str(one._replace(kept=None)) for one in readings}) == 1


def test_changed_file_is_read_again(tmp_path: Path, cache: Cache) -> None:
    """A changed file is read, and refused if it is wrong."""
    load_repaired(_contract(tmp_path, {"type": "string"}), cache)
    source = _contract(tmp_path, {"allOf": [{"$ref": "#/components/schemas/Pet"}]})

    for _ in range(2):
        with pytest.raises(ContractError, match="leads back to itself"):
            load_repaired(source, cache)


def test_the_same_text_may_be_refused_by_another_name(tmp_path: Path, cache: Cache) -> None:
    """YAML that begins with a brace is refused in a file that says it is JSON, whatever is cached for it."""
    yaml, named_json = tmp_path / "contract.yaml", tmp_path / "contract.json"
    for file in (yaml, named_json):
        file.write_text("{openapi: 3.0.3, info: {title: T, version: '1'}, paths: {}}", "utf-8")
    load_repaired(str(yaml), cache)

    with pytest.raises(ContractError, match="this is not JSON"):
        load_repaired(str(named_json), cache)


@pytest.mark.parametrize("there", [True, False])
def test_contract_of_several_files_is_not_cached(tmp_path: Path, cache: Cache, *, there: bool) -> None:
    """A contract that asks for another file, whether it exists or not, is read again each time."""
    (tmp_path / ("other.json" if there else "elsewhere.json")).write_text('{"type": "string"}', "utf-8")
    source = _contract(tmp_path, {"discriminator": {"propertyName": "kind", "mapping": {"other": "other.json"}}})

    load_repaired(source, cache)

    assert _cached(tmp_path) == 0


def test_warnings_come_with_each_start(tmp_path: Path, cache: Cache, caplog: pytest.LogCaptureFixture) -> None:
    """A warning about a contract comes with every start."""
    source = _contract(tmp_path, {"type": "text"})
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            load_repaired(source, cache)

    assert len(caplog.records) == 2


def test_document_that_anchors_make_large_is_not_cached(tmp_path: Path, cache: Cache) -> None:
    """A text that anchors repeat doesn't fill the disk."""
    file = tmp_path / "contract.yaml"
    start = f"openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths: {{}}\nx-long: &a {'a' * 1000}\n"
    file.write_text(start + f"x-many: [{', '.join(['*a'] * 100)}]\n", "utf-8")

    load_repaired(str(file), cache)

    assert _cached(tmp_path) == 0


def test_document_that_references_make_large_is_not_cached(tmp_path: Path, cache: Cache) -> None:
    """A text that replaced references repeat doesn't fill the disk either."""
    large = {"description": "x" * 1_000, "get": {"responses": {"200": {"description": ""}}}}
    copies = {f"/{number}": {"$ref": "#/paths/~1pets"} for number in range(50)}
    file = tmp_path / "contract.json"
    file.write_text(json.dumps(DOCUMENT | {"paths": {"/pets": large, **copies}}), "utf-8")

    served = load_repaired(str(file), cache)

    assert served.content["paths"]["/49"] == large
    assert _cached(tmp_path) == 0


def test_key_covers_every_module_of_the_package() -> None:
    """A change of any module that reads, normalises or bounds a contract makes the cached document out of date."""
    package = Path(mockserver.__file__).parent
    covered = set(deciding_files())

    assert covered >= set((package / "openapi").rglob("*.py")) | {package / "nesting.py"}
    assert {path.parent.name for path in covered} >= {"jsonschema_rs", "yaml"}


def test_key_covers_an_executable() -> None:
    """Where all modules are in one executable, another executable makes the cached document out of date."""
    assert list(deciding_files(Path("mockserver.exe"))) == [Path("mockserver.exe")]


@pytest.mark.parametrize(("text", "changed_at"), [("LIMIT = 10", 1), ("LIMIT = 2", 2)], ids=["size", "time"])
def test_key_changes_with_a_file(tmp_path: Path, text: str, changed_at: int) -> None:
    """Another size of a file, or another time of its last change, gives another key; else the key stays the same."""
    file = tmp_path / "module.py"
    file.write_text("LIMIT = 1", "utf-8")
    os.utime(file, (1, 1))
    before, unchanged = fingerprint([file]), fingerprint([file])

    file.write_text(text, "utf-8")
    os.utime(file, (changed_at, changed_at))

    assert unchanged == before != fingerprint([file])
