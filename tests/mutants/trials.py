"""Trials of `make safety`: proof that a check touches nothing that isn't its own, and leaves nothing, however it ends.

On an instance full of foreign records:

* whole runs with several seeds,
* runs that are killed (`kill -9`) at a request, before or after the server saw it, and swept afterwards; and runs
  that are interrupted (Ctrl-C), which have to be over within five seconds.

The proxy's log of requests is the witness.
"""

import asyncio
import os
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic  # noqa: TID251 (how long a run lives on is told)

from tests.mutants.exchange import Answer, Request, Send
from tests.mutants.judges import BIN, CREDENTIALS, live, run
from tests.mutants.proxy import HangUp
from tests.mutants.watched_instance import SUBSCRIPTIONS, WatchedInstance, watched_instance

PATIENCE = 5.0  # seconds that a run may take to end after Ctrl-C
SWEPT, IN_DOUBT, INTERRUPTED = 0, 1, 130  # exit codes


@dataclass(frozen=True)
class Trial:
    """How an attempt went: the number of requests that the instance saw, what is wrong, in words, how many records an
    ended run left for the sweep, and whether the run was over before it could be ended."""

    requests: int
    problems: tuple[str, ...]
    note: str = ""
    left: int = 0
    over: bool = False


@dataclass
class Trigger:
    """Counts requests, and pulls the trigger at one of them: before the server sees it, or after."""

    at: int
    before: bool
    pull: Callable[[], None] | None = None
    count: int = 0

    async def __call__(self, request: Request, send: Send) -> Answer:
        """A fault for the proxy."""
        self.count += 1
        if self.count != self.at or self.pull is None:
            return await send(request)
        if self.before:
            self.pull()
            raise HangUp
        answer = await send(request)
        self.pull()
        return answer


async def whole(options: tuple[object, ...], size: int = SUBSCRIPTIONS) -> Trial:
    """A whole run. Whatever it finds, it has to end with a verdict and leave everything as it was."""
    async with watched_instance(size=size) as target:
        with tempfile.TemporaryDirectory() as folder:
            code, output, error, _ = await run(live(target.url, folder, *options), CREDENTIALS, folder)
        problems = await target.problems()
        problems += ["token/revoke was called"] if target.revoked else []
        problems += [] if code in (0, 1) else [f"exit code {code}: {error or output}"]
        return Trial(len(target.requests), tuple(problems), f"exit {code}")


async def killed(trigger: Trigger, options: tuple[object, ...], size: int = SUBSCRIPTIONS) -> Trial:
    """A run that is killed, and a sweep."""
    async with watched_instance(trigger, size) as target:
        with tempfile.TemporaryDirectory() as folder:
            code, seconds = await _ended(target, folder, trigger, signal.SIGKILL, options)
            left = len(await target.problems())
            problems = [*await _swept(target, folder), *await target.problems()]
        when = f"request {trigger.at}, {'before' if trigger.before else 'after'} the server saw it"
        note = f"exit {code} at {when}, {left} left for the sweep"
        return Trial(len(target.requests), tuple(problems), note, left, over=seconds is None)


async def interrupted(trigger: Trigger, options: tuple[object, ...], size: int = SUBSCRIPTIONS) -> Trial:
    """A run that gets Ctrl-C: clean within five seconds, or one line with the sweep that makes it clean."""
    async with watched_instance(trigger, size) as target:
        with tempfile.TemporaryDirectory() as folder:
            code, seconds = await _ended(target, folder, trigger, signal.SIGINT, options)
            left = await target.problems()
            problems = [*await _swept(target, folder), *await target.problems()] if left else []
    if seconds is None:
        return Trial(len(target.requests), tuple(problems), f"exit {code}, over before Ctrl-C", over=True)
    problems += [f"{seconds:.1f} s after Ctrl-C"] if seconds > PATIENCE else []
    problems += [f"exit code {code}"] if code != INTERRUPTED else []
    note = f"exit {code}, {seconds:.1f} s after Ctrl-C, {len(left)} left for the sweep"
    return Trial(len(target.requests), tuple(problems), note, len(left))


async def _ended(
    target: WatchedInstance,
    folder: str,
    trigger: Trigger,
    how: signal.Signals,
    options: tuple[object, ...],
) -> tuple[int, float | None]:
    """Start a run and let the trigger end it. Its exit code, and the seconds from then to its end; None if the run was
    over before."""
    pulled: float | None = None
    process = await asyncio.create_subprocess_exec(
        *(str(part) for part in live(target.url, folder, *options)),
        env={**os.environ, **CREDENTIALS},
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )

    def pull() -> None:
        nonlocal pulled
        pulled = monotonic()
        process.send_signal(how)

    trigger.pull = pull
    code = await process.wait()
    trigger.pull = None
    return code, None if pulled is None else monotonic() - pulled


async def _swept(target: WatchedInstance, folder: str) -> list[str]:
    """Sweep, and tell what is wrong with that.

    Exit code 1 is right for a request without a place for a mark whose answer was lost: the sweep can't know that it
    made nothing. What really is left, the instance tells.
    """
    ledger = os.path.join(folder, "ledger.jsonl")  # noqa: PTH118 (asynchronous code, nothing is read)
    command = [BIN / "mockserver", "sweep", "--ledger", ledger, "--url", target.url]
    code, output, error, _ = await run(command, CREDENTIALS, folder)
    doubts = [line for line in output.splitlines() if line.startswith("left: ")]
    if code == SWEPT or (code == IN_DOUBT and all("no place for a mark" in line for line in doubts)):
        return []
    return [f"the sweep ended with {code}: {(output + error).partition(chr(10))[0]} …"]
