"""`make bench-guard`: has the request pipeline become slower? A quick look, fit for a busy machine.

What counts is the CPU time that a request costs the server, beside that of the raw Starlette route in the same run;
other work on the machine changes that less than answers a second. The bounds are generous.
"""

import statistics
import sys
from itertools import repeat
from pathlib import Path

import click

from bench.contestants import roster
from bench.shared import work
from bench.shared.client import burst
from bench.shared.request import Request
from bench.shared.servers import Server

ROUNDS = 9
REQUESTS = 4_000  # of a turn: enough for the clock of 10 ms that CPU time is counted with
# Of the Starlette route, whose own cost for the same work differs by half from one minute to the next on a shared
# machine: the same commit had 1.11 to 1.57 for POST on one day.
BOUNDS = {"GET": 1.5, "POST": 1.0}


def main() -> None:
    """Measure, print, and end with exit code 1 if a bound is missed."""
    if not Path("/proc/self/stat").exists():
        click.echo("bench-guard: SKIPPED: CPU time is read from /proc, which this system doesn't have.")
        return
    known = roster.credentials()
    (ours, _), (floor, _) = roster.ours(), roster.bounds()
    first = Request(work.EVENTS, headers=known.headers)
    missed = False
    with ours.server() as mock, floor.server() as beside:
        mock.start(first)
        beside.start(first)
        for row in work.rows(known):
            if row.name in BOUNDS:
                share, bound = _share(mock, beside, row.request), BOUNDS[row.name]
                missed |= share < bound
                verdict = "TOO SLOW" if share < bound else "fine"
                click.echo(f"{row.name}: {share:.2f} times as fast as {floor.name}, at least {bound}: {verdict}")
    sys.exit(missed)


def _share(mock: Server, floor: Server, request: Request) -> float:
    """How many requests the mock answers in the CPU time in which the floor answers one; the median of the rounds."""
    for server in (mock, floor):
        _cost(server, request)
    pairs = [(_cost(mock, request), _cost(floor, request)) for _ in range(ROUNDS)]
    return statistics.median(theirs / ours for ours, theirs in pairs)


def _cost(server: Server, request: Request) -> float:
    """Seconds of CPU time for the requests of a turn."""
    before = server.cpu()
    burst(server.port, repeat(request.raw(), REQUESTS))
    return server.cpu() - before


if __name__ == "__main__":
    main()
