"""A picture of the rows of load: a bar for each contestant, its length the median, with a line from least to most."""

import statistics
from collections.abc import Mapping
from html import escape

from bench.contestants.roster import FLOOR, LIMIT, LINES, OURS
from bench.rows.commands import LOOP
from bench.rows.rounds import Figures

WIDTH, NAMES, BAR, GAP, HEAD = 900, 190, 14, 6, 34
ROOM = WIDTH - NAMES - 90  # for bars; figures stand behind them
COLOURS = {OURS: "#1f6feb", LINES: "#79b0f5", FLOOR: "#8c959f", LIMIT: "#c5cbd1", LOOP: "#c5cbd1"}
PEER = "#d9a03c"
STYLE = "text{font:12px sans-serif;fill:#57606a}.t{font-weight:bold}line{stroke:#57606a;stroke-width:1.5}"


def draw(loads: Mapping[str, Mapping[str, Figures]], works: Mapping[str, str]) -> str:
    """An SVG with a panel for each row; those without a figure are left out."""
    panels, height = [], 10
    for row, contestants in loads.items():
        able = {name: found.rates for name, found in contestants.items() if found.rates}
        if able:
            panels.append(_panel(height, f"{row}: {works.get(row, '')}, answers a second", able))
            height += HEAD + len(able) * (BAR + GAP) + 14
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="Answers a second by contestant">'
    return "\n".join([head, f"<style>{STYLE}</style>", *panels, "</svg>\n"])


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
