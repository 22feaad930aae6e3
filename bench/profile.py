"""`python -m bench.profile`: where the time of a request goes, by module, as a table.

Needs `wrk`, and py-spy beside it (`pip install py-spy`; on some systems it has to be run by root). The mock is on one
core and the load on the other, as in `make bench`; a sample belongs to the innermost module of ours in its stack, and
to the system if it was taken in a call of the system library.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from bench.contestants import roster
from bench.shared import load, work
from bench.shared.request import Request
from bench.shared.servers import LOAD_CORE, Server, pinned

RATE = 500  # samples a second
SYSTEM, ELSEWHERE = "system calls", "event loop, parser, others"
_OURS = re.compile(r"\((?:\S*/)?mockserver/([\w/]+)\.py")


def share(stacks: Iterable[str]) -> dict[str, float]:
    """Per cent by module, from the lines of py-spy's raw format: `frame;frame;… samples`."""
    found: Counter[str] = Counter()
    for line in stacks:
        stack, _, samples = line.rpartition(" ")
        found[_owner(stack.split(";"))] += int(samples)
    return {name: 100 * count / found.total() for name, count in found.most_common()}


def _owner(frames: list[str]) -> str:
    if "(libc" in frames[-1]:
        return SYSTEM
    ours = (match[1] for frame in reversed(frames) if (match := _OURS.search(frame)))
    return next(ours, ELSEWHERE)


def profile(server: Server, row: work.Row, seconds: int, sampler: str) -> dict[str, float]:
    """Per cent by module, under load."""
    with ThreadPoolExecutor(1) as threads, tempfile.NamedTemporaryFile() as raw:
        driven = threads.submit(load.maximum, server, row.request, seconds + 2, row.expected)
        options = ["--native", "--rate", str(RATE), "--duration", str(seconds), "--format", "raw", "--output", raw.name]
        command = [*pinned(LOAD_CORE), sampler, "record", "--pid", str(server.pid), *options]
        subprocess.run(command, check=True, capture_output=True)
        driven.result()
        return share(Path(raw.name).read_text("utf-8").splitlines())


@click.command()
@click.option("--rows", default="GET,POST", show_default=True, help="Which rows, separated by commas.")
@click.option("--seconds", default=8, show_default=True, help="How long to look at each.")
def main(rows: str, seconds: int) -> None:
    """Print the shares of each row, the largest first."""
    sampler = shutil.which("py-spy")
    if reason := load.missing() or ("" if sampler else "py-spy not found: pip install py-spy"):
        sys.exit(f"SKIPPED: {reason}.")
    known = roster.credentials()
    for row in work.rows(known):
        if row.name in rows.split(","):
            with roster.ours()[0].server() as server:
                server.start(Request(work.EVENTS, headers=known.headers))
                load.maximum(server, row.request, 1, row.expected)
                click.echo(f"\n| {row.name} | % |\n|---|--:|")
                for name, part in profile(server, row, seconds, str(sampler)).items():
                    if part >= 0.5:  # noqa: PLR2004 (what is less is lost among the others)
                        click.echo(f"| {name} | {part:.1f} |")


if __name__ == "__main__":
    main()
