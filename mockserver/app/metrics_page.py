"""Metrics of a mock in Prometheus' text format (version 0.0.4)."""

import re
from collections.abc import Iterator, Mapping

from mockserver import __version__
from mockserver.world import World

MEDIA_TYPE = b"text/plain; version=0.0.4; charset=utf-8"
ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n"}
Labels = Mapping[str, str]
Samples = list[tuple[str, Labels, float]]  # suffix of the name, labels, value


def page(world: World, sizes: Mapping[str, int]) -> str:
    """The metrics of a world as text. `sizes` are the numbers of its records by kind."""
    return "".join(line for name, kind, purpose, samples in _families(world, sizes)
                   for line in _family(name, kind, purpose, samples))  # fmt: skip


def _families(world: World, sizes: Mapping[str, int]) -> Iterator[tuple[str, str, str, Samples]]:
    metrics, outcomes = world.metrics, world.deliveries.outcomes
    about = {"version": __version__, "contract": world.contract.title, "engine": world.settings.engine}
    requests = sorted(metrics.requests.items(), key=lambda item: (item[0][0] or "", item[0][1]))
    yield "info", "gauge", "Version and contract of the mock.", [("", about, 1)]
    yield "uptime_seconds", "gauge", "Seconds since the start, by the clock of the process.", [("", {}, metrics.uptime)]
    yield (
        "requests_total",
        "counter",
        "Requests by operation and status; without an operation: other paths.",
        [("", _labels(operation, status=str(status)), traffic.number) for (operation, status), traffic in requests],
    )
    yield (
        "request_seconds",
        "summary",
        "Seconds that requests took, without the network.",
        [
            (suffix, _labels(operation, status=str(status)), value)
            for (operation, status), traffic in requests
            for suffix, value in (("_sum", traffic.seconds), ("_count", traffic.number))
        ],
    )
    yield (
        "faults_applied_total",
        "counter",
        "Faults that were applied to answers and deliveries.",
        [
            *(("", {"on": "answer", **_labels(operation)}, number) for operation, number in metrics.faults.items()),
            ("", {"on": "delivery", "operation": ""}, outcomes.faults),
        ],
    )
    yield (
        "contract_violations_total",
        "counter",
        "Answers that left the contract.",
        [("", _labels(operation), number) for operation, number in metrics.violations.items()],
    )
    yield (
        "deliveries_total",
        "counter",
        "Deliveries that are finished, by status.",
        [("", {"status": status}, number) for status, number in outcomes.finished.items()],
    )
    yield (
        "records",
        "gauge",
        "Records that the mock holds, by kind.",
        [("", {"kind": kind}, number) for kind, number in sizes.items()],
    )


def _labels(operation: str | None, **others: str) -> Labels:
    return {"operation": operation or "", **others}


def _family(name: str, kind: str, purpose: str, samples: Samples) -> Iterator[str]:
    full = f"mockserver_{name}"
    yield f"# HELP {full} {purpose}\n# TYPE {full} {kind}\n"
    for suffix, labels, value in samples:
        listed = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        yield f"{full}{suffix}{{{listed}}} {value}\n" if listed else f"{full}{suffix} {value}\n"


def _escaped(text: str) -> str:
    """A label's value: backslash, quote and line feed escaped; a lone surrogate, which no UTF-8 has, replaced."""
    shown = re.sub(r'[\\"\n]', lambda found: ESCAPES[found[0]], text)
    return shown.encode("utf-8", "replace").decode()
