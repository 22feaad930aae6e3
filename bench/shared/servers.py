"""Servers under test: started on their core, watched, and ended."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.shared.cache import CACHE
from bench.shared.request import Request

SERVER_CORE, LOAD_CORE = 0, 1
START = 120  # seconds that a server may take to start
POLL = 0.002


class DidNotStart(Exception):
    """A server that ended, or gave no right answer in time; the text has its last words."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The body as JSON; an empty object if it is something else."""
        try:
            return json.loads(self.body)
        except ValueError:
            return {}


class Server:
    """A command that serves on a free port, `{port}` in its words, on a core of its own where there is one.

    Its output goes to a file: it never waits for a reader.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        core: int | None = SERVER_CORE,
    ) -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._command = [*pinned(core), *(word.replace("{port}", str(self.port)) for word in command)]
        self._environment = {**os.environ, **(environment or {})}
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a checkout is compiled once, as what pip installs
        self._process: subprocess.Popen[bytes] | None = None
        self._log = CACHE / "logs" / f"{re.sub('[^a-z0-9]+', '-', name.lower())}-{self.port}.log"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def start(self, first: Request | None = None) -> float:
        """Start, again if need be; the seconds from exec to the first 200 for a request, or without one to any answer.

        Raises DidNotStart.
        """
        self._end()
        self._log.parent.mkdir(parents=True, exist_ok=True)
        started = time.perf_counter()
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(self._command, stdout=output, stderr=output, env=self._environment)
        while self._process.poll() is None and time.perf_counter() - started < START:
            if self._answers(first):
                return time.perf_counter() - started
            time.sleep(POLL)
        raise DidNotStart(self.last_words() if self.ended() else f"no answer {START} seconds after its start")

    def ended(self, within: float = 0) -> bool:
        """Whether the process has ended by itself, or does so within some seconds."""
        try:
            return self._process is None or self._process.wait(within) is not None
        except subprocess.TimeoutExpired:
            return False

    def rest(self) -> None:
        """Do nothing at all: without requests, too, some compile and collect for seconds, on the core of the others."""
        self._signal(signal.SIGSTOP)

    @contextmanager
    def awake(self) -> Iterator[None]:
        """Work, and rest afterwards."""
        self._signal(signal.SIGCONT)
        try:
            yield
        finally:
            self.rest()

    def ask(self, request: Request) -> Answer:
        """The answer to one request. Raises OSError or HTTPException if there is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(request.method, request.path, request.body or None, dict(request.headers))
            answer = connection.getresponse()
            return Answer(answer.status, answer.read())
        finally:
            connection.close()

    @property
    def pid(self) -> int:
        """The id of its process; 0 if there is none."""
        return self._process.pid if self._process else 0

    def cpu(self) -> float:
        """Seconds of CPU time that it has used, its children included; 0 if it has ended.

        Other work on the machine doesn't add to it.
        """
        return 0.0 if self.ended() else cpu_of(self.pid)

    def memory(self) -> float:
        """Resident memory in MiB, its children included; 0 if it has ended."""
        return sum(_resident(process) for process in self._family())

    def last_words(self) -> str:
        """What it said last: the last line that names an error, or else the last one."""
        lines = [line.strip() for line in self._log.read_text("utf-8", "replace").splitlines()]
        errors = [line for line in lines if re.search(r"\bError\b|Error:", line)]
        return next(reversed(errors or [line for line in lines if line]), "nothing")[:200]

    def _answers(self, first: Request | None) -> bool:
        try:
            status = self.ask(first or Request("/")).status
        except (OSError, http.client.HTTPException):
            return False
        return first is None or status == http.HTTPStatus.OK

    def _family(self) -> list[Path]:
        """The folders in /proc of the process and what it has started; none if it has ended."""
        return [] if self.ended() else _family(self.pid)

    def _signal(self, number: signal.Signals) -> None:
        for process in self._family():
            with suppress(ProcessLookupError):
                os.kill(int(process.name), number)

    def _end(self) -> None:
        if self._process:
            self._signal(signal.SIGCONT)  # who rests hears nothing
            self._process.terminate()
            if not self.ended(within=5):
                self._process.kill()
                self._process.wait()


def pinned(core: int | None) -> list[str]:
    """The words that keep a command on a core; none where there is only one, or no `taskset`."""
    possible = core is not None and (os.cpu_count() or 1) > 1 and shutil.which("taskset")
    return ["taskset", "-c", str(core)] if possible else []


def cpu_of(pid: int) -> float:
    """Seconds of CPU time that a process and its children have used. Raises OSError if it has ended."""
    return sum(_cpu(process) for process in _family(pid))


def _family(pid: int) -> list[Path]:
    """The folders in /proc of a process and what it has started."""
    found = [Path(f"/proc/{pid}")]
    for parent in found:
        for task in parent.glob("task/*/children"):
            with suppress(OSError):  # a thread that has ended meanwhile
                found += [Path(f"/proc/{child}") for child in task.read_text("ascii").split()]
    return found


def _cpu(process: Path) -> float:
    fields = (process / "stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(process: Path) -> float:
    found = re.search(r"VmRSS:\s+(\d+)", (process / "status").read_text("ascii"))
    return int(found[1]) / 1024 if found else 0


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
