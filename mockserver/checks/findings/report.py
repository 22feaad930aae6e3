"""Findings and reports: sorted, grouped by cause, and cleaned of secrets."""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from traceback import format_exception
from typing import Any

from mockserver.checks.findings.promises import Promise
from mockserver.checks.findings.scorecard import Score
from mockserver.checks.findings.step import Condition, Step

SEVERITIES = ("critical", "high", "medium", "low")
VERSION = 2  # of the report as JSON: keys are added, none is taken away
# options of a run that doesn't try everything
NARROWING = frozenset({"operation", "tag", "read_only", "recording", "only", "events"})
MOST_TEXT = 600  # characters of a response that a finding shows


class Verdict(StrEnum):
    """The verdict of a run; `exit_code` is that of the command."""

    PASS = "pass"  # noqa: S105 (no password)
    FINDINGS = "findings"
    NOT_JUDGED = "not-judged"
    INTERRUPTED = "interrupted"

    @property
    def exit_code(self) -> int:
        """0, 1, 2 or 130."""
        return {"pass": 0, "findings": 1, "not-judged": 2}.get(self.value, 130)


@dataclass(frozen=True)
class Finding:
    """A finding: one way in which the instance breaks the contract.

    `where` is file and line of the contract, `assumption` the number of the assumption that the finding refutes.
    `count` says how often it was seen, `places` at which operations; `includes` are the ids of others that follow from
    it, `parts` of those that became this one. Findings of an operation with the same `cause` are one; where what went
    wrong belongs to no operation in particular, such as a media type, `shared` is its key, and findings of all
    operations with that key are one. `blame` is who has to change: the instance, the contract, or the gateway in front
    of the instance. `traits` are what is odd about the texts of every request that got there.

    `scenario` is what was tried when it was seen, `tried` what else was. `exchanges` are the numbers of the requests
    that led to it in the recording of the run, the judged one last; `steps` are made of them at its end. `condition` is
    what the last answer breaks, if that is a matter of one answer. `patch` is a diff by which the contract would hold;
    `again` is the command that tries it once more.
    """

    check: str
    operation: str
    method: str
    path: str
    message: str
    severity: str = "high"
    expected: str = ""
    got: str = ""
    curl: str = ""
    where: str = ""
    assumption: str | None = None
    hint: str = ""
    cause: str = ""
    count: int = 1
    accepted: str = ""
    shared: str = ""
    places: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    blame: str = "instance"
    traits: frozenset[str] = frozenset()
    scenario: str = ""
    tried: frozenset[str] = frozenset()
    exchanges: tuple[int, ...] = ()
    steps: tuple[Step, ...] = ()
    condition: Condition | None = None
    patch: str = ""
    again: str = ""

    @property
    def id(self) -> str:
        """The id that a baseline names: the same for the same cause in every run."""
        key = (
            f"{self.check} {self.shared}"
            if self.shared
            else f"{self.operation} {self.check} {self.cause or self.message}"
        )
        return sha256(key.encode()).hexdigest()[:12]

    def seen_as(self, other: "Finding") -> "Finding":
        """The finding that both are: the one with the shorter line to paste, as severe as either, and what was seen of
        both."""
        shorter = min((self, other), key=lambda one: len(one.curl) or MOST_TEXT**2)
        return replace(
            shorter,
            severity=min((self, other), key=_rank).severity,
            count=self.count + other.count,
            places=tuple(sorted({*self.operations, *other.operations})),
            traits=self.traits & other.traits,
            tried=self.attempts | other.attempts,
        )

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations at which it was seen."""
        return self.places or (self.operation,)

    @property
    def attempts(self) -> frozenset[str]:
        """The scenarios in which it was seen that are tried at each operation, in words without the operation."""
        own = {self.scenario.replace(self.operation, "…")} if self.operation in self.scenario else frozenset[str]()
        return self.tried | own

    def cleaned(self, clean: Callable[[str], str]) -> "Finding":
        """The finding with its texts cleaned, but for those that come from the contract."""
        return replace(
            self,
            message=clean(self.message),
            expected=clean(self.expected),
            got=clean(self.got),
            curl=clean(self.curl),
            again=clean(self.again),
            cause=clean(self.cause),
            accepted=clean(self.accepted),
            shared=clean(self.shared),
        )

    def as_json(self) -> dict[str, Any]:
        """The finding for programs."""
        names = ("severity", "operation", "method", "path", "check", "message", "expected", "got", "curl", "where")
        content: dict[str, Any] = {"id": self.id} | {name: getattr(self, name) for name in names}
        content |= {"assumption": self.assumption, "hint": self.hint, "count": self.count, "scenario": self.scenario}
        content |= {"blame": "contract" if self.assumption else self.blame, "places": list(self.operations)}
        content |= {"includes": list(self.includes), "parts": list(self.parts)}
        content["steps"] = [step.as_json() for step in self.steps]
        content["condition"] = self.condition.as_json() if self.condition else None
        content |= {name: value for name in ("patch", "again") if (value := getattr(self, name))}
        return content | ({"accepted": self.accepted} if self.accepted else {})


@dataclass
class Report:
    """The report of one run of a judge, which adds to it as it goes.

    `command` is the judge, as users call it; `options` are those that a finding depends on; `gate` holds the values of
    its coverage gate by name; `coverage` says what of the contract was on the wire, `latencies` how long the answers of
    each operation took; `planned` what was expected: `requests`, `seconds`, and the `latency` in milliseconds that it
    was reckoned with. Lines of text are in `not_judged` (missing for a verdict), `left_out` (not tried, for safety),
    `residue` (could not be removed again), `left` (what of it nobody allowed to stay) and `notes`. `defects` are
    tracebacks of the judge itself, by what it tried. `compared` has the ids that are `new`, `gone` and `still` there
    since an earlier run. `sweep` is the command that removes what is left. Findings less severe than `fail_on` don't
    make the verdict. `scorecard` has each check of a judge that has few of them. `assumptions` are those of the
    contract that a judge goes through, each `confirmed`, `refuted` or `not judged`, with the reason. `beyond` is what
    was seen that the contract doesn't declare.
    """

    url: str
    run: str
    command: str = "mockserver check"
    seed: int = 0
    cases: int = 0
    requests: int = 0
    seconds: float = 0.0
    latency: float = 0.0
    planned: dict[str, float] = field(default_factory=dict)
    gate: dict[str, Any] = field(default_factory=dict)
    coverage: dict[str, Any] = field(default_factory=dict)
    latencies: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    not_judged: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    residue: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    sweep: str = ""
    interrupted: bool = False
    fail_on: str = SEVERITIES[-1]
    defects: dict[str, str] = field(default_factory=dict)
    compared: dict[str, Any] = field(default_factory=dict)
    scorecard: list[Score] = field(default_factory=list)
    beyond: list[dict[str, Any]] = field(default_factory=list)
    assumptions: dict[str, str] = field(default_factory=dict)
    _findings: dict[str, Finding] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def add(self, finding: Finding) -> None:
        """Count a finding; of the same cause the one with the shortest curl line is shown. Threads may share a
        report."""
        with self._lock:
            known = self._findings.get(finding.id)
            self._findings[finding.id] = finding if known is None else known.seen_as(finding)

    def defect(self, label: str, error: Exception) -> None:
        """Note that the judge itself failed at something: one line, before all others, and the traceback."""
        said = f"{label}: a defect of this command, please report it: {type(error).__name__}: {error}"
        with self._lock:
            self.not_judged.insert(len(self.defects), shortened(" ".join(said.split())))
            self.defects[label] = "".join(format_exception(error))

    def regroup(self, merged: Callable[[Iterable[Finding]], Iterable[Finding]]) -> None:
        """Put fewer findings in place of those that were added."""
        self._findings = {one.id: one for one in merged(self._findings.values())}

    def put(self, finding: Finding) -> None:
        """Put a finding in the place of that with its id."""
        self._findings[finding.id] = finding

    def withdraw(self, check: Promise, operations: Collection[str]) -> None:
        """Take back the findings of a check on these operations, as they turned out to say nothing about them."""
        kept = (one for one in self._findings.items() if one[1].check != check or one[1].operation not in operations)
        self._findings = dict(kept)

    def accept(self, reasons: Mapping[str, str]) -> None:
        """Mark the findings with these ids as known: they don't count, and are shown with their reason."""
        for name in reasons.keys() & self._findings.keys():
            self._findings[name] = replace(self._findings[name], accepted=reasons[name])

    def note_baseline(self, reasons: Mapping[str, str], expired: Mapping[str, str]) -> None:
        """Note accepted ids that nothing was found of, and those of findings that aren't accepted any more. A run that
        didn't try everything can't tell whether one is still needed."""
        advice = "take it out" if self.is_whole else "this run didn't try everything, so it may be needed"
        findings = self._findings.values()
        found = {name for one in findings for name in (one.id, *one.includes, *one.parts)}
        stale = sorted(reasons.keys() - found)
        self.notes += [
            f"the baseline accepted {name} ({expired[name]}), and that has expired" for name in sorted(expired)
        ]
        self.notes += [f"the baseline accepts {name} ({reasons[name]}), which wasn't found: {advice}" for name in stale]

    def leave(self, left: Collection[str], kept: Collection[str] = ()) -> None:
        """Note records that stay: those that a sweep should have removed, and those that were allowed to stay."""
        self.residue += [*left, *kept]
        self.left += left

    @property
    def unfinished(self) -> bool:
        """Whether a sweep could still remove some of the residue."""
        return bool(self.left)

    @property
    def is_judged(self) -> bool:
        """Whether nothing is missing for a verdict, whatever is left behind."""
        return not self.not_judged and not self.interrupted

    @property
    def is_whole(self) -> bool:
        """Whether the run tried everything."""
        return self.is_judged and not any(self.options.get(name) for name in NARROWING)

    @property
    def found(self) -> int:
        """The number of findings so far; other threads may be adding some."""
        return len(self._findings)

    @property
    def findings(self) -> list[Finding]:
        """All findings, the severe ones first; of those that are as severe, bugs before refuted assumptions."""
        return sorted(self._findings.values(), key=_order)

    @property
    def uncounted(self) -> list[Finding]:
        """The findings that don't make the verdict: accepted ones, and those less severe than asked for."""
        most = SEVERITIES.index(self.fail_on)
        return [finding for finding in self.findings if finding.accepted or _rank(finding) > most]

    @property
    def verdict(self) -> Verdict:
        """The verdict: findings weigh more than gaps in what was judged, and than records that are left behind."""
        if self.interrupted:
            return Verdict.INTERRUPTED
        if len(self.uncounted) < len(self._findings):
            return Verdict.FINDINGS
        return Verdict.NOT_JUDGED if self.not_judged or self.unfinished else Verdict.PASS

    def cleaned(self, clean: Callable[[str], str]) -> "Report":
        """The report with all its texts cleaned, but for those that come from the contract or the settings."""
        return replace(
            self,
            _findings={name: one.cleaned(clean) for name, one in self._findings.items()},
            not_judged=[clean(line) for line in self.not_judged],
            residue=[clean(line) for line in self.residue],
            left=[clean(line) for line in self.left],
            notes=[clean(line) for line in self.notes],
            defects={label: clean(text) for label, text in self.defects.items()},
            scorecard=[one.cleaned(clean) for one in self.scorecard],
            assumptions={name: clean(text) for name, text in self.assumptions.items()},
            beyond=[
                {name: clean(value) if isinstance(value, str) else value for name, value in one.items()}
                for one in self.beyond
            ],
        )

    def as_json(self) -> dict[str, Any]:
        """The report for programs."""
        verdict = self.verdict
        return {
            "version": VERSION,
            "command": self.command,
            "verdict": verdict.value,
            "exitCode": verdict.exit_code,
            "url": self.url,
            "run": self.run,
            "seed": self.seed,
            "cases": self.cases,
            "requests": self.requests,
            "seconds": round(self.seconds, 1),
            "latency": self.latency,
            "planned": self.planned,
            "gate": self.gate,
            "coverage": self.coverage,
            "latencies": self.latencies,
            "options": self.options,
            "notJudged": self.not_judged,
            "scorecard": [one.as_json() for one in self.scorecard],
            "assumptions": self.assumptions,
            "beyond": self.beyond,
            "findings": [finding.as_json() for finding in self.findings],
            "residue": self.residue,
            "left": self.left,
            "sweep": self.sweep if self.left else "",
            "leftOut": self.left_out,
            "notes": self.notes,
            "failOn": self.fail_on,
            "defects": self.defects,
            "compared": self.compared or None,
        }


def _order(finding: Finding) -> tuple[object, ...]:
    return (
        bool(finding.accepted),
        _rank(finding),
        finding.assumption is not None,
        finding.operation,
        finding.check,
        finding.message,
    )


def _rank(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity) if finding.severity in SEVERITIES else 0


def shortened(text: str, most: int = MOST_TEXT) -> str:
    """A text that fits a report."""
    return text if len(text) <= most else f"{text[:most]} … ({len(text)} characters)"
