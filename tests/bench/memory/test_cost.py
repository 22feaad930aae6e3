"""bench.memory.cost: who keeps pets is measured, and the page has it."""

from bench.memory.cost import LIST, POST, READ, Keeper, Weight, page

KEEPERS = [Keeper("mock", "1", ("mock",), "nothing"), Keeper("other", "2", ("other",), "a file")]


def test_page_has_medians_and_ratios_to_the_mock() -> None:
    """A ratio is the median of those of the rounds; who was left out has its reason."""
    rates = {row: {"mock": [100.0, 200.0, 300.0], "other": [50.0, 100.0, 600.0]} for row in (READ, LIST, POST)}

    text = page(KEEPERS, rates, {"third": "npm not found"}, Weight(1024, 10.0, 11.0), "A busy machine.")

    assert "| other | 100 | 50-600 | 0.50 |" in text
    assert "- left out: third: npm not found" in text
    assert "1,024 records of the mock take 1 MiB, 1,024 bytes each (10 MiB before, 11 after)." in text
    assert "**A busy machine.**" in text
