"""The load generators, on a core of their own: wrk for the maximum, hey for an exact number of requests."""

import re
import shutil
import subprocess
import tempfile
import time
from typing import Protocol

from bench.shared.request import Request
from bench.shared.servers import LOAD_CORE, Server, pinned

CONNECTIONS = 32


class Refused(Exception):
    """Answers under load that are not the right ones."""


def missing() -> str | None:
    """What isn't installed, as a reason to skip; None if all is there."""
    absent = [name for name in ("wrk", "hey", "taskset") if not shutil.which(name)]
    return f"{', '.join(absent)} not found: apt-get install wrk hey util-linux" if absent else None


class Addressed(Protocol):
    """What has a URL: a server, or what stands before several."""

    @property
    def url(self) -> str:
        """The URL."""


def maximum(server: Addressed, request: Request, seconds: float, expected: int) -> tuple[float, int]:
    """Answers a second, and all answers, as fast as they come on 32 kept connections. Raises Refused."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(request.lua(f"r{time.monotonic_ns()}x"))
        script.flush()
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--timeout", "10s"]
        output = _run([*command, "-s", script.name, server.url])
    total = int(re.findall(r"(\d+) requests in", output)[0])
    refused = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", output)))
    wrong = refused if expected < 300 else total - refused  # noqa: PLR2004 (a success)
    if wrong or not total or "Socket errors" in output:
        trouble = re.findall(r"Socket errors: .*", output)
        said = f"{wrong} of {total} answers under load were not {expected}" if total else "no answer came under load"
        raise Refused(f"{said} {' '.join(trouble)}".strip())
    return float(re.findall(r"Requests/sec:\s+([\d.]+)", output)[0]), total


def repeat(server: Server, request: Request, times: int) -> float:
    """Answers a second for a number of requests, on 20 kept connections."""
    words = ["hey", "-cpus", "1", "-c", "20", "-n", str(times)]
    output = _run([*words, *request.hey(), server.url + request.path])
    if f"[200]\t{times} responses" not in output:
        raise Refused(output[-300:])
    return float(re.findall(r"Requests/sec:\s+([\d.]+)", output)[0])


def _run(command: list[str]) -> str:
    words = [*pinned(LOAD_CORE), *command]
    done = subprocess.run(words, check=True, capture_output=True, text=True, timeout=300)
    if done.stderr:
        raise Refused(f"{command[0]}: {done.stderr.strip()[:200]}")  # a script's mistake, for one
    return done.stdout
