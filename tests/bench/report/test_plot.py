"""bench.report.plot: pictures of rates and targets."""

import re

from bench.report.plot import draw, draw_targets
from bench.report.targets import Target
from bench.rows.rounds import Figures


def test_bars_are_as_long_as_medians() -> None:
    """The fastest comes first; a bar is as long as its median, and who has no figure has none."""
    text = draw({"GET": {"slow": Figures([50.0]), "fast": Figures([100.0]), "absent": Figures()}}, {"GET": "a < b"})

    first, second = (float(width) for width in re.findall(r'<rect [^>]*width="([\d.]+)"', text))
    assert first == 2 * second
    assert text.index(">fast<") < text.index(">slow<")
    assert "absent" not in text
    assert "a &lt; b" in text


def test_targets_go_to_the_right_of_their_line_if_reached() -> None:
    """Twice as good as asked for is the longest bar, whether more is better or less; what wasn't measured has none.
    Nothing, or less than nothing, is as good as it gets where less is better."""
    aims = [("a", "≥", 6.0), ("b", "≤", 1.5), ("c", "≥", 1.5), ("d", "≥", None), ("e", "≤", -0.3), ("f", "≤", 0.0)]
    text = draw_targets([Target(name, sign, 3, figure) for name, sign, figure in aims])

    widths = [float(width) for width in re.findall(r'<rect [^>]*width="([\d.]+)"', text)]
    assert widths[0] == widths[1] == widths[3] == widths[4] == 4 * widths[2]
    assert "1.50, aim ≥ 3" in text
    assert ">d<" not in text
