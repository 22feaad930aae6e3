"""mockserver.openapi.identifiers: the names that schemas give themselves, and what references mean by them."""

from typing import Any

import pytest

from mockserver.openapi.identifiers import Identifiers, can_be_id, may_name
from mockserver.openapi.structure import Steps

SCHEMAS = ("components", "schemas")
TREE = {
    "$id": "https://example.com/tree",
    "$dynamicAnchor": "node",
    "properties": {"leaf": {"$anchor": "leaf"}, "$id": {"type": "string"}},
    "$defs": {"twig": {"$id": "twig", "type": "object"}},
}
CONTENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "components": {"schemas": {"Tree": TREE, "Bare": {"$anchor": "bare", "const": {"$id": "no", "$anchor": "no"}}}},
}
IN_TREE, IN_BARE = (*SCHEMAS, "Tree", "properties", "leaf"), (*SCHEMAS, "Bare")


@pytest.mark.parametrize(
    ("place", "reference", "target"),
    [
        (IN_BARE, "https://example.com/tree", (*SCHEMAS, "Tree")),
        (IN_BARE, "https://example.com/tree#leaf", (*SCHEMAS, "Tree", "properties", "leaf")),
        (IN_BARE, "#bare", (*SCHEMAS, "Bare")),
        (IN_TREE, "twig", (*SCHEMAS, "Tree", "$defs", "twig")),
        (IN_TREE, "#/$defs/twig", (*SCHEMAS, "Tree", "$defs", "twig")),
        (IN_TREE, "#node", (*SCHEMAS, "Tree")),
        (IN_TREE, "#", (*SCHEMAS, "Tree")),
    ],
)
def test_a_reference_follows_the_names_around_it(place: Steps, reference: str, target: Steps) -> None:
    """It is relative to the nearest `$id` around its place; a pointer begins there, and an anchor is found there."""
    assert next(Identifiers(CONTENT).targets(place, reference)) == target


def test_a_pointer_may_be_meant_from_the_root() -> None:
    """A pointer in a schema with an `$id` may have been meant for the whole document: that is the last guess."""
    assert [*Identifiers(CONTENT).targets(IN_TREE, "#/components/schemas/Bare")][-1] == IN_BARE


@pytest.mark.parametrize("reference", ["other.yaml", "no", "#no", "#leaf"])
def test_what_is_no_name_has_no_target(reference: str) -> None:
    """Names in values, and properties called like a keyword, are none; anchors of other resources aren't seen."""
    assert [*Identifiers(CONTENT).targets(IN_BARE, reference)] == []


def test_unknown_keywords_hold_no_names() -> None:
    """In a whole document it is known where schemas stand; in a file of schemas, any object may be one."""
    content = {"components": {"schemas": {"A": {"made-up": {"$anchor": "a"}}}}}

    assert not [*Identifiers({"openapi": "3.1.0", **content}).targets(IN_BARE, "#a")]
    assert [*Identifiers(content).targets(IN_BARE, "#a")]


def test_dynamic_names_are_noticed() -> None:
    """Whether a reference may be dynamic is known, and where names stand, the outer ones first."""
    names = Identifiers(CONTENT)

    assert names.has_dynamic
    assert not Identifiers({"components": {"schemas": {"A": {"$anchor": "a"}}}}).has_dynamic
    assert [steps[2:] for _, steps in names.named()] == [("Bare",), ("Tree",), ("Tree", "$defs", "twig")]


def test_a_text_without_marks_needs_no_search() -> None:
    """Few documents have names: a look at the text tells."""
    assert may_name(b'{"$id": "a"}')
    assert not may_name(b'{"operationId": "a", "$ref": "#/a"}')


@pytest.mark.parametrize("name", ["http://[x", "a b"])
def test_what_is_no_uri_does_no_harm(name: str) -> None:
    """An `$id` or a reference that is no URI is no error here: who compiles the schemas tells."""
    schemas = {"A": {"$id": name, "$anchor": "a"}}
    names = Identifiers({"openapi": "3.2.0", "$self": name, "components": {"schemas": schemas}})

    assert [*names.targets((*SCHEMAS, "A"), "#a")] == [(*SCHEMAS, "A")]
    assert [*Identifiers(CONTENT).targets(IN_BARE, name)] == []


@pytest.mark.parametrize(
    ("name", "can_be"),
    [("urn:a", True), ("a/b#", True), ("..", True), ("a b", False), ("a#b", False), ("http://[x", False)],
)
def test_an_id_is_a_uri_reference(name: str, can_be: bool) -> None:  # noqa: FBT001 (a parameter)
    """An `$id` has no fragment, and only characters of a URI."""
    assert can_be_id(name) is can_be
