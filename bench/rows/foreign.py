"""FOREIGN: reading, listing and creating records of another contract, beside peers that keep what they are sent.

It is `make memory-cost` without its page and without weighing.
"""

import statistics
from collections.abc import Mapping

from bench.memory import cost
from bench.rows.rounds import Plan
from bench.shared.table import Table, spread

MOCK, STATELESS = "mock", "mock --no-memory"
TITLE = "FOREIGN: answers a second of servers that keep pets"


def measure(plan: Plan) -> Table:
    """All that keep pets, in interleaved rounds."""
    keepers, missing = cost.contestants()
    return told(cost.raced(keepers, plan.rounds, plan.seconds, missing), missing)


def told(found: cost.Raced, missing: Mapping[str, str]) -> Table:
    """What was found, by row and server; the figures say how many times as fast as the fastest peer the mock is."""
    heads = (column for row in found.rates for column in (f"{row}/s", "least-most", "CPU µs", "mock over it"))
    table = Table(TITLE, ["server", *heads])
    names = list(dict.fromkeys(name for rates in found.rates.values() for name in rates))
    for name in names:
        cells: list[str] = []
        for row, rates in found.rates.items():
            cpu = statistics.median(found.cpu[row][name])
            cells += [f"{statistics.median(rates[name]):,.0f}", spread(rates[name]), f"{cpu:.0f}"]
            cells.append(f"{_over(rates[MOCK], rates[name]):.2f}")
        table.rows.append([name, *cells])
    peers = [name for name in names if name not in (MOCK, STATELESS)]
    for row, rates in found.rates.items() if peers else ():
        fastest = max(peers, key=lambda peer: statistics.median(rates[peer]))
        table.figures[f"FOREIGN {row}"] = _over(rates[MOCK], rates[fastest])
        table.figures[f"FOREIGN CPU {row}"] = _over(found.cpu[row][fastest], found.cpu[row][MOCK])
    table.notes += [f"{name} is left out: {why}" for name, why in missing.items()]
    table.notes.append("The mock gets an OpenAPI document alone; memory-cost.md says how each of the others was told.")
    return table


def _over(above: list[float], below: list[float]) -> float:
    """The median of the ratios of the rounds; 0 where the clock of CPU time saw nothing."""
    return statistics.median(one / other if other else 0.0 for one, other in zip(above, below, strict=True))
