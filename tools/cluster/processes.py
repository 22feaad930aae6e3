"""Programs that run for as long as a cluster does: one that ends by itself is started again, and that is told."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PATIENCE = 10.0  # seconds that a program may take to end in order
PAUSE = 1.0  # seconds before one that ended at once is started again
AT_ONCE = 1.0  # seconds


class Process:
    """A program from `start` to `end`, in one event loop. What it prints goes into a file.

    Ctrl-C in a terminal doesn't reach it: who has started it ends it, in order. Its standard input is a pipe that ends
    with us.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        tell: Callable[[str], object],
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """`variables` are added to our environment."""
        self.name = name
        self.crashes = 0  # how often it ended by itself
        self._command, self._log, self._tell = command, log, tell
        self._variables = {**os.environ, **(variables or {})}
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """The id of the process; 0 while there is none."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and running else 0

    async def start(self) -> None:
        """Start it. Raises OSError if there is no such program."""
        await self._spawn()
        self._keeper = asyncio.get_running_loop().create_task(self._keep())

    async def end(self, patience: float = PATIENCE) -> None:
        """End it: in order, or, if that takes too long, at once."""
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None
        if self._process is None:
            return
        self.signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), patience)
        except TimeoutError:
            self.signal(signal.SIGKILL)
            await self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if it runs."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def gone(self) -> None:
        """Wait until the process that runs now has ended."""
        if self._process is not None:
            await self._process.wait()

    def last_words(self) -> str:
        """The last lines that it printed."""
        lines = self._log.read_text("utf-8", "replace").splitlines() if self._log.exists() else []
        return "\n".join([line for line in lines if line.strip()][-5:]) or "It said nothing."

    async def _spawn(self) -> None:
        with self._log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=self._variables,
                start_new_session=True,
            )

    async def _keep(self) -> None:
        """Start it again whenever it ends."""
        loop = asyncio.get_running_loop()
        while self._process is not None:
            began = loop.time()
            code = await self._process.wait()
            self.crashes += 1
            how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
            self._tell(f"{self.name} has ended {how}; it is started again.")
            if loop.time() - began < AT_ONCE:
                await asyncio.sleep(PAUSE)
            await self._spawn()
