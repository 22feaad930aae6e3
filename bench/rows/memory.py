"""MEM: resident memory of everybody at rest, and of the mock after a million requests and a hundred thousand rows."""

import statistics

from bench.contestants.roster import OURS, Contestant
from bench.rows.rounds import Plan
from bench.shared import load
from bench.shared.request import Request
from bench.shared.servers import DidNotStart, Server
from bench.shared.table import Table
from bench.shared.work import EVENTS, OK, Credentials, subscribed

FEW, MANY, ROWS = 10_000, 1_000_000, 100_000
SLICE = 5  # seconds of load between looks at the number of answers


def measure(contestants: list[Contestant], known: Credentials, plan: Plan) -> Table:
    """Megabytes; at rest the median of three starts."""
    few, many, rows = (number // plan.shrink for number in (FEW, MANY, ROWS))
    table = Table("MEM: resident memory, MB", ["contestant", "when", "MB"])
    first = Request(EVENTS, headers=known.headers)
    for contestant in contestants:
        try:
            idle = statistics.median(_idle(contestant, first) for _ in range(min(plan.rounds, 3)))
        except DidNotStart as error:
            table.notes.append(f"{contestant.name} did not start: {error}")
        else:
            _note(table, contestant.name, "idle", idle)
    (ours,) = (contestant for contestant in contestants if contestant.name == OURS)
    with ours.server() as server:
        server.start(first)
        _note(table, OURS, f"after {few:,} requests", _after_few(server, first, few), "few")
        _note(table, OURS, f"after {many:,} requests", _after(server, first, many - few), "many")
    with ours.server() as server:
        server.start(first)
        table.figures[f"MEM {OURS} before rows"] = _megabytes(server)
        subscribed(server, known.headers, rows)
        _note(table, OURS, f"after {rows:,} subscriptions", _megabytes(server), "rows")
    return table


def _idle(contestant: Contestant, first: Request) -> float:
    with contestant.server() as server:
        server.start(first)
        return _megabytes(server)


def _after_few(server: Server, request: Request, number: int) -> float:
    load.repeat(server, request, number)
    return _megabytes(server)


def _after(server: Server, request: Request, number: int) -> float:
    """Megabytes after at least so many requests."""
    answers = 0
    while answers < number:
        answers += load.maximum(server, request, SLICE, OK)[1]
    return _megabytes(server)


def _megabytes(server: Server) -> float:
    return server.memory() * 1.048576


def _note(table: Table, name: str, when: str, memory: float, key: str = "idle") -> None:
    table.rows.append([name, when, f"{memory:.0f}"])
    table.figures[f"MEM {name} {key}"] = memory
