"""Wording that reports share: how several names, or so many things, are written in a sentence."""

from collections.abc import Iterable, Sequence

SHOWN = 3  # names in a line


def joined(values: Iterable[str]) -> str:
    """The values as a list in a sentence, `a, b and c`; empty if there are none."""
    *first, last = list(values) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def some(names: Sequence[str]) -> str:
    """`a, b and c … and 4 more`."""
    more = f" … and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{joined(names[:SHOWN])}{more}"


def counted(number: int, what: str) -> str:
    """`1 request`, `2 requests`."""
    return f"{number} {what}{'' if number == 1 else 's'}"
