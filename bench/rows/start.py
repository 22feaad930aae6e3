"""START: from exec to the first 200 for the authorised GET, cold and warm, and with 240 operations.

How long a start takes differs by half from one day to the next on a shared machine. So in each round a fresh
interpreter imports uvicorn and uvloop, too, which no server on them can do without: a ratio to that is what counts.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from bench.contestants.roster import API_KEY, OURS, Contestant, unsigned_mock
from bench.documents.generated import last_path, write
from bench.rows.rounds import Plan
from bench.shared.cache import CACHE
from bench.shared.request import Request
from bench.shared.servers import SERVER_CORE, DidNotStart, Server, pinned
from bench.shared.table import Table, spread
from bench.shared.work import EVENTS, Credentials

LARGE = 240  # operations
COLD, COLD_LARGE, WARM_LARGE = f"{OURS}, cold", f"{OURS}, {LARGE} operations, cold", f"{OURS}, {LARGE} operations, warm"
IMPORTS = "importing uvicorn and uvloop"
IMPORT = "import time, uvicorn, uvloop; print(time.process_time(), flush=True)"
NOTES = [
    "Cold: without what an earlier start made of the contract (`--cache-dir`); else warm.",
    "The mock is started as people start it, without a signing key, and asked with its API key.",
    f"{IMPORTS.capitalize()}: a fresh interpreter on the same core, from exec until that is done.",
]
Run = tuple[float, float]  # seconds, and seconds of CPU time


def measure(contestants: list[Contestant], known: Credentials, plan: Plan) -> Table:
    """Each is started once unmeasured, so that files are in the page cache; then in interleaved rounds."""
    first = Request(EVENTS, headers=known.headers)
    ours, large = (Request(path, headers=API_KEY) for path in (EVENTS, last_path(LARGE, "get")))
    document = str(write(CACHE / "configuration", LARGE))
    entries = {contestant.name: (contestant.command, first) for contestant in contestants}
    entries |= {OURS: (unsigned_mock(), ours), COLD: (unsigned_mock(), ours)}
    entries |= {name: (unsigned_mock("--spec", document), large) for name in (WARM_LARGE, COLD_LARGE)}
    starts: dict[str, Callable[[], Run]] = {IMPORTS: _imported}
    starts |= {name: partial(_start, name, command, request) for name, (command, request) in entries.items()}
    found: dict[str, list[Run]] = {name: [] for name in starts}
    failed: dict[str, str] = {}
    for number in range(plan.rounds + 1):
        for name in [name for name in starts if name not in failed]:
            try:
                run = starts[name]()
            except DidNotStart as error:
                failed[name] = f"{name} did not start: {error}"
            else:
                found[name] += [run] if number else []
    return told({name: runs for name, runs in found.items() if name not in failed}, failed.values())


def told(found: Mapping[str, list[Run]], failures: Iterable[str] = ()) -> Table:
    """What was found, and in multiples of the imports of the same round."""
    columns = ["contestant", "median s", "least-most", "x imports", "CPU s", "x imports by CPU"]
    table = Table("START: exec to first 200", columns, notes=[*failures, *NOTES])
    for name, runs in found.items():
        seconds, cpu = zip(*runs, strict=True)
        beside = [_ratio(runs, found[IMPORTS], which) for which in (0, 1)]
        table.figures |= {f"START {name}": statistics.median(seconds), f"START/IMPORTS {name}": beside[0]}
        table.figures[f"START/IMPORTS CPU {name}"] = beside[1]
        shown = [f"{statistics.median(seconds):.3f}", spread(seconds, ".3f"), f"{beside[0]:.2f}"]
        table.rows.append([name, *shown, f"{statistics.median(cpu):.2f}", f"{beside[1]:.2f}"])
    return table


def _ratio(runs: list[Run], imports: list[Run], which: int) -> float:
    return statistics.median(ours[which] / theirs[which] for ours, theirs in zip(runs, imports, strict=True))


def _start(name: str, command: tuple[str, ...], request: Request) -> Run:
    """One start. Raises DidNotStart."""
    with tempfile.TemporaryDirectory() as empty:
        options = ("--cache-dir", empty) if "cold" in name else ()
        with Server(name, (*command, *options)) as server:
            return server.start(request), server.cpu()


def _imported() -> Run:
    """A fresh interpreter that has imported what every server on uvicorn needs. Raises DidNotStart."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [*pinned(SERVER_CORE), sys.executable, "-c", IMPORT]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        said = process.stdout.readline() if process.stdout else ""
        seconds = time.perf_counter() - started
    if process.returncode:
        raise DidNotStart("uvicorn and uvloop can't be imported")
    return seconds, float(said)
