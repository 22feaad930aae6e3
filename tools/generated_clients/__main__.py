"""Makes clients of the contract, compiles them strictly, and uses them: `python -m tools.generated_clients`.

Each does a walkthrough before a mock of its own. That has to have seen its calls, in order, with the status that each
should get; and the walkthrough has to print what it read from the answers. Exit code 0: so it is, or a client was
skipped (it says so), because a program, a library or a registry is missing; 1: it isn't.
"""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from mockserver.testing import MockServer, Receiver
from tools.generated_clients.languages import ALL, CACHE, NO_CSHARP, NODE, PLACES, ROOT, WALKTHROUGHS, Client

PINNED = ROOT / "tools" / "pinned"
MADE = CACHE / NODE / "made"  # below the packages of Node.js, where TypeScript looks for them
SHOWN = 30  # lines of what a failed command printed
TIMEOUT = 300  # seconds for a command: Go compiles its own library first
WARNING = re.compile(r"^(?:\[\S+\] )?(?:WARN|[Ww]arning)\b|: warning: ", re.MULTILINE)
Answer = tuple[str | None, int]  # operationId, status
CALLS: tuple[Answer, ...] = (
    ("adminLoginCheck", 200),
    ("webhookEventGetList", 200),
    ("_webhookSubscriptionPost", 200),
    ("_memberPost", 200),
    ("memberLoginCheck", 200),
    ("_transactionPost", 200),
    ("webhookSubscriptionGetList", 200),
    ("webhookSubscriptionRotateHmacKey", 200),
    ("tokenRefresh", 200),
    ("webhookSubscriptionDelete", 204),
    ("_memberPost", 400),
)
SAID = re.compile(
    """\
\\d+ events, a key of 70 characters
zoe@example\\.com, a token of 3 parts
a transaction with an id of 36 characters
TransactionRegistered since \\d{4}-\\d\\d-\\d\\d
a new key of 70 characters
a new token of 3 parts
400 customer\\.email: This value is already used\\.
"""
)


def problems(calls: Sequence[Answer], said: str) -> list[str]:
    """What is wrong with a walkthrough that made these calls and printed this; nothing, if it is as it should be."""
    found = []
    if tuple(calls) != CALLS:
        made, wanted = (", ".join(f"{name} {status}" for name, status in each) or "none" for each in (calls, CALLS))
        found.append(f"its calls were {made}; expected {wanted}")
    if not SAID.fullmatch(said):
        found.append(f"it printed {said!r}, which is not what {SAID.pattern!r} matches")
    return found


def install(lock: str) -> str | None:
    """Install what a lock names if it isn't; returns why that can't be done, else None."""
    script = "install_node_tools.sh" if lock == NODE else "install_python_tools.sh"
    done = subprocess.run(["bash", PINNED / script, lock], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return (done.stderr.strip() or f"exit code {done.returncode}") if done.returncode else None


def judge(client: Client, folder: Path) -> tuple[int, list[str]]:
    """Make, compile and use a client in a folder of its own. Returns the number of warnings, and what is wrong."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file in (client.walkthrough, *client.files):
        shutil.copy(WALKTHROUGHS / file, folder)
    warnings = 0
    try:
        for command in (client.make, *client.compile):
            warnings += len(WARNING.findall(_output(command, folder)))
        with MockServer() as mock, Receiver() as receiver:
            said = _output((*client.run, mock.url, receiver.url), folder)
            calls = [(entry.operation_id, entry.status) for entry in mock.world.journal.exchanges()]
    except subprocess.CalledProcessError as error:
        return warnings, [f"{' '.join(error.cmd)}: exit code {error.returncode}", *error.stdout.splitlines()[:SHOWN]]
    except subprocess.TimeoutExpired as error:
        return warnings, [str(error)]
    return warnings, problems(calls, said)


def _output(command: Sequence[str], folder: Path) -> str:
    """All that a command prints."""
    words = [word.format(here=folder, **PLACES) for word in command]
    done = subprocess.run(  # noqa: S603 - our own words
        words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT, check=True
    )
    return done.stdout


def report(client: Client, installer: Callable[[str], str | None] = install) -> tuple[str, bool]:
    """What became of a client, in words, and whether that is a failure."""
    if client.missing:
        return f"{client.name}: SKIPPED, {' and '.join(client.missing)} isn't installed", False
    reason = installer(client.lock)
    if reason is not None:
        return f"{client.name}: SKIPPED, its generator can't be installed: {reason}", False
    started = time.monotonic()  # noqa: TID251 - real seconds are told
    warnings, found = judge(client, MADE / client.walkthrough.replace(".", "-"))
    seconds = time.monotonic() - started  # noqa: TID251
    glue, lines = client.glue
    verdict = f"{len(found)} problems" if found else "0 errors"
    text = f"{client.name}: {verdict}, {warnings} warnings, {glue} of {lines} lines are glue, {seconds:.0f} s"
    return "\n  ".join([text, *found]), bool(found)


def main() -> int:
    """Judge all clients; returns the exit code."""
    failed = False
    for client in ALL:
        text, bad = report(client)
        failed |= bad
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    sys.stdout.write(f"C#: SKIPPED, {NO_CSHARP}\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
