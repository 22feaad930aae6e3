"""Schemas of values: what was seen fits, and what is known of it is said."""

from typing import Any

import pytest

from mockserver.checks.drift.inference import schema_of
from tests.checks.drift.pairs import ONE


@pytest.mark.parametrize(
    ("values", "schema"),
    [
        ([1], {"type": "integer"}),
        ([1, 1.5], {"type": "number"}),
        ([True], {"type": "boolean"}),
        (["a"], {"type": "string"}),
        ([ONE], {"type": "string", "format": "uuid"}),
        ([ONE, "a"], {"type": "string"}),
        (["2026-01-15T10:30:00Z"], {"type": "string", "format": "date-time"}),
        (["a", None], {"type": "string", "nullable": True}),
        ([None], {}),
        (["a", 1], {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ([["a"], []], {"type": "array", "items": {"type": "string"}}),
        ([{}], {"type": "object"}),
        (
            [{"a": 1}, {"b": "x"}],
            {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}},
        ),
    ],
)
def test_schemas_describe_all_values(values: list[Any], schema: dict[str, Any]) -> None:
    """Formats are named where every text has them."""
    assert schema_of(values) == schema


def test_null_is_a_type_since_3_1() -> None:
    """Without `nullable` it is one of two."""
    assert schema_of(["a", None], nullable="") == {"anyOf": [{"type": "string"}, {"type": "null"}]}
