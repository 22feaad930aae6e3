"""What a run remembers of earlier answers: which values stand for each other, which times records have, and figures.

Figures of a whole store count other people's records, too, so they can't be equal; what the run does changes them
alike.
"""

from typing import Any

from mockserver.checks.drift.ask import Pair, Path
from mockserver.checks.drift.correspondence import Correspondence

Times = tuple[str, str]  # of the mock, and of live


class Memory:
    """The memory of a run."""

    def __init__(self, known: Correspondence) -> None:
        self.known = known
        self._times: dict[tuple[str, Any], Times] = {}
        self._figures: dict[tuple[str, str, Path], tuple[float, float]] = {}

    def untaught(self) -> "Memory":
        """The same, in which what is looked at leaves no trace."""
        memory = Memory(self.known.untaught())
        memory._times, memory._figures = dict(self._times), dict(self._figures)
        return memory

    def stays(self, owner: str, name: Any, times: Times) -> bool:
        """Whether a time of a record has stayed what it was on one side if it has on the other."""
        before = self._times.setdefault((owner, name), times)
        return (before[0] == times[0]) == (before[1] == times[1])

    def change_alike(self, pair: Pair, path: Path, mock: float, live: float) -> bool:
        """Whether a figure has changed by as much on both sides since the same was asked for the first time."""
        key = (pair.ask.call.id, repr(sorted({**pair.ask.arguments, **pair.ask.query}.items())), path)
        first = self._figures.setdefault(key, (mock, live))
        return round(mock - first[0], 6) == round(live - first[1], 6)


def counts_others(pair: Pair) -> bool:
    """Whether figures of an answer count what others made: it is a success that names no record, and changes
    nothing."""
    return pair.mock.succeeded and not pair.ask.names_a_record and not pair.ask.call.changes
