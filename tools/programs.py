"""Other programs: how they are run, and what is said when they fail or are missing."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHOWN = 40  # lines of what a failed command printed
TIMEOUT = 900  # seconds


class Failure(Exception):
    """What went wrong, and what was printed."""


class Missing(Exception):
    """What isn't there on this machine: the reason to skip."""


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def run(
    command: Sequence[str | Path],
    cwd: Path = ROOT,
    variables: Mapping[str, str] | None = None,
    missing: str | None = None,
) -> str:
    """What a command prints. `variables` are its whole environment. Raises Failure, with the last lines that it
    printed; or Missing, where `missing` says what its failing means."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(  # noqa: S603 (our own words)
            words,
            cwd=cwd,
            env=dict(os.environ if variables is None else variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failure(str(error)) from error
    if done.returncode == 0:
        return done.stdout
    said = "\n".join(done.stdout.strip().splitlines()[-SHOWN:])
    if missing:
        raise Missing(f"{missing}: {said}")
    raise Failure(f"{' '.join(words)}: exit code {done.returncode}\n{said}")
