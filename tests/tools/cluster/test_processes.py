"""tools.cluster.processes: programs that are started again, and ended in order."""

import asyncio
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.cluster.processes import Process

ECHO = "import sys; print('here', flush=True); sys.stdin.read()"
DEAF = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); sys.stdin.read()"
BROKEN = "print('no such file'); raise SystemExit(3)"


class Told:
    """What was told, and a wait for the next of it."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[str] = asyncio.Queue()

    def __call__(self, line: str) -> None:
        """Note it."""
        self.lines.put_nowait(line)


def _process(folder: Path, program: str, tell: Callable[[str], object]) -> Process:
    return Process("one", [sys.executable, "-c", program], folder / "log", tell)


@pytest.mark.anyio
async def test_killed_process_is_started_again_and_told(tmp_path: Path) -> None:
    """A program that ends by itself runs again, in another process, and that is told."""
    told = Told()
    process = _process(tmp_path, ECHO, told)
    await process.start()
    first = process.pid

    process.signal(signal.SIGKILL)

    assert await told.lines.get() == "one has ended by SIGKILL; it is started again."
    assert (process.crashes, process.pid != first) == (1, True)
    await process.end()
    assert process.pid == 0


@pytest.mark.anyio
async def test_what_a_process_said_last_is_known(tmp_path: Path) -> None:
    """Of a program that fails its exit code is told, and its last words are kept."""
    told = Told()
    process = _process(tmp_path, BROKEN, told)
    await process.start()

    assert await told.lines.get() == "one has ended with exit code 3; it is started again."
    assert process.last_words() == "no such file"
    await process.end()


@pytest.mark.anyio
async def test_deaf_process_is_ended(tmp_path: Path) -> None:
    """A program that doesn't end when it is asked to is killed, and isn't started again."""
    told = Told()
    process = _process(tmp_path, DEAF, told)
    await process.start()

    await process.end(patience=0.01)

    assert (process.pid, process.crashes, told.lines.empty()) == (0, 0, True)


@pytest.mark.anyio
async def test_missing_program_is_an_error(tmp_path: Path) -> None:
    """A program that isn't there can't be started; ending it is no error."""
    process = Process("one", [str(tmp_path / "none")], tmp_path / "log", Told())

    with pytest.raises(OSError, match="none"):
        await process.start()
    await process.end()
