"""`make bench`: the mock beside a raw Starlette route under the same server, driven by wrk in interleaved rounds.

The server is pinned to one core, the load generator to the other. Ratios count; absolute figures are the machine's.
"""

import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

ROUNDS = 5
SECONDS = 3
CONNECTIONS = 32
MOCK_PORT, FLOOR_PORT = 8291, 8292
SERVER_CORE, LOAD_CORE, CORES = "0", "1", 2
EVENTS = "/api/DEFAULT/webhook/event"
SUBSCRIPTION = "/api/DEFAULT/webhook/subscription"
BODY = {"webhookSubscription": {"eventName": "CustomerRegistered", "url": "http://localhost:9/hook"}}
MOCK = [sys.executable, "-m", "mockserver", "serve", "--port", str(MOCK_PORT), "--log-level", "warning"]
FLOOR = [sys.executable, "-m", "bench.floor", str(FLOOR_PORT)]


def main() -> None:
    """Measure, and print a table."""
    if not shutil.which("wrk") or not shutil.which("taskset") or (os.cpu_count() or 1) < CORES:
        sys.exit("SKIPPED: this needs wrk, taskset and two cores (apt-get install wrk).")
    starts = sorted(_start_up() for _ in range(7))
    click.echo(f"start-up, exec to first 200: median {statistics.median(starts):.3f} s of {len(starts)}")
    with served(MOCK, MOCK_PORT) as mock, served(FLOOR, FLOOR_PORT):
        idle = _resident(mock)
        rows = {name: _compare(request) for name, request in _requests().items()}
        click.echo(f"memory: {idle:.0f} MiB idle, {_resident(mock):.0f} MiB after the load")
    for name, (ours, floor) in rows.items():
        ratio = statistics.median(a / b for a, b in zip(ours, floor, strict=True))
        middle = statistics.median(ours), statistics.median(floor)
        click.echo(f"{name}: mock {middle[0]:.0f}/s, raw Starlette {middle[1]:.0f}/s, ratio {ratio:.2f}")


def _requests() -> dict[str, str]:
    """The wrk scripts by row: an authorised GET and a valid POST, with a real JWT."""
    connection = http.client.HTTPConnection("127.0.0.1", MOCK_PORT)
    credentials = json.dumps({"username": "admin", "password": "password"})
    connection.request("POST", "/api/admin/login_check", credentials, {"Content-Type": "application/json"})
    token = json.loads(connection.getresponse().read())["token"]
    headers = f'wrk.headers["Authorization"] = "Bearer {token}"\n'
    post = f'wrk.method = "POST"\nwrk.body = \'{json.dumps(BODY)}\'\nwrk.headers["Content-Type"] = "application/json"\n'
    return {
        "GET": f'wrk.path = "{EVENTS}"\n{headers}',
        "POST": f'wrk.path = "{SUBSCRIPTION}"\n{headers}{post}',
    }


def _compare(script: str) -> tuple[list[float], list[float]]:
    """Requests per second of mock and floor, in interleaved rounds."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        pairs = [(_load(MOCK_PORT, file.name), _load(FLOOR_PORT, file.name)) for _ in range(ROUNDS)]
    return [ours for ours, _ in pairs], [floor for _, floor in pairs]


def _load(port: int, script: str) -> float:
    command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", script]
    output = subprocess.run([*command, f"http://127.0.0.1:{port}"], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        sys.exit(f"The server refused the load:\n{output}")
    return float(re.findall(r"Requests/sec:\s+([\d.]+)", output)[0])


@contextmanager
def served(command: list[str], port: int) -> Iterator[int]:
    """A server on its core, from its first answer on; yields its process id."""
    with subprocess.Popen(["taskset", "-c", SERVER_CORE, *command], stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process)
            yield process.pid
        finally:
            process.terminate()


def _start_up() -> float:
    started = time.perf_counter()
    with served(MOCK, MOCK_PORT):
        return time.perf_counter() - started


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            connection.request("GET", EVENTS, headers={"X-AUTH-TOKEN": "mock-api-key"})
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.002)
    sys.exit(f"The server on port {port} ended before it answered.")


def _resident(process_id: int) -> float:
    """Resident memory in MiB."""
    status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


if __name__ == "__main__":
    main()
