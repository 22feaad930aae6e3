"""What servers made of the cases, as a page: bench/results/http-corpora.md."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.hostile.corpora.cases import HANGS, LEFT, NEXT_STEP, SOURCES, UNANSWERED, Case, rules
from tests.hostile.corpora.judging import Judgement, Verdict
from tests.hostile.corpora.outcomes import Outcome

LONGEST = 60  # characters of a step in a table
MARKS = {Verdict.RIGHT: "", Verdict.ALLOWED: "*", Verdict.WRONG: "**"}
HEAD = """\
# Other people's HTTP cases

What `make corpora` found: the cases of `tests/hostile/corpora` (its README tells where they come from), each on a
connection of its own, with the same application behind every server. `allowed` is what a SHOULD of the standard speaks
against, and no MUST; `wrong` what a MUST does, or what leaves a client or the application with something else than was
sent. Behind each case comes the request of an innocent client, on the same connection.
"""
LEGEND = """\
Cases in which the servers differ, or the mock isn't right; equal ones share a row. In a cell are the answers: `served`
for what the case expects, `next` for the innocent client's, statuses of refusals, `left` if the application was told
that its client left, `unanswered` if its answer never came, `hangs` if the connection stayed open.
*Allowed* and **wrong** are marked so.
"""


@dataclass(frozen=True, slots=True)
class Result:
    """What a server made of a case."""

    case: Case
    outcome: Outcome
    judgement: Judgement


Results = Mapping[str, Sequence[Result]]  # by server, all in the same order of cases, the mock first


def page(results: Results, versions: Mapping[str, str], skipped: str) -> str:
    """The whole page."""
    lines = [HEAD, *_counts(results, versions), ""]
    lines += [f"Not measured: {skipped}", ""] if skipped else []
    lines += ["## Differences, by rule", "", LEGEND]
    for rule, rows in sorted(_differing(results).items()):
        lines += _section(rule, rows, list(results))
    return "\n".join(lines)


def _counts(results: Results, versions: Mapping[str, str]) -> Iterator[str]:
    """A row for each source, a column for each server."""
    yield (
        "| right / allowed / wrong | cases | "
        + " | ".join(f"{name} {versions[name]}".strip() for name in results)
        + " |"
    )
    yield "|---|--:|" + "--:|" * len(results)
    for source in (*SOURCES, "all"):
        of_source = [_of(source, found) for found in results.values()]
        yield f"| {source} | {len(of_source[0])} | " + " | ".join(_count(found) for found in of_source) + " |"


def _of(source: str, found: Sequence[Result]) -> list[Result]:
    return [result for result in found if source in ("all", result.case.source)]


def _count(found: Sequence[Result]) -> str:
    counts = Counter(result.judgement.verdict for result in found)
    return " / ".join(str(counts[verdict]) for verdict in Verdict)


# ---------------------------------------------------------------- differences
Rows = dict[tuple[str, ...], list[Case]]  # the cases that have the same cells


def _differing(results: Results) -> dict[str, Rows]:
    """By rule, what isn't the same for all servers, or not right for the mock."""
    found: dict[str, Rows] = defaultdict(lambda: defaultdict(list))
    for of_servers in zip(*results.values(), strict=True):
        cells = tuple(cell(result) for result in of_servers)
        if len(set(cells)) > 1 or of_servers[0].judgement.verdict is not Verdict.RIGHT:
            found[of_servers[0].case.rule][cells].append(of_servers[0].case)
    return found


def _section(rule: str, rows: Rows, servers: Sequence[str]) -> Iterator[str]:
    told = rules()[rule]
    yield f"### {rule}\n"
    yield told.says
    if told.mock and any(cells[0].startswith("*") for cells in rows):
        yield f"\n**The mock:** {told.mock}"
    if told.others:
        yield f"\n**Others:** {told.others}"
    yield f"\n| cases | {' | '.join(servers)} |"
    yield "|---|" + "---|" * len(servers)
    for cells, cases in rows.items():
        yield f"| {'<br>'.join(_escaped(case.name) for case in cases)} | {' | '.join(cells)} |"
    yield ""


def cell(result: Result) -> str:
    """An outcome, short."""
    verdict = result.judgement.verdict
    expected = {step for right in (*result.case.right, *result.case.allowed) for step in right}
    steps = [_short(step, expected) for step in result.outcome.steps] or ["closed"]
    steps += [f"({fault})" for fault in result.outcome.faults]
    return f"{MARKS[verdict]}{' · '.join(steps)}{MARKS[verdict]}"


def _short(step: str, expected: set[str]) -> str:
    if step in (NEXT_STEP, HANGS) or step.isalnum():
        return step
    for word in (LEFT, UNANSWERED):
        if step.startswith(word):
            return word.rstrip(":")
    return "served" if step in expected else f"`{_escaped(step)[:LONGEST]}`"


def _escaped(text: str) -> str:
    """Text that fits into a cell of a table."""
    return text.encode("unicode_escape").decode("ascii").replace("|", "\\|")
