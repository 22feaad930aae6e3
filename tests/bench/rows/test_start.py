"""bench.rows.start: starts in multiples of what none can do without."""

from bench.rows.start import IMPORTS, told


def test_starts_are_told_beside_the_imports_of_their_round() -> None:
    """A ratio is the median of those of the rounds, by seconds and by CPU time."""
    table = told({IMPORTS: [(0.1, 0.1), (0.2, 0.2), (0.1, 0.1)], "mock": [(0.2, 0.1), (0.3, 0.4), (0.4, 0.3)]})

    assert table.figures["START mock"] == 0.3
    assert round(table.figures["START/IMPORTS mock"], 6) == 2.0
    assert round(table.figures["START/IMPORTS CPU mock"], 6) == 2.0
    assert ["mock", "0.300", "0.200-0.400", "2.00", "0.30", "2.00"] in table.rows


def test_what_did_not_start_is_noted() -> None:
    """A failure is told below the table."""
    assert "x did not start" in told({}, ["x did not start"]).notes
