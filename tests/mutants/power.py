"""`make judge-power`: which promise of our judges could get lost without a test noticing?

Each promise is muted in turn: the judge still looks for what breaks it, but reports nothing. Then the judge's tests
run, in a process of their own, until one fails; it is named in the table of docs/judge.md. If none fails, nobody tests
whether the judge finds what breaks this promise.
"""

import asyncio
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from mockserver.checks.findings.catalogue import all_promises
from mockserver.checks.findings.promises import Promised
from tests.mutants.judges import run

TESTS = "tests/checks"
DOCUMENT = Path("docs/judge.md")
MOST_SECONDS = 300  # for all tests of the judge, which take half of that
_PYTEST = (sys.executable, "-m", "pytest", "-x", "-q", "-rf", "--no-header", "-p", "no:cacheprovider")
_FAILED = re.compile(r"^FAILED tests/checks/(\S+?)(?: - .*)?$", re.MULTILINE)
_TABLE = re.compile(r"(?<=<!-- written by `make judge-power` -->\n).*?(?=<!-- end -->)", re.DOTALL)


async def noticing(jobs: int, tell: Callable[[str], None]) -> dict[Promised, str]:
    """For each promise the test that fails first when it is muted; "" if none does. Raises RuntimeError if pytest can't
    run, or such tests fail without muting, too, twice in a row: what fails once is told, with what it said."""
    limit = asyncio.Semaphore(jobs)

    async def one(promise: Promised) -> str:
        async with limit:
            test, said = await _failing(tell, "-p", "tests.mutants.muting", "--mute", promise, TESTS)
        is_about_it = promise.value in test
        tell(f"{promise:30} {test or 'NOBODY'}" if is_about_it else f"{promise:30} {test or 'NOBODY'}\n{said}")
        return test

    results = await asyncio.gather(*(one(promise) for promise in all_promises()), return_exceptions=True)
    found = [result for result in results if isinstance(result, str)]
    for error in (result for result in results if isinstance(result, BaseException)):
        raise error
    tests = sorted({f"{TESTS}/{test}" for test in found if test})
    for is_last in (False, True):
        broken, said = await _failing(tell, *tests) if tests else ("", "")
        if not broken:
            break
        tell(f"{broken} fails without muting, too: mend it first.\n{said}")
        if is_last:
            raise RuntimeError(f"{broken} fails without muting, too: mend it first.")
    return dict(zip(all_promises(), found, strict=True))


async def _failing(tell: Callable[[str], None], *arguments: str) -> tuple[str, str]:
    """The first test that fails, without the folder of all, and what pytest said; nothing if none does. Where pytest
    itself fails, that is told, and it runs once more."""
    for is_last in (False, True):
        code, output, error, _ = await run((*_PYTEST, *arguments), {}, seconds=MOST_SECONDS)
        failed = _FAILED.search(output)
        if code == 0 or (code == 1 and failed is not None):
            break
        wrong = f"pytest {' '.join(arguments)} ended with {code}: {output[-2000:]}{error[-2000:]}"
        if is_last:
            raise RuntimeError(wrong)
        tell(wrong)
    return (failed[1], output[-4000:]) if failed else ("", "")


def table(found: Mapping[Promised, str]) -> str:
    """Promise by promise, as Markdown, and below which test notices, first that of most promises."""
    rows = (f"| `{promise}` | {promise.says} |" for promise in found)
    by_test: dict[str, list[str]] = {}
    for promise, test in found.items():
        by_test.setdefault(_named(test), []).append(f"`{promise}`")
    first, *others = sorted(by_test, key=lambda test: -len(by_test[test]))
    apart = "".join(f"; {', '.join(by_test[test])}: by {test}" for test in others)
    noticed = f"Muted, each is noticed by {first}{apart}.\n"
    return "\n".join(("| promise | what is promised |", "|---|---|", *rows, "", noticed))


def _named(test: str) -> str:
    name = test.partition("[")[0].rpartition("/")[2]
    return f"`{name.replace('.py::', ': ')}`" if test else "**nobody**"


def written(document: str, found: Mapping[Promised, str]) -> str:
    """The document with this table in it. Raises ValueError if it has no place for one."""
    if not _TABLE.search(document):
        raise ValueError(f"{DOCUMENT} has no place for the table.")
    return _TABLE.sub(lambda _: table(found), document)


def promises(document: str) -> list[str]:
    """The promises that the document's table names. Which test notices first may differ from run to run."""
    table_of = _TABLE.search(document)
    return re.findall(r"^\| `(\w+)` \|", table_of[0], re.MULTILINE) if table_of else []


def unnoticed(found: Mapping[Promised, str]) -> Iterable[Promised]:
    """The promises that could be muted."""
    return (promise for promise, test in found.items() if not test)
