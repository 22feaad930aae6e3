"""bench.cluster.throughput: the page has what was measured."""

from bench.cluster.throughput import Delivered, Work, page


def test_page_has_medians_and_spread() -> None:
    """Of each work the median of the rounds and how far they lay apart, and the CPU time by who used it."""
    work = Work(
        "memory", "GET", [100.0, 1000.0, 300.0], [(10.0, 0.0, 0.0), (30.0, 2.0, 0.0), (20.0, 1.0, 0.0)], 1.5, 9.0
    )

    text = page([work], [Delivered("memory", 1234.0, 50.0, 20.0, 1000.0)], 5, 3)

    assert "| memory | GET | 300 (100-1,000) | 20 + 1 + 0 | 1.5 | 9.0 |" in text
    assert "| memory | 1,234 | 50 + 20 | 1,000 |" in text
