"""The page about the memory of mocks: a table, and what is to be said of each document."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from bench.memory.held import Outcome
from bench.memory.life import ALONE, RIGHT, WRONG
from bench.memory.live import EVERYWHERE, Judged
from bench.memory.truth import TrueDocument

HEAD = (
    "| document | resources by hand | recognised | right | wrong | left alone "
    "| roles by hand | right | wrong | left alone | check live: exit | findings |"
)


class Row(NamedTuple):
    """A document, its outcomes, and what the judge says of its mock."""

    document: TrueDocument
    outcomes: Sequence[Outcome]
    live: Judged | None = None
    with_overlay: Sequence[Outcome] | None = None

    def mended(self) -> Iterator[str]:
        """What the document's overlay changes: the resources that come out otherwise."""
        before = {outcome.name: (outcome.kind, outcome.why) for outcome in self.outcomes}
        for outcome in self.with_overlay or ():
            was, why = before.get(outcome.name, ("there", ""))
            if outcome.kind != was:
                yield f"{outcome.name}: {outcome.kind}, not {was}"
            elif why and not outcome.why:
                yield f"{outcome.name}: {outcome.kind} in all roles"

    def counted(self) -> str:
        """Its line of the table."""
        one, kinds = self.document, Counter(outcome.kind for outcome in self.outcomes)
        roles = Counter(verdict.kind for outcome in self.outcomes for verdict in outcome.roles.values())
        recognised = sum(outcome.recognised for outcome in self.outcomes)
        cells = [one.foreign.name, len(one.resources), recognised, *(kinds[kind] for kind in (RIGHT, WRONG, ALONE))]
        cells += [sum(len(each.calls) for each in one.resources), *(roles[kind] for kind in (RIGHT, WRONG, ALONE))]
        cells += [self.live.code, sum(self.live.findings.values())] if self.live else ["", ""]
        return f"| {' | '.join(str(cell) for cell in cells)} |"


def page(rows: Sequence[Row], parts: Mapping[str, Sequence[str]] = MappingProxyType({})) -> str:
    """The page about all documents, with further parts under their titles."""
    lines = [
        "# Memory: documents of other people",
        "",
        "What `make memory` found. Each document is served by `mockserver serve --spec FILE`, which remembers what it",
        "recognises. Somebody has read each document before, and written down which resources it has",
        "(`bench/memory/truth`); a client that knows nothing else creates a record of each, reads it, finds it in the",
        "list, replaces and patches it and reads it back, deletes it, reads a 404, and doesn't find it in the list.",
        "A resource is *right* if all that the mock says it remembers of it is so, *wrong* if anything isn't, and",
        "*left alone* if it answers from examples. A role is one of create, list, read, replace, patch, delete.",
        "",
        HEAD,
        "|---|" + "--:|" * (HEAD.count("|") - 2),
        *(row.counted() for row in rows),
        *_sums(rows),
        "",
        "## What is wrong",
        "",
        *(list(_lines(rows, WRONG)) or ["Nothing."]),
        "",
        "## What is left alone, and why",
        "",
        *(list(_lines(rows, ALONE)) or ["Nothing."]),
        "",
        "## What is right but for a role",
        "",
        *(list(_lines(rows, RIGHT)) or ["Nothing: all roles are right."]),
        "",
        "## What an overlay mends",
        "",
        "Where a document misleads recognition, `bench/memory/overlays` has an overlay that says what it means.",
        "",
        *(list(_mended(rows)) or ["None has one."]),
        "",
        "## `check live` at each mock",
        "",
        *_judgements(rows),
        "",
        *(line for title, lines_ in parts.items() for line in (f"## {title}", "", *lines_, "")),
        "## Where the documents come from",
        "",
        *(_origin(row) for row in rows),
        "",
    ]
    return "\n".join(lines)


def _sums(rows: Sequence[Row]) -> Iterator[str]:
    cells = [[int(cell) for cell in row.counted().split("|")[2:11]] for row in rows]
    sums = [str(sum(column)) for column in zip(*cells, strict=True)]
    yield f"| **all** | {' | '.join(sums)} | | |"


def _lines(rows: Sequence[Row], kind: str) -> Iterator[str]:
    """What is to be said of the resources of a kind."""
    for row in rows:
        remarks = {each.name: each.remark for each in row.document.resources}
        for outcome in row.outcomes:
            if outcome.kind == kind and outcome.why:
                remark = remarks.get(outcome.name)
                yield f"- {row.document.foreign.name}, {outcome.name}: {outcome.why}{f' ({remark})' if remark else ''}"


def _mended(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        if row.with_overlay is not None:
            yield f"- {row.document.foreign.name}: {'; '.join(row.mended()) or 'nothing any more'}"


def _judgements(rows: Sequence[Row]) -> Iterator[str]:
    """The findings of each run, with the explanation that its document has for them."""
    yield "| document | exit | requests | not judged | finding | times | why |"
    yield "|---|--:|--:|--:|---|--:|---|"
    for row in rows:
        if row.live is None:
            continue
        known, live = {**EVERYWHERE, **row.document.why}, row.live
        first = f"| {row.document.foreign.name} | {live.code} | {live.requests} | {live.not_judged}"
        for check, times in live.findings.items():
            why = known.get(check) or f"NOT EXPLAINED: {live.told.get(check, '')}"
            yield f"{first} | `{check}` | {times} | {why} |"
        if not live.findings:
            yield f"{first} | {live.told.get('no report', 'none')} | 0 | {known.get('none', '')} |"


def _origin(row: Row) -> str:
    one = row.document
    where = f"`{one.foreign.package}`, `{one.foreign.path}`"
    return f"- {one.foreign.name}: {where}; {one.foreign.style}. SHA-256 `{one.digest}`"
