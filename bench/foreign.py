"""Documents of other people, served by the mock and by Prism: how many operations answer what they declare.

    python -m bench.foreign [--openapi 3.1] [--only NAME]... [--no-prism]

Each operation gets one valid request, made by Schemathesis, with a credential of the right form; both servers get the
same ones. Its answer counts if it is a declared success whose type, required headers and body are as declared, by
plain jsonschema (documents/judge.py). The tables go to bench/results/foreign.md and foreign-3.1.md. Without Node.js,
Prism's columns stay empty.
"""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
import requests

from bench.contestants.peers import PRISM, prism, version
from bench.documents.fetched import DOCUMENTS, NEWER, Foreign
from bench.documents.judge import Answer, Judge
from bench.documents.valid_requests import Prepared, base_path, prepared
from bench.shared.servers import DidNotStart, Server

RESULTS = Path(__file__).parent / "results"
PAGES = {"3.0": ("foreign.md", DOCUMENTS), "3.1": ("foreign-3.1.md", NEWER)}
PATIENCE = 20  # seconds that an answer may take
REASONS = 3
_SPECIFIC = re.compile(r"'[^']*'|(: )?[{\[].*|\d{4,}")  # what a problem says about one operation alone


@dataclass(slots=True)
class Outcome:
    """What a server made of a document. `start` is in seconds, exec to first answer, None if it never came; `cpu` are
    the seconds of CPU time in it."""

    start: float | None = None
    cpu: float = 0
    memory: float = 0  # MiB at the end
    valid: int = 0
    problems: dict[str, str] = field(default_factory=dict)  # by operation


@dataclass(frozen=True, slots=True)
class Task:
    """A document, and what is asked of the servers."""

    document: Path
    judge: Judge
    requests: Mapping[tuple[str, str], Prepared]


@click.command()
@click.option("--openapi", type=click.Choice([*PAGES]), multiple=True, help="Documents of this version; all without.")
@click.option("--only", multiple=True, help="A document by its name; all without.")
@click.option("--prism/--no-prism", "with_prism", default=True, help="Whether to ask Prism too.")
def main(openapi: tuple[str, ...], only: tuple[str, ...], *, with_prism: bool) -> None:
    """Measure, and write the tables; print what is not as it should be.

    \b
    Examples:
      python -m bench.foreign
      python -m bench.foreign --openapi 3.1
      python -m bench.foreign --only stripe --no-prism
    """
    program = prism() if with_prism else None
    if with_prism and program is None:
        click.echo("SKIPPED: Prism needs Node.js; only the mock is measured.")
    for openapi_version in openapi or PAGES:
        page, documents = PAGES[openapi_version]
        rows = _rows([foreign for foreign in documents if not only or foreign.name in only], program)
        if len(rows) == len(documents):
            (RESULTS / page).write_text(_page(openapi_version, rows, documents), encoding="utf-8")


def _rows(documents: Sequence[Foreign], program: Path | None) -> "dict[str, Row]":
    """A row for each document that can be had."""
    rows: dict[str, Row] = {}
    for foreign in documents:
        document = _fetched(foreign)
        if document is None:
            click.echo(f"SKIPPED: {foreign.name}: {foreign.package} can't be had. npm and the registries are needed.")
            continue
        rows[foreign.name] = line, outcomes = _row(foreign, document, program)
        click.echo(line)
        _tell(outcomes)
    return rows


def _fetched(foreign: Foreign) -> Path | None:
    """The document; None if its package can't be had."""
    try:
        return foreign.fetch()
    except (OSError, subprocess.CalledProcessError):
        return None


# ---------------------------------------------------------------- one document
Row = tuple[str, dict[str, Outcome]]


def _row(foreign: Foreign, document: Path, program: Path | None) -> Row:
    task = Task(document, Judge(document), {(made.path, made.method): made for made in prepared(document)})
    outcomes = {"mock": _measured(task, _mock(document), _prefix(task))}
    if program:
        outcomes["prism"] = _measured(task, [str(program), "mock", "--host", "127.0.0.1", str(document)], "")
        outcomes["dynamic"] = _measured(task, [str(program), "mock", "-d", "--host", "127.0.0.1", str(document)], "")
    total = len(list(task.judge.operations()))
    cells = [f"{foreign.name}", f"{total}", foreign.style]
    cells += [_shown(outcomes.get(name), total) for name in ("mock", "prism", "dynamic")]
    cells += [_seconds(outcomes.get(name)) for name in ("mock", "prism")]
    cells += [f"{outcome.memory:.0f}" if (outcome := outcomes.get(name)) else "" for name in ("mock", "prism")]
    return f"| {' | '.join(cells)} |", outcomes


def _mock(document: Path) -> list[str]:
    root = str(document.parents[1])  # of several files, some are beside the folder of the contract
    return [sys.executable, "-m", "mockserver", "serve", "--seed", "1", "--spec", str(document), "--spec-root", root]


def _prefix(task: Task) -> str:
    """The mock serves below the path of the document's server; Prism doesn't."""
    return base_path(task.judge.document.get("servers", []))


def _measured(task: Task, command: list[str], prefix: str) -> Outcome:
    outcome = Outcome()
    with Server("foreign", [*command, "--port", "{port}"], core=None) as server, requests.Session() as session:
        try:
            outcome.start = server.start()
        except DidNotStart as error:
            outcome.problems["start"] = str(error)
            return outcome
        outcome.cpu = server.cpu()
        for path, method, base, operation in task.judge.operations():
            answer = _asked(session, task.requests.get((path, method)), f"{server.url}{prefix}")
            if isinstance(answer, str) and server.ended(within=1):
                answer = f"the server ends: {server.last_words()}"
                server.start()
            problem = answer if isinstance(answer, str) else task.judge.problem(base, operation, answer)
            outcome.valid += problem is None
            if problem:
                outcome.problems[f"{method.upper()} {path}"] = problem
        outcome.memory = server.memory()
    return outcome


def _asked(session: requests.Session, request: Prepared | None, place: str) -> Answer | str:
    """The answer to a request, or why there is none."""
    if request is None:
        return "no valid request could be made"
    try:
        answer = session.request(
            request.method, place + request.url, timeout=PATIENCE, allow_redirects=False, **request.keywords
        )
    except requests.RequestException as error:
        return f"no answer: {type(error).__name__}"
    return Answer(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.content)


# ---------------------------------------------------------------- what is shown
def _shown(outcome: Outcome | None, total: int) -> str:
    if outcome is None:
        return ""
    if outcome.start is None:
        return "not served"
    return f"{outcome.valid} ({outcome.valid / total:.0%})" if total else "served"


def _seconds(outcome: Outcome | None) -> str:
    return "" if outcome is None or outcome.start is None else f"{outcome.start:.1f} ({outcome.cpu:.1f})"


def _tell(outcomes: dict[str, Outcome]) -> None:
    for server, outcome in outcomes.items():
        for operation, problem in outcome.problems.items():
            click.echo(f"    {server}: {operation}: {problem}")


def _page(openapi: str, rows: Mapping[str, Row], documents: Sequence[Foreign]) -> str:
    head = (
        "| document | operations | style | mock: valid | Prism: valid | Prism -d: valid "
        "| mock: start, s | Prism: start, s | mock: MiB | Prism: MiB |"
    )
    lines = [
        f"# Documents of other people: OpenAPI {openapi}",
        "",
        f"What `make foreign` measured: one valid request per operation, to the mock and to `{PRISM}@{version(PRISM)}`",
        "(plain, and with `-d`). An answer is valid if it is a declared success with the declared type, headers, body,",
        "by plain jsonschema (`bench/documents/judge.py`). Start: from exec to the first answer; in brackets the CPU",
        "time in it, to which other work on the machine adds nothing. Memory: after all requests.",
        "",
        head,
        "|---|--:|---|--:|--:|--:|--:|--:|--:|--:|",
        *(line for line, _ in rows.values()),
        "",
        "## What fails, and why",
        "",
        *(line for name, (_, outcomes) in rows.items() for line in _why(name, outcomes)),
        "",
        "## Where the documents come from",
        "",
        *(f"- {foreign.name}: `{foreign.package}`, `{foreign.path}`" for foreign in documents),
        "",
    ]
    return "\n".join(lines)


def _why(document: str, outcomes: dict[str, Outcome]) -> Iterator[str]:
    """The most frequent reasons, one line for each server that failed anywhere."""
    for server, outcome in outcomes.items():
        kinds = Counter(_SPECIFIC.sub("…", problem)[:90] for problem in outcome.problems.values())
        reasons = "; ".join(f"{count} times {kind}" for kind, count in kinds.most_common(REASONS))
        if reasons:
            yield f"- {document}, {server}: {reasons}"


if __name__ == "__main__":
    main()
