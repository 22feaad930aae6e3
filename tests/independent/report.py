"""Tables of what was found."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import median

from tests.independent import Fault
from tests.independent.judging import Budget, Verdict, elsewhere, is_found

Verdicts = Mapping[str, Verdict]  # by the name of a fault
Judged = tuple[Fault, Verdict]

HEAD = """# An independent implementation, judged

Written by `make independent`. [tests/independent](../../tests/independent/README.md) is the API once more, in Node.js,
written from `openapi.yaml` alone. A judge should find nothing on it as it is, and each fault that is planted in it,
where it may be seen.
"""


@dataclass(frozen=True, slots=True)
class Results:
    """Runs on the correct server, and on each fault, by our judge and perhaps another."""

    budget: Budget
    correct: Verdicts
    judged: Sequence[Judged]
    plain: Sequence[Judged] = ()
    untried: int = 0


def line(fault: Fault, verdict: Verdict) -> str:
    """One line about a fault."""
    found = "found" if is_found(fault, verdict) else "unseen" if not fault.operations else "NOT FOUND"
    wrong = ", ".join(f"{operation} {check}" for operation, check in elsewhere(fault, verdict))
    crash = "  CRASHED" if verdict.crashed else ""
    gaps = f"; not judged: {', '.join(verdict.not_judged)}" if verdict.not_judged else ""
    again = f"; repeated: {repetitions(verdict.replays)}" if verdict.replays else ""
    figures = f"{verdict.told} findings, exit code {verdict.exit_code}, {verdict.seconds:.0f} s"
    return f"{found:<10} {fault.name}: {figures}{again}{f'; elsewhere: {wrong}' if wrong else ''}{gaps}{crash}"


def repetitions(codes: Sequence[int]) -> str:
    """What `check replay` said of findings, by its exit codes, in words."""
    words = {0: "no longer there", 1: "still there", 2: "can't be repeated"}
    counted = ((code, codes.count(code)) for code in sorted({*codes}))
    return ", ".join(f"{number} {words.get(code, f'ended with {code}')}" for code, number in counted)


def markdown(results: Results) -> str:
    """The whole page."""
    parts = (_correct(results), _summary(results), _findings(results.judged), _missed(results), _table(results.judged))
    return "\n".join((HEAD, *chain.from_iterable(parts))) + "\n"


def _correct(results: Results) -> Iterator[str]:
    if not results.correct:
        return
    yield "## The correct server\n"
    yield "| run | findings | exit code | cases | seconds |"
    yield "|---|---|--:|--:|--:|"
    for name, verdict in results.correct.items():
        findings = ", ".join(f"{check} at {operation}" for operation, check in sorted(verdict.findings)) or "none"
        yield f"| {name} | {findings} | {verdict.exit_code} | {verdict.cases} | {verdict.seconds:.0f} |"


def _summary(results: Results) -> Iterator[str]:
    where = "all operations" if results.budget.whole else "first where a fault may be seen, then all operations"
    yield "\n## Planted faults\n"
    yield f"{results.budget.examples} generated cases for each operation, seed {results.budget.seed}, {where}.\n"
    if results.untried:
        yield f"There was no time for {results.untried} more faults.\n"
    yield "| judge | found | of | blame another part, too | crashes | seconds |"
    yield "|---|--:|--:|--:|--:|--:|"
    for name, judged in (("`mockserver check live`", results.judged), ("`st run`", results.plain)):
        visible = [(fault, verdict) for fault, verdict in judged if fault.operations]
        if not visible:
            continue
        found = sum(is_found(fault, verdict) for fault, verdict in visible)
        wrong = sum(bool(elsewhere(fault, verdict)) for fault, verdict in visible)
        crashes = sum(verdict.crashed for _, verdict in judged)
        yield f"| {name} | {found} | {len(visible)} | {wrong} | {crashes} | {sum(v.seconds for _, v in judged):.0f} |"


def _findings(judged: Sequence[Judged]) -> Iterator[str]:
    numbers = sorted(verdict.told for fault, verdict in judged if is_found(fault, verdict))
    if numbers:
        yield f"\nFindings a fault: {median(numbers):g} in the median, {numbers[-1]} at most."
    codes = [code for _, verdict in judged for code in verdict.replays]
    if codes:
        yield f"\nOf {len(codes)} findings, `mockserver check replay` says: {repetitions(codes)}."


def _missed(results: Results) -> Iterator[str]:
    missed = [fault for fault, verdict in results.judged if fault.operations and not is_found(fault, verdict)]
    unseen = [fault for fault, _ in results.judged if not fault.operations]
    for title, some in (("Not found", missed), ("Out of sight of every caller", unseen)):
        if some:
            yield f"\n{title}:\n"
            yield from (f"- `{fault.name}`: {fault.what}" for fault in some)


def _table(judged: Sequence[Judged]) -> Iterator[str]:
    yield "\n| fault | found | findings | repeated | elsewhere | seconds | exit code |"
    yield "|---|---|--:|--:|---|--:|--:|"
    for fault, verdict in judged:
        found = "yes" if is_found(fault, verdict) else "no"
        wrong = ", ".join(f"{check} at {operation}" for operation, check in elsewhere(fault, verdict))
        code = f"{verdict.exit_code}{', crashed' if verdict.crashed else ''}"
        again = f"{verdict.replays.count(1)}" if verdict.replays else ""
        figures = f"{verdict.told} | {again} | {wrong} | {verdict.seconds:.0f} | {code}"
        yield f"| {fault.name} | {found} | {figures} |"
