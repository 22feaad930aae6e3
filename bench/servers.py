"""Servers under test: started on their core, watched, and ended."""

import http.client
import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from bench.request import Request

CACHE = Path(__file__).parent / ".cache"
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
    """A command that serves on a free port: `{port}` in its words. Its output goes to a file, never to a reader.

    It has a core of its own if there is more than one and `taskset`.
    """

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._command = [*pinned(SERVER_CORE), *(word.replace("{port}", str(self.port)) for word in command)]
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._log = CACHE / "logs" / f"{re.sub('[^a-z0-9]+', '-', name.lower())}-{self.port}.log"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def start(self, first: Request) -> float:
        """Start; the seconds from exec to the first 200 for a request. Raises DidNotStart."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        started = time.perf_counter()
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(self._command, stdout=output, stderr=output, env=self._environment)
        while self._process.poll() is None and time.perf_counter() - started < START:
            if self._answers(first):
                return time.perf_counter() - started
            time.sleep(POLL)
        raise DidNotStart(self._last_words())

    def ask(self, request: Request) -> Answer:
        """The answer to one request. Raises OSError or HTTPException if there is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(request.method, request.path, request.body or None, dict(request.headers))
            answer = connection.getresponse()
            return Answer(answer.status, answer.read())
        finally:
            connection.close()

    def cpu(self) -> float:
        """Seconds of CPU time that it has used, its children included: other work on the machine doesn't add to it."""
        return sum(_cpu(process_id) for process_id in self._family())

    def memory(self) -> float:
        """Resident memory in MiB, its children included."""
        return sum(_resident(process_id) for process_id in self._family())

    def _answers(self, first: Request) -> bool:
        try:
            return self.ask(first).status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False

    def _family(self) -> list[int]:
        found = [self._process.pid] if self._process else []
        for parent in found:
            for task in Path(f"/proc/{parent}/task").glob("*/children"):
                found += [int(child) for child in task.read_text("ascii").split()]
        return found

    def _last_words(self) -> str:
        lines = [line.strip() for line in self._log.read_text("utf-8", "replace").splitlines() if line.strip()]
        errors = [line for line in lines if re.search(r"\bError\b|Error:|Exception", line)]
        return next(iter(errors or lines[-1:]), "it said nothing")[:200]


def pinned(core: int) -> list[str]:
    """The words that keep a command on one core; none where there is only one."""
    return ["taskset", "-c", str(core)] if (os.cpu_count() or 1) > 1 else []


def _cpu(process_id: int) -> float:
    fields = Path(f"/proc/{process_id}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(process_id: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process_id}/status").read_text("ascii"))
    return int(found[1]) / 1024 if found else 0


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
