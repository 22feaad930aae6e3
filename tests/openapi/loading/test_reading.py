"""mockserver.openapi.loading.reading: one document from a file, or a refusal that says where and what to do."""

import json
from pathlib import Path

import pytest

from mockserver.errors import ContractError
from mockserver.openapi.contract import Contract
from mockserver.openapi.loading import Document, load, reading
from tests.openapi.loading.documents import EMPTY, HEAD, loaded, refused, write

ROOT = Path(__file__).parent.parent.parent.parent


def test_own_contract_is_unchanged() -> None:
    """The contract of the mock says the same to who serves it and to who reads it like anybody's, in the same order."""
    document = load(ROOT / "openapi.yaml", check=False)

    assert json.dumps(document.content) == json.dumps(Contract.load().document)


def test_own_contract_is_valid() -> None:
    """The contract of the mock passes every check, callbacks that refer to x-webhooks included."""
    assert load(ROOT / "openapi.yaml").content["x-webhooks"]


def test_document_knows_its_source(tmp_path: Path) -> None:
    """A document says where it was read, keeps the text as it is, and names every file that it needs."""
    files = {
        "api/openapi.yaml": EMPTY + "components: {schemas: {A: {$ref: ../a.yaml}}} # !\n",
        "a.yaml": "type: object",
    }
    root = write(tmp_path, files)

    document = load(str(root), root=tmp_path)

    assert isinstance(document, Document)
    assert document.source == str(root)
    assert document.text == root.read_bytes()
    assert document.files == (root, tmp_path / "a.yaml")


@pytest.mark.parametrize(
    ("text", "files"),
    [
        (EMPTY + "}", ["openapi.yaml"]),
        (HEAD + "paths: {/a: {$ref: lost.yaml}}", ["openapi.yaml", "lost.yaml"]),
        (HEAD + "paths: {/a: {$ref: 'lost.yaml#/A'}}", ["openapi.yaml", "lost.yaml"]),
    ],
)
def test_refusal_knows_the_files(tmp_path: Path, text: str, files: list[str]) -> None:
    """A refusal lists the files that mending it may concern, those included that aren't there."""
    with pytest.raises(ContractError) as caught:
        load(write(tmp_path, {"openapi.yaml": text}))

    assert caught.value.files == tuple(tmp_path / name for name in files)


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "the document is empty"), ("[]", "holds a list, not an object"), ("hello", "holds a str, not an object")],
)
def test_other_things_than_objects_are_refused(tmp_path: Path, text: str, said: str) -> None:
    """A document is an object."""
    message = refused(write(tmp_path, {"openapi.yaml": text}))

    assert message.startswith("openapi.yaml:1: ")
    assert said in message


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("swagger: '2.0'", "Swagger 2.0; OpenAPI 3.0, 3.1 and 3.2 are served. Convert it: npx swagger2openapi"),
        ("openapi: 3.0", "3.0; OpenAPI 3.0, 3.1 and 3.2 are served. Write the full version, in quotes: '3.0.3'"),
        ("openapi: 3.1", "3.1; OpenAPI 3.0, 3.1 and 3.2 are served. Write the full version, in quotes: '3.1.1'"),
        ("openapi: 3.3.0", "OpenAPI 3.3.0; OpenAPI 3.0, 3.1 and 3.2 are served. Write it as OpenAPI 3.0, 3.1 or 3.2"),
        ("openapi: 4.0.0", "OpenAPI 4.0.0; OpenAPI 3.0, 3.1 and 3.2 are served. Write it as OpenAPI 3.0"),
    ],
)
def test_other_versions_are_refused(tmp_path: Path, version: str, said: str) -> None:
    """Another version is named, with the line and the way to convert it."""
    message = refused(write(tmp_path, {"openapi.yaml": f"info: {{}}\n{version}\npaths: {{}}\n"}))

    assert message.startswith("openapi.yaml:2: this is ")
    assert said in message


def test_no_version_is_refused(tmp_path: Path) -> None:
    """An object without a version may be anything."""
    assert "`openapi: 3.0.3` is missing" in refused(write(tmp_path, {"openapi.yaml": "name: x"}))


@pytest.mark.parametrize(("rest", "line"), [("", 1), ("paths: []\n", 3), ("paths:\n", 3)])
def test_paths_are_needed(tmp_path: Path, rest: str, line: int) -> None:
    """A document without paths is refused even if it isn't checked."""
    message = refused(write(tmp_path, {"openapi.yaml": HEAD + rest}), check=False)

    assert (
        message
        == f"openapi.yaml:{line}: the document needs an object `paths`. `paths: {{}}` will do if there are none."
    )


def test_first_five_problems_are_told(tmp_path: Path) -> None:
    """Of many problems, the first five."""
    text = HEAD + "paths:\n" + "".join(f"  /{name}: {{get: {{}}}}\n" for name in "abcdefgh")

    assert refused(write(tmp_path, {"openapi.yaml": text})).count("\n") == reading.MAX_PROBLEMS == 5


def test_invalid_document_is_read_without_check(tmp_path: Path) -> None:
    """Without `check`, a document that could be better is read."""
    assert loaded(tmp_path, HEAD + "paths:\n  pets: {}\n")["paths"] == {"pets": {}}
