"""Pictures: of the rows of load a bar for each contestant, its length the median, with a line from least to most; and
of the targets a bar for each."""

import statistics
from collections.abc import Mapping, Sequence
from html import escape

from bench.contestants.roster import CONSTANT, FLOOR, LIMIT, LINES, OURS
from bench.report.targets import Target
from bench.rows.commands import LOOP
from bench.rows.rounds import Figures

WIDTH, NAMES, BAR, GAP, HEAD = 900, 190, 14, 6, 34
ROOM = WIDTH - NAMES - 90  # for bars; figures stand behind them
COLOURS = {OURS: "#1f6feb", LINES: "#79b0f5", FLOOR: "#8c959f", LIMIT: "#c5cbd1", LOOP: "#c5cbd1", CONSTANT: "#c5cbd1"}
PEER = "#d9a03c"
REACHED, MISSED = "#2da44e", "#cf5b45"
WORDS, ROOM_OF_TARGETS = 430, 340  # for what a target says, and for its bar
MOST_TIMES = 2  # of the bound, that a bar shows
TITLE_OF_TARGETS = "Targets: the line is the aim, and right of it is better (bars end at twice as good)"
STYLE = "text{font:12px sans-serif;fill:#57606a}.t{font-weight:bold}line{stroke:#57606a;stroke-width:1.5}"


def draw(loads: Mapping[str, Mapping[str, Figures]], works: Mapping[str, str]) -> str:
    """An SVG with a panel for each row; those without a figure are left out."""
    panels, height = [], 10
    for row, contestants in loads.items():
        able = {name: found.rates for name, found in contestants.items() if found.rates}
        if able:
            panels.append(_panel(height, f"{row}: {works.get(row, '')}, answers a second", able))
            height += HEAD + len(able) * (BAR + GAP) + 14
    return _svg(height, "Answers a second by contestant", panels)


def _panel(top: int, title: str, able: Mapping[str, list[float]]) -> str:
    longest = max(max(rates) for rates in able.values())
    ordered = sorted(able, key=lambda name: -statistics.median(able[name]))
    lines = [f'<text class="t" x="8" y="{top + 18}">{escape(title)}</text>']
    for number, name in enumerate(ordered):
        lines.append(_bar(top + HEAD + number * (BAR + GAP), name, able[name], ROOM / longest))
    return "\n".join(lines)


def _bar(top: int, name: str, rates: list[float], scale: float) -> str:
    middle, least, most = statistics.median(rates), min(rates), max(rates)
    x1, x2, y = NAMES + least * scale, NAMES + most * scale, top + BAR / 2
    colour = COLOURS.get(name, PEER)
    return (
        f'<text x="{NAMES - 8}" y="{top + 11}" text-anchor="end">{escape(name)}</text>'
        f'<rect x="{NAMES}" y="{top}" width="{max(1, middle * scale):.1f}" height="{BAR}" fill="{colour}"/>'
        f'<line x1="{x1:.1f}" y1="{y}" x2="{x2:.1f}" y2="{y}"/>'
        f'<text x="{x2 + 8:.1f}" y="{top + 11}">{middle:,.0f}</text>'
    )


def draw_targets(aims: Sequence[Target]) -> str:
    """An SVG with a bar for each target that was measured, its length how far it is reached; a line is at bounds."""
    measured = [(target, target.figure) for target in aims if target.figure is not None]
    height = HEAD + len(measured) * (BAR + GAP) + 14
    bound_at = WORDS + ROOM_OF_TARGETS / MOST_TIMES
    lines = [f'<text class="t" x="8" y="18">{escape(TITLE_OF_TARGETS)}</text>']
    for number, (target, figure) in enumerate(measured):
        lines.append(_aim(HEAD + number * (BAR + GAP), target, figure))
    lines.append(f'<line x1="{bound_at:.1f}" y1="{HEAD - 6}" x2="{bound_at:.1f}" y2="{height - 14}"/>')
    return _svg(height, "How far each target is reached", lines)


def _aim(top: int, target: Target, figure: float) -> str:
    """One bar; to the right of the line is better, whichever way the target goes."""
    fewer = target.bound / figure if figure > 0 else MOST_TIMES  # of what may be a difference
    times = figure / target.bound if target.sign == "≥" else fewer
    width = min(times, MOST_TIMES) * ROOM_OF_TARGETS / MOST_TIMES
    colour = REACHED if target.verdict == "reached" else MISSED
    said = f"{figure:.2f}, aim {target.sign} {target.bound:g}"
    return (
        f'<text x="{WORDS - 8}" y="{top + 11}" text-anchor="end">{escape(target.text.replace("`", ""))}</text>'
        f'<rect x="{WORDS}" y="{top}" width="{max(1, width):.1f}" height="{BAR}" fill="{colour}"/>'
        f'<text x="{WORDS + ROOM_OF_TARGETS + 8}" y="{top + 11}">{escape(said)}</text>'
    )


def _svg(height: int, label: str, lines: Sequence[str]) -> str:
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{label}">'
    return "\n".join([head, f"<style>{STYLE}</style>", *lines, "</svg>\n"])
