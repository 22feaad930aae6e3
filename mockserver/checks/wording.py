"""Words of reports."""

from collections.abc import Iterable


def joined(values: Iterable[str]) -> str:
    """`a, b and c`."""
    *first, last = list(values) or [""]
    return f"{', '.join(first)} and {last}" if first else last
