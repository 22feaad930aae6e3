"""`make robustness`: every hostile input, sent to the mock and to stock Connexion; writes bench/results/robustness.md.

    python -m tests.hostile.robustness

Each server runs in a process of its own, with a log of its own. The mock gets all inputs ten times: memory that it
needs for the first five is needed once, as allocators keep it; then there must be no more. Exit code 1 if anything is
wrong with one of its answers, its log or its memory.
"""

import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import click
import orjson

from tests.hostile.corpus import corpus
from tests.hostile.inputs import CLOSED, Input
from tests.hostile.wire import FAULTS, HUNG, Outcome, exchange, faults

ROOT = Path(__file__).parent.parent.parent
TABLE = ROOT / "bench" / "results" / "robustness.md"
DETAILS = ROOT / "build" / "robustness.json"
WARM_UP, ROUNDS = 5, 10
MOST_GROWTH = 10  # MiB
MOCK = [sys.executable, "-m", "mockserver", "serve", "--log-level", "warning", "--port"]
STOCK = [sys.executable, "-m", "tests.hostile.stock"]


@dataclass
class Run:
    """What a server made of all inputs."""

    outcomes: list[tuple[Input, Outcome, list[str]]] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)  # MiB: after the start, and after each time

    def of(self, kind: str) -> list[tuple[Outcome, list[str]]]:
        """The outcomes of one kind of input."""
        return [(outcome, found) for sent, outcome, found in self.outcomes if sent.kind == kind]

    def count(self, *kinds_of_faults: str) -> int:
        """How many inputs had one of these faults."""
        return sum(bool(set(found) & set(kinds_of_faults)) for _, _, found in self.outcomes)


class Server:
    """A server in a process of its own."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
        self._process = process
        self._log = log
        self._read = 0
        self.address = ("127.0.0.1", port)

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    @property
    def memory(self) -> float:
        """Resident memory in MiB."""
        status = Path(f"/proc/{self._process.pid}/status").read_text("ascii")
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024

    def logged(self) -> str:
        """What it has logged since the last time."""
        with self._log.open("rb") as log:
            log.seek(self._read)
            new = log.read()
        self._read += len(new)
        return new.decode("utf-8", "replace")


@contextmanager
def served(command: list[str]) -> Iterator[Server]:
    """A server, from the moment it listens to the end of the block."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        log = Path(folder) / "log"
        with log.open("wb") as file, subprocess.Popen([*command, str(port)], cwd=ROOT, stderr=file) as process:  # noqa: S603
            try:
                server = Server(process, port, log)
                _wait_for(server)
                yield server
            finally:
                process.terminate()


def _wait_for(server: Server) -> None:
    while server.is_alive:
        try:
            socket.create_connection(server.address).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    sys.exit(f"The server ended before it listened:\n{server.logged()}")


def run(command: list[str], inputs: list[Input], rounds: int = 1, *, is_mock: bool) -> Run:
    """Send all inputs one after the other, so many times."""
    result = Run()
    with served(command) as server:
        server.logged()
        result.memory.append(server.memory)
        for round_ in range(rounds):
            for sent in inputs:
                outcome = exchange(server.address, sent)
                found = faults(sent, outcome, is_mock=is_mock)
                if "Traceback" in server.logged():
                    found.append("traceback")
                if round_ == 0 or found:
                    result.outcomes.append((sent, outcome, found))
            result.memory.append(server.memory)
        if not server.is_alive:
            sys.exit("The server died.")
    return result


def _statuses(outcomes: Iterable[Outcome]) -> str:
    names = {HUNG: "hangs", CLOSED: "closed"}
    counts = Counter(outcome.status for outcome in outcomes)
    return ", ".join(f"{names.get(status, status)}: {count}" for status, count in sorted(counts.items()))


def _found(found: Iterable[list[str]]) -> str:
    counts = Counter(fault for faults in found for fault in faults)
    return ", ".join(f"{fault}: {counts[fault]}" for fault in FAULTS if counts[fault]) or "nothing"


def _cells(run: Run, kind: str) -> str:
    of_kind = run.of(kind)
    return f"{_statuses(outcome for outcome, _ in of_kind)} | {_found(found for _, found in of_kind)}"


def table(inputs: list[Input], stock: Run, mock: Run) -> str:
    """Every kind of input: what each server answers, and what is wrong with that."""
    names = defaultdict(list)
    for sent in inputs:
        names[sent.kind].append(sent.name)
    rows = [
        f"| {kind} | {len(of_kind)} | {_cells(stock, kind)} | {_cells(mock, kind)} |" for kind, of_kind in names.items()
    ]
    head = "| input | number | stock Connexion answers | what is wrong | the mock answers | what is wrong |"
    return "\n".join([head, "|---|---|---|---|---|---|", *rows])


def _summary(stock: Run, mock: Run) -> str:
    def line(name: str, run: Run) -> str:
        figures = " | ".join(str(run.count(fault)) for fault in FAULTS)
        slowest = max(outcome.seconds for _, outcome, _ in run.outcomes if outcome.status != HUNG)
        serious = run.count(*(fault for fault in FAULTS if fault != "other shape"))
        return f"| {name} | {figures} | {serious} | {run.count(*FAULTS)} | {slowest:.2f} s |"

    head = f"| | {' | '.join(FAULTS)} | inputs with a fault other than the shape | with any | slowest answer |"
    rule = "|---" * (len(FAULTS) + 4) + "|"
    return "\n".join([head, rule, line("stock Connexion", stock), line("the mock", mock)])


TEXT = """\
# Robustness

Written by `make robustness`. {number} hostile inputs in {kinds} kinds, each sent over a connection of its own to stock
Connexion {connexion} (`tests/hostile/stock.py`: AsyncApp under stock uvicorn, the same contract and handlers, requests
and answers validated) and to the mock. The inputs are in `tests/hostile/`.

What counts as wrong: **5xx**; **hang**, no answer within 5 seconds; **traceback**, in the answer or in the log;
**wrong answer**, a status that a user wouldn't expect there (a hostile input that is served, most of the time);
**other shape**, a refusal under `/api` that isn't the vendor's `{{"code", "message"}}`, which is told apart from the
rest. Stock Connexion isn't blamed for not knowing `Prefer`, or for redirecting. Limits of bodies, and what is no header
to be sent twice, are the mock's on both sides (`asgi_middleware`), and so is the log.

{summary}

Memory of the mock in MiB at the start, and after each of ten rounds of all inputs: {memory}.

{table}

`closed` is a connection that ends without an answer: right for bytes that are no request.
"""


def main() -> None:
    """Send everything, write the table, and say whether all is well."""
    inputs = corpus()
    stock = run(STOCK, inputs, is_mock=False)
    mock = run(MOCK, inputs, ROUNDS, is_mock=True)
    kinds = len({sent.kind for sent in inputs})
    text = TEXT.format(
        number=len(inputs),
        kinds=kinds,
        connexion=version("connexion"),
        summary=_summary(stock, mock),
        table=table(inputs, stock, mock),
        memory=", ".join(f"{size:.0f}" for size in mock.memory),
    )
    TABLE.write_text(text, "utf-8")
    DETAILS.parent.mkdir(exist_ok=True)
    DETAILS.write_bytes(orjson.dumps({"stock": _details(stock), "mock": _details(mock)}, option=orjson.OPT_INDENT_2))
    click.echo(_summary(stock, mock))
    for sent, outcome, found in mock.outcomes:
        if found:
            click.echo(f"the mock: {sent.kind}: {sent.name}: {outcome.status}: {', '.join(found)}")
    growth = mock.memory[-1] - mock.memory[WARM_UP]
    click.echo(f"memory of the mock in MiB: {', '.join(f'{size:.0f}' for size in mock.memory)}")
    sys.exit(bool(mock.count(*FAULTS) or growth > MOST_GROWTH))


def _details(run: Run) -> list[dict[str, object]]:
    return [
        {
            "kind": sent.kind,
            "name": sent.name,
            "status": outcome.status,
            "seconds": round(outcome.seconds, 3),
            "shape": outcome.shape,
            "faults": found,
        }
        for sent, outcome, found in run.outcomes
    ]


if __name__ == "__main__":
    main()
