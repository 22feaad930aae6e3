"""The targets, and whether the results of a run meet them."""

import operator
import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bench.contestants.roster import FLOOR, LIMIT, LINES, OURS
from bench.rows.commands import LOOP
from bench.rows.latency import MANY, NONE
from bench.rows.rounds import Figures
from bench.rows.start import COLD, WARM_LARGE

Loads = Mapping[str, Mapping[str, Figures]]  # by row, then by contestant
NO_PEERS = {OURS, LINES, FLOOR, LIMIT, LOOP}
SIGNS: dict[str, Callable[[float, float], bool]] = {"≥": operator.ge, "≤": operator.le}
FEWER = {"START": "START {}", "MEM idle": "MEM {} idle"}  # where less is better
GROWTH, PAGES = 1.1, 3


@dataclass(frozen=True, slots=True)
class Target:
    """What was to be reached, and what was; None if it wasn't measured."""

    text: str
    sign: str
    bound: float
    figure: float | None

    @property
    def verdict(self) -> str:
        """In words."""
        if self.figure is None:
            return "not measured"
        return "met" if SIGNS[self.sign](self.figure, self.bound) else "**not met**"


def ratio(loads: Loads, row: str, name: str, beside: str) -> float | None:
    """Median over the rounds of one contestant's rate over another's; None where one has none."""
    ours, theirs = (loads.get(row, {}).get(who) for who in (name, beside))
    pairs = list(zip(ours.rates, theirs.rates, strict=False)) if ours and theirs else []
    return statistics.median(a / b for a, b in pairs) if pairs else None


def targets(loads: Loads, figures: Mapping[str, float]) -> list[Target]:
    """All of them, in the order in which they are told."""
    return [*_rates(loads), *_ahead(loads, figures), *_latencies(loads), *_others(figures)]


def _rates(loads: Loads) -> Iterator[Target]:
    for row, beside, bound in (("GET", FLOOR, 1.3), ("GET", LIMIT, 0.7), ("POST", FLOOR, 1.2), ("POST", LIMIT, 0.58)):
        yield Target(f"{row} over that of {beside}", "≥", bound, ratio(loads, row, OURS, beside))
    posts, bads = (_median(loads, row, OURS) for row in ("POST", "BAD"))
    yield Target("BAD over POST", "≥", 0.75, bads / posts if bads and posts else None)
    yield Target(f"LOGIN over a {LOOP}", "≥", 0.8, ratio(loads, "LOGIN", OURS, LOOP))


def _ahead(loads: Loads, figures: Mapping[str, float]) -> Iterator[Target]:
    """The mock beside the best of the peers that can do the work."""
    for row, contestants in loads.items():
        ratios = {peer: ratio(loads, row, OURS, peer) for peer in contestants if peer not in NO_PEERS}
        able = {peer: found for peer, found in ratios.items() if found}
        if able:
            best = min(able, key=able.__getitem__)
            yield Target(f"{row} over that of the fastest peer ({best})", "≥", 1, able[best])
    for row, form in FEWER.items():
        peers = {name: figures[form.format(name)] for name in _peers(loads, figures) if form.format(name) in figures}
        ours = figures.get(form.format(OURS))
        if peers and ours:
            best = min(peers, key=peers.__getitem__)
            yield Target(f"{row} over that of the best peer ({best})", "≤", 1, ours / peers[best])


def _latencies(loads: Loads) -> Iterator[Target]:
    for row, contestants in loads.items():
        p99 = contestants[OURS].p99 if OURS in contestants else []
        yield Target(f"{row}: p99 at half of the maximum, ms", "≤", 3, statistics.median(p99) if p99 else None)


def _others(figures: Mapping[str, float]) -> Iterator[Target]:
    get = figures.get
    yield Target("START cold, s", "≤", 0.45, get(f"START {COLD}"))
    yield Target("START warm, s", "≤", 0.3, get(f"START {OURS}"))
    yield Target("START warm with 240 operations, s", "≤", 0.5, get(f"START {WARM_LARGE}"))
    yield Target("MEM idle, MB", "≤", 75, get(f"MEM {OURS} idle"))
    few, many = get(f"MEM {OURS} few"), get(f"MEM {OURS} many")
    yield Target("MEM: 1M requests over 10k, MB", "≤", 10, many - few if many and few else None)
    for row in ("GET", "POST"):
        yield Target(f"GROW: {row}, 15 operations over 240", "≤", GROWTH, get(f"GROW {row} operations"))
    yield Target("GROW: POST, 10 subscriptions over 100,000", "≤", GROWTH, get("GROW POST rows"))
    yield Target("GROW: LIST, 10 subscriptions over 100,000", "≤", PAGES, get("GROW LIST rows"))
    yield Target("FAN over a bare loop", "≥", 0.8, get("FAN"))
    some, none = get(f"CREATE {MANY}"), get(f"CREATE {NONE}")
    yield Target("CREATE: p50 with 100 subscribers over none", "≤", 1.5, some / none if some and none else None)


def _median(loads: Loads, row: str, name: str) -> float | None:
    rates = loads[row][name].rates if name in loads.get(row, {}) else []
    return statistics.median(rates) if rates else None


def _peers(loads: Loads, figures: Mapping[str, float]) -> set[str]:
    """The names of all peers that have a figure somewhere."""
    names = {name for contestants in loads.values() for name in contestants}
    names |= {key.removeprefix("START ") for key in figures if key.startswith("START ")}
    names |= {key.removeprefix("MEM ").removesuffix(" idle") for key in figures if key.startswith("MEM ")}
    return {name for name in names if name not in NO_PEERS and not name.startswith(OURS)}
