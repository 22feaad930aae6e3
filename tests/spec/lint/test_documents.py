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
