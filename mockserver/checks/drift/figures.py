"""Figures of a whole store: other people's records count in them, so they can't be equal; what the run does changes
them alike."""

from typing import Any

from mockserver.checks.drift.ask import Pair, Path


class Figures:
    """The figures that were seen, each as it was first."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str, Path], tuple[float, float]] = {}

    def are_of_the_store(self, pair: Pair) -> bool:
        """Whether the figures of an answer count what others made, too: it is a success that names no record and
        changes nothing."""
        ask = pair.ask
        return pair.mock.succeeded and not ask.names_a_record and not ask.call.changes

    def change_alike(self, pair: Pair, path: Path, mock: float, live: float) -> bool:
        """Whether a figure has changed by as much on both sides since the same was asked for the first time."""
        key = (pair.ask.call.id, repr(sorted({**pair.ask.arguments, **pair.ask.query}.items())), path)
        first = self._first.setdefault(key, (mock, live))
        return self._differs_by(first[0], mock) == self._differs_by(first[1], live)

    def _differs_by(self, before: Any, now: Any) -> float:
        return round(float(now) - float(before), 6)
