"""bench.report.targets: what is to be reached, and whether it was."""

import pytest

from bench.contestants.roster import CONSTANT, FLOOR, LINES, OURS
from bench.report.results import LOADS
from bench.report.targets import Target, also_held, cheaper, ratio, tail, targets
from bench.rows.rounds import Figures

MEASURED = {
    "GET": {
        OURS: Figures(rates=[300.0, 200.0, 400.0], cpu=[10.0, 20.0, 10.0], p99=[3.0, 1.0, 4.0]),
        CONSTANT: Figures(rates=[600.0, 400.0, 400.0], cpu=[5.0, 5.0, 5.0], p99=[1.0, 1.0, 1.0]),
        LINES: Figures(rates=[150.0, 190.0, 390.0], cpu=[12.0, 22.0, 12.0]),
        FLOOR: Figures(rates=[100.0, 100.0, 100.0], cpu=[30.0, 30.0, 30.0]),
        "a peer": Figures(rates=[10.0, 10.0, 10.0], cpu=[300.0, 300.0, 300.0]),
    }
}


def _of(text: str, figures: dict[str, float]) -> Target:
    (found,) = (each for each in [*targets(MEASURED, figures), *also_held(MEASURED, figures)] if each.text == text)
    return found


def test_ratios_are_medians_of_rounds() -> None:
    """A ratio is the median of those of the rounds, by rate, by CPU time, and by p99; None where one has none."""
    assert ratio(MEASURED, "GET", OURS, CONSTANT) == 0.5
    assert cheaper(MEASURED, "GET", OURS, FLOOR) == 3.0
    assert tail(MEASURED, "GET", OURS, CONSTANT) == 3.0
    assert ratio(MEASURED, "POST", OURS, FLOOR) is None
    assert tail(MEASURED, "GET", OURS, "a peer") is None


def test_every_row_of_the_race_has_its_bound() -> None:
    """The targets are those of the race: over raw Starlette, of the own constant, with lines, tails, starts and all."""
    found = {each.text: (each.sign, each.bound) for each in targets({}, {})}

    assert found["GET over that of raw Starlette"] == ("≥", 3.0)
    assert found["POST over that of raw Starlette"] == ("≥", 2.5)
    assert found["LIST over that of raw Starlette"] == ("≥", 1.1)
    assert found["BAD over the POST of raw Starlette"] == ("≥", 1.6)
    assert [found[f"{row} over that of the own constant"][1] for row in ("GET", "POST")] == [0.55, 0.38]
    assert {found[f"{row}: with a line per request over without"] for row in LOADS} == {("≥", 0.8)}
    assert {found[f"{row}: p99 at half load over that of the own constant"] for row in LOADS} == {("≤", 3.0)}
    assert [bound for text, (_, bound) in found.items() if text.startswith("START")] == [1.5, 1.25, 1.8]
    assert [bound for text, (_, bound) in found.items() if text.startswith("MEM")] == [55, 2, 45]
    assert [bound for text, (_, bound) in found.items() if text.startswith("FUZZ")] == [1.0, 0.7]
    assert [bound for text, (_, bound) in found.items() if text.startswith("another contract")] == [3, 3]
    assert [bound for text, (_, bound) in found.items() if text.startswith(("FAN", "CREATE: p50"))] == [1.4, 1.3]


def test_nothing_is_reached_that_was_not_measured() -> None:
    """Without figures no target has a verdict but that."""
    assert {each.verdict for each in [*targets({}, {}), *also_held({}, {})]} == {"not measured"}


@pytest.mark.parametrize(
    ("text", "figures", "figure", "verdict"),
    [
        ("GET over that of raw Starlette", {}, 3.0, "reached"),
        ("GET over that of the own constant", {}, 0.5, "**not reached**"),
        ("GET: p99 at half load over that of the own constant", {}, 3.0, "reached"),
        (
            "MEM: 100,000 subscriptions, MB",
            {"MEM mock rows": 99.0, "MEM mock before rows": 53.0},
            46.0,
            "**not reached**",
        ),
        ("START warm over importing uvicorn and uvloop", {"START/IMPORTS mock": 1.2}, 1.2, "reached"),
        ("GET over that of the fastest peer (a peer)", {}, 30.0, "reached"),
        (
            "FUZZ: `check live` over `st run`, answers after 50 ms",
            {"FUZZ mockserver check live, 50 ms": 6.0, "FUZZ st run, 50 ms": 10.0},
            0.6,
            "reached",
        ),
    ],
)
def test_figures_meet_their_bounds(text: str, figures: dict[str, float], figure: float, verdict: str) -> None:
    """A figure is found by its name, and held against the bound, which itself will do."""
    found = _of(text, figures)

    assert (found.figure, found.verdict) == (figure, verdict)


def test_cpu_time_is_a_second_witness() -> None:
    """Ratios of speed have the same ratio by CPU time beside them."""
    assert _of("GET over that of raw Starlette", {}).witness == 3.0
    assert _of("FAN over a bare client loop", {"FAN": 1.5, "FAN CPU": 1.6}).witness == 1.6
