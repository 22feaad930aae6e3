"""Servers under test: started, started again when they end by themselves, and ended."""

import os
import re
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from bench.documents import CACHE

START = 120  # seconds that a server may take to start


class Server:
    """A command that serves on the port that is added to it. Its output goes to a file: it never waits for a reader."""

    def __init__(self, command: list[str]) -> None:
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._command = [*command, "--port", str(port)]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def start_up(self, session: requests.Session) -> float | None:
        """Start it, again if need be. The seconds from exec to its first answer; None if there is none."""
        self._end()
        started = time.perf_counter()
        with (CACHE / "output.log").open("wb") as output:
            self._process = subprocess.Popen(self._command, stdout=output, stderr=output)
        while not self.ended() and time.perf_counter() - started < START:
            try:
                session.get(f"{self.url}/", timeout=START)
            except requests.RequestException:
                time.sleep(0.02)
            else:
                return time.perf_counter() - started
        return None

    def ended(self, within: float = 0) -> bool:
        """Whether the process has ended by itself, or does so within some seconds."""
        try:
            return self._process is None or self._process.wait(within) is not None
        except subprocess.TimeoutExpired:
            return False

    def last_words(self) -> str:
        """What it said last: the last line that names an error, or else the last one."""
        lines = [line.strip() for line in (CACHE / "output.log").read_text("utf-8", "replace").splitlines()]
        errors = [line for line in lines if re.search(r"\bError\b|Error:", line)]
        return next(reversed(errors or [line for line in lines if line]), "nothing")[:200]

    def cpu(self) -> float:
        """Seconds of CPU time that it has used, which other work on the machine doesn't add to; 0 if it has ended."""
        if self._process is None:
            return 0
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Resident memory in MiB; 0 if it has ended."""
        if self._process is None:
            return 0
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s+(\d+)", status)
        return int(found[1]) / 1024 if found else 0

    def _end(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
