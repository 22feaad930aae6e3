"""The count of a soak: what was asked, what went wrong, and what never came."""

from collections import Counter
from dataclasses import dataclass, field

MOST_SHOWN = 20  # different errors


@dataclass
class Count:
    """Answers by kind, errors by what they were, events that the stream or a receiver has missed, and more."""

    answers: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)  # of the stream, by kind
    delivered: int = 0
    done: Counter[str] = field(default_factory=Counter)  # faults, resets, reloads

    def fail(self, kind: str, how: str) -> None:
        """Note that something isn't what it must be."""
        self.errors[f"{kind}: {how}"] += 1

    def errors_told(self) -> list[str]:
        """The errors in words, the most frequent first."""
        return [f"{number:,} times {error}" for error, number in self.errors.most_common(MOST_SHOWN)]
