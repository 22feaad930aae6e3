"""`make independent`: our judge before an independent implementation, correct and with each of its faults.

Exit code 0: nothing was found on the correct server, and no judge crashed; or skipped (it says so) without Node.js.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import click

from tests.independent import NODE, Fault, faults
from tests.independent.judging import Budget, Verdict, check_live, is_found, look_for, st_run
from tests.independent.report import Judged, Results, Verdicts, line, markdown

PAGE = Path(__file__).resolve().parents[2] / "bench" / "results" / "independent.md"
# Correct servers that are unlike others in something that doesn't matter.
VARIANTS: dict[str, dict[str, str]] = {
    "behind a base path": {"base_path": "/gateway/x"},
    "tokens of ten seconds": {"token_ttl": "10"},
    "20 ms slower": {"latency": "20"},
}
STRIDE = 8
Judge = Callable[[Fault, Budget], Awaitable[Verdict]]


@click.command()
@click.option("--faults", "wanted", multiple=True, help="A fault by name, or all; repeat for more. None if left out.")
@click.option("--seeds", default=3, show_default=True, help="How many seeds are tried on the correct server.")
@click.option("--variants/--no-variants", default=True, help="Correct servers that differ in what doesn't matter, too.")
@click.option("--examples", default=3, show_default=True, help="Generated cases for each operation.")
@click.option("--whole", is_flag=True, help="Judge all operations, not only those that a fault touches.")
@click.option("--replay", is_flag=True, help="Repeat each finding by `check replay`.")
@click.option("--st", "plain", is_flag=True, help="Plain `st run`, too.")
@click.option("--minutes", default=600, show_default=True, help="After how many no further judge is started.")
@click.option("--workers", default=2, show_default=True, help="How many judges run at a time.")
@click.option("--write/--no-write", default=True, help="Write bench/results/independent.md at the end.")
def main(**options: object) -> None:
    """Hold the judge against an independent implementation."""
    if NODE is None:
        click.echo("Skipped: Node.js isn't installed.")
        return
    sys.exit(asyncio.run(_Run(options).play()))


class _Run:
    """One run, as its options want it."""

    def __init__(self, options: dict[str, object]) -> None:
        self.options = options
        self.budget = Budget(int(str(options["examples"])), 0, bool(options["whole"]), bool(options["replay"]))
        self.end = time.monotonic() + 60 * int(str(options["minutes"]))  # noqa: TID251 (a real budget)
        self.turns = asyncio.Semaphore(int(str(options["workers"])))

    async def play(self) -> int:
        """The exit code, after everything was judged and written down."""
        correct = await self._correct()
        chosen = _chosen(self.options["wanted"])
        judged = await self._look_for(chosen)
        plain = await self._plain(chosen) if self.options["plain"] else []
        if self.options["write"]:
            PAGE.write_text(
                markdown(Results(self.budget, correct, judged, plain, untried=len(chosen) - len(judged))), "utf-8"
            )
        good = all(verdict.exit_code == 0 for verdict in correct.values())
        return 0 if good and not any(verdict.crashed for _, verdict in [*judged, *plain]) else 1

    async def _correct(self) -> Verdicts:
        runs: dict[str, Awaitable[Verdict]] = {
            f"seed {seed}": self._of_correct(seed) for seed in range(1, int(str(self.options["seeds"])) + 1)
        }
        if self.options["variants"]:
            runs |= {name: self._of_correct(0, **variant) for name, variant in VARIANTS.items()}
        verdicts = dict(zip(runs, await asyncio.gather(*runs.values()), strict=True))
        for name, verdict in verdicts.items():
            found = sorted(verdict.findings) or "no findings"
            click.echo(f"correct server, {name}: {found}, exit code {verdict.exit_code}, {verdict.seconds:.0f} s")
            click.echo("".join(f"  not judged: {one}\n" for one in verdict.not_judged) + verdict.last_words, nl=False)
        return verdicts

    async def _of_correct(self, seed: int, **options: str) -> Verdict:
        async with self.turns:
            return await check_live(None, Budget(self.budget.examples, seed, whole=True), [], **options)

    async def _look_for(self, chosen: list[Fault]) -> list[Judged]:
        """What our judge says: of what it doesn't find where it may be seen, after a look at all operations."""
        judged = dict(await self._all(chosen, look_for, self.budget))
        missed = [fault for fault, verdict in judged.items() if not is_found(fault, verdict)]
        if not self.budget.whole:
            judged |= dict(await self._all(missed, look_for, replace(self.budget, whole=True)))
        return [(fault, judged[fault]) for fault in chosen if fault in judged]

    async def _all(self, chosen: list[Fault], judge: Judge, budget: Budget) -> list[Judged]:
        """What a judge says of each fault, as far as there is time; an even sample if there isn't."""

        async def one(fault: Fault) -> Judged | None:
            async with self.turns:
                if time.monotonic() > self.end:  # noqa: TID251 (as above)
                    return None
                verdict = await judge(fault, budget)
            click.echo(line(fault, verdict))
            return fault, verdict

        spread = [fault for start in range(STRIDE) for fault in chosen[start::STRIDE]]
        return [judged for judged in await asyncio.gather(*(one(fault) for fault in spread)) if judged is not None]

    async def _plain(self, chosen: list[Fault]) -> list[Judged]:
        """What `st run` says of each fault, without what it says of the correct server."""
        click.echo("st run:")
        usual = (await st_run(None, self.budget)).findings
        click.echo(f"on the correct server: {json.dumps(sorted(usual))}")

        async def judge(fault: Fault, budget: Budget) -> Verdict:
            return (await st_run(fault, budget)).without(usual)

        return await self._all(chosen, judge, self.budget)


def _chosen(wanted: object) -> list[Fault]:
    names = list(wanted) if isinstance(wanted, tuple) else []
    known = faults()
    if "all" in names:
        return known
    if unknown := set(names) - {fault.name for fault in known}:
        raise click.BadParameter(f"there is no fault {', '.join(sorted(unknown))}")
    return [fault for fault in known if fault.name in names]


if __name__ == "__main__":
    main()
