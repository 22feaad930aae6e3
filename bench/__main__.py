"""`make bench`: the mock beside its peers, a floor and limits; writes bench/results/side-by-side.md."""

import os
import signal
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from bench.contestants import roster
from bench.contestants.roster import PEERS, Contestant
from bench.report import page
from bench.report.results import LOADS, TABLES, Results, Run, commit
from bench.rows import commands, foreign, growth, memory, replicas, rounds, start
from bench.rows.rounds import Plan
from bench.shared import load, work
from bench.shared.machine import machine
from bench.shared.table import Table

FOLDER = Path(__file__).parent / "results"
CORES = 2
ALL = (*LOADS, *TABLES)


@click.command()
@click.option("--rows", default=",".join(ALL), show_default=True, help="Which rows; the page keeps the others.")
@click.option("--rounds", "times", default=7, show_default=True, help="Interleaved rounds.")
@click.option("--seconds", default=1.0, show_default=True, help="Seconds of a turn.")
@click.option("--peers", default=",".join(PEERS), show_default=True, help="Which peers, or none.")
@click.option("--shrink", default=1, show_default=True, help="Divide numbers of requests and records, to try it out.")
@click.option("--out", default=str(FOLDER), help="Folder for results.  [default: bench/results]")
def main(*, rows: str, times: int, seconds: float, peers: str, shrink: int, out: str) -> None:  # noqa: PLR0913 (options)
    """Measure side by side, and write side-by-side.md.

    \b
    Examples:
      python -m bench
      python -m bench --rows FAN,FUZZ
      python -m bench --rows GET,POST --rounds 3 --peers none --out /tmp/bench
      python -m bench --rounds 1 --seconds 1 --shrink 100 --out /tmp/bench
    """
    wanted = set(rows.split(","))
    if unknown := wanted - {*ALL}:
        raise click.BadParameter(f"There is no row {', '.join(sorted(unknown))}.", param_hint="--rows")
    if reason := load.missing() or ("two cores are needed" if (os.cpu_count() or 1) < CORES else None):
        sys.exit(f"SKIPPED: {reason}.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # an orderly end: no server outlives it
    results = Results(Path(out), Run(commit(), f"{datetime.now(UTC):%Y-%m-%d}", times, seconds, shrink))
    if wanted == {*ALL}:
        results.forget()
    _run(wanted, Plan(times, seconds, shrink), tuple(peers.split(",")), results)


def _run(wanted: set[str], plan: Plan, peers: tuple[str, ...], results: Results) -> None:
    """Measure these rows, and write the page after each."""
    found_machine = machine()
    known = roster.credentials()
    others, missing = roster.others(peers, known)
    ours, lines = roster.ours()
    everybody = [ours, roster.own_constant(), lines, *roster.bounds(), *others]
    for name, why in missing.items():
        click.echo(f"SKIPPED: {name}: {why}")
    results.set_up(found_machine, everybody, missing)
    for row, measure in _measures(everybody, known, plan, results).items():
        if row in wanted:
            _attempt(row, measure, results)
            click.echo(page.render(results, work.rows(known)))


def _measures(
    everybody: list[Contestant], known: work.Credentials, plan: Plan, results: Results
) -> Mapping[str, Callable[[], None]]:
    """What each row does."""
    loops = {"LOGIN": {commands.LOOP: commands.sign}}
    loads = {
        row.name: partial(
            _load, results, row, lambda row: rounds.measure(row, everybody, known, plan, loops.get(row.name, {}))
        )
        for row in work.rows(known)
    }
    tables: dict[str, Callable[[], Table]] = {
        "TIME": partial(commands.create, plan),
        "START": partial(start.measure, everybody, known, plan),
        "MEM": partial(memory.measure, everybody, known, plan),
        "GROW": partial(growth.measure, known, plan),
        "FAN": partial(commands.fan, plan),
        "FUZZ": partial(commands.fuzz, plan),
        "FOREIGN": partial(foreign.measure, plan),
        "REPLICAS": partial(replicas.measure, plan),
    }
    return loads | {row: partial(_table, results, row, measure) for row, measure in tables.items()}


def _load(results: Results, row: work.Row, measure: Callable[[work.Row], dict[str, rounds.Figures]]) -> None:
    results.add_load(row.name, measure(row))


def _table(results: Results, row: str, measure: Callable[[], Table]) -> None:
    results.add_table(row, measure())


def _attempt(row: str, measure: Callable[[], None], results: Results) -> None:
    """Measure a row; if that fails, the others are not lost."""
    click.echo(f"{row} …")
    try:
        measure()
    except Exception as error:  # noqa: BLE001 (whatever it is, it is told, and the next row comes)
        results.fail(row, f"{type(error).__name__}: {error}")
        click.echo(f"FAILED: {row}: {results.failed[row]}")


if __name__ == "__main__":
    main()
