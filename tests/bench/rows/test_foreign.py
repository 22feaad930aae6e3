"""bench.rows.foreign: the mock beside those that keep what they are sent."""

from bench.memory.cost import POST, READ, Raced
from bench.rows.foreign import told

RATES = {"mock": [100.0, 200.0], "mock --no-memory": [300.0, 300.0], "slow": [10.0, 10.0], "fast": [50.0, 40.0]}
CPU = {"mock": [10.0, 10.0], "mock --no-memory": [5.0, 5.0], "slow": [90.0, 90.0], "fast": [20.0, 40.0]}


def test_the_fastest_peer_counts() -> None:
    """The figure is how many times as fast as the fastest peer the mock is; its own stateless form is none."""
    table = told(Raced({READ: RATES, POST: RATES}, {READ: CPU, POST: CPU}), {"third": "npm not found"})

    assert table.figures[f"FOREIGN {READ}"] == table.figures[f"FOREIGN {POST}"] == 3.5
    assert table.figures[f"FOREIGN CPU {READ}"] == 3.0
    assert ["fast", *["45", "40-50", "30", "3.50"] * 2] in table.rows
    assert "third is left out: npm not found" in table.notes


def test_without_peers_there_is_no_figure() -> None:
    """Where no peer can be had, nothing is claimed."""
    rates, cpu = ({READ: {"mock": found["mock"]}} for found in (RATES, CPU))

    assert told(Raced(rates, cpu), {}).figures == {}
