"""The programs that run a collection: Postman's newman and Bruno's CLI, as `tools/pinned` locks them."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.api_collections import bruno, files

TOOLS = Path(__file__).resolve().parents[1]
LOCKED = "collection-runners"
INSTALLED = TOOLS / ".cache" / LOCKED / "node_modules" / ".bin"
REPORTS = TOOLS / ".cache"
TIMEOUT = 120  # seconds


@dataclass(frozen=True)
class Counts:
    """What a runner says that it did: requests that it sent, tests that it made, and how many of both failed."""

    requests: int
    tests: int
    failures: int


@dataclass(frozen=True)
class Runner:
    """A runner: its name, where it is started below the collections, its command for a value of the base URL and the
    file of its report, and how that is read."""

    name: str
    folder: str
    command: Callable[[str, Path], list[str]]
    counts: Callable[[Any], Counts]


def newman(base: str, report: Path) -> list[str]:
    """The command that runs Postman's collection; `base` sets the variable with the host."""
    reporters = ["--reporters", "json", "--reporter-json-export", str(report)]
    return ["newman", "run", files.POSTMAN, "--env-var", base, *reporters]


def bru(base: str, report: Path) -> list[str]:
    """The command that runs Bruno's collection in the mock's environment."""
    return ["bru", "run", "-r", "--env", bruno.MOCK, "--env-var", base, "--reporter-json", str(report)]


def newman_counts(report: Any) -> Counts:
    """The counts in a report of newman."""
    run = report["run"]
    return Counts(run["stats"]["requests"]["total"], run["stats"]["assertions"]["total"], len(run["failures"]))


def bru_counts(report: Any) -> Counts:
    """The counts in a report of Bruno's CLI."""
    found = [iteration["summary"] for iteration in report]
    failures = ("failedRequests", "errorRequests", "skippedRequests", "failedTests")
    return Counts(
        sum(one["totalRequests"] for one in found),
        sum(one["totalTests"] for one in found),
        sum(one[kind] for one in found for kind in failures),
    )


RUNNERS = (Runner("newman", ".", newman, newman_counts), Runner("bru", files.BRUNO, bru, bru_counts))


def install() -> str | None:
    """Install the runners if they aren't; returns why that can't be done, else None."""
    script = TOOLS / "pinned" / "install_node_tools.sh"
    done = subprocess.run(["bash", script, LOCKED], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return (done.stderr.strip() or f"exit code {done.returncode}") if done.returncode else None


def run(runner: Runner, collections: Path, base: str) -> tuple[Counts, str]:
    """Run a collection; `base` is NAME=VALUE for the variable with the host. Returns the counts of the runner, and what
    it said. Without a report, nothing was run."""
    report = REPORTS / f"{runner.name}.json"
    report.unlink(missing_ok=True)
    program, *options = runner.command(base, report)
    command, folder = [str(INSTALLED / program), *options], collections / runner.folder
    quiet = os.environ | {"NO_COLOR": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            command, cwd=folder, env=quiet, capture_output=True, text=True, check=False, timeout=TIMEOUT
        )
    except subprocess.TimeoutExpired:
        return Counts(0, 0, 0), f"no end after {TIMEOUT} seconds"
    if not report.is_file():
        return Counts(0, 0, 0), (done.stdout + done.stderr).strip()
    return runner.counts(json.loads(report.read_text("utf-8"))), (done.stdout + done.stderr).strip()
