"""The targets, and whether the results of a run reach them.

Each that is a ratio of speeds has a second witness where there is one: the same ratio of CPU times, which other work on
the machine hardly changes.
"""

import operator
import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bench.contestants.roster import CONSTANT, FLOOR, LIMIT, LINES, OURS
from bench.memory.cost import POST, READ
from bench.report.results import LOADS
from bench.rows.commands import LATENCIES, LIVE, LOOP, ST
from bench.rows.latency import MANY, NONE
from bench.rows.rounds import Figures
from bench.rows.start import COLD, IMPORTS, WARM_LARGE

Loads = Mapping[str, Mapping[str, Figures]]  # by row, then by contestant
NO_PEERS = {OURS, LINES, CONSTANT, FLOOR, LIMIT, LOOP, IMPORTS}
SIGNS: dict[str, Callable[[float, float], bool]] = {"≥": operator.ge, "≤": operator.le}
FEWER = {"START": "START {}", "MEM idle": "MEM {} idle"}  # where less is better
RATES = (
    ("GET", FLOOR, 3.0),
    ("POST", FLOOR, 2.5),
    ("LIST", FLOOR, 1.1),
    ("BAD", FLOOR, 1.6),
    ("GET", CONSTANT, 0.55),
    ("POST", CONSTANT, 0.38),
)
WITH_LINES, TAIL = 0.8, 3.0
STARTS = ((COLD, "cold", 1.5), (OURS, "warm", 1.25), (WARM_LARGE, "warm with 240 operations", 1.8))
IDLE, MILLION, SUBSCRIBED = 55.0, 2.0, 45.0  # MB
FAN, CREATE, FOREIGN = 1.4, 1.3, 3.0
FUZZ = dict(zip(LATENCIES, (1.0, 0.7), strict=True))  # by milliseconds
GROWTH, PAGES, SIGNING = 1.1, 3.0, 0.8


@dataclass(frozen=True, slots=True)
class Target:
    """What was to be reached, and what was; None if it wasn't measured. `witness` is the same by CPU time."""

    text: str
    sign: str
    bound: float
    figure: float | None
    witness: float | None = None

    @property
    def verdict(self) -> str:
        """In words."""
        if self.figure is None:
            return "not measured"
        return "reached" if SIGNS[self.sign](self.figure, self.bound) else "**not reached**"


def targets(loads: Loads, figures: Mapping[str, float]) -> list[Target]:
    """Those of the race, in the order in which they are told."""
    return [*_rates(loads), *_lines(loads), *_tails(loads), *_starts(figures), *_memory(figures), *_others(figures)]


def also_held(loads: Loads, figures: Mapping[str, float]) -> list[Target]:
    """Older ones that still say something: nobody is faster, and growing costs little."""
    login = Target(f"LOGIN over a {LOOP}", "≥", SIGNING, ratio(loads, "LOGIN", OURS, LOOP))
    return [*_ahead(loads, figures), login, *_growth(figures)]


def ratio(loads: Loads, row: str, name: str, beside: str) -> float | None:
    """Median over the rounds of one contestant's rate over another's; None where one has none."""
    return _pairs(loads, row, name, beside, lambda found: found.rates)


def cheaper(loads: Loads, row: str, name: str, beside: str) -> float | None:
    """The same by the server's CPU time: how many times as long another one takes for an answer."""
    return _pairs(loads, row, beside, name, lambda found: found.cpu)


def tail(loads: Loads, row: str, name: str, beside: str) -> float | None:
    """Median over the rounds of one contestant's p99 over that of another, at the same rate."""
    return _pairs(loads, row, name, beside, lambda found: found.p99)


def _pairs(loads: Loads, row: str, above: str, below: str, series: Callable[[Figures], list[float]]) -> float | None:
    found = [loads.get(row, {}).get(who) for who in (above, below)]
    some, others = (series(each) if each else [] for each in found)
    ratios = [one / other for one, other in zip(some, others, strict=False) if other]
    return statistics.median(ratios) if ratios else None


def _rates(loads: Loads) -> Iterator[Target]:
    for row, beside, bound in RATES:
        text = f"BAD over the POST of {beside}" if row == "BAD" else f"{row} over that of {beside}"
        yield Target(text, "≥", bound, ratio(loads, row, OURS, beside), cheaper(loads, row, OURS, beside))


def _lines(loads: Loads) -> Iterator[Target]:
    for row in LOADS:
        figure, witness = ratio(loads, row, LINES, OURS), cheaper(loads, row, LINES, OURS)
        yield Target(f"{row}: with a line per request over without", "≥", WITH_LINES, figure, witness)


def _tails(loads: Loads) -> Iterator[Target]:
    for row in LOADS:
        text = f"{row}: p99 at half load over that of {CONSTANT}"
        yield Target(text, "≤", TAIL, tail(loads, row, OURS, CONSTANT))


def _starts(figures: Mapping[str, float]) -> Iterator[Target]:
    for name, words, bound in STARTS:
        figure, witness = (figures.get(f"START/IMPORTS {kind}{name}") for kind in ("", "CPU "))
        yield Target(f"START {words} over {IMPORTS}", "≤", bound, figure, witness)


def _memory(figures: Mapping[str, float]) -> Iterator[Target]:
    of_mock = {key: figures.get(f"MEM {OURS} {key}") for key in ("idle", "few", "many", "before rows", "rows")}
    yield Target("MEM idle, MB", "≤", IDLE, of_mock["idle"])
    yield Target("MEM: 1M requests over 10k, MB", "≤", MILLION, _more(of_mock["many"], of_mock["few"]))
    yield Target("MEM: 100,000 subscriptions, MB", "≤", SUBSCRIBED, _more(of_mock["rows"], of_mock["before rows"]))


def _others(figures: Mapping[str, float]) -> Iterator[Target]:
    get = figures.get
    yield Target("FAN over a bare client loop", "≥", FAN, get("FAN"), get("FAN CPU"))
    create = _over(get(f"CREATE {MANY}"), get(f"CREATE {NONE}"))
    yield Target("CREATE: p50 with 100 subscribers over none", "≤", CREATE, create)
    for milliseconds, bound in FUZZ.items():
        figure, witness = (
            _over(get(f"FUZZ {kind}{LIVE}, {milliseconds} ms"), get(f"FUZZ {kind}{ST}, {milliseconds} ms"))
            for kind in ("", "CPU ")
        )
        yield Target(f"FUZZ: `check live` over `st run`, answers after {milliseconds} ms", "≤", bound, figure, witness)
    for row in (READ, POST):
        text = f"another contract, {row} over that of the fastest peer that remembers"
        yield Target(text, "≥", FOREIGN, get(f"FOREIGN {row}"), get(f"FOREIGN CPU {row}"))


def _ahead(loads: Loads, figures: Mapping[str, float]) -> Iterator[Target]:
    """The mock beside the best of the peers that can do the work."""
    for row, contestants in loads.items():
        ratios = {peer: ratio(loads, row, OURS, peer) for peer in contestants if peer not in NO_PEERS}
        able = {peer: found for peer, found in ratios.items() if found}
        if able:
            best = min(able, key=able.__getitem__)
            text = f"{row} over that of the fastest peer ({best})"
            yield Target(text, "≥", 1, able[best], cheaper(loads, row, OURS, best))
    for row, form in FEWER.items():
        peers = {name: figures[form.format(name)] for name in _peers(loads, figures) if form.format(name) in figures}
        ours = figures.get(form.format(OURS))
        if peers and ours:
            best = min(peers, key=peers.__getitem__)
            yield Target(f"{row} over that of the best peer ({best})", "≤", 1, ours / peers[best])


def _growth(figures: Mapping[str, float]) -> Iterator[Target]:
    for row in ("GET", "POST"):
        yield Target(f"GROW: {row}, 15 operations over 240", "≤", GROWTH, figures.get(f"GROW {row} operations"))
    yield Target("GROW: POST, 10 subscriptions over 100,000", "≤", GROWTH, figures.get("GROW POST rows"))
    yield Target("GROW: LIST, 10 subscriptions over 100,000", "≤", PAGES, figures.get("GROW LIST rows"))


def _more(many: float | None, few: float | None) -> float | None:
    return None if many is None or few is None else many - few


def _over(above: float | None, below: float | None) -> float | None:
    return above / below if above and below else None


def _peers(loads: Loads, figures: Mapping[str, float]) -> set[str]:
    """The names of all peers that have a figure somewhere."""
    names = {name for contestants in loads.values() for name in contestants}
    names |= {key.removeprefix("START ") for key in figures if key.startswith("START ")}
    names |= {key.removeprefix("MEM ").removesuffix(" idle") for key in figures if key.startswith("MEM ")}
    return {name for name in names if name not in NO_PEERS and not name.startswith(OURS)}
