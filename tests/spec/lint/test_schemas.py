"""mockserver.spec.lint.schemas: each rule for schemas, examples and defaults finds its defect, and says what to do."""

from typing import Any

import pytest

from mockserver.openapi.structure import Steps
from tests.spec.lint.sound import EVENT, GET, JSON, PET, PUT, SCHEMA, Defects, found

DEFECTS: Defects = {
    "pattern": ("patterns", (*PET, "name", "pattern"), "(", "'(' is no regular expression"),
    "enum of another type": ("enums", (*PET, "tag", "enum", 1), 2, "the value 2 is not of the type string"),
    "required, not described": ("required_properties", (*SCHEMA, "Pet", "required", 0), "x", "property x is required"),
    "required in a part": ("required_properties", (*SCHEMA, "Cat", "allOf", 1, "required", 0), "x", "x is required"),
    "no such schema": (
        "discriminators",
        (*SCHEMA, "Any", "discriminator", "mapping", "dog"),
        "Wolf",
        "Wolf leads nowhere",
    ),
    "no tag": ("discriminators", (*SCHEMA, "Any", "discriminator", "propertyName"), "x", "has no property x"),
    "crossed bounds": ("impossible", (*PET, "tag"), {"type": "string", "minLength": 2, "maxLength": 1}, "nothing"),
    "example of a body": ("examples", (*PUT, "requestBody", *JSON, "example"), {}, "name: it is missing"),
    "shared example": ("examples", ("components", "examples", "Rex", "value", "tag"), "c", "doesn't fit its schema"),
    "example of a parameter": ("examples", (*GET, "parameters", 0, "example"), "x", "should be of type integer"),
    "example of a header": ("examples", (*GET, "responses", "200", "headers", "X-Left", "example"), "x", "integer"),
    "example of a property": ("examples", (*PET, "name", "example"), "Max", "doesn't fit its schema"),
    "example of an event": ("examples", (*EVENT, "requestBody", "content", "a/b", "example"), "x", "integer"),
    "default": ("defaults", (*GET, "parameters", 0, "schema", "default"), "x", "the default doesn't fit its schema"),
}


@pytest.mark.parametrize(("rule", "place", "value", "message"), DEFECTS.values(), ids=DEFECTS)
def test_defect_is_found(rule: str, place: Steps, value: Any, message: str) -> None:
    """A defect is found by its rule, whose message says what is wrong, and whose advice is not empty."""
    findings = found(rule, place, value)

    assert any(message in finding.message for finding in findings)
    assert all(finding.advice for finding in findings)
