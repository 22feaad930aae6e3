"""mockserver.openapi.resources.partial_records: what a PATCH takes that isn't a part of its record."""

import pytest

from mockserver.openapi.resources import ResourceRole
from tests.support.contracts_of import Json, json_body
from tests.support.recognising import recognised
from tests.support.remembering import pets_document

_TEXT: Json = {"type": "string"}


def why_no_patch(fields: Json, summary: str = "") -> str | None:
    """Why the PATCH of a pet that takes these fields beside its name isn't one; None if it is. Pets have parts."""
    document = pets_document()
    parts = {"type": "array", "items": {"type": "object", "properties": {"name": _TEXT, "changetype": _TEXT}}}
    document["components"]["schemas"]["Pet"]["properties"]["parts"] = parts
    patch = document["paths"]["/pets/{petId}"]["patch"]
    taken = {name: parts if name == "parts" else field for name, field in fields.items()}
    patch["requestBody"] = json_body({"type": "object", "properties": {"name": _TEXT, **taken}})
    patch["summary"] = summary
    pets = recognised(document)
    return None if ResourceRole.PATCH in pets.operations else pets.left["PATCH /pets/{petId}"]


@pytest.mark.parametrize(
    ("fields", "summary", "why"),
    [
        ({"parts": {}}, "", "parts.changetype in its body says what is to be done, so it hardly merges"),
        ({"addTags": {"type": "array", "items": _TEXT}}, "", "it takes addTags, which the record doesn't have"),
        ({}, "Creates or changes parts", "its summary says that it creates, too, so it hardly merges"),
        ({"secret": _TEXT, "extra": {"type": "object"}}, "Changes a pet", None),
    ],
)
def test_whether_a_patch_merges(fields: Json, summary: str, why: str | None) -> None:
    """A PATCH whose body or summary tells of adding or removing isn't a partial record."""
    assert why_no_patch(fields, summary) == why
