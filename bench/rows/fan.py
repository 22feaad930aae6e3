"""`python -m bench.rows.fan`: deliveries per second beside a bare httpx2 loop that posts the same bodies to the same
place.

1,000 subscriptions of one event, 50 events. The receiver has the other core. Ratios count; absolute figures are the
machine's.
"""

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import httpx2
import uvloop

from mockserver.clock import Clock
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.storage.model import Destination, Member, SigningState, Subscription
from mockserver.webhooks.payloads import customer_registered
from mockserver.world import World

SUBSCRIPTIONS, EVENTS = 1_000, 50
SAMPLE = 10_000  # posts of the bare loop: its rate doesn't depend on how many they are
PATIENCE = 600  # seconds
OUR_CORE, THEIR_CORE = 0, 1


@click.command()
@click.option("--events", default=EVENTS, show_default=True, help="How many events to emit.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def main(events: int, *, as_json: bool) -> None:
    """Measure deliveries, and print.

    \b
    Examples:
      python -m bench.rows.fan
      python -m bench.rows.fan --events 10 --json
    """
    os.sched_setaffinity(0, {OUR_CORE})
    with receiver() as url:
        found = uvloop.run(_measure(url, events))
    if as_json:
        click.echo(json.dumps(found))
        return
    delivered, bare = found["delivered"], found["bare"]
    click.echo(f"deliveries: {delivered:.0f}/s, bare httpx2 loop {bare:.0f}/s, ratio {delivered / bare:.2f}")
    click.echo(f"memory: {found['before']:.0f} MiB before, {found['peak']:.0f} at most, {found['after']:.0f} after")


async def _measure(url: str, events: int) -> dict[str, float]:
    world = World.build(Settings(seed=1), Contract.load(), Clock())
    await world.seed()
    for number in range(SUBSCRIPTIONS):
        destination = Destination(f"{url}/{number}")
        signing = SigningState(f"whsec_{number:064x}")
        await world.state.add_subscription(
            Subscription(f"{number}", "DEFAULT", "CustomerRegistered", 0, destination, signing)
        )
    await _delivered(world, 1)
    before = await _bare(world, url)
    with _memory() as memory:
        delivered = await _measured(_delivered(world, events), SUBSCRIPTIONS * events)
    after = await _bare(world, url)
    bare = [sum(both) / 2 for both in zip(before, after, strict=True)]
    rates = {"delivered": delivered[0], "delivered CPU": delivered[1], "bare": bare[0], "bare CPU": bare[1]}
    return rates | memory


async def _measured(work: Awaitable[None], number: int) -> tuple[float, float]:
    """How often a second something was done that was done so often, and the seconds of CPU time of each."""
    started, used = time.perf_counter(), time.process_time()
    await work
    return number / (time.perf_counter() - started), (time.process_time() - used) / number


async def _delivered(world: World, events: int) -> None:
    """Emit events as fast as possible, and wait until all is delivered."""
    for number in range(events):
        member = Member(f"{number}", "DEFAULT", f"{number}@example.com", None, None, "AB", 0, {})
        data = customer_registered(member) | {"customerId": world.ids.uuid()}
        await world.emit("CustomerRegistered", "DEFAULT", data)
    if await world.deliveries.drain(PATIENCE):
        sys.exit("The deliveries took too long.")
    lost = (await world.deliveries.listing({"status": "failed"})).filtered
    if lost:
        sys.exit(f"{lost} deliveries failed.")


async def _bare(world: World, url: str) -> tuple[float, float]:
    """Posts per second of a plain loop, with the body of a delivery, and the seconds of CPU time of one."""
    (delivery,) = (await world.deliveries.listing({"status": "delivered"}, limit=1)).rows
    request = delivery.attempts[0].request
    headers, body = dict(request.headers), request.body.encode()
    async with httpx2.AsyncClient() as client:

        async def post() -> None:
            for _ in range(SAMPLE):
                await client.post(f"{url}/bare", content=body, headers=headers)

        return await _measured(post(), SAMPLE)


@contextmanager
def _memory() -> Iterator[dict[str, float]]:
    """Resident memory in MiB: before, at most, after."""
    found = {"before": _resident(), "peak": 0.0}
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.1):
            found["peak"] = max(found["peak"], _resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    yield found
    over.set()
    watcher.join()
    found["after"] = _resident()


def _resident() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


@contextmanager
def receiver() -> Iterator[str]:
    """A receiver on the other core, as cheap as can be."""
    command = ["taskset", "-c", str(THEIR_CORE), sys.executable, "-m", "bench.rows.receiver"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield (process.stdout.readline() if process.stdout else "").strip()
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
