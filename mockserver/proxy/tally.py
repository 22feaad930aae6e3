"""The tally: what a proxy has passed, and the violations that it has found, grouped by what causes them."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from mockserver.observers import Observers
from mockserver.proxy.judge import FoundViolation, OperationJudge

MOST_GROUPS = 500  # of violations that follow are only counted
MOST_UNKNOWN = 100  # paths that the contract doesn't have, by name
MOST_REASONS = 20  # why bodies aren't judged, by name: some have words of clients in them
OTHERS = "others"


class ViolationGroup:
    """Violations with one cause: of one operation, at one place, by one keyword; and the latest of them."""

    def __init__(self, judge: OperationJudge, found: FoundViolation) -> None:
        self.operation_id, self.method, self.path = judge.operation_id, judge.method, judge.path
        self.side, self.place, self.keyword = found.side, found.place, found.keyword
        self.example, self.request_id = found, ""
        self.count = 0
        self.statuses: Counter[int] = Counter()

    def as_json(self) -> dict[str, Any]:
        """The group, as `/_mock/violations` shows it."""
        return {
            "side": self.side,
            "operationId": self.operation_id,
            "method": self.method,
            "path": self.path,
            "place": self.place,
            "keyword": self.keyword,
            "count": self.count,
            "statuses": {str(status): number for status, number in sorted(self.statuses.items())},
            "example": {"where": self.example.where, "message": self.example.message, "requestId": self.request_id},
        }


class ViolationTally:
    """What was counted since the start, or since it was last cleared. `observers` are told of each new group."""

    def __init__(self) -> None:
        self.observers = Observers[[ViolationGroup]]()
        self.complaints: list[str] = []  # what went wrong with the HAR, at the end
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self.passed = self.judged = self.beyond = 0
        self.unjudged: Counter[str] = Counter()  # by reason
        self.unknown: Counter[str] = Counter()  # by method and path
        self.fallbacks: Counter[str] = Counter()  # by operation
        self._groups: dict[tuple[str, str, str, str], ViolationGroup] = {}

    @property
    def groups(self) -> list[ViolationGroup]:
        """The groups, those with the most violations first."""
        return sorted(self._groups.values(), key=lambda group: -group.count)

    @property
    def violations(self) -> int:
        """How many violations were found."""
        return self.beyond + sum(group.count for group in self._groups.values())

    def add(self, judge: OperationJudge, found: Iterable[FoundViolation], status: int, request_id: str) -> None:
        """Count the violations of one exchange; `status` is that of the answer. Each cause counts once."""
        for one in {(each.side, each.place, each.keyword): each for each in found}.values():
            key = (judge.operation_id, one.side, one.place, one.keyword)
            group = self._groups.get(key)
            is_new = group is None
            if group is None:
                if len(self._groups) >= MOST_GROUPS:
                    self.beyond += 1
                    continue
                group = self._groups[key] = ViolationGroup(judge, one)
            group.count += 1
            group.statuses[status] += 1
            group.example, group.request_id = one, request_id
            if is_new:
                self.observers.tell(group)

    def add_unknown(self, method: str, path: str) -> None:
        """Count a request that the contract doesn't have."""
        _count(self.unknown, f"{method} {path}"[:200], MOST_UNKNOWN)

    def add_unjudged(self, reasons: Iterable[str]) -> None:
        """Count why bodies of an exchange weren't judged."""
        for reason in reasons:
            _count(self.unjudged, reason, MOST_REASONS)

    def as_json(self) -> dict[str, Any]:
        """All of it, as `/_mock/violations` shows it."""
        return {
            "items": [group.as_json() for group in self.groups],
            "total": len(self._groups),
            "violations": self.violations,
            "passed": self.passed,
            "judged": self.judged,
            "unjudged": dict(self.unjudged),
            "notInTheContract": dict(self.unknown),
            "fallbacks": dict(self.fallbacks),
        }


def _count(counter: Counter[str], name: str, most: int) -> None:
    """Count a name; under another one if there are too many."""
    counter[name if name in counter or len(counter) < most else OTHERS] += 1
