"""The page of `make cluster-chaos`."""

import statistics
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from bench.cluster.chaos import Newcomer, Phase

PAGE = Path(__file__).parents[1] / "results" / "cluster-chaos.md"
TEXT = """\
# Chaos

Written by `make cluster-chaos`: {replicas} replicas and a worker on PostgreSQL, behind HAProxy, all on one machine with
{cores} cores, as `make cluster` starts them. Four writers add members, two subscribe, move and delete, one uses up
refresh tokens, two read; each waits for its answer. {lanes} subscriptions get each new member: three receivers answer
at once, three after 20 ms, three refuse the first attempt of every third event, and two refuse all.

**Lost** is an effect that was answered with success and isn't there, or a delivery of such an event that its receiver
has never got with a 2xx (of those that refuse all: never got). **Out of order** is a delivery after a later one of the
same writer, or before the one before it was repeated. **Sent twice** is a request with a `requestId` that its receiver
had got before: at least once is what is promised.

| | times | seconds | answered | without success | effects lost | deliveries | lost | out of order | sent twice |
|---|---|---|---|---|---|---|---|---|---|
{rows}

Seconds, median and most: until the struck part answers again, and until every subscription gets something again; and
the longest time without any success.

| | back | resumed | no answer |
|---|---|---|---|
{times}

{notes}

From the start of the cluster, programs and contract in their caches, to the first answers through HAProxy:
{started:.1f} s. After the replica that was asked for a subscription was killed, a member was added through HAProxy: the
webhook came {webhook:.2f} s after the kill.
"""


class Setting(NamedTuple):
    """On what a run was made: how many replicas, on how many cores, and how many subscriptions."""

    replicas: int
    cores: int
    lanes: int


def page(setting: Setting, newcomer: "Newcomer", phases: "Sequence[Phase]") -> str:
    """The page, as Markdown."""
    return TEXT.format(
        **setting._asdict(),
        **newcomer._asdict(),
        rows="\n".join(map(row, phases)),
        times="\n".join(map(_times, phases)),
        notes="\n".join(map(_note, phases)),
    )


def row(phase: "Phase") -> str:
    """The figures of a phase, as a row of the first table."""
    cells = (
        phase.name,
        phase.times,
        f"{phase.seconds:.0f}",
        phase.answers.total(),
        phase.unanswered.total(),
        len(phase.lost_effects),
        phase.deliveries,
        phase.lost_deliveries,
        phase.disorders,
        phase.sent_twice,
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def _times(phase: "Phase") -> str:
    return f"| {phase.name} | {_span(phase.back)} | {_span(phase.resumed)} | {phase.longest_gap:.2f} |"


def _span(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.2f}, {max(seconds):.2f}" if seconds else "-"


def _note(phase: "Phase") -> str:
    return f"* {phase.name}: answered {_counted(phase.answers)}; without success {_counted(phase.unanswered)}."


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {times}" for name, times in sorted(counter.items())) or "none"
