"""GROW: the mock with 15 and 240 operations, and with 10 to 100,000 subscriptions."""

import statistics
from collections.abc import Callable
from contextlib import ExitStack
from itertools import chain

from bench.contestants.roster import mock
from bench.documents.generated import body, last_path, write
from bench.rows.rounds import WARM_UP, Plan
from bench.shared import load
from bench.shared.cache import CACHE
from bench.shared.request import Request
from bench.shared.servers import Server
from bench.shared.table import Table, spread
from bench.shared.work import EVENTS, OK, SUBSCRIPTIONS, Credentials, rows, subscribed

DOCUMENTS = (15, 240)
SIZES = (10, 1_000, 100_000)
REPEATS = 1_000  # posts of a turn: few, as each makes the store larger
Turn = Callable[[], float]


def measure(known: Credentials, plan: Plan) -> Table:
    """Answers a second, in interleaved rounds."""
    table = Table("GROW: answers a second as things grow", ["row", "size", "median/s", "least-most", "of the smallest"])
    with ExitStack() as stack:
        for method in ("get", "post"):
            turns = {f"{size} operations": _of_document(stack, size, method, known, plan) for size in DOCUMENTS}
            _compare(table, method.upper(), turns, plan.rounds)
        sizes = (*SIZES[:2], SIZES[2] // plan.shrink)
        servers = {f"{size:,} subscriptions": _with_rows(stack, size, known) for size in sizes}
        listing = next(row.request for row in rows(known) if row.name == "LIST")
        _compare(
            table, "LIST", {size: _maximum(server, listing, plan) for size, server in servers.items()}, plan.rounds
        )
        posting = next(row.request for row in rows(known) if row.name == "POST")
        _compare(table, "POST", {size: _repeated(server, posting) for size, server in servers.items()}, plan.rounds)
    table.notes.append(
        "Operations: of generated documents (`python -m bench.documents.generated 240`); the last one is asked."
    )
    table.notes.append(f"POST at a number of subscriptions: {REPEATS:,} posts a round, as each makes the store larger.")
    return table


def _compare(table: Table, name: str, turns: dict[str, Turn], rounds: int) -> None:
    """Rows for one kind of request; the figure is the share that the largest has of the smallest."""
    found: dict[str, list[float]] = {size: [] for size in turns}
    for size in chain(*[turns] * rounds):
        found[size].append(turns[size]())
    smallest, *_, largest = found.values()
    for size, rates in found.items():
        share = _share(rates, smallest)
        table.rows.append([name, size, f"{statistics.median(rates):.0f}", spread(rates), f"{share:.2f}"])
    key = "operations" if "operations" in next(iter(found)) else "rows"
    table.figures[f"GROW {name} {key}"] = 1 / _share(largest, smallest)


def _share(rates: list[float], smallest: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(rates, smallest, strict=True))


def _of_document(stack: ExitStack, size: int, method: str, known: Credentials, plan: Plan) -> Turn:
    document = str(write(CACHE / "configuration", size))
    path = last_path(size, method)
    request = Request(path, headers=known.headers) if method == "get" else Request.post(path, body(), known.headers)
    server = stack.enter_context(Server(f"mock {size}", mock("--spec", document)))
    server.start(Request(last_path(size, "get"), headers=known.headers))
    return _maximum(server, request, plan)


def _with_rows(stack: ExitStack, size: int, known: Credentials) -> Server:
    server = stack.enter_context(Server(f"mock {size}", mock()))
    server.start(Request(EVENTS, headers=known.headers))
    subscribed(server, known.headers, size)
    server.ask(Request(SUBSCRIPTIONS, headers=known.headers))  # rows are indexed when they are first asked for
    return server


def _maximum(server: Server, request: Request, plan: Plan) -> Turn:
    load.maximum(server, request, WARM_UP, OK)
    return lambda: load.maximum(server, request, plan.seconds, OK)[0]


def _repeated(server: Server, request: Request) -> Turn:
    return lambda: load.repeat(server, request, REPEATS)
