"""The tally of a recording: one finding for each cause, with its count, its smallest example and the first entries."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from mockserver.checks.findings.report import Finding, shortened
from mockserver.checks.recording import words
from mockserver.checks.recording.addresses import call_address
from mockserver.checks.recording.deviations import Deviation
from mockserver.checks.recording.entries import Entry
from mockserver.checks.wording import joined
from mockserver.openapi.resources import Call

MOST = 2_000  # findings that are told apart
SHOWN = 5  # entries of a finding, or of a gap
MOST_MESSAGE = 300  # characters
SCENARIO = "recording"  # what was tried, in the words of a finding


class Undeclared(NamedTuple):
    """An operation that the contract doesn't declare."""

    id: str
    method: str
    path: str


@dataclass
class _Seen:
    """A finding in the making."""

    finding: Finding
    size: int
    example: str
    what: str
    count: int = 0
    last: str = ""
    entries: list[str] = field(default_factory=list)
    places: set[str] = field(default_factory=set)


class Tally:
    """The findings so far, and what could not be judged."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self._gaps: dict[str, list[str]] = {}
        self._counts: Counter[str] = Counter()
        self.left_out = 0

    def add(self, call: Call | Undeclared, entry: Entry, deviation: Deviation) -> None:
        """Count a deviation of an entry. Several of one cause in one entry are one."""
        finding = _finding(call, deviation)
        known = self._seen.get(finding.id)
        if known is None:
            if len(self._seen) >= MOST:
                self.left_out += 1
                return
            known = self._seen[finding.id] = _Seen(finding, entry.size + 1, "", "")
        if known.last != entry.place:
            known.last = entry.place
            known.count += 1
            known.places.add(call.id)
            if len(known.entries) < SHOWN:
                known.entries.append(entry.place)
        if entry.size < known.size or not known.example:
            known.finding, known.size = finding, entry.size
            known.example = f"{entry.place}, {words.method(entry.method)} {call_address(entry, call.path)}"
            known.what = _what(entry, deviation)

    def absorb(self, other: "Tally") -> None:
        """Count what another one has found, of other entries."""
        for name, seen in other._seen.items():  # noqa: SLF001 (one of the same class)
            known = self._seen.get(name)
            if known is None:
                self._seen[name] = replace(seen, entries=[*seen.entries], places={*seen.places})
                continue
            known.count += seen.count
            known.places |= seen.places
            known.entries = [*known.entries, *seen.entries][:SHOWN]
            if seen.size < known.size:
                known.finding, known.size, known.example, known.what = seen.finding, seen.size, seen.example, seen.what
        self.left_out += other.left_out

    def note(self, entry: Entry, gap: str) -> None:
        """Note that something of an entry could not be judged."""
        self._counts[gap] += 1
        entries = self._gaps.setdefault(gap, [])
        if len(entries) < SHOWN:
            entries.append(entry.place)

    def count_of(self, gap: str) -> int:
        """How often something was noted."""
        return self._counts[gap]

    def entries_of(self, gap: str) -> str:
        """The first entries of which something was noted."""
        return _named(self._gaps.get(gap, []), self._counts[gap])

    @property
    def gaps(self) -> list[str]:
        """What was noted."""
        return list(self._gaps)

    @property
    def findings(self) -> Iterator[Finding]:
        """The findings, each with its example."""
        for seen in self._seen.values():
            others = f"; seen in {_named(seen.entries, seen.count)}" if seen.count > 1 else ""
            got = f"{seen.example}: {seen.what}{others}"
            yield replace(seen.finding, got=shortened(got), count=seen.count, places=tuple(sorted(seen.places)))


def _named(entries: list[str], count: int) -> str:
    more = count - len(entries)
    return f"{', '.join(entries)} and {more} more" if more else joined(entries)


def _what(entry: Entry, deviation: Deviation) -> str:
    answered = f"answered {entry.status}" if entry.status else "not answered"
    if deviation.lacks:
        return f"{answered}, without {deviation.lacks}"
    return f"{answered}, with {deviation.seen}" if deviation.seen else answered


def _finding(call: Call | Undeclared, deviation: Deviation) -> Finding:
    return Finding(
        deviation.promise,
        call.id,
        call.method,
        call.path,
        shortened(deviation.message, MOST_MESSAGE),
        severity=deviation.severity,
        expected=shortened(deviation.expected),
        where=deviation.where,
        assumption=deviation.assumption,
        hint=deviation.promise.hint,
        cause=shortened(deviation.cause),
        shared=deviation.shared,
        blame=deviation.blame,
        scenario=SCENARIO,
    )
