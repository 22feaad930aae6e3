"""Commands of the command line, run in this process or in one of their own, on a mock or on what pretends to be one."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from unittest import mock

from click.testing import CliRunner, Result

from mockserver.cli import cli, main
from mockserver.testing import Receiver, Respond

PATIENCE = 30  # seconds; nothing waits for them unless it is broken
VARIABLES = ("MOCKSERVER_URL", "MOCKSERVER_CONTROL_TOKEN", "MOCKSERVER_API_KEY", "MOCKSERVER_ADMIN_USERNAME")


def ask(server: str, *arguments: str, stdin: str = "") -> Result:
    """Run a command that asks the mock at this address."""
    environment = dict.fromkeys(VARIABLES) | {"MOCKSERVER_URL": server}
    return CliRunner(env=environment).invoke(cli, arguments, input=stdin)


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def run_here(folder: Path, *arguments: str, **variables: str) -> Ran:
    """Run a command in a folder to its end, as a shell would, but in this process: starting one takes longer than most
    commands do. It has no terminal."""
    usual = signal.getsignal(signal.SIGTERM)  # the command sets another
    words = mock.patch.object(sys, "argv", ["mockserver", *arguments])
    with chdir(folder), words, CliRunner(env=variables).isolation() as (stdout, stderr, _):
        try:
            main()
            code: int | str | None = 0
        except SystemExit as end:
            code = end.code
        finally:
            signal.signal(signal.SIGTERM, usual)
    assert code is None or isinstance(code, int)
    return Ran(code or 0, stdout.getvalue().decode(), stderr.getvalue().decode())


@contextmanager
def running(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A command in a process of its own, which doesn't outlive the block."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
    command = [sys.executable, "-m", "mockserver", *arguments]
    with subprocess.Popen(  # noqa: S603 (our own command)
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        watchdog = threading.Timer(PATIENCE, process.kill)  # a line that never comes must not hang the test
        watchdog.start()
        try:
            yield process
        finally:
            watchdog.cancel()
            process.kill()


def next_line(process: "subprocess.Popen[str]") -> str:
    """The next line of its output."""
    assert process.stdout
    return process.stdout.readline()


@dataclass(frozen=True)
class Pretence:
    """Answers by path, with a status and JSON, or text; with 401 if a token is asked for that doesn't come."""

    answers: Mapping[str, tuple[int, Any]]
    otherwise: tuple[int, Any]
    token: str | None

    def react(self, handler: BaseHTTPRequestHandler, ended: threading.Event) -> None:
        """Answer."""
        status, content = self.answers.get(handler.path.partition("?")[0], self.otherwise)
        if self.token is not None and handler.headers["X-Mock-Control-Token"] != self.token:
            status = 401
        text = content if isinstance(content, str) else json.dumps(content)
        Respond(status, text.encode()).react(handler, ended)


@contextmanager
def pretender(
    answers: Mapping[str, tuple[int, Any]], otherwise: tuple[int, Any] = (404, None), token: str | None = None
) -> Iterator[str]:
    """The URL of a server that isn't this version of the mock, and answers as it is told."""
    with Receiver(Pretence(answers, otherwise, token)) as receiver:
        yield f"http://127.0.0.1:{receiver.port}"
