"""mockserver.cli.spec: what a user sees of `spec lint`, `spec diff` and `spec resources`, and the exit codes."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import cli, main
from mockserver.errors import ContractError
from mockserver.openapi.contract import shipped

PETS = """openapi: 3.0.3
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      operationId: listPets
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
components:
  schemas:
    Pet:
      type: object
      required: [name]
      properties:
        name: {type: string}
        age: {type: integer}
"""


@pytest.fixture
def old(tmp_path: Path) -> str:
    """A contract."""
    return _written(tmp_path / "old.yaml", PETS)


def _written(path: Path, text: str) -> str:
    path.write_text(text, "utf-8")
    return str(path)


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["spec", *arguments])


def test_lint_passes_our_contract() -> None:
    """Without a file, the mock's own contract is linted, and passes."""
    result = _run("lint")

    assert (result.exit_code, result.output) == (0, "openapi.yaml: nothing found\n")


def test_lint_lists_findings(tmp_path: Path) -> None:
    """Findings end with code 1: a line each with its advice below, and how many there are."""
    path = _written(tmp_path / "bad.yaml", PETS.replace("[name]", "[name, tag]"))

    result = _run("lint", path)

    rule = "required_properties"
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"{path}:13: #/components/schemas/Pet/required: the property tag is required, but not described [{rule}]",
        "    Describe it under properties, or take it out of required.",
        f"{path}: 1 finding",
    ]


def test_lint_as_json(tmp_path: Path) -> None:
    """`--json` prints one object that says the same."""
    path = _written(tmp_path / "bad.yaml", PETS.replace("type: integer", "type: integer, example: x"))

    result = _run("lint", path, "--json")

    shown: Any = json.loads(result.stdout)
    assert shown["summary"] == {"findings": 1}
    assert shown["findings"][0] | {"message": "", "advice": ""} == {
        "rule": "examples",
        "line": f"{path}:16",
        "pointer": "#/components/schemas/Pet/properties/age/example",
        "message": "",
        "advice": "",
    }


def test_diff_of_the_same(old: str) -> None:
    """Where nothing changed, that is said, and the code is 0."""
    result = _run("diff", old, old)

    assert (result.exit_code, result.output) == (0, "nothing changed\n")


def test_diff_tells_what_breaks(old: str, tmp_path: Path) -> None:
    """A breaking change ends with code 1; changes stand under their kind and operation, with their line."""
    new = _written(tmp_path / "new.yaml", PETS.replace("[name]", "[]").replace("integer}", "integer, description: x}"))

    result = _run("diff", old, new)

    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "breaking:",
        "  GET /pets",
        f"    Pet: the property name is no longer required  ({new}:15)",
        "",
        "documentation:",
        "  GET /pets",
        f"    Pet.age: the description is new  ({new}:16)",
        "",
        "1 breaking, 0 non-breaking, 1 documentation",
    ]


def test_diff_of_what_breaks_nothing(old: str, tmp_path: Path) -> None:
    """Changes that break nothing end with code 0."""
    new = _written(tmp_path / "new.yaml", PETS.replace("operationId: listPets", "operationId: readPets"))

    result = _run("diff", old, new)

    assert result.exit_code == 0
    assert result.output.endswith("0 breaking, 1 non-breaking, 0 documentation\n")


def test_diff_as_json(old: str, tmp_path: Path) -> None:
    """`--json` prints one object; what is gone has its line in the old document."""
    new = _written(tmp_path / "new.yaml", PETS.replace("        age: {type: integer}\n", ""))

    result = _run("diff", old, new, "--json")

    assert json.loads(result.stdout) == {
        "changes": [
            {
                "kind": "non-breaking",
                "where": ["GET /pets"],
                "what": "Pet: the property age is gone",
                "document": "old",
                "pointer": "#/components/schemas/Pet/properties/age",
                "line": f"{old}:16",
            }
        ],
        "summary": {"breaking": 0, "non-breaking": 1, "documentation": 0},
    }


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["lint", "missing.yaml"], "Error: missing.yaml can't be read"),
        (["diff", str(shipped()), "missing.yaml"], "Error: missing.yaml can't be read"),
        (["diff", str(shipped())], "Error: Missing argument 'NEW'."),
        (["lint", "a", "b"], "Error: Got unexpected extra argument"),
    ],
)
def test_what_cant_be_read_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    """What can't be read ends with code 2 and one line that says why."""
    monkeypatch.setattr(sys, "argv", ["mockserver", "spec", *arguments])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith(reason)


@pytest.mark.parametrize("command", [["lint", "{}"], ["diff", "{}", "{}"]])
def test_references_stay_in_the_folder(tmp_path: Path, command: list[str]) -> None:
    """Neither command reads a file outside of the contract's folder, unless `--spec-root` says so."""
    (tmp_path / "api").mkdir()
    _written(tmp_path / "beside.yaml", "type: object\n")
    path = _written(tmp_path / "api" / "openapi.yaml", PETS + "    Other: {$ref: ../beside.yaml}\n")
    arguments = [word.format(path) for word in command]

    refused, allowed = _run(*arguments), _run(*arguments, "--spec-root", str(tmp_path))

    assert "no other file is read" in f"{refused.output}{refused.exception}"
    assert allowed.exit_code == 0


@pytest.mark.parametrize("text", ["paths: {/pets: {get: []}}", "paths: {/pets: 3}", "security: 3\npaths: {}"])
def test_malformed_contracts_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], old: str, tmp_path: Path, text: str
) -> None:
    """Contracts of the wrong form are compared as far as it goes, or refused with a hint to lint."""
    new = _written(tmp_path / "new.yaml", f"openapi: 3.0.3\n{text}\n")
    monkeypatch.setattr(sys, "argv", ["mockserver", "spec", "diff", old, new])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code in (1, 2)
    assert ended.value.code == 1 or "mockserver spec lint" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["lint", "diff"])
def test_help_shows_examples_and_json(command: str) -> None:
    """Help shows lines to copy, the exit codes, and what the JSON looks like."""
    text = _run(command, "--help").output

    assert f"\n    mockserver spec {command} " in text
    assert "Exit code 0" in text
    assert '"summary": {' in text


SHOP = """openapi: 3.0.3
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer}}]
      responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Pets'}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {'201': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}
  /pets/{pet}:
    parameters: [{name: pet, in: path, required: true, schema: {type: string}}]
    get:
      responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}
  /health: {get: {responses: {'204': {description: ok}}}}
components:
  schemas:
    Pet: {type: object, properties: {id: {type: string}, name: {type: string}}}
    Pets: {type: object, properties: {rows: {type: array, items: {$ref: '#/components/schemas/Pet'}}}}
"""
OVERLAY = """overlay: 1.0.0
info: {title: Corrections, version: '1'}
actions:
  - {target: "$.paths['/pets/{pet}']", update: {x-mock-resource: {key: name}}}
"""


def test_resources_are_shown_with_what_is_left_alone(tmp_path: Path) -> None:
    """What isn't sure answers by examples, and says why; so do operations of no resource."""
    result = _run("resources", _written(tmp_path / "shop.yaml", SHOP))

    assert result.exit_code == 0
    assert "/pets/{pet}: {pet} may be its id, or its name" in result.output
    assert "GET /health      no path of a resource" in result.output
    assert "0 resources remembered, 1 unsure; 0 of 4 operations remember" in result.output


def test_resources_of_an_overlay(tmp_path: Path) -> None:
    """An overlay corrects them: each operation has a line with its role, and what it pages by."""
    arguments = [_written(tmp_path / "shop.yaml", SHOP), "--overlay", _written(tmp_path / "overlay.yaml", OVERLAY)]
    result = _run("resources", *arguments)

    assert "pets (told): x-mock-resource says so; {pet} names its field name" in result.output
    assert "  list     GET /pets        in rows; pages by limit" in result.output
    shown = json.loads(_run("resources", *arguments, "--json").output)
    (pets,) = shown["resources"]
    assert (pets["key"], pets["confidence"], pets["isRemembered"]) == ("/name", "told", True)
    assert shown["summary"] == {"remembered": 1, "unsure": 0, "operations": 4, "byExamples": 1}
    assert _run("lint", *arguments).exit_code in (0, 1)


def test_resources_tell_mistakes(tmp_path: Path) -> None:
    """What an x-mock-resource can't say ends with file, line and advice."""
    wrong = SHOP.replace("/health: {get: {", "/health: {get: {x-mock-resource: {role: make}, ")
    result = _run("resources", _written(tmp_path / "shop.yaml", wrong))

    assert isinstance(result.exception, ContractError)
    assert "shop.yaml:15: x-mock-resource of GET /health takes one of create, read, list," in str(result.exception)


@pytest.mark.parametrize("spoilt", ["parameters: [{x: 1}], get: {}", "parameters: 5, get: {}", "get: 5"])
def test_resources_of_an_invalid_document_are_refused(tmp_path: Path, spoilt: str) -> None:
    """A document that lacks the form that OpenAPI demands is refused with file and line, as by `serve`. A lint of it
    has findings."""
    path = _written(tmp_path / "shop.yaml", SHOP.replace("/health: {", f"'/pots/{{pot}}': {{{spoilt}}}\n  /health: {{"))
    result = _run("resources", path)

    assert isinstance(result.exception, ContractError)
    assert "shop.yaml is no valid OpenAPI 3.0 document. Mend this first:" in str(result.exception)
    assert _run("lint", path).exit_code == 1


def test_a_wrong_resource_of_an_overlay_is_told(tmp_path: Path) -> None:
    """A mistake of an overlay names the line and the action there, and not the document."""
    wrong = _written(tmp_path / "overlay.yaml", OVERLAY.replace("key: name", "kye: name"))
    result = _run("resources", _written(tmp_path / "shop.yaml", SHOP), "--overlay", wrong)

    assert f"{tmp_path}/overlay.yaml:4: action 1: x-mock-resource of /pets/{{pet}} knows" in str(result.exception)
