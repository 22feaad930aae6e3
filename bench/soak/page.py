"""The page of a soak, its picture, and whether it was passed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bench.soak.count import Count
from bench.soak.samples import COUNTED, Sample, slope

STEEPEST = 6.0  # MB an hour
WHOLE = 30  # minutes
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 900, 260, 60, 30, 34
STYLE = "text{font:12px sans-serif;fill:#57606a}.t{font-weight:bold}line{stroke:#c5cbd1}"
SHOWN = 12  # samples that the table has
PICTURE = "soak.svg"
WORK = """\
Mixed load at a bounded rate (reading, listing, subscribing, logins, new members, refused bodies, the journal), with
deliveries of each new member to ten receivers, one of which fails; faults that come and go, each seen by the requests
that it is meant for and by no others; resets; a contract that changes under `--watch`; a client of the stream, and the
page open. Each answer is looked at. Deliveries to the nine good receivers are counted before each reset."""


class Verdict(NamedTuple):
    """What was to be, what was, and whether that will do."""

    what: str
    target: str
    figure: str
    is_reached: bool


@dataclass(frozen=True)
class Soaked:
    """A whole soak: its samples under load, descriptors at rest before and after, and what was counted."""

    minutes: float
    rate: float
    samples: Sequence[Sample]
    before: Sample
    after: Sample
    count: Count

    def verdicts(self) -> list[Verdict]:
        """The targets."""
        errors, dropped, steep = self.count.errors.total(), self.count.dropped.total(), slope(self.samples)
        more = self.after.descriptors - self.before.descriptors
        descriptors = f"{self.before.descriptors} before, {self.after.descriptors} after"
        return [
            Verdict("errors", "0", f"{errors:,}", errors == 0),
            Verdict("events dropped, of stream and deliveries", "0", f"{dropped:,}", dropped == 0),
            Verdict(
                "memory over the last two thirds, MB an hour", f"≤ {STEEPEST:g}", f"{steep:.2f}", steep <= STEEPEST
            ),
            Verdict("open descriptors at rest", "no more", descriptors, more <= 0),
        ]

    @property
    def is_passed(self) -> bool:
        """Whether all of them are reached."""
        return all(verdict.is_reached for verdict in self.verdicts())


def page(soaked: Soaked, machine: Mapping[str, str], commit: str) -> str:
    """The page, as Markdown."""
    told = ", ".join(f"{name} {value}" for name, value in machine.items())
    judged = (
        [one.what, one.target, one.figure, "reached" if one.is_reached else "**not reached**"]
        for one in soaked.verdicts()
    )
    count = soaked.count
    lines = [
        "# Everything at once, for half an hour" if soaked.minutes >= WHOLE else "# Everything at once: a trial",
        "",
        f"From one run of `make soak`: {soaked.minutes:g} minutes, {soaked.rate:g} requests a second, commit {commit}.",
        "",
        WORK,
        "",
        f"Machine: {told}.",
        "",
        *_table(["what", "target", "figure", "verdict"], judged),
        "",
        f"![]({PICTURE})",
        "",
        f"Memory grows by the slope of a line by least squares, through the last {COUNTED:.0%} of the samples.",
        "",
        "## What was done",
        "",
        *_table(["what", "times"], ([what, f"{times:,}"] for what, times in _done(count))),
        "",
        "## What the process had",
        "",
        *_table(["minute", "resident MB", "descriptors", "threads"], _sampled(soaked)),
    ]
    if count.errors:
        lines += ["", "## Errors", "", *(f"- {error}" for error in count.errors_told())]
    return "\n".join([*lines, ""])


def _done(count: Count) -> list[tuple[str, int]]:
    answers = [(f"answers: {kind}", times) for kind, times in count.answers.most_common()]
    stream = [(f"the stream told of: {kind}", times) for kind, times in count.events.most_common()]
    return [
        ("answers in all", count.answers.total()),
        *answers,
        ("deliveries received, repeated ones of the failing receiver included", count.delivered),
        *count.done.most_common(),
        *stream,
    ]


def _sampled(soaked: Soaked) -> list[list[str]]:
    """At rest before and after, and some of the samples in between."""
    every = max(1, len(soaked.samples) // SHOWN)
    between = [_row(f"{one.at / 60:.1f}", one) for one in soaked.samples[::every]]
    return [_row("before, at rest", soaked.before), *between, _row("after, at rest", soaked.after)]


def _row(when: str, one: Sample) -> list[str]:
    return [when, f"{one.memory:.1f}", str(one.descriptors), str(one.threads)]


def draw(samples: Sequence[Sample]) -> str:
    """An SVG of memory over time, from zero."""
    longest, most = max(one.at for one in samples) or 1.0, max(one.memory for one in samples)
    across, up = (WIDTH - LEFT - 20) / longest, (HEIGHT - TOP - BOTTOM) / most
    floor = HEIGHT - BOTTOM
    points = " ".join(f"{LEFT + one.at * across:.1f},{floor - one.memory * up:.1f}" for one in samples)
    lines = [f'<text class="t" x="8" y="18">Resident memory of the mock, MB, over {longest / 60:.0f} minutes</text>']
    for share in (0.0, 0.5, 1.0):
        y = floor - share * most * up
        lines.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - 20}" y2="{y:.1f}"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{share * most:.0f}</text>')
    for share in (0.0, 0.5, 1.0):
        x = LEFT + share * longest * across
        lines.append(f'<text x="{x:.1f}" y="{HEIGHT - 8}" text-anchor="middle">{share * longest / 60:.0f} min</text>')
    lines.append(f'<polyline points="{points}" fill="none" stroke="#1f6feb" stroke-width="1.5"/>')
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="Resident memory over time">'
    return "\n".join([head, f"<style>{STYLE}</style>", *lines, "</svg>\n"])


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [columns, ["---"] * len(columns), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]
