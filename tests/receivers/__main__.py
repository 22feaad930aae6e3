"""`make receivers`: are all wrong receivers found, and is nothing else blamed on them?"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter  # noqa: TID251 (how long it took)

import click

from mockserver.checks.findings.report import Report, Verdict
from tests.receivers import starlette_receiver
from tests.receivers.judging import ALL, found, judged, judged_at, verdicts_of
from tests.receivers.programs_of_languages import EXPRESS, FASTAPI, GO, NODE
from tests.receivers.right import SECRET, RightReceiver
from tests.support.lanes import in_lanes
from tools.programs import Missing


def _right_ones() -> Iterator[tuple[str, Report | str]]:
    """The report on each right receiver, or the reason why this machine can't run it."""
    with tempfile.TemporaryDirectory() as folder:
        yield "Python", judged(RightReceiver(), Path(folder), examples=1)
    with starlette_receiver.serving(SECRET) as url:
        yield "Starlette", judged_at(url)
    for name, program in (("FastAPI", FASTAPI), ("Express", EXPRESS), ("Node.js", NODE), ("Go", GO)):
        try:
            program.prepare()
        except Missing as error:
            yield name, str(error)
            continue
        with tempfile.TemporaryDirectory() as folder, program.serving(SECRET, Path(folder)) as url:
            yield name, judged_at(url)


def _said(right: Report | str) -> str:
    """What came of a right receiver, in a line."""
    if isinstance(right, str):
        return f"SKIPPED: {right.splitlines()[0]}"
    return ", ".join([*sorted(found(right)), *right.not_judged, *right.defects]) or "nothing found"


@click.command()
@click.option("--only", default="", help="Only receivers with this in their name.")
def main(only: str) -> None:
    """Judge right receivers and all wrong ones by whole runs. Exit code 1 if one isn't found, or wrongly blamed."""
    bad, begin = 0, perf_counter()
    for name, right in _right_ones():
        bad += not isinstance(right, str) and right.verdict is not Verdict.PASS
        click.echo(f"a right one, {name + ':':20}{_said(right)}")
    chosen = [one for one in ALL if only in one.name]
    for wrong, (seen, is_defect) in zip(chosen, in_lanes(verdicts_of, [one.name for one in chosen]), strict=True):
        missed, blamed = wrong.promises[0] not in seen, seen - set(wrong.promises)
        bad += missed or bool(blamed) or is_defect
        verdict = "MISSED" if missed else f"also blamed: {', '.join(sorted(blamed))}" if blamed else "found"
        click.echo(f"{wrong.name:32} {verdict}{'  DEFECT' if is_defect else ''}")
    click.echo(f"{len(chosen)} wrong receivers, {bad} misjudged, {perf_counter() - begin:.0f} s")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
