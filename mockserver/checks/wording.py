"""Wording that reports share: how several names are written in a sentence."""

from collections.abc import Iterable


def joined(values: Iterable[str]) -> str:
    """The values as a list in a sentence, `a, b and c`; empty if there are none."""
    *first, last = list(values) or [""]
    return f"{', '.join(first)} and {last}" if first else last
