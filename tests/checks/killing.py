"""`make kill`: runs that are killed at random moments, and swept afterwards.

    python -m tests.checks.killing --times 50

Every time nothing of the run may be left, and nobody else's record may have changed.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from mockserver.clock import Ids
from tests.checks.instance import Instance

COMMAND = [sys.executable, "-m", "mockserver"]
CREDENTIALS = {"OL_USERNAME": "admin", "OL_PASSWORD": "password"}
LATEST = 14_000  # milliseconds after the first request


def killed_and_swept(instance: Instance, milliseconds: int) -> tuple[int, str]:
    """Kill a run so long after its first request; returns how many requests there were, and what the sweep said."""
    with tempfile.TemporaryDirectory() as folder:
        before = len(instance.log)
        start = ["check", "live", "--url", instance.url, "--report-dir", folder, "--max-examples", "5"]
        run = subprocess.Popen(  # noqa: S603 (our own command)
            [*COMMAND, *start],
            env=os.environ | CREDENTIALS,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while len(instance.log) == before and run.poll() is None and time.monotonic() < deadline:
            _wait(run, 0.01)
        _wait(run, milliseconds / 1000)
        run.kill()
        run.wait()
        sent = len(instance.log) - before
        ledger = Path(folder) / "ledger.jsonl"
        if not ledger.exists():
            return sent, "no ledger yet"
        sweep = [*COMMAND, "sweep", "--ledger", str(ledger), "--url", instance.url]
        swept = subprocess.run(  # noqa: S603 (our own command)
            sweep, env=os.environ | CREDENTIALS, capture_output=True, text=True, check=False
        )
        return sent, (swept.stdout + swept.stderr).strip().splitlines()[-1]


def _wait(run: "subprocess.Popen[bytes]", seconds: float) -> None:
    try:
        run.wait(seconds)
    except subprocess.TimeoutExpired:
        return


@click.command()
@click.option("--times", type=int, default=50, show_default=True, help="How often.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the moments.")
def main(times: int, seed: int) -> None:
    """Kill and sweep, again and again."""
    ids, failures = Ids(seed), 0
    with Instance() as instance:
        instance.inhabit()
        before = instance.snapshot()
        for number in range(1, times + 1):
            milliseconds = int(ids.hex(6), 16) % LATEST
            sent, said = killed_and_swept(instance, milliseconds)
            after = instance.snapshot()
            clean = after == before
            failures += not clean
            residue = len(after.keys() - before.keys())
            click.echo(f"{number:3} killed after {milliseconds:5} ms and {sent:4} requests: residue {residue}, {said}")
    click.echo(f"{times - failures} of {times} clean")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
