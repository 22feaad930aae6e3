"""Asks whether a package of a lock has a known vulnerability: `python -m tools.audit [constraints.txt]`.

pip-audit asks the package index for what it knows. By itself it calls a lock clean about which the index tells nothing,
as it takes that for a package which the index doesn't have; so its answers are counted here.

Exit code 0: none is known, or skipped (it says so) because the data can't be reached; 1: there is one; 2: no such lock.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parent.parent / "constraints.txt"
CLEAN, FOUND, UNUSABLE = range(3)
SECONDS = "10"  # that an answer may take
Asked = subprocess.CompletedProcess[str]


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(line + "\n")


def pip_audit(lock: Path, *options: str) -> Asked:
    """What pip-audit says about a lock, as JSON. It installs nothing: each version stands in the lock."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--require-hashes", "--disable-pip"]
    command += ["--format", "json", "--progress-spinner", "off", "--timeout", SECONDS, *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own words)


def main(arguments: list[str], ask: Callable[..., Asked] = pip_audit) -> int:
    """Command line; returns the exit code."""
    lock = Path(arguments[0]) if arguments else LOCK
    collected = ask(lock, "--dry-run")  # asks the index for nothing
    if collected.returncode != 0:
        say(f"audit: {lock} can't be read: {_last_line(collected.stderr)}. `make lock` writes it anew.")
        return UNUSABLE
    answer = ask(lock)
    try:
        packages: list[dict[str, Any]] = json.loads(answer.stdout)["dependencies"]
    except ValueError:
        say(f"SKIPPED: nothing was audited, as the data can't be reached: {_last_line(answer.stderr)}")
        return CLEAN
    return _judged(packages)


def _judged(packages: list[dict[str, Any]]) -> int:
    """Tell what is known about the packages; returns the exit code."""
    found = [(package, flaw) for package in packages for flaw in package.get("vulns", [])]
    for package, flaw in found:
        mended = ", ".join(flaw["fix_versions"]) or "no version yet"
        say(f"{package['name']} {package['version']}: {' '.join([flaw['id'], *flaw['aliases']])}, mended in {mended}")
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    if len(unknown) == len(packages):
        say("SKIPPED: nothing was audited, as this index tells nothing about vulnerabilities")
        return CLEAN
    if unknown:
        say(f"SKIPPED: {len(unknown)} of {len(packages)} packages, as the index doesn't tell: {', '.join(unknown)}")
    say(f"audit: {len(packages) - len(unknown)} packages audited, {len(found)} known vulnerabilities")
    return FOUND if found else CLEAN


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason was given"])[-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
