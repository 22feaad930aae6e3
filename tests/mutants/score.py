"""How good is the judge? Each mutant before each judge, and a table of who noticed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.settings import Settings
from mockserver.testing import MockServer
from tests.mutants.exchange import OTHER_STORE, STORE
from tests.mutants.judges import ANYWHERE, Ruling, check_live, st_run
from tests.mutants.kept import Kept
from tests.mutants.mutant import Mutant
from tests.mutants.proxy import Fault, honest, proxy

Judge = Callable[[str, int, int], Awaitable[Ruling]]
CORRECT = "(correct server)"
OURS = "check live"
SEED = 1
VERDICTS = (0, 1, 2)  # exit codes of judges that ended by themselves
STRIDE = 8  # a run that is cut has tried each eighth, then the ones after those


async def _st_all(url: str, seed: int, examples: int) -> Ruling:
    return await st_run(url, seed, examples, "--checks", "all")


JUDGES: Mapping[str, Judge] = {OURS: check_live, "st run": st_run, "st run --checks all": _st_all}


class Score:
    """Rulings by judge and mutant: "found", "elsewhere", "missed" or, without a verdict, "exit N". Kept in a file."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def add(self, name: str, judge: str, ruling: Ruling, places: Iterable[str] = ()) -> dict[str, Any]:
        """Keep a ruling. What the judge says of the correct server too is no finding."""
        false_alarms = {tuple(finding) for finding in self.entry(CORRECT, judge).get("findings", ())}
        entry = {
            "result": result(ruling, frozenset(places), false_alarms),
            "exit": ruling.exit_code,
            "findings": sorted(ruling.findings),
            "told": ruling.told - len(false_alarms & ruling.findings),
            "seconds": round(ruling.seconds, 1),
            "cases": ruling.cases,
        }
        self._kept.put(_key(name, judge), entry)
        return entry

    def entry(self, name: str, judge: str) -> dict[str, Any]:
        """What is kept of a judge and a mutant; empty if it wasn't run."""
        return self._kept[_key(name, judge)]

    def has(self, name: str, judge: str) -> bool:
        """Whether a judge has ended by itself with a mutant: one that was ended says nothing."""
        return self.entry(name, judge).get("exit") in VERDICTS

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


def _key(name: str, judge: str) -> str:
    return f"{judge}: {name}"


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
    """The same mutants before several judges: so many generated cases for each operation, so many runs at a time, and
    none is begun after `end`, on the clock `now`. `tell` is told of each result, when it is kept."""

    score: Score
    examples: int
    jobs: int
    end: float
    now: Callable[[], float]
    tell: Callable[[str], None]

    async def run(self, runs: Iterable[tuple[Mutant | None, str]]) -> None:
        """Put each mutant before the judge beside it; None is the correct server. What is cut is an even sample."""
        limit, all_runs = asyncio.Semaphore(self.jobs), list(runs)

        async def one(mutant: Mutant | None, judge: str) -> None:
            async with limit:
                if self.now() < self.end:
                    await self._one(mutant, judge)

        spread = [run for start in range(STRIDE) for run in all_runs[start::STRIDE]]
        await asyncio.gather(*(one(mutant, judge) for mutant, judge in spread))

    async def _one(self, mutant: Mutant | None, judge: str) -> None:
        name, fault, places = (mutant.name, mutant.make(), mutant.places) if mutant else (CORRECT, honest, ())
        ruling = await judged(JUDGES[judge], fault, SEED, self.examples)
        entry = self.score.add(name, judge, ruling, places)
        told = f"{entry['told']} findings, {entry['seconds']:6} s {entry['cases']:6} cases"
        self.tell(f"{name:45} {judge:20} {entry['result']:10} {told}")
