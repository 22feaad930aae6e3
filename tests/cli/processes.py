"""The command, run in processes of its own."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

COMMAND = [sys.executable, "-m", "mockserver"]
TIMEOUT = 30  # seconds; nothing waits for them unless it is broken


def bare_environment() -> dict[str, str]:
    """The environment without variables of the mock."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(  # noqa: S603 (our own command)
        [*COMMAND, *arguments], capture_output=True, text=True, env=bare_environment(), timeout=TIMEOUT, check=False
    )


@contextmanager
def served(*arguments: str, **variables: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A mock in a process of its own, and its banner, read to the last line."""
    with subprocess.Popen(  # noqa: S603 (our own command)
        [*COMMAND, "serve", "--port", "0", *arguments],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=bare_environment() | variables,
    ) as process:
        watchdog = threading.Timer(TIMEOUT, process.kill)  # a banner that never comes must not hang the test
        watchdog.start()
        assert process.stderr is not None
        lines = [process.stderr.readline()]
        while lines[-1] and not lines[-1].lstrip().startswith(("curl", "{")):
            lines.append(process.stderr.readline())
        try:
            yield process, "".join(lines)
        finally:
            watchdog.cancel()
            process.kill()


def url_in(text: str) -> str:
    """The address in a banner."""
    found = re.search(r" on (http://\S+)$", text, re.MULTILINE)
    assert found is not None, text
    return found[1]
