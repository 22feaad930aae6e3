"""The servers that are judged: the mock's protocol in a thread, others in processes, with the same application."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic  # noqa: TID251 (a deadline for servers in other processes)

from tests.hostile.corpora import mock
from tests.hostile.corpora.wire import Server

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
FOLDER = ROOT / "bench" / ".cache" / "http-servers"  # of those that the project doesn't need
APP = "tests.hostile.corpora.echo:app"
START = 20  # seconds
PATIENCE = 1.0  # seconds that a connection may be silent
UVICORN = ("uvicorn", APP, "--ws", "none", "--no-access-log", "--log-level", "critical", "--host", "127.0.0.1")

Served = Callable[[], AbstractContextManager[Server]]


class DidNotStart(Exception):
    """A server that gave no answer in time."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A server by its name and version, and what starts one."""

    name: str
    version: str
    served: Served


def contestants() -> tuple[list[Contestant], str]:
    """Those that can be had, the mock first, and why others can't, if so."""
    here = sys.executable
    found = [
        Contestant("mock", "", _mock),
        Contestant(
            "uvicorn, httptools", _version(here, "uvicorn"), _process(here, *UVICORN, "--http", "httptools", "--port")
        ),
        Contestant("uvicorn, h11", _version(here, "h11"), _process(here, *UVICORN, "--http", "h11", "--port")),
    ]
    python, reason = _installed()
    if reason:
        return found, reason
    hypercorn = _process(python, "hypercorn", APP, "--log-level", "critical", "--bind", "127.0.0.1:{port}")
    granian = _process(
        python,
        "granian",
        APP,
        "--interface",
        "asgi",
        "--http",
        "1",
        "--no-ws",
        "--no-log",
        "--host",
        "127.0.0.1",
        "--port",
    )
    found.append(Contestant("hypercorn", _version(python, "hypercorn"), hypercorn))
    found.append(Contestant("granian", _version(python, "granian"), granian))
    return found, ""


def _installed() -> tuple[str, str]:
    """The Python that has what servers.txt names, and why there is none, if so."""
    wanted = HERE / "servers.txt"
    stamp, python = FOLDER / "installed.txt", FOLDER / "bin" / "python"
    if not stamp.exists() or stamp.read_bytes() != wanted.read_bytes():
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(wanted)]
        for command in ([sys.executable, "-m", "venv", "--clear", str(FOLDER)], pip):
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own words)
            if done.returncode:
                return "", f"{command[2]} failed: {done.stderr.strip()[-200:]}"
        stamp.write_bytes(wanted.read_bytes())
    return str(python), ""


def _version(python: str, package: str) -> str:
    code = f"from importlib.metadata import version; print(version({package!r}))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 (the same)
    return done.stdout.strip()


@contextmanager
def _mock() -> Iterator[Server]:
    with mock.served() as (address, stop):
        yield Server(address, stop, PATIENCE)


def _process(python: str, *words: str) -> Served:
    """What starts a module of a Python with these words; the port goes where they say, or behind them."""
    return partial(_started, [python, "-m", *words])


@contextmanager
def _started(command: list[str]) -> Iterator[Server]:
    """A process of its own, ended with all that it started. Raises DidNotStart."""
    port = _free_port()
    words = [word.replace("{port}", str(port)) for word in command]
    words += [] if words != command else [str(port)]
    process = subprocess.Popen(  # noqa: S603 (our own words)
        words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _await_start(process, port)
        yield Server(("127.0.0.1", port), process.terminate, PATIENCE)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # its workers, too
            process.wait()


def _await_start(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = monotonic() + START
    while process.poll() is None and monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise DidNotStart(f"no answer after {START} seconds" if process.poll() is None else "it ended by itself")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
