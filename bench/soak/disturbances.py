"""What disturbs a soak: faults that come and go, resets, and a contract that changes under `--watch`."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from itertools import count, cycle
from pathlib import Path
from typing import Any, NamedTuple

import httpx2

from bench.cluster.load import DELIVERED, EVENTS, SUBSCRIPTIONS, subscription
from bench.cluster.receivers import Receivers
from bench.soak.load import Load
from bench.soak.mixture import OK, Asked

MARK = "X-Soak"  # the header of the requests that a fault is meant for
CREATED, NO_CONTENT, BROKEN = 201, 204, 503
DELAY = 0.2  # seconds
LOOK, PATIENCE = 0.1, 30.0  # seconds between two looks, and until something must have happened
LANES = (*(f"good-{number}" for number in range(1, 10)), "failing-1")
GOOD = LANES[:-1]
VERSION = re.compile(r"^  version: 0\.1\.([0-9]+)$", re.MULTILINE)


class Fault(NamedTuple):
    """A fault's answer, and what it looks like to the client: a status, or 0 for a broken connection."""

    name: str
    answer: dict[str, Any]
    status: int


FAULTS = (
    Fault("a status", {"status": BROKEN}, BROKEN),
    Fault("a delay", {"delay": DELAY}, OK),
    Fault("a truncated body", {"effect": "truncateBody"}, 0),
    Fault("a dropped connection", {"effect": "dropConnection"}, 0),
)


class Disturbances:
    """Disturbs the mock of a load, which goes on meanwhile; what isn't as it must be is counted there."""

    def __init__(self, load: Load, receivers: Receivers) -> None:
        self._load, self._receivers = load, receivers
        self._faults, self._marks = cycle(FAULTS), count(1)
        self._alone = asyncio.Lock()  # a reset removes faults

    async def repeat(self, once: Callable[[], Awaitable[None]], every: float, ends: asyncio.Event) -> None:
        """Do something every so many seconds, until the end."""
        while not ends.is_set():
            await once()
            try:
                await asyncio.wait_for(ends.wait(), every)
            except TimeoutError:
                continue

    async def subscribe(self) -> None:
        """Subscribe all receivers, of which a tenth fail."""
        self._receivers.ledger = self._load.ledger
        for lane in LANES:
            content = subscription(DELIVERED, self._receivers.url(lane))
            await self._load.ask(Asked("subscribe a receiver", "POST", SUBSCRIPTIONS, content))

    async def fault(self) -> None:
        """Add a fault for requests with a mark, see that they and no others meet it, and remove it."""
        async with self._alone:
            fault, mark = next(self._faults), str(next(self._marks))
            content = {"name": f"soak {mark}", "match": {"headers": {MARK: mark}}, "answer": fault.answer}
            added = await self._load.ask(Asked("add a fault", "POST", "/_mock/faults", content, CREATED))
            if added is None:
                return
            await self._meet(fault, mark)
            await self._expect(fault.name, "beside a fault", {MARK: "none"}, OK)
            await self._load.ask(
                Asked("remove a fault", "DELETE", f"/_mock/faults/{added['faultId']}", None, NO_CONTENT)
            )
            await self._expect(fault.name, "after a fault", {MARK: mark}, OK)
            self._load.count.done["faults"] += 1

    async def _meet(self, fault: Fault, mark: str) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await self._expect(fault.name, "with a fault", {MARK: mark}, fault.status)
        if "delay" in fault.answer and loop.time() - began < DELAY:
            self._load.count.fail("with a fault", "was not delayed")

    async def _expect(self, fault: str, when: str, headers: dict[str, str], status: int) -> None:
        try:
            found = (await self._load.http.get(EVENTS, headers=headers)).status_code
        except httpx2.HTTPError:
            found = 0
        self._load.count.answers["read events around a fault"] += 1
        if found != status:
            self._load.count.fail(f"{when} ({fault})", f"{found or 'no answer'} instead of {status or 'no answer'}")

    async def reset(self) -> None:
        """Once all that was caused has come, put everything back, and subscribe anew."""
        async with self._alone:
            await self._settle()
            self._load.begin_reset()
            await self._load.ask(Asked("reset", "POST", "/_mock/reset", None, NO_CONTENT))
            self._load.end_reset()
            await self.subscribe()
            self._load.adds_members = True
            self._load.count.done["resets"] += 1

    async def _settle(self) -> None:
        """Add no more members; what good receivers don't get is dropped."""
        self._load.adds_members = False
        ledger, loop = self._load.ledger, asyncio.get_running_loop()
        latest = loop.time() + PATIENCE
        while (missing := ledger.missing(GOOD)) and loop.time() < latest:  # noqa: ASYNC110 (a ledger tells nobody)
            await asyncio.sleep(LOOK)
        self._load.count.dropped["delivery"] += len(missing)
        self._load.count.delivered += len(ledger.arrivals)

    async def reload(self, contract: Path) -> None:
        """Change the contract's version in its file, and see that the mock serves that."""
        version = await asyncio.to_thread(change, contract)
        if not await self._is_served(version):
            self._load.count.fail("reload", f"the change isn't served after {PATIENCE:g} s")
        self._load.count.done["reloads"] += 1

    async def _is_served(self, version: str) -> bool:
        loop = asyncio.get_running_loop()
        latest = loop.time() + PATIENCE
        while loop.time() < latest:
            await asyncio.sleep(5 * LOOK)
            served = await self._load.ask(Asked("read the contract", "GET", "/openapi.json"))
            if served and served["info"]["version"] == version:
                return True
        return False


def change(contract: Path) -> str:
    """Count up the version of a contract in its file; returns the new one. Raises ValueError if it has none."""
    text = contract.read_text("utf-8")
    found = VERSION.search(text)
    if not found:
        raise ValueError(f"{contract.name} has no version 0.1.N")
    version = f"0.1.{int(found[1]) + 1}"
    contract.write_text(f"{text[: found.start()]}  version: {version}{text[found.end() :]}", "utf-8")
    return version
