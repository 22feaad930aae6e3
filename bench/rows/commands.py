"""Rows that other programs measure: FAN, FUZZ, the time that CREATE takes, and the loop beside LOGIN."""

import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path

import httpx2

from bench.contestants.roster import API_KEY, KEY, mock
from bench.rows import latency
from bench.rows.fan import EVENTS as EVENTS_EMITTED
from bench.rows.rounds import Plan
from bench.shared.request import Request
from bench.shared.servers import LOAD_CORE, SERVER_CORE, Server, pinned
from bench.shared.table import Table, spread
from bench.shared.work import ADMIN, EVENTS
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface

LOOP = "bare pyjwt loop"
BIN = Path(sys.executable).parent
EXAMPLES, EXAMPLES_OF_ST = 100, 40  # generated cases for each operation
LIVE, ST = "mockserver check live", "st run"
LATENCIES = (0, 50)  # milliseconds that answers take longer
UNJUDGED = ("start", "sweep")  # what the judge asks for itself
PATIENCE = 600  # seconds


def sign(seconds: float) -> float:
    """Tokens a second of a bare pyjwt loop, on the core of the servers."""
    return float(_run([*pinned(SERVER_CORE), sys.executable, "-m", "bench.rows.signing", str(KEY), str(seconds)]))


def create(plan: Plan) -> Table:
    """How long registering a member takes by what has subscribed."""
    table = Table("CREATE: one member after another, by what has subscribed", ["subscribed", "p50 ms", "p99 ms"])
    for name, (p50, p99) in latency.measure(plan.rounds).items():
        table.rows.append([name, f"{p50:.2f}", f"{p99:.2f}"])
        table.figures[f"CREATE {name}"] = p50
    table.notes.append("One client on one connection; deliveries go on meanwhile, to a receiver on the other core.")
    return table


def fan(plan: Plan) -> Table:
    """Deliveries a second beside a bare loop; two runs at most, as each takes its time."""
    table = Table("FAN: one event to 1,000 subscribers", ["what", "median/s", "least-most", "CPU µs"])
    events = max(1, EVENTS_EMITTED // plan.shrink)
    command = [sys.executable, "-m", "bench.rows.fan", "--json", "--events", str(events)]
    runs = [json.loads(_run(command)) for _ in range(min(plan.rounds, 2))]
    for key, name in (("delivered", "mock, deliveries"), ("bare", "bare httpx2 loop, posts")):
        rates = [run[key] for run in runs]
        cpu = statistics.median(run[f"{key} CPU"] for run in runs)
        table.rows.append([name, f"{statistics.median(rates):.0f}", spread(rates), f"{1e6 * cpu:.0f}"])
    table.figures["FAN"] = statistics.median(run["delivered"] / run["bare"] for run in runs)
    table.figures["FAN CPU"] = statistics.median(run["bare CPU"] / run["delivered CPU"] for run in runs)
    table.notes.append(
        f"{events} such events, as fast as they are emitted; each delivery is validated, signed and kept."
    )
    return table


def fuzz(plan: Plan) -> Table:
    """`check live` beside `st run`, both on the mock, whose answers come at once or take 50 ms.

    Each has so many examples for an operation that they judge about as many answers.
    """
    columns = ["command", "answers", "seconds", "seconds for 1,000", "CPU s for 1,000"]
    table = Table("FUZZ: seconds for a thousand answers", columns)
    runs = ((LIVE, _live, EXAMPLES), (ST, _st, EXAMPLES_OF_ST))
    for milliseconds, (name, run, most) in product(LATENCIES, runs):
        examples = str(max(1, most // plan.shrink))
        with Server(name, mock()) as server, tempfile.TemporaryDirectory() as folder:
            server.start(Request(EVENTS, headers=API_KEY))
            _delay(server, milliseconds)
            before = _cpu_of_commands()
            answers, seconds = run(server, examples, folder)
            cpu = 1000 * (_cpu_of_commands() - before) / answers
        each = 1000 * seconds / answers
        label = f"{name}, {milliseconds} ms"
        shown = [f"{answers:.0f}", f"{seconds:.1f}", f"{each:.1f}", f"{cpu:.1f}"]
        table.rows.append([f"{label}, --max-examples {examples}", *shown])
        table.figures |= {f"FUZZ {label}": each, f"FUZZ CPU {label}": cpu}
    table.notes.append("Answers to logins and to the sweep of `check live` take their time, but don't count.")
    return table


def _cpu_of_commands() -> float:
    """Seconds of CPU time of all programs that have been run, and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _delay(server: Server, milliseconds: int) -> None:
    """Let every answer of the mock take so many milliseconds longer."""
    for call in Surface(Contract.load()).calls if milliseconds else ():
        fault = {"operationId": call, "delay": milliseconds / 1000}
        httpx2.post(f"{server.url}/_mock/faults", json=fault).raise_for_status()


def _live(server: Server, examples: str, folder: str) -> tuple[float, float]:
    command = [str(BIN / "mockserver"), "check", "live", "--url", server.url, "--seed", "1", "--json"]
    environment = {"OL_USERNAME": ADMIN["username"], "OL_PASSWORD": ADMIN["password"]}
    said = _run([*command, "--max-examples", examples, "--report-dir", folder], environment)
    sent = json.loads((Path(folder) / "exchanges.har").read_text("utf-8"))["log"]["entries"]
    return sum(one["_scenario"] not in UNJUDGED for one in sent), json.loads(said)["seconds"]


def _st(server: Server, examples: str, folder: str) -> tuple[float, float]:
    header = next(f"{name}: {value}" for name, value in API_KEY.items())
    options = ["--seed", "1", "--workers", "1", "--max-examples", examples, "-H", header, "--report-dir", folder]
    said = _run([str(BIN / "st"), "run", f"{server.url}/openapi.json", *options, "--no-color"], folder=folder)
    return float(re.findall(r"(\d+) generated", said)[0]), float(re.findall(r" in ([\d.]+)s =", said)[0])


def _run(command: list[str], environment: dict[str, str] | None = None, folder: str | None = None) -> str:
    """What a command in a folder prints; one that finds faults (exit code 1) has run, too. Raises SubprocessError."""
    words = command if command[0] == "taskset" or "bench.rows.fan" in command else [*pinned(LOAD_CORE), *command]
    surroundings = {**os.environ, **(environment or {})}
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, timeout=PATIENCE, env=surroundings, cwd=folder
    )
    if done.returncode > 1:
        raise subprocess.SubprocessError(f"{' '.join(command[:4])}: {done.stderr.strip()[-200:]}")
    return done.stdout
