"""Checks and tests the app in examples/loyalty-app: `python -m tools.frontend_check [--repeat N] [--packages FILE…]`.

Its tests start mocks by the package in js/, which is built first. With `--packages` they use packed ones instead, as
`make npm-package` makes them, and the program that is in them. Vitest and the compiler run once, Playwright `--repeat`
times; the seconds of each run are told. Exit code 0: all is well, or skipped (it says so) because Node.js, the browser
or the npm registry is missing; 1: something is off.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tools import node
from tools.programs import ROOT, Failure, Missing, run, say

PACKAGE = ROOT / "js"
APP = ROOT / "examples" / "loyalty-app"
BROWSER = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
MOCK = ROOT / ".venv" / "bin" / "mockserver"
OUTCOMES = "passed|failed|flaky|skipped|did not run|interrupted"
SUMMARY = re.compile(rf"^ +(\d+) ({OUTCOMES})(?: \(([\d.]+)(ms|s|m)\))?$", re.MULTILINE)
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}


class Run(NamedTuple):
    """A run of the suite in a browser: its tests, those that passed, and the seconds that it took."""

    tests: int
    passed: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.passed} of {self.tests} tests passed in {self.seconds:.1f} s"


def run_of(said: str) -> Run:
    """The run that Playwright tells of at the end of what it prints; none of its tests passed if it tells of none."""
    counts = SUMMARY.findall(said)
    passed = sum(int(count) for count, what, *_ in counts if what == "passed")
    seconds = sum(float(number) * SECONDS[unit] for *_, number, unit in counts if number)
    return Run(sum(int(count) for count, *_ in counts), passed, seconds)


def verdict(runs: Sequence[Run]) -> str:
    """All runs in one line: how many tests, how many runs had one that failed, and how long they took."""
    failed = sum(each.passed < each.tests or not each.passed for each in runs)
    seconds = sorted(each.seconds for each in runs)
    took = f"{seconds[0]:.1f} to {seconds[-1]:.1f} s"
    return f"{max(each.tests for each in runs)} tests in a browser, {len(runs)} runs, {failed} with failures, {took}"


def prepare(packages: Sequence[Path]) -> None:
    """Build the package of the mock, and install it with all else that the app needs. Raises Failure or Missing."""
    if not BROWSER.exists():
        raise Missing(f"this needs {BROWSER} (or CHROMIUM set to another browser)")
    node.install(PACKAGE)
    run(["npm", "run", "--silent", "build"], cwd=PACKAGE)
    node.install(APP)
    there = APP / "node_modules" / "openloyalty-mockserver"
    shutil.copytree(PACKAGE / "dist", there / "dist", dirs_exist_ok=True)  # it may be newer than the lock
    if packages:
        node.stamp(APP).unlink()  # so that the next check has the built one again
        run(["npm", "install", "--no-save", *node.NPM_INSTALL, *packages], cwd=APP)


def run_browser(variables: Mapping[str, str]) -> Run:
    """Run the suite once, and show what it prints if a test failed."""
    command = ["npx", "playwright", "test"]
    done = subprocess.run(  # noqa: S603
        command, cwd=APP, env=dict(variables), capture_output=True, text=True, check=False
    )
    outcome = run_of(done.stdout)
    if done.returncode:
        say(done.stdout + done.stderr)
        outcome = outcome._replace(passed=min(outcome.passed, max(outcome.tests - 1, 0)))
    return outcome


def check(repeat: int, variables: Mapping[str, str]) -> int:
    """Compile the app, run its tests; returns the exit code. Raises Failure."""
    run(["npx", "tsc"], APP, variables)
    say(run(["npx", "vitest", "run"], APP, variables).rstrip())
    runs = []
    for _ in range(repeat):
        runs.append(run_browser(variables))
        say(str(runs[-1]))
    say(verdict(runs))
    return int(any(each.passed < each.tests or not each.passed for each in runs))


def main() -> int:
    """Do what the command line asks for; returns the exit code."""
    parser = argparse.ArgumentParser(prog="frontend_check")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="runs of the suite in the browser")
    parser.add_argument("--packages", type=Path, nargs="*", default=[], metavar="FILE", help="packed npm packages")
    options = parser.parse_args()
    packages = [file.resolve() for file in options.packages]
    variables = {**os.environ, "CHROMIUM": str(BROWSER)}
    if not packages:
        variables["OPENLOYALTY_MOCKSERVER"] = str(MOCK)
    try:
        prepare(packages)
        return check(options.repeat, variables)
    except Failure as failure:
        say(str(failure))
        return 1
    except Missing as reason:
        say(f"SKIPPED: {reason}")
        return 0


if __name__ == "__main__":
    sys.exit(main())
