"""mockserver.world.json_path: paths into JSON values."""

from typing import Any

import pytest

from mockserver.world.json_path import MOST_STEPS, find, parse, written

ORDER = {"lines": [{"sku": "A", "tags": ["x", "y"]}, {"sku": "B"}], "a b": {"c.d": 1}, "none": None}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", [ORDER]),
        ("$.lines[0].sku", ["A"]),
        ("$.lines[-1].sku", ["B"]),
        ("$['lines'][1][\"sku\"]", ["B"]),
        ("$.lines[*].sku", ["A", "B"]),
        ("$.lines[*].tags[*]", ["x", "y"]),
        ("$.lines[0].*", ["A", ["x", "y"]]),
        ("$['a b']['c.d']", [1]),
        ("$.none", [None]),
        ("$.none.x", []),
        ("$.lines.sku", []),
        ("$.lines[2]", []),
        ("$.lines[-3]", []),
        ("$['a b'][0]", []),
        ("$.lines[100]", []),
        ("$" + ".a" * MOST_STEPS, []),
    ],
)
def test_path_finds_values(path: str, found: list[Any]) -> None:
    """A path finds all values that it leads to, in their order; none where a step leads nowhere."""
    steps = parse(path)

    assert steps is not None
    assert find(steps, ORDER) == found


@pytest.mark.parametrize(
    "text",
    [
        *("", "lines", "$lines", "$.", "$..sku", "$[", "$[x]", "$[0:1]", "$[?@.a]", "$.a[?(@.b)]", "$.a b", "$[01]"),
        "$" + ".a" * (MOST_STEPS + 1),
    ],
)
def test_other_texts_are_no_paths(text: str) -> None:
    """Filters, slices, descendants, too many steps, and what is no path at all, are told apart from a path that finds
    nothing."""
    assert parse(text) is None


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ((), ""),
        (("customer", "email"), ".customer.email"),
        (("customer.email",), "['customer.email']"),
        (("a b", "it's"), "['a b'][\"it's\"]"),
    ],
)
def test_names_are_written_as_a_path(names: tuple[str, ...], text: str) -> None:
    """Names become a path that leads along them; one that isn't plain is quoted."""
    assert written(names) == text
    assert parse(f"${text}") == [*names]
