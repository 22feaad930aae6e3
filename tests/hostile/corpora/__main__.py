"""`make corpora`: the cases, on the mock and on other servers; writes bench/results/http-corpora.md.

    python -m tests.hostile.corpora [--only SERVER]...

Servers that the project doesn't need are installed into bench/.cache, and skipped if they can't be. Exit code 1 if the
mock is wrong anywhere.
"""

import sys
from pathlib import Path

import click

from tests.hostile.corpora.cases import Case, all_cases
from tests.hostile.corpora.judging import Verdict, judge
from tests.hostile.corpora.report import Result, page
from tests.hostile.corpora.servers import Contestant, DidNotStart, contestants
from tests.hostile.corpora.wire import run

TABLE = Path(__file__).parents[3] / "bench" / "results" / "http-corpora.md"


@click.command()
@click.option("--only", multiple=True, help="A server by its name; all without. The page is written if all took part.")
def main(only: tuple[str, ...]) -> None:
    """Judge, print what is wrong, and write the page.

    \b
    Examples:
      python -m tests.hostile.corpora
      python -m tests.hostile.corpora --only mock
    """
    found, skipped = contestants()
    if skipped:
        click.echo(f"SKIPPED: hypercorn, granian: {skipped}")
    results: dict[str, list[Result]] = {}
    for contestant in found:
        if only and contestant.name not in only:
            continue
        try:
            results[contestant.name] = _results(contestant)
        except DidNotStart as error:
            skipped = f"{skipped} {contestant.name}: {error}".strip()
            click.echo(f"SKIPPED: {contestant.name}: {error}")
            continue
        _tell(contestant.name, results[contestant.name])
    if not only:
        TABLE.write_text(page(results, {one.name: one.version for one in found}, skipped), encoding="utf-8")
    sys.exit(_wrong(results.get("mock", [])) != [])


def _results(contestant: Contestant) -> list[Result]:
    """All cases on one server; those that end it have one of their own."""
    with contestant.served() as server:
        found = {case: run(server, case) for case in all_cases() if not case.stops}
    for case in all_cases():
        if case.stops:
            with contestant.served() as server:
                found[case] = run(server, case)
    return [Result(case, found[case], judge(case, found[case])) for case in all_cases()]


def _wrong(results: list[Result]) -> list[Result]:
    return [result for result in results if result.judgement.verdict is Verdict.WRONG]


def _tell(name: str, results: list[Result]) -> None:
    wrong = _wrong(results)
    click.echo(f"{name}: {len(results)} cases, {len(wrong)} wrong")
    for result in wrong:
        click.echo(f"    {_place(result.case)}: {'; '.join(result.judgement.problems)[:200]!a}")


def _place(case: Case) -> str:
    return f"{case.source}: {case.name}"


if __name__ == "__main__":
    main()
