"""mockserver.openapi.loading.complexity: documents and schemas that cost too much are refused.

tests/hostile/test_contracts.py has hostile documents of each kind.
"""

from typing import Any

import pytest

from mockserver.openapi.loading.complexity import (
    DEEPEST_PARTS,
    MOST_PARTS,
    MOST_STEPS,
    DocumentSize,
    LimitExceeded,
    ValidationCost,
)

TEXT = {"type": "string"}


def nested(levels: int) -> dict[str, Any]:
    """A schema with parts within parts."""
    return {"allOf": [nested(levels - 1)]} if levels else TEXT


def test_size_counts_a_shared_value_each_time() -> None:
    """A value that stands in two places counts twice, as it will when the document is written out."""
    shared = [1, 2]

    assert DocumentSize(most=10).of({"a": shared, "b": shared}) == (7, 2)


def test_large_document_is_refused() -> None:
    """A document with more values than its limit is refused, at the part that has too many."""
    large = [1] * 5
    with pytest.raises(LimitExceeded) as caught:
        DocumentSize(most=5).of({"a": large})

    assert caught.value.node is large


def conditional(levels: int) -> dict[str, Any]:
    """A schema with conditions within conditions."""
    return {"if": TEXT, "else": conditional(levels - 1)} if levels else TEXT


COSTLY: list[dict[str, Any]] = [
    nested(DEEPEST_PARTS),
    conditional(DEEPEST_PARTS),
    {"anyOf": [{} for _ in range(MOST_PARTS)]},
    {"dependentSchemas": {str(number): {} for number in range(MOST_PARTS)}},
    {"prefixItems": [{"items": {"contains": nested(1)}} for _ in range(MOST_STEPS)]},
    {"patternProperties": {str(number): {} for number in range(MOST_STEPS)}},
]


@pytest.mark.parametrize("schema", COSTLY, ids=lambda schema: str(schema)[:30])
def test_costly_schema_is_refused(schema: dict[str, Any]) -> None:
    """A schema with too many parts, or too many levels of them, is refused."""
    with pytest.raises(LimitExceeded):
        ValidationCost({}).check([schema])


def test_recursive_schema_is_served() -> None:
    """A schema whose properties refer to itself costs no more than one level of it."""
    node = {"properties": {"left": {"$ref": "#/node"}, "right": {"$ref": "#/node"}}}

    ValidationCost({"node": node}).check([node])


def test_dynamic_reference_costs_its_dearest_target() -> None:
    """One schema of those that have the anchor applies: many of them are no more than one."""
    bound = [{"$dynamicAnchor": "T", "allOf": [TEXT, {"items": TEXT}]} for _ in range(MOST_PARTS)]

    ValidationCost({}).check([{"items": {"$dynamicRef": "#T"}}, *bound])


@pytest.mark.parametrize("keyword", ["$anchor", "$dynamicAnchor"])
def test_dynamic_reference_counts(keyword: str) -> None:
    """What a dynamic reference leads to is counted like what stands there."""
    target = {keyword: "a b", "anyOf": [{} for _ in range(MOST_PARTS // 2)]}

    with pytest.raises(LimitExceeded):
        ValidationCost({}).check([target, {"allOf": [{"$dynamicRef": "x#a%20b"}, {"$dynamicRef": "#a b"}]}])


def test_what_parts_evaluate_is_found_by_validating_again() -> None:
    """Below parts within parts, beside `unevaluatedProperties`, values are validated once more for each level."""
    leaf: dict[str, Any] = {"anyOf": [{} for _ in range(MOST_PARTS // 2)]}
    outer = {"allOf": [{"allOf": [{"properties": {"a": leaf}} for _ in range(10)]}]}

    ValidationCost({}).check([outer])
    with pytest.raises(LimitExceeded):
        ValidationCost({}).check([outer | {"unevaluatedProperties": False}])
