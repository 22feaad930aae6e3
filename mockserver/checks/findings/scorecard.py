"""A scorecard: each check with how it came out, the request that shows it, and what a right one does.

A judge whose checks are few notes each of them, also those that were passed; one that tries thousands of cases, as
`check live` does, has none.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from mockserver.checks.findings.promises import Promised


class Mark(StrEnum):
    """How a check came out."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_JUDGED = "not-judged"


_WEIGHTS = (Mark.NOT_JUDGED, Mark.PASSED, Mark.FAILED)


@dataclass(frozen=True)
class Score:
    """A line of a scorecard. `reason` says why it was not judged, which somebody may have `asked` for; `curl` is a
    request that shows it, `right` what a right one does, `seen` what was seen."""

    check: str
    says: str
    mark: Mark
    reason: str = ""
    curl: str = ""
    right: str = ""
    seen: str = ""
    asked: bool = True

    def cleaned(self, clean: Callable[[str], str]) -> "Score":
        """The line with its texts cleaned."""
        return replace(self, reason=clean(self.reason), curl=clean(self.curl), seen=clean(self.seen))

    def as_json(self) -> dict[str, Any]:
        """The line for programs."""
        names = ("check", "says", "reason", "curl", "right", "seen")
        return {"mark": self.mark.value} | {name: getattr(self, name) for name in names}


class Scorecard:
    """The checks of a run in the order of their promises. A check may be noted more than once: that it failed weighs
    more than that it was passed, and that more than that it wasn't judged. Threads may share one. `said` are other
    words for some promises."""

    def __init__(self, said: Mapping[Promised, str] | None = None) -> None:
        self._said = said or {}
        self._rows: dict[Promised, Score] = {}
        self._lock = threading.Lock()

    def passed(self, promise: Promised, curl: str = "", right: str = "") -> None:
        """Note a check that was passed."""
        self._note(promise, self._score(promise, Mark.PASSED, curl=curl, right=right))

    def failed(self, promise: Promised, curl: str = "", right: str = "", seen: str = "") -> None:
        """Note a check that was failed."""
        self._note(promise, self._score(promise, Mark.FAILED, curl=curl, right=right, seen=seen))

    def not_judged(self, promise: Promised, reason: str, *, asked: bool = True) -> None:
        """Note a check that could not be judged."""
        self._note(promise, self._score(promise, Mark.NOT_JUDGED, reason=reason, asked=asked))

    def forget(self, promise: Promised) -> None:
        """Forget that a check was passed, as that turned out to be a part of it; that it was failed stays."""
        with self._lock:
            if self.mark_of(promise) is Mark.PASSED:
                del self._rows[promise]

    def mark_of(self, promise: Promised) -> Mark | None:
        """How a check came out so far; None if nothing is known of it."""
        row = self._rows.get(promise)
        return row.mark if row else None

    @property
    def rows(self) -> list[Score]:
        """All lines."""
        order = {promise: place for kind in {type(one) for one in self._rows} for place, promise in enumerate(kind)}
        return [self._rows[promise] for promise in sorted(self._rows, key=order.__getitem__)]

    @property
    def gaps(self) -> list[str]:
        """Lines about what could not be judged although it was asked for."""
        return [f"{row.check}: {row.reason}" for row in self.rows if row.mark is Mark.NOT_JUDGED and row.asked]

    @property
    def left_out(self) -> list[str]:
        """Lines about what was not judged as nobody asked for it."""
        return [f"{row.check}: {row.reason}" for row in self.rows if row.mark is Mark.NOT_JUDGED and not row.asked]

    def _score(self, promise: Promised, mark: Mark, **told: Any) -> Score:
        return Score(promise.value, self._said.get(promise, promise.says), mark, **told)

    def _note(self, promise: Promised, score: Score) -> None:
        with self._lock:
            known = self._rows.get(promise)
            if known is None or _WEIGHTS.index(score.mark) > _WEIGHTS.index(known.mark):
                self._rows[promise] = score
