"""`make safety`: whole, killed and interrupted checks of an instance full of foreign records, several at a time.

Kills are spread over a whole run: each has a share of it, and comes at a random request in there. So fifty reach every
part of a run, with less luck than fifty that fall anywhere.
"""

import asyncio
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import monotonic  # noqa: TID251 (how long a trial took is told)
from typing import Any

import click

from mockserver.clock import Ids
from tests.mutants.exchange import OTHER_STORE
from tests.mutants.judges import quieten_mocks
from tests.mutants.kept import Kept, code_digest
from tests.mutants.trials import Trial, Trigger, interrupted, killed, whole
from tests.support.repository import ROOT

RESULTS = Path("build/safety.json")
PAGE = ROOT / "bench" / "results" / "safety.md"
WHOLE, KILL, INTERRUPT = "whole run", "kill", "Ctrl-C"
HEAD = """# A check among other people's records

Written by `make safety ARGS=--write`. An instance has 200 subscriptions and 50 members of other people in three stores.
A check of it may change none of them, and leaves nothing: not where it is whole, nor, after `mockserver sweep`, where
it is killed or interrupted. A proxy before the instance is the witness.
"""


@dataclass(frozen=True)
class Attempt:
    """A trial that is to be. `at` is the number of the request at which the run is ended: before or after the server
    saw it."""

    kind: str
    number: int
    at: int = 0
    before: bool = False

    @property
    def name(self) -> str:
        """The trial in words, the same whenever it is planned anew."""
        when = f", {'before' if self.before else 'after'} request {self.at}" if self.at else ""
        return f"{self.kind} {self.number}{when}"


def ended_attempts(kind: str, count: int, last: int, seed: int) -> list[Attempt]:
    """So many runs that are ended, spread over the requests from 1 to the last one."""
    chance = Ids(seed)

    def attempt(number: int) -> Attempt:
        share = (number - 1 + int(chance.hex(6), 16) / 16**6) / count
        return Attempt(kind, number, 1 + int(share * last), before=int(chance.hex(1), 16) % 2 == 0)

    return [attempt(number) for number in range(1, count + 1)]


def tried(attempt: Attempt, examples: int) -> tuple[Trial, float]:
    """How a trial went, and its seconds. In a process of its own, as several would share an interpreter."""
    quieten_mocks()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has what runs behind it ignore Ctrl-C
    options = ("--seed", attempt.number, "--max-examples", examples, "--other-store", OTHER_STORE)
    trigger, started = Trigger(attempt.at, attempt.before), monotonic()
    if attempt.kind == WHOLE:
        trial = asyncio.run(whole(options))
    else:
        trial = asyncio.run((killed if attempt.kind == KILL else interrupted)(trigger, options))
    return trial, monotonic() - started


def _ended(attempts: Iterable[Attempt], examples: int, jobs: int) -> Iterator[tuple[Attempt, Trial, float]]:
    """Each trial, as it ends."""
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        futures = {pool.submit(tried, attempt, examples): attempt for attempt in attempts}
        try:
            for future in as_completed(futures):
                yield futures[future], *future.result()
        finally:
            pool.shutdown(cancel_futures=True)


class Safety:
    """The trials of one run of this command, and what is kept of them."""

    def __init__(self, kept: Kept, options: Mapping[str, Any]) -> None:
        self._kept, self._options = kept, options
        self.results: dict[str, list[dict[str, Any]]] = {WHOLE: [], KILL: [], INTERRUPT: []}

    def play(self) -> None:
        """Try everything that isn't kept. What is interrupted runs alone, as its seconds count."""
        seeds, kills, interrupts, seed, jobs = (
            self._options[name] for name in ("seeds", "kills", "interrupts", "seed", "jobs")
        )
        self._try([Attempt(WHOLE, number) for number in range(1, seeds + 1)], jobs)
        last = round(median([one["requests"] for one in self.results[WHOLE]] or [1000]))
        self._try(ended_attempts(KILL, kills, last, seed), jobs)
        self._try(ended_attempts(INTERRUPT, interrupts, last, seed + 1), 1)

    def _try(self, attempts: list[Attempt], jobs: int) -> None:
        missing = []
        for attempt in attempts:
            if self._options["resume"] and (known := self._kept[attempt.name]):
                self._note(attempt, known)
            else:
                missing.append(attempt)
        for attempt, trial, seconds in _ended(missing, self._options["examples"], jobs) if missing else ():
            result = {**asdict(trial), "seconds": round(seconds, 1)}
            self._kept.put(attempt.name, result)
            self._note(attempt, result)

    def _note(self, attempt: Attempt, result: dict[str, Any]) -> None:
        self.results[attempt.kind].append({"name": attempt.name, **result})
        harm = "; ".join(result["problems"][:5]) or "no harm"
        told = f"{result['requests']} requests, {result['seconds']} s, {result['note']}"
        click.echo(f"{attempt.name}: {told}: {harm}")
        if self._options["write"]:
            PAGE.write_text(markdown(self.results), "utf-8")

    @property
    def harmful(self) -> int:
        """How many of the trials did harm."""
        return sum(bool(one["problems"]) for some in self.results.values() for one in some)


def markdown(results: Mapping[str, list[dict[str, Any]]]) -> str:
    """The page, of what was tried so far."""
    lines = [HEAD, "| trial | runs | did harm | over before | requests | most left for the sweep | seconds |"]
    lines += ["|---|--:|--:|--:|--:|--:|--:|", *(_sum(kind, some) for kind, some in results.items() if some)]
    lines += ["", "| run | requests | how it ended | harm |", "|---|--:|---|---|"]
    for one in sorted((one for some in results.values() for one in some), key=_order):
        lines += [f"| {one['name']} | {one['requests']} | {one['note']} | {'; '.join(one['problems'][:5]) or 'none'} |"]
    return "\n".join(lines) + "\n"


def _sum(kind: str, some: list[dict[str, Any]]) -> str:
    harm, over = sum(bool(one["problems"]) for one in some), sum(one["over"] for one in some)
    requests, left = [one["requests"] for one in some], max(one["left"] for one in some)
    seen, seconds = f"{min(requests)} to {max(requests)}", sum(one["seconds"] for one in some)
    return f"| {kind} | {len(some)} | {harm} | {over} | {seen} | {left} | {seconds:.0f} |"


def _order(result: Mapping[str, Any]) -> tuple[int, int]:
    kind, _, number = result["name"].partition(",")[0].rpartition(" ")
    return (WHOLE, KILL, INTERRUPT).index(kind), int(number)


@click.command()
@click.option("--seeds", default=5, show_default=True, help="Whole runs.")
@click.option("--kills", default=50, show_default=True, help="Runs that are killed.")
@click.option("--interrupts", default=5, show_default=True, help="Runs that get Ctrl-C.")
@click.option("--examples", default=10, show_default=True, help="Generated cases for each operation.")
@click.option("--seed", default=1, show_default=True, help="Seed of the moments.")
@click.option("--jobs", default=2, show_default=True, help="So many at a time; those that get Ctrl-C run alone.")
@click.option("--results", type=click.Path(path_type=Path), default=RESULTS, show_default=True, help="Kept here.")
@click.option("--resume", is_flag=True, help="Only what has no result of this code there, yet.")
@click.option("--write", is_flag=True, help="Write bench/results/safety.md, anew with each result.")
def main(results: Path, **options: Any) -> None:
    """Run, kill and interrupt checks of an instance full of foreign records. Exit code 1 if one did any harm.

    \b
    Examples:
      python -m tests.mutants.safety --write
      python -m tests.mutants.safety --write --resume
      python -m tests.mutants.safety --seeds 1 --kills 2 --interrupts 1
    """
    of = f"code {code_digest()}, {options['examples']} examples, seed {options['seed']}, {options['kills']} kills"
    safety = Safety(Kept(results, of), options)
    safety.play()
    click.echo(f"{sum(map(len, safety.results.values()))} runs, {safety.harmful} did harm")
    sys.exit(safety.harmful > 0)


if __name__ == "__main__":
    main()
