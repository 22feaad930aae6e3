"""One tour: a mock, a receiver and a liar, each on a port of its own, and the steps in a shell beside them."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from mockserver.settings import Settings
from mockserver.testing import MockServer, Receiver
from tools.tour.liar import Liar
from tools.tour.steps import Step

MOST_LINES = 22  # of an output that are shown
LONGEST = 160  # characters of a line that are shown
TIMEOUT = 60  # seconds of a command


class TourError(Exception):
    """A step came out otherwise than it should; says how."""


class Tour:
    """A tour from `with` to the end of its block, in a folder that is removed with it."""

    def __init__(self, write: Callable[[str], object], pause: Callable[[], object]) -> None:
        self._write = write
        self._pause = pause
        self._stack = ExitStack()
        self._liar = Liar()
        self._mock = MockServer(Settings(log_level="warning"))
        self._lying = self._liar.server()
        self._receiver = Receiver()
        self._folder = Path()
        self._variables: dict[str, str] = {}
        self.causes: dict[str, Callable[[], None]] = {"arrive": self._keep_webhook, "repair": self._repair}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tour-")))
            for server in (self._mock, self._lying, self._receiver):
                stack.enter_context(server)
            self._stack = stack.pop_all()
        urls = {"MOCK": self._mock.url, "RECEIVER": self._receiver.url, "LIAR": self._lying.url}
        self._variables = {**urls, "OL_USERNAME": "admin", "OL_PASSWORD": "password"}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def play(self, steps: Iterable[Step]) -> None:
        """Play steps, one after another. Raises TourError at the first that comes out otherwise."""
        urls = "\n".join(f"  {name}={value}" for name, value in self._variables.items())
        self._write(f"Three servers run here until the tour ends. The commands below use these variables:\n{urls}\n")
        for number, step in enumerate(steps, 1):
            self._play(number, step)

    def _play(self, number: int, step: Step) -> None:
        self._write(f"\n{number}. {step.title}\n   {self._filled(step.words)}\n\n")
        self._pause()
        if step.cause:
            self.causes[step.cause]()
        self._write(re.sub(r"(?<!\\\n)^", "$ ", step.command, flags=re.MULTILINE) + "\n")
        code, output = self._run(step.command)
        self._write(_shown(output, step.aside))
        found = re.search(step.shows, output)
        if code != step.code or not found:
            raise TourError(f"It ended with {code}, not {step.code}, or its output lacks {step.shows}:\n{output}")
        if step.code:
            self._write(f"(exit code {code}, as it should be)\n")
        if step.keeps:
            self._variables[step.keeps] = found[1]
            self._write(f"$ {step.keeps}={found[1][:40]}{'…' if found[1][40:] else ''}\n")

    def _filled(self, words: str) -> str:
        for name in ("RECEIVER", "LIAR"):
            words = words.replace(f"${name}", self._variables[name])
        return words.replace("\n", "\n   ")

    def _run(self, command: str) -> tuple[int, str]:
        """Run lines in a shell; returns the exit code of the last one, and what they printed."""
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
        environment = {**os.environ, **self._variables, "PATH": path, "NO_COLOR": "1"}
        with subprocess.Popen(  # noqa: S603 - the steps' own words
            ["bash", "-c", command],  # noqa: S607 - the user's
            cwd=self._folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                output, _ = process.communicate(timeout=TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                raise TourError(f"No end after {TIMEOUT} seconds: {command}") from None
        return process.returncode, output

    # ---------------------------------------------------------------- what happens beside the commands
    def _keep_webhook(self) -> None:
        """Write down what has come to the receiver."""
        captured = self._receiver.wait_for("CustomerRegistered")
        lines = [f"{name}: {value}" for name, value in captured.headers.items()]
        (self._folder / "webhook.headers").write_text("\n".join(lines) + "\n", "utf-8")
        (self._folder / "webhook.json").write_bytes(captured.body)

    def _repair(self) -> None:
        self._liar.repaired = True


def _shown(output: str, aside: str = "") -> str:
    """An output as it is shown: without what is aside, and not too long, nor too wide."""
    told = output.strip().splitlines()
    kept = [line for line in told if not (aside and re.search(aside, line))]
    lines = [line if len(line) <= LONGEST else f"{line[:LONGEST]}…" for line in kept]
    if hidden := len(told) - len(kept):
        lines.append(f"({hidden} more lines: progress, lines of curl that show it, figures of the run)")
    left_out = len(lines) - MOST_LINES
    return "\n".join([*lines[:MOST_LINES], *([f"… and {left_out} more lines"] if left_out > 0 else []), ""])
