"""bench.cluster.chaos_page: the page has what came of each phase."""

from collections import Counter

from bench.cluster.chaos import Newcomer, Phase
from bench.cluster.chaos_page import Setting, page, row


def test_page_has_a_row_for_each_phase() -> None:
    """Figures, times as median and most, and what was answered by its kind."""
    phase = Phase("a replica killed", 3, 9.0, Counter(POST=5), Counter({"POST 502": 1}), ["member a"], 40, 44)
    phase.back, phase.resumed = [1.0, 3.0, 2.0], [5.0]

    text = page(Setting(3, 2, 11), Newcomer(1.5, 0.25), [phase])

    assert row(phase) == "| a replica killed | 3 | 9 | 5 | 1 | 1 | 40 | 0 | 0 | 0 |"
    assert row(phase) in text
    assert "| a replica killed | 2.00, 3.00 | 5.00, 5.00 | 0.00 |" in text
    assert "answered POST 5; without success POST 502 1." in text
