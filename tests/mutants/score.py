"""How good is the judge? Each mutant before each judge, and a table of who noticed."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockserver.settings import Settings
from mockserver.testing import MockServer
from tests.mutants.exchange import OTHER_STORE, STORE
from tests.mutants.judges import ANYWHERE, Ruling, check_live, st_run
from tests.mutants.mutant import Mutant
from tests.mutants.proxy import Fault, honest, proxy

Judge = Callable[[str, int, int], Awaitable[Ruling]]
CORRECT = "(correct server)"
SEED = 1


async def _st_all(url: str, seed: int, examples: int) -> Ruling:
    return await st_run(url, seed, examples, "--checks", "all")


JUDGES: Mapping[str, Judge] = {"check live": check_live, "st run": st_run, "st run --checks all": _st_all}


@dataclass
class Score:
    """Rulings by mutant and judge: "found", "elsewhere", "missed" or, without a verdict, "exit N". Kept in a file."""

    path: Path
    rulings: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.path.exists():
            self.rulings = json.loads(self.path.read_text("utf-8"))

    def add(self, name: str, judge: str, ruling: Ruling, places: Iterable[str] = ()) -> dict[str, Any]:
        """Keep a ruling. What the judge says of the correct server too is no finding."""
        false_alarms = {tuple(finding) for finding in self.entry(CORRECT, judge).get("findings", ())}
        entry = {
            "result": result(ruling, frozenset(places), false_alarms),
            "exit": ruling.exit_code,
            "findings": sorted(ruling.findings),
            "seconds": round(ruling.seconds, 1),
            "cases": ruling.cases,
        }
        self.rulings.setdefault(name, {})[judge] = entry
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.rulings, indent=1), "utf-8")
        return entry

    def entry(self, name: str, judge: str) -> dict[str, Any]:
        """What is kept of a judge and a mutant; empty if it wasn't run."""
        return self.rulings.get(name, {}).get(judge, {})

    def table(self, mutants: Iterable[Mutant], judges: Iterable[str]) -> str:
        """Mutant by mutant, then the score of each judge over those that can be seen."""
        judges, mutants = list(judges), list(mutants)
        width = max((len(mutant.name) for mutant in mutants), default=0) + 2
        lines = [f"{'mutant':{width}}" + "".join(f"{judge:22}" for judge in judges)]
        for mutant in mutants:
            results = "".join(f"{self.entry(mutant.name, judge).get('result', '-'):22}" for judge in judges)
            lines.append(f"{mutant.name:{width}}{results}{'(unseen: ' + mutant.unseen + ')' if mutant.unseen else ''}")
        return "\n".join(line.rstrip() for line in [*lines, *(self.summary(mutants, judge) for judge in judges)])

    def summary(self, mutants: Iterable[Mutant], judge: str) -> str:
        """`check live: 100 of 110 found (91 %), …`."""
        results = [self.entry(mutant.name, judge).get("result") for mutant in mutants if not mutant.unseen]
        judged = [result for result in results if result]
        found = judged.count("found")
        share = f"{100 * found / len(judged):.0f} %" if judged else "-"
        alarms = len(self.entry(CORRECT, judge).get("findings", ()))
        return (
            f"{judge}: {found} of {len(judged)} found at the right place ({share}), "
            f"{judged.count('elsewhere')} elsewhere, {alarms} false alarms on the correct server"
        )


def result(ruling: Ruling, places: frozenset[str], false_alarms: set[tuple[str, ...]]) -> str:
    """A verdict in one word: a finding counts if the correct server has none like it."""
    new = {finding for finding in ruling.findings if finding not in false_alarms}
    if ruling.exit_code == 1 and any(operation in places | {ANYWHERE} for operation, _ in new):
        return "found"
    if ruling.exit_code == 1 and new:
        return "elsewhere"
    return "missed" if ruling.exit_code in (0, 1) else f"exit {ruling.exit_code}"


async def judged(judge: Judge, fault: Fault, seed: int, examples: int, storage: str = "memory") -> Ruling:
    """A judge before a mock of its own, with a fault in between."""
    settings = Settings(stores=(STORE, OTHER_STORE), seed=seed, log_level="error", storage=storage)
    with MockServer(settings) as mock:
        async with proxy(mock.url, fault) as url:
            return await judge(url, seed, examples)


@dataclass(frozen=True)
class Contest:
    """The same mutants before several judges: so many generated cases for each operation, so many runs at a time."""

    score: Score
    examples: int
    jobs: int
    tell: Callable[[str], None]

    async def run(self, runs: Iterable[tuple[Mutant | None, str]]) -> None:
        """Put each mutant before the judge beside it; None is the correct server."""
        limit = asyncio.Semaphore(self.jobs)

        async def one(mutant: Mutant | None, judge: str) -> None:
            async with limit:
                await self._one(mutant, judge)

        await asyncio.gather(*(one(mutant, judge) for mutant, judge in runs))

    async def _one(self, mutant: Mutant | None, judge: str) -> None:
        name, fault, places = (mutant.name, mutant.make(), mutant.places) if mutant else (CORRECT, honest, ())
        ruling = await judged(JUDGES[judge], fault, SEED, self.examples)
        entry = self.score.add(name, judge, ruling, places)
        self.tell(f"{name:45} {judge:20} {entry['result']:10} {entry['seconds']:6} s {entry['cases']:6} cases")
