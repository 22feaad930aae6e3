"""`make safety`: full runs on an instance full of other people's records, and its own word for what was asked.

    python -m tests.checks.safety --seeds 5

Nobody else's record may change, nothing may be left, and no request that changes may have named what isn't the run's.
"""

import sys
import tempfile
from pathlib import Path

import click

from mockserver.checks import live
from mockserver.checks.ledger import read
from mockserver.checks.options import Options
from mockserver.checks.session import Credentials
from tests.checks.instance import Instance, ids_in

CREDENTIALS = Credentials("admin", "password", None, "member", "password")
CHANGES = {"POST", "PUT", "PATCH", "DELETE"}


def judged(instance: Instance, folder: str, seed: int, examples: int | None) -> live.Outcome:
    """One run with everything switched on."""
    options = Options(
        url=instance.url,
        credentials=CREDENTIALS,
        other_store="OTHER",
        seed=seed,
        max_examples=examples,
        report_dir=folder,
    )
    return live.check(live.plan(options))


@click.command()
@click.option("--seeds", type=int, default=5, show_default=True, help="How many runs.")
@click.option("--examples", type=int, help="Generated cases for each operation; the command's default if left out.")
def main(seeds: int, examples: int | None) -> None:
    """Run, compare, and look into the log of the instance."""
    bad = 0
    for seed in range(seeds):
        with Instance() as instance, tempfile.TemporaryDirectory() as folder:
            foreign = set(instance.inhabit(200, 50))
            before, start = instance.snapshot(), len(instance.log)
            outcome = judged(instance, folder, seed, examples)
            log = instance.log[start:]
            own = {one.record for one in read(Path(folder) / "ledger.jsonl").intents.values() if one.record}
            unchanged = instance.snapshot() == before
            named = foreign & ids_in(log, CHANGES)
            report = outcome.report
            bad += bool(named) or not unchanged or bool(report.residue) or report.verdict.exit_code != 0
            click.echo(
                f"seed {seed}: {report.verdict.value}, {report.cases} cases, {len(log)} requests in "
                f"{report.seconds:.0f} s; {len(own)} records made; foreign unchanged: {unchanged}, residue "
                f"{len(report.residue)}, changing requests that named a foreign id: {len(named)}"
            )
            for line in [*report.not_judged, *(finding.message for finding in report.findings)]:
                click.echo(f"  {line}")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
