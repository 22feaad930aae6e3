"""Starts a mock and lets other people's HTTP clients log in and make a call: `python -m tools.client_check [URL]`.

Each is used as it comes, by the programs in this folder. With a URL, that mock is asked. Exit code 0: all that are
installed got two 200, and each that isn't is named; 1: one did not.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from mockserver.testing import MockServer

CLIENTS = Path(__file__).resolve().parent
EXPECTED = "login 200\ncall 200\n"
MISSING = 3
TIMEOUT = 120  # seconds: Go compiles first


class Client(NamedTuple):
    """A program that takes the base URL of a mock; what it is started by, its file, and what else it takes."""

    name: str
    command: tuple[str, ...]
    file: str
    options: tuple[str, ...] = ()


PYTHON = (sys.executable,)
LIBRARIES = ("urllib", "requests", "httpx", "httpx2", "aiohttp")
ALL = (
    Client("curl", ("bash",), "login.sh"),
    Client("curl --http2", ("bash",), "login.sh", ("--http2",)),
    Client("curl --http1.0", ("bash",), "login.sh", ("--http1.0",)),
    Client("Java's HttpClient", ("java",), "Login.java"),
    Client("Go's net/http", ("go", "run"), "login.go"),
    Client("Node's fetch", ("node",), "login.mjs"),
    *(Client(f"Python's {name}", PYTHON, "login.py", (name,)) for name in LIBRARIES),
)


def outcome(client: Client, url: str) -> str:
    """`ok`, why the client is skipped, or what went wrong."""
    program = "curl" if client.file == "login.sh" else client.command[0]
    if not shutil.which(program):
        return f"SKIPPED: {program} isn't installed"
    command = [*client.command, str(CLIENTS / client.file), url, *client.options]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)  # noqa: S603 (ours)
    except subprocess.TimeoutExpired:
        return f"FAILED: no end after {TIMEOUT} seconds"
    if ended.returncode == MISSING and not ended.stderr:
        return f"SKIPPED: {' '.join(client.options)} isn't installed"
    if ended.returncode == 0 and ended.stdout == EXPECTED:
        return "ok"
    return "FAILED: " + " | ".join((ended.stdout + ended.stderr).split("\n"))


def run(url: str) -> int:
    """Let all ask the mock at a URL; returns the exit code."""
    outcomes = []
    for client in ALL:
        outcomes.append(outcome(client, url))
        sys.stdout.write(f"{client.name}: {outcomes[-1]}\n")
    return int(any(found.startswith("FAILED") for found in outcomes))


def main() -> int:
    """Ask the mock that was named, or one of our own; returns the exit code."""
    if sys.argv[1:]:
        return run(sys.argv[1])
    with MockServer() as mock:
        return run(mock.url)


if __name__ == "__main__":
    sys.exit(main())
