"""The page of the results, and its pictures."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench.contestants.roster import CONSTANT, FLOOR
from bench.report.plot import draw, draw_targets
from bench.report.results import Results, without_paths
from bench.report.targets import Target, also_held, ratio, targets
from bench.rows.rounds import Figures
from bench.shared.load import CONNECTIONS
from bench.shared.table import spread
from bench.shared.work import Row

PAGE, RATES, REACHED = "side-by-side.md", "side-by-side.svg", "targets.svg"
COLUMNS = ["what", "target", "figure", "by CPU time", "verdict"]
WITNESS = (
    "By CPU time: the same ratio of what the servers, or programs, used. Replicas over PostgreSQL have no target; what "
    "they cost stands below, and in [cluster-bench.md](cluster-bench.md)."
)
LEGEND = (
    "CPU time is that of the server for an answer; latency is at half of the own maximum. "
    f"{CONSTANT.capitalize()} is asked at the mock's rate, in turns with it."
)


def render(results: Results, rows: Iterable[Row]) -> Path:
    """Write what can be read by people into the folder of the results; the path of the page."""
    works = {row.name: row.work for row in rows}
    folder, loads = results.folder, results.loads
    page = folder / PAGE
    aims, held = judged(results)
    page.write_text(without_paths("\n".join(_page(results, works, aims, held)) + "\n"), encoding="utf-8")
    (folder / RATES).write_text(draw(loads, works), encoding="utf-8")
    (folder / REACHED).write_text(draw_targets(aims), encoding="utf-8")
    return page


def judged(results: Results) -> tuple[list[Target], list[Target]]:
    """The targets of the race, and the older ones that still hold."""
    figures: dict[str, float] = {}
    for table in results.tables.values():
        figures |= table.figures
    return targets(results.loads, figures), also_held(results.loads, figures)


def _page(results: Results, works: Mapping[str, str], aims: list[Target], held: list[Target]) -> Iterable[str]:
    loads = results.loads
    yield from _introduction(results)
    yield from ["", "## Targets", "", f"![]({REACHED})", "", *_targets(aims), "", WITNESS]
    yield from ["", "## Also held", "", *_targets(held)]
    yield from _summary(loads)
    for row, figures in loads.items():
        yield from _load(row, works[row], figures, loads)
    for table in results.tables.values():
        yield from ["", f"## {table.title}", "", *_table(table.columns, table.rows)]
        yield from (line for note in table.notes for line in ("", note))
    if results.failed:
        yield from ["", "## Not measured", "", *(f"- {row}: {reason}" for row, reason in results.failed.items())]
    yield from _configuration(results)


def _targets(found: Iterable[Target]) -> list[str]:
    return _table(
        COLUMNS, ([t.text, f"{t.sign} {t.bound:g}", _figure(t.figure), _figure(t.witness), t.verdict] for t in found)
    )


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _summary(loads: Mapping[str, Mapping[str, Figures]]) -> list[str]:
    """All rows of load in one table."""
    names = list(dict.fromkeys(name for figures in loads.values() for name in figures))
    rows = [[name, *(_cell(row, name, loads) for row in loads)] for name in names]
    title = f"## Answers a second at the maximum, and in brackets how many times those of {FLOOR}"
    legend = ["† see the remark below.", "", f"![]({RATES})"]
    return ["", title, "", *_table(["contestant", *loads], rows), "", *legend]


def _introduction(results: Results) -> list[str]:
    told = ", ".join(f"{name} {value}" for name, value in results.setting["machine"].items())
    return [
        "# Measured side by side",
        "",
        *_origin(results),
        "",
        f"Servers on one core, the load generator on the other, {CONNECTIONS} kept connections. Figures are medians;",
        "ratios are medians of those of the rounds. [README.md](../README.md) says how to read them.",
        "",
        f"Machine: {told}.",
    ]


def _origin(results: Results) -> list[str]:
    """Which rows are from which run."""
    by_run: dict[str, list[str]] = {}
    for row, run in results.runs.items():
        by_run.setdefault(run.told(), []).append(row)
    if len(by_run) <= 1:
        return [f"From one run of `make bench`: {told}." for told in by_run]
    return [
        "From several runs of `make bench`:",
        "",
        *(f"- {', '.join(rows)}: {told}" for told, rows in by_run.items()),
    ]


def _load(row: str, work: str, figures: Mapping[str, Figures], loads: Mapping[str, Mapping[str, Figures]]) -> list[str]:
    columns = ["contestant", "median/s", "least-most", f"x {FLOOR}", "CPU µs", "p50 ms", "p99 ms", "remark"]
    shown = []
    for name, found in figures.items():
        beside = ratio(loads, row, name, FLOOR)
        rates = [f"{statistics.median(found.rates):.0f}", spread(found.rates)] if found.rates else ["", ""]
        costs = [f"{statistics.median(each):.1f}" if each else "" for each in (found.cpu, found.p50, found.p99)]
        remark = f"left out: {found.reason}" if found.reason else ", ".join(found.remarks)
        shown.append([name, *rates, f"{beside:.2f}" if beside else "", *costs, remark])
    return [
        "",
        f"## {row}: {work}",
        "",
        LEGEND,
        "",
        *_table(columns, shown),
    ]


def _cell(row: str, name: str, loads: Mapping[str, Mapping[str, Figures]]) -> str:
    found = loads[row].get(name)
    if found is None or not found.rates:
        return ""
    beside = ratio(loads, row, name, FLOOR)
    return f"{statistics.median(found.rates):,.0f}{f' ({beside:.2f})' if beside else ''}{' †' if found.remarks else ''}"


def _configuration(results: Results) -> Iterable[str]:
    setting = results.setting
    rows = ([name, version, said, f"`{command}`"] for name, (version, said, command) in setting["contestants"].items())
    yield from ["", "## Configuration", "", *_table(["contestant", "version", "settings", "command"], rows)]
    if setting["missing"]:
        yield from ["", "Not to be had:", "", *(f"- {name}: {reason}" for name, reason in setting["missing"].items())]


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [columns, ["---"] * len(columns), *rows]
    return [f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines]
