"""`make soak`: mixed load on one mock for half an hour; writes bench/results/soak.md.

    python -m bench.soak [--minutes 30] [--rate 300]

Ends with exit code 1 if an answer wasn't what it must be, an event was dropped, descriptors have grown, or memory
grows by more than 6 MB an hour.
"""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import click

from bench.cluster.ledger import Ledger
from bench.cluster.load import EVENTS, KEY
from bench.cluster.receivers import Receivers
from bench.contestants.roster import unsigned_mock
from bench.report.results import ROOT, commit
from bench.shared.machine import machine
from bench.shared.request import Request
from bench.shared.servers import LOAD_CORE, Server
from bench.soak import watching
from bench.soak.count import Count
from bench.soak.disturbances import Disturbances
from bench.soak.load import Load
from bench.soak.page import PICTURE, Soaked, draw, page
from bench.soak.samples import Sample, sample
from tools.programs import say

FOLDER = ROOT / "bench" / "results"
SAMPLES, SHORTEST = 360, 0.5  # of a run, and seconds between two
FAULT, RESET, RELOAD, LOOK = 3.0, 45.0, 20.0, 2.0  # seconds between two
WARM_UP = 10.0  # seconds of all of it, before descriptors are counted at rest
REST, QUIET = 20.0, 0.5  # seconds until connections are gone, and between two looks at that
Works = dict[str, Coroutine[Any, Any, None]]


@click.command()
@click.option("--minutes", default=30.0, show_default=True, help="How long.")
@click.option("--rate", default=300.0, show_default=True, help="Requests a second, at most.")
@click.option("--out", default=FOLDER, type=click.Path(path_type=Path), help="Folder for results.")
def main(minutes: float, rate: float, out: Path) -> None:
    """Soak, and write soak.md.

    \b
    Examples:
      python -m bench.soak
      python -m bench.soak --minutes 2 --out /tmp/soak
    """
    if not Path("/proc/self/stat").exists():
        sys.exit("SKIPPED: memory and descriptors are read from /proc, which this system doesn't have.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # an orderly end: the mock doesn't outlive it
    found_machine = machine()
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {LOAD_CORE})
    with tempfile.TemporaryDirectory() as folder:
        contract = Path(folder) / "openapi.yaml"
        shutil.copy(ROOT / "openapi.yaml", contract)
        with Server("soak", unsigned_mock("--spec", str(contract), "--watch")) as server:
            server.start(Request(EVENTS, headers=KEY))
            soaked = asyncio.run(_soak(server, contract, minutes, rate))
    out.mkdir(parents=True, exist_ok=True)
    (out / "soak.md").write_text(page(soaked, found_machine, commit()), "utf-8")
    (out / PICTURE).write_text(draw(soaked.samples), "utf-8")
    say((out / "soak.md").read_text("utf-8"))
    sys.exit(not soaked.is_passed)


async def _soak(server: Server, contract: Path, minutes: float, rate: float) -> Soaked:
    """All of it once for a short time; then as long as was asked for, between two looks at the mock at rest."""
    await _run(server, contract, WARM_UP, rate, Count())
    before = await _at_rest(server, None)
    count = Count()
    samples = await _run(server, contract, 60 * minutes, rate, count)
    after = await _at_rest(server, before.descriptors)
    return Soaked(minutes, rate, samples, before, after, count)


async def _run(server: Server, contract: Path, seconds: float, rate: float, count: Count) -> list[Sample]:
    """Load, disturbances and watchers for some seconds; what the process had meanwhile."""
    ends, load = asyncio.Event(), Load(server.url, count)
    async with Receivers(Ledger()) as receivers, load.http:
        disturbances = Disturbances(load, receivers)
        asyncio.get_running_loop().call_later(seconds, ends.set)
        works: Works = {
            "faults": disturbances.repeat(disturbances.fault, FAULT, ends),
            "resets": disturbances.repeat(disturbances.reset, min(RESET, seconds / 3), ends),
            "reloads": disturbances.repeat(lambda: disturbances.reload(contract), RELOAD, ends),
            "stream": watching.follow(load, ends),
            "page": disturbances.repeat(lambda: watching.look(load), LOOK, ends),
        }
        asking = asyncio.ensure_future(load.run(rate))
        sampling = asyncio.ensure_future(_sampled(server, seconds, ends))
        await asyncio.gather(*(_kept(name, work, count) for name, work in works.items()))
        load.end()
        await asking
        await disturbances.reset()
    return await sampling


async def _kept(name: str, work: Coroutine[Any, Any, None], count: Count) -> None:
    """A work whose failure is an error, and doesn't end the others."""
    try:
        await work
    except Exception as error:  # noqa: BLE001 (whatever it is, it is told)
        count.fail(name, f"ended: {type(error).__name__}: {error}")


async def _sampled(server: Server, seconds: float, ends: asyncio.Event) -> list[Sample]:
    loop = asyncio.get_running_loop()
    began, found = loop.time(), []
    while not ends.is_set():
        found.append(sample(server.pid, loop.time() - began))
        try:
            await asyncio.wait_for(ends.wait(), max(SHORTEST, seconds / SAMPLES))
        except TimeoutError:
            continue
    return found


async def _at_rest(server: Server, most: int | None) -> Sample:
    """What the process has without clients: once it has no more descriptors than `most`, or has had REST seconds."""
    least = sample(server.pid, 0.0)
    for _ in range(round(REST / QUIET)):
        await asyncio.sleep(QUIET)
        now = sample(server.pid, 0.0)
        least = now if now.descriptors <= least.descriptors else least
        if most is not None and least.descriptors <= most:
            break
    return least


if __name__ == "__main__":
    main()
