"""`python -m bench.engines`: what a request costs on each of the two engines, in CPU time, as a table.

The requests are those of `make bench`, many at once. CPU time hardly changes with what else the machine does.
"""

import statistics
from itertools import repeat

import click

from bench.contestants import roster
from bench.shared import work
from bench.shared.client import burst
from bench.shared.request import Request
from bench.shared.servers import Server

ROUNDS = 3
REQUESTS = 3_000  # of a round: enough for the clock of 10 ms that CPU time is counted with
ROWS = ("GET", "LIST", "POST", "BAD")


def main() -> None:
    """Measure and print."""
    known = roster.credentials()
    (ours, _), ((stock,), _) = roster.ours(), roster.others(("stock",), known)
    click.echo("| µs of CPU time | compiled | connexion | |\n|---|---|---|---|")
    for row in work.rows(known):
        if row.name in ROWS:
            compiled, connexion = (_measured(contestant.server(), row, known) for contestant in (ours, stock))
            click.echo(f"| {row.work} | {compiled:.0f} | {connexion:.0f} | {connexion / compiled:.0f} times |")


def _measured(server: Server, row: work.Row, known: work.Credentials) -> float:
    """Microseconds of CPU time for a request: the median of the rounds, after one that warms up."""
    with server:
        server.start(Request(work.EVENTS, headers=known.headers))
        work.subscribed(server, known.headers, row.rows)
        _cost(server, row)
        return statistics.median(_cost(server, row) for _ in range(ROUNDS))


def _cost(server: Server, row: work.Row) -> float:
    before = server.cpu()
    burst(server.port, repeat(row.request.raw(), REQUESTS), expected=row.expected)
    return 1e6 * (server.cpu() - before) / REQUESTS


if __name__ == "__main__":
    main()
