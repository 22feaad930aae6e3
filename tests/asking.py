"""What the tests of commands that ask a running mock share."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx2
from click.testing import CliRunner, Result

from mockserver.cli import cli
from mockserver.testing import MockServer

KEY = {"X-AUTH-TOKEN": "mock-api-key"}
EVENT = "CustomerRegistered"
NOWHERE = "http://127.0.0.1:9/hook"  # refuses connections
PATIENCE = 30  # seconds; nothing waits for them unless it is broken
VARIABLES = ("MOCKSERVER_URL", "MOCKSERVER_CONTROL_TOKEN", "MOCKSERVER_API_KEY", "MOCKSERVER_ADMIN_USERNAME")


def ask(server: str, *arguments: str, stdin: str = "") -> Result:
    """Run a command that asks the mock at this address."""
    environment = dict.fromkeys(VARIABLES) | {"MOCKSERVER_URL": server}
    return CliRunner(env=environment).invoke(cli, arguments, input=stdin)


def subscribe(mock: MockServer, url: str, event_name: str = EVENT, store_code: str = "DEFAULT") -> str:
    """Subscribe a URL; returns the id of the subscription."""
    body = {"webhookSubscription": {"eventName": event_name, "url": url, "hmacEnabled": True}}
    answer = httpx2.post(f"{mock.url}/api/{store_code}/webhook/subscription", headers=KEY, json=body)
    return str(answer.raise_for_status().json()["webhookSubscriptionId"])


def subscribed(mock: MockServer) -> int:
    """How many subscriptions there are."""
    answer = httpx2.get(f"{mock.url}/api/DEFAULT/webhook/subscription", headers=KEY)
    return int(answer.raise_for_status().json()["total"]["all"])


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


@contextmanager
def pretender(
    answers: dict[str, tuple[int, Any]], otherwise: tuple[int, Any] = (404, None), token: str | None = None
) -> Iterator[str]:
    """The URL of a server that isn't this version of the mock: it answers by path, with a status and JSON, or text; if
    there is a control token, to who sends it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            welcome = token is None or self.headers["X-Mock-Control-Token"] == token
            status, content = answers.get(self.path.partition("?")[0], otherwise) if welcome else (401, None)
            self.send_response(status)
            self.end_headers()
            self.wfile.write((content if isinstance(content, str) else json.dumps(content)).encode())

        do_POST = do_GET  # noqa: N815 (the base class's name)

        def log_message(self, *_: object) -> None:
            """Tests have nobody who reads it."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
