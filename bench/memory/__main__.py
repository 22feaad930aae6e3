"""`python -m bench.memory`: ten documents of others, served by the mock, and each recognised resource lived through.

    python -m bench.memory [--only NAME]... [--no-live]

The reference is `truth/`, written by hand. The page goes to bench/results/memory.md if all documents could be had.
"""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import click
import requests

from bench.memory import application, own_contract
from bench.memory.fetching import NotAsPinned, fetched
from bench.memory.held import Outcome, outcomes
from bench.memory.live import Judged, judged
from bench.memory.page import Row, page
from bench.memory.served import asking, served
from bench.memory.truth import TrueDocument, documents
from bench.shared.servers import DidNotStart
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import recognise

APPLICATION = "The tests of a FastAPI application, at the mock of its document"
OURS = "Our own contract, without our handlers"
RESULT = Path(__file__).parents[1] / "results" / "memory.md"


@click.command()
@click.option("--only", multiple=True, help="A document by its name; all without.")
@click.option("--live/--no-live", "with_live", default=True, help="Whether to judge each mock by `check live`, too.")
def main(only: tuple[str, ...], *, with_live: bool) -> None:
    """Hold the memory of mocks against the truth, and write the page.

    \b
    Examples:
      python -m bench.memory
      python -m bench.memory --only billingo --no-live
    """
    every = documents()
    wanted = [one for one in every if not only or one.foreign.name in only]
    rows = _rows(wanted, with_live=with_live)
    if len(rows) == len(every):
        parts = {APPLICATION: application.told(application.suite()), OURS: own_contract.lines()}
        RESULT.write_text(page(rows, parts), encoding="utf-8")


def _rows(wanted: Sequence[TrueDocument], *, with_live: bool) -> list[Row]:
    rows = []
    for one in wanted:
        try:
            path = fetched(one)
            mended = held(one, path, one.overlay) if one.overlay else None
            row = Row(one, held(one, path), judged(path) if with_live else None, mended)
        except (OSError, subprocess.CalledProcessError) as error:
            click.echo(f"SKIPPED: {one.foreign.name}: {one.foreign.package} can't be had: {type(error).__name__}.")
        except (NotAsPinned, DidNotStart) as error:
            click.echo(f"SKIPPED: {one.foreign.name}: {error}")
        else:
            rows.append(row)
            _tell(row)
    return rows


def held(one: TrueDocument, path: Path, overlay: Path | None = None) -> list[Outcome]:
    """The outcomes of a document, at a mock of it, corrected by an overlay if there is one."""
    recognised = recognise(Contract.load(path, overlay=str(overlay) if overlay else None))
    with served(path, overlay) as url, requests.Session() as session:
        return outcomes(asking(session, url, one.headers), one.resources, recognised)


def _tell(row: Row) -> None:
    click.echo(row.counted())
    for outcome in row.outcomes:
        click.echo(f"    {outcome.kind}: {outcome.name}: {outcome.why}")
    for line in row.mended():
        click.echo(f"    with its overlay {line}")
    if row.live:
        click.echo(f"    check live: {_summary(row.live)}")


def _summary(live: Judged) -> str:
    return f"exit {live.code}, {live.requests} requests, findings: {', '.join(live.findings) or 'none'}"


if __name__ == "__main__":
    main()
