"""`make receivers`: are all wrong receivers found, and is nothing else blamed on them?"""

import sys
import tempfile
from pathlib import Path
from time import perf_counter  # noqa: TID251 (how long it took)

import click

from mockserver.checks.findings.report import Report
from tests.receivers.judging import ALL, found, judged, of
from tests.receivers.registry import WrongReceiver
from tests.receivers.right import RightReceiver


def _report(wrong: WrongReceiver | None) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        return judged(RightReceiver(), Path(folder)) if wrong is None else of(wrong, Path(folder), whole=True)


@click.command()
@click.option("--only", default="", help="Only receivers with this in their name.")
def main(only: str) -> None:
    """Judge a right receiver and all wrong ones by whole runs. Exit code 1 if one isn't found, or wrongly blamed."""
    bad, begin = 0, perf_counter()
    right = _report(None)
    bad += bool(found(right) or right.not_judged)
    click.echo(f"a right one: {', '.join(sorted(found(right))) or 'nothing found'} {'; '.join(right.not_judged)}")
    chosen = [one for one in ALL if only in one.name]
    for wrong in chosen:
        report = _report(wrong)
        seen = found(report)
        missed, blamed = wrong.promises[0] not in seen, seen - set(wrong.promises)
        bad += missed or bool(blamed) or bool(report.defects)
        verdict = "MISSED" if missed else f"also blamed: {', '.join(sorted(blamed))}" if blamed else "found"
        click.echo(f"{wrong.name:32} {verdict}{'  DEFECT' if report.defects else ''}")
    click.echo(f"{len(chosen)} wrong receivers, {bad} misjudged, {perf_counter() - begin:.0f} s")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
