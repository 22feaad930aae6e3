"""The entries of lists: which of them are the run's, and which of one side is which of the other."""

from collections.abc import Callable
from typing import Any, NamedTuple

from mockserver.checks.drift.correspondence import Correspondence
from mockserver.checks.live.marks import Marks

FEW = 4  # entries that are compared with all others, where none is like one


class Matched(NamedTuple):
    """Indices of entries that belong together, and the entries that only one side has."""

    pairs: list[tuple[int, int]]
    lacking: list[Any]
    more: list[Any]


class Entries:
    """The entries of a run's lists."""

    def __init__(self, ids: set[str], known: Correspondence, mock: Marks, live: Marks) -> None:
        self._ids, self._known, self._marks = ids, known, {False: mock, True: live}

    def own(self, rows: list[Any], *, live: bool = False) -> list[Any]:
        """The entries without other people's records: those that the run made have a known id, or its mark."""
        return [row for row in rows if not self._is_foreign(row, live=live)]

    def _is_foreign(self, row: Any, *, live: bool) -> bool:
        if not isinstance(row, dict):
            return False
        named = [row[name] for name in self._ids if name in row]
        knows = self._known.knows_live if live else self._known.knows_mock
        return bool(named) and not any(map(knows, named)) and not self._marks[live].is_on(row)

    def matched(self, rows: tuple[list[Any], list[Any]], cost: Callable[[Any, Any], int]) -> Matched:
        """The entries that belong together: by their ids, then those that don't differ, then those that differ least,
        if they are equally many."""
        left, free = list(range(len(rows[0]))), list(range(len(rows[1])))
        pairs: list[tuple[int, int]] = []
        for is_like in (self._is_same, lambda one, other: cost(one, other) == 0):
            for index in list(left):
                found = next((other for other in free if is_like(rows[0][index], rows[1][other])), None)
                if found is not None:
                    pairs.append((index, found))
                    left.remove(index)
                    free.remove(found)
        if len(left) == len(free) and _are_objects([rows[0][index] for index in left]):
            pairs += self._nearest(left, free, rows, cost)
            left, free = [], []
        return Matched(sorted(pairs), [rows[0][one] for one in left], [rows[1][one] for one in free])

    def _is_same(self, one: Any, other: Any) -> bool:
        """Whether two entries have ids that stand for each other."""
        if not isinstance(one, dict) or not isinstance(other, dict):
            return False
        named = [name for name in self._ids if self._known.knows_mock(one.get(name))]
        return any(self._known.of(one[name]) == other.get(name) for name in named)

    def _nearest(
        self, left: list[int], free: list[int], rows: tuple[list[Any], list[Any]], cost: Callable[[Any, Any], int]
    ) -> list[tuple[int, int]]:
        found, free = [], list(free)
        for index in left:
            choice = free[0] if len(free) > FEW else min(free, key=lambda one: cost(rows[0][index], rows[1][one]))
            found.append((index, choice))
            free.remove(choice)
        return found


def _are_objects(rows: list[Any]) -> bool:
    return all(isinstance(row, dict) for row in rows)
