"""mockserver.spec.lint.documents: remarks with lines, for any document, and none for a sound one."""

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.openapi.contract import Contract, shipped
from mockserver.spec.lint import lint, rules
from tests.spec.lint import test_links, test_operations, test_schemas
from tests.spec.lint.sound import EVENT, GET, LINK, PET, SCHEMA, SOUND, with_defect


def test_every_rule_has_a_defect() -> None:
    """There is no rule that isn't tested with a defect."""
    tested = {rule for tests in (test_links, test_operations, test_schemas) for rule, *_ in tests.DEFECTS.values()}

    assert tested == set(rules(Contract(b"", {})))


def test_nothing_is_found_in_a_sound_contract(tmp_path: Path) -> None:
    """What is right is left alone."""
    path = tmp_path / "pets.yaml"
    path.write_text(SOUND, "utf-8")

    assert lint(path) == []


def test_nothing_is_found_in_our_contract() -> None:
    """The contract that the mock ships passes all rules."""
    assert lint(shipped()) == []


def linted(tmp_path: Path, old: str, new: str) -> list[str]:
    """What is found in the sound contract with one text replaced."""
    assert old in SOUND
    path = tmp_path / "pets.yaml"
    path.write_text(SOUND.replace(old, new, 1), "utf-8")
    return [str(remark).replace(str(tmp_path), "") for remark in lint(path)]


def test_a_remark_has_its_line(tmp_path: Path) -> None:
    """A finding is shown with file, line, place, message, rule, and on a line of its own what to do."""
    (remark,) = linted(tmp_path, "operationId: onSold", "operationId: putPet")

    assert remark == (
        "/pets.yaml:32: #/x-webhooks/Sold/post/operationId: the operationId putPet is that of another operation, too"
        " [operation_ids]\n    Choose another name: this one is taken."
    )


def test_a_wrong_form_doesnt_hide_the_rest(tmp_path: Path) -> None:
    """A document of the wrong form, in an event even, is judged by our rules all the same, as far as they get."""
    event, operation = linted(tmp_path, "    responses: {'200': {description: Thanks}}}}", "    responses: 3}}")

    assert event.startswith("/pets.yaml:33: #/x-webhooks/Sold/post/responses: 3 is not of type")
    assert event.endswith("[valid]\n    Write it as that type; mind the quotes.")
    assert "the operation never succeeds" in operation


def test_a_lost_reference_is_a_finding(tmp_path: Path) -> None:
    """A reference that leads nowhere is told with its line, and that the rest is not seen."""
    (remark,) = linted(tmp_path, "{$ref: '#/components/examples/Rex'}", "{$ref: '#/components/examples/Max'}")

    assert remark.startswith("/pets.yaml:20: #: the reference '#/components/examples/Max' leads nowhere")
    assert "[references]" in remark


@pytest.mark.parametrize("value", [None, "x", [[]], {"get": [], "schema": 3}])
def test_malformed_documents_are_survived(tmp_path: Path, value: Any) -> None:
    """Wherever something stands that isn't what it should be, linting ends, and without a traceback."""
    path = tmp_path / "pets.yaml"
    places = (GET, (*GET, "parameters"), (*GET, "responses"), (*GET, "operationId"), LINK, SCHEMA, PET, EVENT)
    for place in (*places, ("security",), ("components",), (*SCHEMA, "Any", "oneOf"), (*PET, "tag", "enum")):
        if place != ("components",) or isinstance(value, dict):
            path.write_text(json.dumps(with_defect(place, value)), "utf-8")
            assert lint(path)


NEWER = """\
openapi: 3.1.0
info: {title: t, version: "1"}
webhooks:
  sold:
    post:
      operationId: sold
      requestBody: {content: {a/b: {schema: {$ref: "#/components/schemas/A"}}}}
      responses: {"200": {description: ok}}
components:
  schemas:
    A:
      type: [object, "null"]
      properties: {a: {$ref: "#/components/schemas/B", maxLength: 3}}
    B: {type: string, examples: [abc]}
"""
NEWER_DEFECTS = {
    "nullable": (
        "type: string,",
        "type: string, nullable: true,",
        "`nullable` means nothing since OpenAPI 3.1 [nullable]",
    ),
    "keyword": ("maxLength: 3", "maxLength: -3", "-3 can't stand there [valid]"),
    "draft 4": ("maxLength: 3", "exclusiveMinimum: true", "True can't stand there [valid]"),
    "name": (
        "maxLength: 3",
        "patternProperties: {'(': true}",
        "'(' is no regular expression that can be used [patterns]",
    ),
    "example": ("[abc]", "[abc, 7]", "examples/1: the example doesn't fit its schema"),
    "default": ("maxLength: 3", "maxLength: 3, default: long", "the default doesn't fit its schema"),
    "enum": (
        "properties:",
        "enum: [7]\n      properties:",
        "the value 7 is not of the type ['object', 'null'] [enums]",
    ),
    "form": ("post:", "past:", "[valid]"),
}


def test_nothing_is_found_in_a_sound_contract_of_openapi_31(tmp_path: Path) -> None:
    """Webhooks alone, lists of types and keywords beside references are right."""
    path = tmp_path / "newer.yaml"
    path.write_text(NEWER, "utf-8")

    assert lint(path) == []


@pytest.mark.parametrize(("old", "new", "said"), NEWER_DEFECTS.values(), ids=NEWER_DEFECTS)
def test_defects_of_openapi_31_are_found(tmp_path: Path, old: str, new: str, said: str) -> None:
    """What JSON Schema 2020-12 doesn't allow, or what means nothing any more, is told."""
    assert old in NEWER
    path = tmp_path / "newer.yaml"
    path.write_text(NEWER.replace(old, new, 1), "utf-8")

    assert any(said in str(remark) for remark in lint(path))
