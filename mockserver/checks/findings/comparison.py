"""A comparison with an earlier report: what is new, what is gone, and what is still there."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from mockserver.checks.findings.report import Report
from mockserver.errors import SettingsError

MOST_BYTES = 2**26  # of a report


class Comparison(NamedTuple):
    """The ids of findings, each list sorted; of those that are gone with their message."""

    run: str
    new: list[str]
    gone: dict[str, str]
    still: list[str]

    def as_json(self) -> dict[str, Any]:
        """The comparison for programs."""
        return {"run": self.run, "new": self.new, "gone": self.gone, "still": self.still}


def compared(report: Report, path: Path) -> Comparison:
    """The comparison with a `report.json`. Raises SettingsError if it can't be read, or is none."""
    run, before = earlier(path)
    now = {finding.id for finding in report.findings}
    gone = {name: before[name] for name in sorted(before.keys() - now)}
    return Comparison(run, sorted(now - before.keys()), gone, sorted(now & before.keys()))


def earlier(path: Path) -> tuple[str, dict[str, str]]:
    """The run of a `report.json`, and the messages of its findings by id. Raises SettingsError as above."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SettingsError(f"{path} is too large for a report.")
        content = json.loads(path.read_text("utf-8"))
        found = {str(one["id"]): f"{one['operation']}: {one['message']}" for one in content["findings"]}
        return str(content["run"]), found
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(f"The report {path} can't be read: {error}.") from error
    except (KeyError, TypeError) as error:
        raise SettingsError(f"{path} is no report.json of `mockserver check live`.") from error
