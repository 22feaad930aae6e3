"""START: from exec to the first 200 for the authorised GET, cold and warm, and with 240 operations."""

import statistics
import tempfile

from bench.contestants.roster import OURS, Contestant, mock
from bench.documents.generated import last_path, write
from bench.rows.rounds import Plan
from bench.shared.cache import CACHE
from bench.shared.request import Request
from bench.shared.servers import DidNotStart, Server
from bench.shared.table import Table, spread
from bench.shared.work import EVENTS, Credentials

LARGE = 240  # operations
COLD, COLD_LARGE, WARM_LARGE = f"{OURS}, cold", f"{OURS}, {LARGE} operations, cold", f"{OURS}, {LARGE} operations, warm"
Run = tuple[float, float]  # seconds, and seconds of CPU time


def measure(contestants: list[Contestant], known: Credentials, plan: Plan) -> Table:
    """Each is started once unmeasured, so that files are in the page cache; then in interleaved rounds."""
    table = Table("START: exec to first 200", ["contestant", "median s", "least-most", "CPU s"])
    first = Request(EVENTS, headers=known.headers)
    large = Request(last_path(LARGE, "get"), headers=known.headers)
    document = str(write(CACHE / "configuration", LARGE))
    entries = {contestant.name: (contestant.command, first) for contestant in contestants}
    entries |= {COLD: (mock(), first), WARM_LARGE: (mock("--spec", document), large)}
    entries |= {COLD_LARGE: (mock("--spec", document), large)}
    found: dict[str, list[Run]] = {name: [] for name in entries}
    for number in range(plan.rounds + 1):
        for name, (command, request) in entries.items():
            try:
                run = _start(name, command, request)
            except DidNotStart as error:
                table.notes.append(f"{name} did not start: {error}")
            else:
                found[name] += [run] if number else []
    for name, runs in found.items():
        if runs:
            seconds = [run[0] for run in runs]
            table.figures[f"START {name}"] = middle = statistics.median(seconds)
            cpu = statistics.median(run[1] for run in runs)
            table.rows.append([name, f"{middle:.3f}", spread(seconds, ".3f"), f"{cpu:.2f}"])
    table.notes.append("Cold: without what an earlier start made of the contract (`--cache-dir`); else warm.")
    return table


def _start(name: str, command: tuple[str, ...], request: Request) -> Run:
    """One start. Raises DidNotStart."""
    with tempfile.TemporaryDirectory() as empty:
        options = ("--cache-dir", empty) if "cold" in name else ()
        with Server(name, (*command, *options)) as server:
            return server.start(request), server.cpu()
