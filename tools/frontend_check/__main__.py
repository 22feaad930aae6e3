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
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "js"
APP = ROOT / "examples" / "loyalty-app"
BROWSER = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
MOCK = ROOT / ".venv" / "bin" / "mockserver"
INSTALL = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
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
    failed = sum(run.passed < run.tests or not run.passed for run in runs)
    seconds = sorted(run.seconds for run in runs)
    took = f"{seconds[0]:.1f} to {seconds[-1]:.1f} s"
    return f"{max(run.tests for run in runs)} tests in a browser, {len(runs)} runs, {failed} with failures, {took}"


def install(folder: Path) -> str | None:
    """Install what the lock of a folder names, once per change of it; returns why that can't be done, else None."""
    lock, stamp = folder / "package-lock.json", folder / "node_modules" / ".installed.json"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return None
    command = ["npm", "ci", *INSTALL]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        return f"the packages of {folder.name} can't be installed: {done.stderr.strip()}"
    shutil.copy(lock, stamp)
    return None


def prepare(packages: Sequence[Path]) -> str | None:
    """Build the package of the mock, and install it with all else that the app needs; returns what is missing."""
    if not shutil.which("npm") or not BROWSER.exists():
        return f"this needs Node.js and {BROWSER} (or CHROMIUM set to another browser)"
    reason = install(PACKAGE)
    if reason is None:
        run("npm", "run", "--silent", "build", folder=PACKAGE)
        reason = install(APP)
    if reason is not None:
        return reason
    there = APP / "node_modules" / "openloyalty-mockserver"
    shutil.copytree(PACKAGE / "dist", there / "dist", dirs_exist_ok=True)  # it may be newer than the lock
    if packages:
        (APP / "node_modules" / ".installed.json").unlink()  # so that the next check has the built one again
        run("npm", "install", "--no-save", *INSTALL, *map(str, packages))
    return None


def run(*command: str, folder: Path = APP, environment: dict[str, str] | None = None) -> None:
    """Run a command, which may print; raises CalledProcessError if it fails."""
    subprocess.run(command, cwd=folder, env={**os.environ, **(environment or {})}, check=True)  # noqa: S603


def run_browser(environment: dict[str, str]) -> Run:
    """Run the suite once, and show what it prints if a test failed."""
    command = ["npx", "playwright", "test"]
    done = subprocess.run(  # noqa: S603
        command, cwd=APP, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    outcome = run_of(done.stdout)
    if done.returncode:
        sys.stdout.write(done.stdout + done.stderr)
        outcome = outcome._replace(passed=min(outcome.passed, max(outcome.tests - 1, 0)))
    return outcome


def check(repeat: int, environment: dict[str, str]) -> int:
    """Compile the app, run its tests; returns the exit code."""
    run("npx", "tsc", environment=environment)
    run("npx", "vitest", "run", environment=environment)
    runs = []
    for _ in range(repeat):
        runs.append(run_browser(environment))
        sys.stdout.write(f"{runs[-1]}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{verdict(runs)}\n")
    return int(any(run.passed < run.tests or not run.passed for run in runs))


def main() -> int:
    """Do what the command line asks for; returns the exit code."""
    parser = argparse.ArgumentParser(prog="frontend_check")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="runs of the suite in the browser")
    parser.add_argument("--packages", type=Path, nargs="*", default=[], metavar="FILE", help="packed npm packages")
    options = parser.parse_args()
    packages = [file.resolve() for file in options.packages]
    environment = {"CHROMIUM": str(BROWSER)}
    if not packages:
        environment["OPENLOYALTY_MOCKSERVER"] = str(MOCK)
    try:
        reason = prepare(packages)
        if reason is None:
            return check(options.repeat, environment)
    except subprocess.CalledProcessError as error:
        sys.stdout.write(f"{' '.join(error.cmd)}: exit code {error.returncode}\n")
        return 1
    sys.stdout.write(f"SKIPPED: {reason}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
