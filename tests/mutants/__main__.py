"""`make mutants`: how many single faults does the judge find, and how many does it imagine?"""

import asyncio
import sys
from pathlib import Path
from time import monotonic  # noqa: TID251 (a real budget)
from typing import Any

import click

from mockserver.settings import Settings
from mockserver.testing import MockServer
from tests.mutants.exchange import OTHER_STORE, STORE, operation_ids
from tests.mutants.faults import MUTANTS
from tests.mutants.judges import check_live, quieten_mocks
from tests.mutants.kept import Kept, code_digest
from tests.mutants.mutant import Mutant
from tests.mutants.page import PAGE, markdown
from tests.mutants.power import DOCUMENT, noticing, promises, unnoticed, written
from tests.mutants.proxy import honest, proxy
from tests.mutants.score import CORRECT, JUDGES, OURS, Contest, Score, judged
from tests.support.postgres import STORAGES, storages

EVERY = 3
AIM = 90  # per cent of the mutants that can be seen
RESULTS = Path("build/mutants.json")


def _chosen(only: str, every: int) -> list[Mutant]:
    return [mutant for mutant in MUTANTS if only.lower() in mutant.name.lower()][::every]


_only = click.option("--only", default="", help="Only mutants with this in their name.")


@click.group()
def main() -> None:
    """Single faults before a correct mock.

    \b
    Examples:
      python -m tests.mutants list
      python -m tests.mutants score --only delet --judge 'check live'
      python -m tests.mutants score --every 1 --write --resume
      python -m tests.mutants serve 'deleting keeps it' --port 8282
      python -m tests.mutants false-alarms --seeds 10
      python -m tests.mutants power --check
    """
    quieten_mocks()


@main.command("list")
@_only
def list_mutants(only: str) -> None:
    """Show the mutants: what each breaks, and where a finding is right."""
    for mutant in _chosen(only, 1):
        places = "anywhere" if mutant.places == operation_ids() else ", ".join(sorted(mutant.places))
        unseen = f" Can't be seen: {mutant.unseen}." if mutant.unseen else ""
        click.echo(f"{mutant.name}: {mutant.breaks} [{places}]{unseen}")
    click.echo(f"{len(_chosen(only, 1))} mutants")


@main.command()
@_only
@click.option(
    "--every",
    type=click.IntRange(1),
    default=EVERY,
    show_default=True,
    help="Only each so manieth; 1 is all, which takes hours.",
)
@click.option("--judge", "judges", multiple=True, type=click.Choice(list(JUDGES)), help="Only these; all if left out.")
@click.option("--examples", default=20, show_default=True, help="Generated cases for each operation, for every judge.")
@click.option("--jobs", default=2, show_default=True, help="So many at a time.")
@click.option("--minutes", default=600, show_default=True, help="After how many no further run is begun.")
@click.option("--results", type=click.Path(path_type=Path), default=RESULTS, show_default=True, help="Kept here.")
@click.option("--resume", is_flag=True, help="Only what has no result of this code and budget there, yet.")
@click.option("--write", is_flag=True, help="Write bench/results/mutants.md, anew with each result.")
def score(only: str, every: int, judges: tuple[str, ...], **how: Any) -> None:
    """Put each mutant before the judges and print who noticed. Exit code 1 if ours is below its aim.

    Each result is kept as soon as it is there: a run that was cut goes on with --resume.
    """
    chosen, judges = _chosen(only, 1 if only else every), judges or tuple(JUDGES)
    kept = Score(Kept(how["results"], f"code {code_digest()}, {how['examples']} examples"))

    def tell(line: str) -> None:
        click.echo(line, err=True)
        if how["write"]:
            PAGE.write_text(markdown(kept, list(MUTANTS), list(JUDGES), how["examples"]), "utf-8")

    contest = Contest(kept, how["examples"], how["jobs"], monotonic() + 60 * how["minutes"], monotonic, tell)
    servers: list[list[Mutant | None]] = [[None], [*chosen]]
    for some in servers:  # the correct server first: what is said of it is no finding
        runs = [(server, judge) for server in some for judge in judges]
        asyncio.run(contest.run(run for run in runs if not (how["resume"] and kept.has(_name(run[0]), run[1]))))
    click.echo(kept.table(chosen, judges))
    ours = [entry["result"] for mutant in chosen if not mutant.unseen and (entry := kept.entry(mutant.name, OURS))]
    sys.exit(OURS in judges and 100 * ours.count("found") < AIM * len(ours))


def _name(mutant: Mutant | None) -> str:
    return mutant.name if mutant else CORRECT


@main.command("false-alarms")
@click.option("--seeds", default=10, show_default=True, help="So many runs.")
@click.option("--examples", default=20, show_default=True, help="Generated cases for each operation.")
@click.option("--storage", type=click.Choice(STORAGES), default="memory", show_default=True, help="Where its state is.")
def false_alarms(seeds: int, examples: int, storage: str) -> None:
    """Put the correct server before our judge, with several seeds. Exit code 1 if one finds anything."""
    with storages(storage) as new:
        alarms = sum(_alarms(seed, examples, new()) for seed in range(1, seeds + 1))
    sys.exit(alarms > 0)


def _alarms(seed: int, examples: int, storage: str) -> int:
    """How much one run finds on the correct server; it is told."""
    ruling = asyncio.run(judged(check_live, honest, seed, examples, storage))
    findings = ", ".join(": ".join(finding) for finding in sorted(ruling.findings)) or "nothing"
    click.echo(f"seed {seed}: exit {ruling.exit_code}, {ruling.cases} cases, {ruling.seconds:.0f} s, found {findings}")
    return len(ruling.findings) or ruling.exit_code


@main.command()
@click.option("--jobs", default=2, show_default=True, help="So many at a time.")
@click.option("--check", is_flag=True, help="Change no file: fail if docs/judge.md says something else.")
def power(jobs: int, *, check: bool) -> None:
    """Mute each promise of our judge, and see whether a test notices. Exit code 1 if one could be muted.

    The result goes into docs/judge.md.
    """
    found = asyncio.run(noticing(jobs, click.echo))
    before = DOCUMENT.read_text("utf-8")
    stale = check and promises(before) != list(found)
    if not check:
        DOCUMENT.write_text(written(before, found), "utf-8")
    muted = list(unnoticed(found))
    click.echo(f"{len(found) - len(muted)} of {len(found)} promises are noticed when they are muted.")
    click.echo(f"{DOCUMENT} is out of date: run `make judge-power`." if stale else "", nl=stale)
    sys.exit(bool(muted or stale))


@main.command()
@click.argument("name", default="")
@click.option("--port", default=8282, show_default=True, help="Port of the proxy; 0 lets the system choose.")
def serve(name: str, port: int) -> None:
    """Serve a mutant until Ctrl-C; the correct server if no name is given."""
    if name and name not in {mutant.name for mutant in MUTANTS}:
        raise click.UsageError(f"There is no mutant {name!r}; `python -m tests.mutants list` shows them.")
    fault = next((mutant.make() for mutant in MUTANTS if mutant.name == name), honest)

    async def forever() -> None:
        with MockServer(Settings(stores=(STORE, OTHER_STORE), seed=1)) as mock:
            async with proxy(mock.url, fault, port) as url:
                click.echo(f"{name or 'a correct server'} on {url}")
                await asyncio.Event().wait()

    try:
        asyncio.run(forever())
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
