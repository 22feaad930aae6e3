"""What a row that isn't plain load leaves: a small table for readers, and figures for the targets."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Table:
    """Cells as they are shown, and figures by name."""

    title: str
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def spread(values: Iterable[float], form: str = ".0f") -> str:
    """The least and the most, as one text."""
    ordered = sorted(values)
    return f"{ordered[0]:{form}}-{ordered[-1]:{form}}"
