"""`python -m bench.rows.latency`: how long registering a member takes, with and without subscriptions to tell of it.

One client, one call after another, in blocks that alternate between mocks; a mock that is not being called is stopped,
so that its deliveries do not use the core of the other. Ratios count; absolute figures are the machine's.
"""

import http.client
import json
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count

import click

from bench.rows.fan import receiver

BLOCKS, CALLS, WARM_UP = 8, 60, 20
SUBSCRIPTIONS = 100
NONE, ONE, MANY, HANGING = "no subscription", "1 subscription", "100 subscriptions", "100 that hang"
SERVE = ["taskset", "-c", "0", sys.executable, "-m", "mockserver", "serve", "--port", "0", "--log-level", "warning"]
HEADERS = {"X-AUTH-TOKEN": "mock-api-key", "Content-Type": "application/json"}


class Mock:
    """A mock in a process of its own, and a client of it."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._names = count()
        self.milliseconds: list[float] = []

    def post(self, path: str, body: object) -> None:
        """Call, and insist on success."""
        self._connection.request("POST", f"/api/DEFAULT/{path}", json.dumps(body), HEADERS)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != http.HTTPStatus.OK:
            sys.exit(f"The mock refused: {text!r}")

    def subscribe(self, url: str, times: int) -> None:
        """Have a URL told of members, many times over."""
        for number in range(times):
            wanted = {"eventName": "CustomerRegistered", "url": f"{url}/{number}", "hmacEnabled": True}
            self.post("webhook/subscription", {"webhookSubscription": wanted})

    def register(self, calls: int) -> list[float]:
        """Register members; how long each took, in milliseconds."""
        took = []
        for _ in range(calls):
            body = {"customer": {"email": f"m{next(self._names)}@example.com"}}
            started = time.perf_counter()
            self.post("member", body)
            took.append((time.perf_counter() - started) * 1_000)
        return took

    def measure(self) -> None:
        """One block, during which the mock runs."""
        self._process.send_signal(signal.SIGCONT)
        self.milliseconds += self.register(CALLS)
        self._process.send_signal(signal.SIGSTOP)

    def result(self) -> tuple[float, float]:
        """p50 and p99 in milliseconds."""
        ordered = sorted(self.milliseconds)
        return statistics.median(ordered), ordered[len(ordered) * 99 // 100]


def main() -> None:
    """Measure, and print."""
    for name, (p50, p99) in measure(BLOCKS).items():
        click.echo(f"POST member, {name}: p50 {p50:.2f} ms, p99 {p99:.2f} ms")


def measure(blocks: int) -> dict[str, tuple[float, float]]:
    """p50 and p99 in milliseconds by what has subscribed, in so many blocks each."""
    with ExitStack() as stack:
        url = stack.enter_context(receiver())
        hanging = stack.enter_context(socket.create_server(("127.0.0.1", 0)))  # it accepts, and never reads
        silent = f"http://127.0.0.1:{hanging.getsockname()[1]}"
        subscribed = {NONE: (url, 0), ONE: (url, 1), MANY: (url, SUBSCRIPTIONS), HANGING: (silent, SUBSCRIPTIONS)}
        mocks = {name: stack.enter_context(_mock()) for name in subscribed}
        for name, (address, times) in subscribed.items():
            mocks[name].subscribe(address, times)
            mocks[name].register(WARM_UP)
        for _ in range(blocks):
            for mock in mocks.values():
                mock.measure()
        return {name: mock.result() for name, mock in mocks.items()}


@contextmanager
def _mock() -> Iterator[Mock]:
    with subprocess.Popen(SERVE, stderr=subprocess.PIPE, text=True) as process:
        try:
            found = next(
                filter(None, (re.search(r" on http://127\.0\.0\.1:(\d+)", line) for line in process.stderr or ()))
            )
            yield Mock(process, int(found[1]))
        finally:
            process.kill()


if __name__ == "__main__":
    main()
