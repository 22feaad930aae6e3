"""bench.soak.count: errors by what they were."""

from bench.soak.count import Count


def test_errors_are_told_by_how_often_they_came() -> None:
    """The most frequent error comes first."""
    count = Count()
    for how in ("500", "404", "500"):
        count.fail("list", how)

    assert count.errors_told() == ["2 times list: 500", "1 times list: 404"]
