"""Who watches the mock during a soak: a client of the stream, and somebody with the page open."""

import asyncio
import re
from collections.abc import AsyncIterator

import httpx2

from bench.soak.load import Load
from bench.soak.mixture import Asked

PAGE, STREAM = "/_mock/ui", "/_mock/stream"
POLLED = (f"{PAGE}/setup", "/_mock/deliveries?_itemsOnPage=20", "/_mock/faults", "/_mock/clock", "/_mock/metrics")
ASSET = re.compile(r"/_mock/ui/assets/[\w.-]+")
MISSED = "missed"


async def follow(load: Load, ends: asyncio.Event) -> None:
    """Read the stream to the end of the run; it may not end before, and may not miss anything."""
    reading = asyncio.ensure_future(_read(load))
    ending = asyncio.ensure_future(ends.wait())
    await asyncio.wait((reading, ending), return_when=asyncio.FIRST_COMPLETED)
    if reading.done():
        load.count.fail("stream", "it ended before the run did")
    for task in (reading, ending):
        task.cancel()
    await asyncio.gather(reading, ending, return_exceptions=True)


async def _read(load: Load) -> None:
    async with load.http.stream("GET", STREAM, timeout=None) as answer:
        async for kind in kinds(answer.aiter_lines()):
            load.count.events[kind] += 1
            if kind == MISSED:
                load.count.dropped["stream"] += 1


async def kinds(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    """The kind of each event in the lines of a stream."""
    async for line in lines:
        name, _, value = line.partition(": ")
        if name == "event":
            yield value.strip()


async def look(load: Load) -> None:
    """Open the page with what it refers to, and what its scripts ask for."""
    try:
        shown = await load.http.get(PAGE)
        for asset in sorted(set(ASSET.findall(shown.text))):
            (await load.http.get(asset)).raise_for_status()
    except httpx2.HTTPError as error:
        load.count.fail("page", type(error).__name__)
        return
    load.count.answers["page"] += 1
    for path in POLLED:
        await load.ask(Asked(f"page: {path}", "GET", path))
