"""mockserver.checks.live.scenarios.alternatives: a body is the choice that its names and values tell."""

from typing import Any

import pytest

from mockserver.checks.live.scenarios.alternatives import form_of, known_properties, needed_properties
from mockserver.openapi.contract import Contract

REST = {
    "type": "object",
    "additionalProperties": False,
    "required": ["url"],
    "properties": {"url": {}, "kind": {"type": "string", "enum": ["rest"]}, "headers": {}},
}
QUEUE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["url", "key"],
    "properties": {"url": {}, "kind": {"type": "string", "enum": ["queue"]}, "key": {}},
}
EITHER: dict[str, Any] = {"oneOf": [{"$ref": "#/rest"}, QUEUE]}
SCHEMA = {"type": "object", "properties": {"to": EITHER}}
CONTRACT = Contract(b"", {"schema": SCHEMA, "rest": REST})


@pytest.mark.parametrize(
    ("to", "form"),
    [
        ({"url": "u"}, {"to.": "rest"}),
        ({"url": "u", "kind": "rest"}, {"to.": "rest"}),
        ({"url": "u", "kind": "queue", "key": "k"}, {"to.": "alternative 2"}),
        ({"url": "u", "kind": "queue"}, {}),
        ({"key": "k"}, {}),
        ("u", {}),
    ],
)
def test_the_form_of_a_body_is_its_alternatives(to: Any, form: dict[str, str]) -> None:
    """By their names, or else their numbers; none where it fits none."""
    assert form_of(CONTRACT, SCHEMA, {"to": to}) == form


def test_an_alternative_knows_and_needs_its_own() -> None:
    """What others have isn't known where a body is this one; where it is none, all are."""
    assert known_properties(CONTRACT, EITHER, {"url": "u"}) == REST["properties"]
    assert needed_properties(CONTRACT, EITHER, {"url": "u", "key": "k"}) == {"url", "key"}
    assert known_properties(CONTRACT, EITHER, {}).keys() == {"url", "kind", "headers", "key"}


def test_what_all_alternatives_share_is_known() -> None:
    """What stands beside a choice, or in its parts, counts for each."""
    schema = {"required": ["a"], "properties": {"a": {}}, "allOf": [{"properties": {"b": {}}}], "oneOf": [REST, QUEUE]}

    assert known_properties(CONTRACT, schema, {"a": 1, "url": "u", "key": "k"}).keys() >= {"a", "b", "url"}
    assert needed_properties(CONTRACT, {**schema, "oneOf": [{"required": ["c"]}]}, {"c": 1}) == {"a", "c"}
