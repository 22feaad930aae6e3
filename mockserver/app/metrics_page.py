"""Metrics of a mock in Prometheus' text format (version 0.0.4)."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mockserver import __version__
from mockserver.webhooks.deliveries import Backlog
from mockserver.world import World
from mockserver.world.metrics import Metrics

MEDIA_TYPE = b"text/plain; version=0.0.4; charset=utf-8"
ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n"}
Labels = Mapping[str, str]


class _Family(NamedTuple):
    """A metric with its samples, each of a suffix of its name, labels and a value."""

    name: str
    kind: str
    purpose: str
    samples: list[tuple[str, Labels, float]]


def page(world: World, sizes: Mapping[str, int], backlog: Backlog, living: int | None = None) -> str:
    """The metrics of a world as text. `sizes` are the numbers of its records by kind, `backlog` the deliveries that
    aren't finished; `living` is how many replicas share all that, None for a mock alone."""
    families = (
        *_of_process(world),
        *_of_requests(world.metrics),
        *_of_troubles(world),
        *_of_records(sizes),
        *_of_queue(backlog),
        *_of_replicas(living),
    )
    return "".join(line for family in families for line in _lines(family))


def _of_process(world: World) -> Iterator[_Family]:
    own = {name: str(value) for name, value in world.named.items()}
    about = {"version": __version__, "contract": world.contract.title, "engine": world.settings.engine, **own}
    uptime = "Seconds since the start, by the clock of the process."
    yield _Family("info", "gauge", "Version and contract of the mock.", [("", about, 1)])
    yield _Family("uptime_seconds", "gauge", uptime, [("", {}, world.metrics.uptime)])


def _of_requests(metrics: Metrics) -> Iterator[_Family]:
    counted = sorted(metrics.requests.items(), key=lambda item: (item[0][0] or "", item[0][1]))
    labelled = [(_labels(operation, status=str(status)), traffic) for (operation, status), traffic in counted]
    purpose = "Requests by operation and status; without an operation: other paths."
    yield _Family("requests_total", "counter", purpose, [("", labels, one.number) for labels, one in labelled])
    seconds = [("_sum", labels, one.seconds) for labels, one in labelled]
    numbers = [("_count", labels, float(one.number)) for labels, one in labelled]
    purpose = "Seconds that requests took, without the network."
    yield _Family("request_seconds", "summary", purpose, [*seconds, *numbers])


def _of_troubles(world: World) -> Iterator[_Family]:
    metrics, outcomes = world.metrics, world.deliveries.outcomes
    answers = [("", _labels(operation, on="answer"), number) for operation, number in metrics.faults.items()]
    faults = [*answers, ("", _labels(None, on="delivery"), outcomes.faults)]
    violations = [("", _labels(operation), number) for operation, number in metrics.violations.items()]
    finished = [("", {"status": status}, number) for status, number in outcomes.finished.items()]
    yield _Family("faults_applied_total", "counter", "Faults that were applied to answers and deliveries.", [*faults])
    yield _Family("contract_violations_total", "counter", "Answers that left the contract.", [*violations])
    yield _Family("deliveries_total", "counter", "Deliveries that are finished, by status.", [*finished])


def _of_records(sizes: Mapping[str, int]) -> Iterator[_Family]:
    samples = [("", {"kind": kind}, number) for kind, number in sizes.items()]
    yield _Family("records", "gauge", "Records that the mock holds, by kind.", [*samples])


def _of_queue(backlog: Backlog) -> Iterator[_Family]:
    waiting, oldest = "Deliveries that aren't finished.", "Seconds that the oldest of them has waited."
    yield _Family("queue_length", "gauge", waiting, [("", {}, backlog.length)])
    yield _Family("queue_age_seconds", "gauge", oldest, [("", {}, backlog.oldest)])


def _of_replicas(living: int | None) -> Iterator[_Family]:
    if living is not None:
        yield _Family("replicas", "gauge", "Replicas that are alive, this one included.", [("", {}, living)])


def _labels(operation: str | None, **others: str) -> Labels:
    return {"operation": operation or "", **others}


def _lines(family: _Family) -> Iterator[str]:
    name = f"mockserver_{family.name}"
    yield f"# HELP {name} {family.purpose}\n# TYPE {name} {family.kind}\n"
    for suffix, labels, value in family.samples:
        listed = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        number = int(value) if value == int(value) else value
        yield f"{name}{suffix}{{{listed}}} {number}\n" if listed else f"{name}{suffix} {number}\n"


def _escaped(text: str) -> str:
    """A label's value: backslash, quote and line feed escaped; a lone surrogate, which no UTF-8 has, replaced."""
    shown = re.sub(r'[\\"\n]', lambda found: ESCAPES[found[0]], text)
    return shown.encode("utf-8", "replace").decode()
