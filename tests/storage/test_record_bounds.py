"""mockserver.storage.record_bounds: how a list compares fields with values."""

from typing import Any

import pytest

from mockserver.storage.record_bounds import is_within

NOON = "2026-01-15T12:00:00Z"


@pytest.mark.parametrize(
    ("value", "how", "bound", "expected"),
    [
        (9, "lt", 10, True),
        (10, "lte", 10.0, True),
        (10**400, "gt", 1.5, True),
        ("b", "gt", "a", True),
        ("b", "gte", "c", False),
        ("2026-01-15T13:00:00+01:00", "eq", NOON, True),
        ("2026-01-15T12:00:00.5Z", "gt", NOON, True),
        ("2026-01-15T12:00:00", "eq", NOON, True),
        ("not a moment, but long", "lt", NOON, False),
        ("Hook", "like", "OO", True),
        (True, "eq", "true", True),
        (12, "eq", "12", True),
        (None, "eq", "None", False),
        ({}, "like", "", False),
    ],
)
def test_bounds(value: Any, how: str, bound: Any, expected: bool) -> None:  # noqa: FBT001 (a parameter)
    """Numbers by size, moments by time, other texts as they are; what has no value is within no bound."""
    assert is_within(value, how, bound) is expected
