"""Exchanges as an HTTP Archive (HAR 1.2), which browsers and proxies can open."""

import json
from collections.abc import Iterator

from mockserver import __version__
from mockserver.checks.findings.outcome import Outcome


def as_har(outcome: Outcome) -> Iterator[str]:
    """The archive of a run, piece by piece, as it can be large."""
    creator = {"name": outcome.report.command, "version": __version__}
    opening = json.dumps({"log": {"version": "1.2", "creator": creator, "entries": []}})
    head, foot = opening[: opening.rindex("]")], opening[opening.rindex("]") :]
    yield head
    separator = ""
    for entry in outcome.exchanges:
        yield separator + json.dumps(entry)
        separator = ",\n"
    yield foot
