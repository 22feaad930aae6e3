"""Runs `collections/` with newman and Bruno's CLI, each before its own mock: `python -m tools.api_collections.check`.

Both sides are asked: a runner has to count a passed test for each request, and the mock has to have seen the operations
in the order of the walk, and answered each with 2xx. Exit code 0: so it is, or skipped (it says so), because Node.js,
npm or a registry is missing; 1: it isn't.
"""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface
from mockserver.testing import MockServer
from tools.api_collections import runners
from tools.api_collections.building import BASE_URL
from tools.api_collections.runners import RUNNERS, Counts, Runner
from tools.api_collections.walk import walk

COLLECTIONS = Path(__file__).resolve().parents[2] / "collections"
SUCCESS = range(200, 300)
Run = Callable[[Runner, Path, str], tuple[Counts, str]]
Answer = tuple[str | None, int]  # operationId, status


def problems(expected: Sequence[str], answers: Sequence[Answer], counts: Counts) -> list[str]:
    """What is wrong with a run that should call these operations; nothing, if it is as it should be."""
    found = [f"{name} was answered with {status}" for name, status in answers if status not in SUCCESS]
    called = [name for name, _ in answers]
    if called != list(expected):
        found.append(f"called were {', '.join(map(str, called)) or 'no operations'}; expected {', '.join(expected)}")
    if (counts.requests, counts.tests) != (len(expected), len(expected)):
        found.append(f"{counts.requests} requests and {counts.tests} tests are reported, not {len(expected)} of both")
    if counts.failures:
        found.append(f"{counts.failures} failures are reported")
    return found


def main(install: Callable[[], str | None] = runners.install, run: Run = runners.run) -> int:
    """Command line; returns the exit code."""
    reason = install()
    if reason is not None:
        sys.stdout.write(f"collections-check: SKIPPED, nothing was run: {reason}\n")
        return 0
    expected = [step.call.id for step in walk(Surface(Contract.load()))]
    return max([_judge(runner, expected, run) for runner in RUNNERS])


def _judge(runner: Runner, expected: Sequence[str], run: Run) -> int:
    """Run a collection, and tell how it went; returns 1 if something is wrong."""
    started = time.monotonic()  # noqa: TID251 - real seconds are told
    with MockServer() as mock:
        counts, said = run(runner, COLLECTIONS, f"{BASE_URL}={mock.url}")
        answers = [(entry.operation_id, entry.status) for entry in mock.world.journal.exchanges()]
    found = problems(expected, answers, counts)
    seconds = time.monotonic() - started  # noqa: TID251
    failed = f"{len(found)} problems" if found else "0 failures"
    sys.stdout.write(f"{runner.name}: {counts.requests} requests, {counts.tests} tests, {failed}, {seconds:.1f} s\n")
    if found:
        sys.stdout.write("\n".join([*(f"  {problem}" for problem in found), said, ""]))
    sys.stdout.flush()
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
