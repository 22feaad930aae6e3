"""The page of `make mutants`: which judge notices which fault, as far as they were tried."""

from collections.abc import Iterator, Sequence
from itertools import chain
from statistics import median

from tests.mutants.mutant import Mutant
from tests.mutants.score import CORRECT, OURS, Score
from tests.support.repository import ROOT

PAGE = ROOT / "bench" / "results" / "mutants.md"
RESULTS = ("found", "elsewhere", "missed")
HEAD = """# Mutants, judged

Written by `make mutants ARGS="--every 1 --write"`. A mutant is a correct server with one fault;
[How good is the judge?](../../docs/judge.md#mutants) says how they are made and what is found. What a judge says
of the correct server, too, doesn't count.
"""


def markdown(score: Score, mutants: Sequence[Mutant], judges: Sequence[str], examples: int) -> str:
    """The whole page, of what was tried so far."""
    tried = [judge for judge in judges if any(score.entry(mutant.name, judge) for mutant in mutants)]
    parts = (_summary(score, mutants, tried, examples), _several(score, mutants), _table(score, mutants, tried))
    return "\n".join((HEAD, *chain.from_iterable(parts))) + "\n"


def _summary(score: Score, mutants: Sequence[Mutant], judges: Sequence[str], examples: int) -> Iterator[str]:
    visible = [mutant for mutant in mutants if not mutant.unseen]
    yield f"{len(mutants)} mutants, of which {len(visible)} can be seen; {examples} generated cases an operation.\n"
    yield f"| judge | tried | {' | '.join(RESULTS)} | no verdict | on the correct server | findings a fault | seconds |"
    yield "|---|--:|--:|--:|--:|--:|--:|---|--:|"
    for judge in judges:
        entries = [entry for mutant in visible if (entry := score.entry(mutant.name, judge))]
        counts = [sum(entry["result"] == one for entry in entries) for one in RESULTS]
        numbers = sorted(entry["told"] for entry in entries if entry["result"] == "found") or [0]
        findings = f"{median(numbers):g} in the median, {numbers[-1]} at most"
        alarms = len(score.entry(CORRECT, judge).get("findings", ()))
        shown = " | ".join(map(str, (len(entries), *counts, len(entries) - sum(counts), alarms)))
        yield f"| `{judge}` | {shown} | {findings} | {sum(entry['seconds'] for entry in entries):.0f} |"


def _several(score: Score, mutants: Sequence[Mutant]) -> Iterator[str]:
    entries = [(mutant, score.entry(mutant.name, OURS)) for mutant in mutants]
    missed = [mutant for mutant, entry in entries if entry and entry["result"] != "found" and not mutant.unseen]
    if missed:
        yield f"\nNot found by `{OURS}`:\n"
        yield from (f"- {mutant.name}: {mutant.breaks}" for mutant in missed)
    several = [(mutant, entry) for mutant, entry in entries if entry.get("told", 0) > 1]
    if several:
        yield f"\nMore than one finding of `{OURS}`:\n"
        for mutant, entry in several:
            yield f"- {mutant.name}: {', '.join(f'`{check}` at {operation}' for operation, check in entry['findings'])}"


def _table(score: Score, mutants: Sequence[Mutant], judges: Sequence[str]) -> Iterator[str]:
    yield f"\n| mutant |{''.join(f' {judge} | findings | seconds |' for judge in judges)}"
    yield f"|---|{'---|--:|--:|' * len(judges)}"
    for mutant in mutants:
        cells = [_cells(score, mutant, judge) for judge in judges]
        if any(cells):
            name = f"{mutant.name}{' (unseen)' if mutant.unseen else ''}"
            yield f"| {name} |{''.join(cell or ' | | |' for cell in cells)}"


def _cells(score: Score, mutant: Mutant, judge: str) -> str:
    entry = score.entry(mutant.name, judge)
    return f" {entry['result']} | {entry['told']} | {entry['seconds']:.0f} |" if entry else ""
