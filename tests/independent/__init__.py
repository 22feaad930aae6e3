"""The API once more, in Node.js and written from the contract alone, to test the judge on it."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVER = Path(__file__).parent / "server.mjs"
NODE = shutil.which("node")
END = 10  # seconds
# Accounts and stores that a server has, unless other options are given.
OPTIONS = {
    "username": "admin",
    "password": "admin-password-1",
    "member_username": "mia",
    "member_password": "member-password-1",
    "store": "DEFAULT",
    "other_store": "NORTH",
}


class NodeIsMissing(Exception):
    """There is no Node.js on this machine."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that can be planted: what it does, and the operations where it may be seen."""

    name: str
    what: str
    operations: tuple[str, ...]


def faults() -> list[Fault]:
    """All faults, as the server lists them. Raises NodeIsMissing."""
    listed = subprocess.run(_command("--list-faults"), capture_output=True, text=True, check=True)  # noqa: S603
    rows = (line.split("\t") for line in listed.stdout.splitlines())
    return [Fault(name, what, tuple(filter(None, operations.split(",")))) for name, what, operations in rows]


@contextmanager
def started(fault: str | None = None, **options: str) -> Iterator[str]:
    """The URL of a server, which ends with the context; options are those of its command line. Raises NodeIsMissing."""
    given = OPTIONS | options | ({} if fault is None else {"fault": fault})
    words = [word for name, value in given.items() for word in (f"--{name.replace('_', '-')}", value)]
    with subprocess.Popen(_command(*words), stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                message = f"the server ended as it started: {' '.join(words)}"
                raise RuntimeError(message)
            yield json.loads(line)["url"]
        finally:
            process.terminate()
            process.wait(END)


def _command(*words: str) -> list[str]:
    if NODE is None:
        raise NodeIsMissing
    return [NODE, str(SERVER), *words]
