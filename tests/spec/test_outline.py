"""mockserver.spec.outline: places in a document, with references followed."""

from typing import Any

from mockserver.spec.outline import Outline, template, variables

DOCUMENT: dict[str, Any] = {
    "paths": {
        "/pets/{id}": {
            "parameters": [{"name": "id", "in": "path"}, {"$ref": "#/components/parameters/Tag"}],
            "get": {"operationId": "getPet", "parameters": [{"name": "id", "in": "path", "description": "own"}]},
            "x-note": {},
        },
        "x-internal": {"get": {}},
    },
    "x-webhooks": {"Sold": {"post": {"operationId": "onSold"}}},
    "components": {
        "parameters": {"Tag": {"$ref": "#/components/parameters/Label"}, "Label": {"name": "l", "in": "query"}}
    },
}
ITEM = ("paths", "/pets/{id}")


def test_operations_and_events() -> None:
    """The operations are those of paths and events; extensions are neither."""
    found = [(operation.path, operation.method) for operation in Outline(DOCUMENT).operations()]

    assert found == [("/pets/{id}", "get"), ("Sold", "post")]


def test_parameters_of_an_operation() -> None:
    """An operation has the parameters of its path, except for those that it replaces; references are followed."""
    outline = Outline(DOCUMENT)
    (operation,) = outline.operations("paths")

    assert outline.parameters(operation) == {
        ("path", "id"): (*ITEM, "get", "parameters", 0),
        ("query", "l"): ("components", "parameters", "Label"),
    }


def test_reference_cycle_ends() -> None:
    """Following references that lead to each other ends, at something that is no value."""
    outline = Outline({"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}})

    assert outline.end(("a",)) in {("a",), ("b",)}


def test_walk_names_the_kinds() -> None:
    """Every object is visited with its kind; extensions are left out."""
    kinds = {steps: kind for kind, steps, _ in Outline(DOCUMENT).walk()}

    assert kinds[*ITEM, "get"] == "operation"
    assert kinds["x-webhooks", "Sold"] == "webhook"
    assert (*ITEM, "x-note") not in kinds


def test_templates() -> None:
    """Two paths that differ in the names of their variables only have one template."""
    assert variables("/a/{b}/{c}") == ["b", "c"]
    assert template("/a/{b}") == template("/a/{x}") == "/a/{}"
