"""bench.rows.replicas: what a request costs with a shared state."""

from bench.cluster.throughput import Work
from bench.rows.replicas import told


def test_costs_are_told_beside_memory() -> None:
    """A row has what each part of a cluster used for a request, and how many times as much as a mock in memory."""
    memory = Work("memory", "GET", [1000.0, 1200.0], [(20.0, 0.0, 0.0), (30.0, 0.0, 0.0)])
    two = Work("2 on PostgreSQL", "GET", [500.0], [(100.0, 90.0, 40.0)])

    table = told([memory, two])

    assert ["memory", "GET", "1,100", "1000-1200", "25", "0", "0", "1.0"] in table.rows
    assert ["2 on PostgreSQL", "GET", "500", "500-500", "100", "90", "40", "4.0"] in table.rows
    assert table.figures["REPLICAS 2 on PostgreSQL GET"] == 100.0
