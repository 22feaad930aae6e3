"""mockserver.openapi.judged_document: a contract for tools of others."""

from typing import Any

from tests.support.contracts_of import surface_of

TEXT: dict[str, Any] = {"schema": {"type": "string"}}


def test_each_operation_has_an_id_of_its_own() -> None:
    """One that has none, or that of another, gets its method and path."""
    twice = {"operationId": "same", "responses": {}}
    surface = surface_of({"/a": {"get": {"responses": {}}}, "/b": {"get": twice, "put": twice}})

    paths = surface.document["paths"]
    ids = [operation["operationId"] for item in paths.values() for operation in item.values()]

    assert ids == ["get /a", "same", "put /b"] == [*surface.calls]


def test_a_text_is_whatever_it_says() -> None:
    """YAML that is declared as a text isn't judged by what it means; JSON is."""
    content = {"application/yaml": TEXT, "application/json": TEXT, "text/csv": {"schema": {"type": "array"}}}
    shared = {"description": "", "content": content}
    responses = {"200": shared, "404": {"$ref": "#/components/responses/No"}, "500": {"description": ""}}
    surface = surface_of({"/a": {"get": {"responses": responses}}}, components={"responses": {"No": shared}})

    judged = surface.document["paths"]["/a"]["get"]["responses"]

    for status in ("200", "404"):
        assert judged[status]["content"] == {**content, "application/yaml": {}}
    assert judged["500"] == {"description": ""}
