"""A comparison with an earlier report: what is new, what is gone, what is still there, and what wasn't asked again."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from mockserver.checks.findings.report import Report
from mockserver.checks.findings.scorecard import Mark
from mockserver.errors import SettingsError

MOST_BYTES = 2**26  # of a report
Tried = Collection[tuple[str, str]]  # operations, each with what was tried there


class Comparison(NamedTuple):
    """The ids of findings, each list sorted; of those that are gone, or weren't asked again, with their message."""

    run: str
    new: list[str]
    gone: dict[str, str]
    still: list[str]
    unasked: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """The comparison for programs."""
        told = {"run": self.run, "new": self.new, "gone": self.gone, "still": self.still}
        return told | ({"unasked": self.unasked} if self.unasked else {})


class EarlierFinding(NamedTuple):
    """A finding of an earlier report: its message, where it was seen, and by what."""

    message: str
    places: tuple[str, ...]
    scenario: str
    check: str = ""

    def is_tried(self, tried: Tried) -> bool:
        """Whether a run has tried the same."""
        return any((place, self.scenario) in tried for place in self.places)

    def is_judged_in(self, report: Report) -> bool:
        """Whether a run has judged the same, as far as its report tells; what it can't tell counts as not judged."""
        if report.scorecard:
            marks = {score.check: score.mark for score in report.scorecard}
            is_judged = marks.get(self.check, Mark.NOT_JUDGED) is not Mark.NOT_JUDGED
            return is_judged and not (report.interrupted or report.options.get("events"))
        answered = report.gate.get("statuses", {}) if "recorded" in report.gate else {}
        return report.is_whole or any(answered.get(place) for place in self.places)


def compared(report: Report, path: Path, tried: Tried | None = None) -> Comparison:
    """The comparison with a `report.json`. What this run hasn't `tried` isn't gone; if that is None, its report tells
    what was judged. Raises SettingsError if the report can't be read, or is none."""
    run, before = earlier(path)
    now = {finding.id for finding in report.findings}
    asked = {
        name for name, one in before.items() if (one.is_judged_in(report) if tried is None else one.is_tried(tried))
    }
    gone = {name: before[name].message for name in sorted((before.keys() & asked) - now)}
    unasked = {name: before[name].message for name in sorted(before.keys() - now - gone.keys())}
    return Comparison(run, sorted(now - before.keys()), gone, sorted(now & before.keys()), unasked)


def earlier(path: Path) -> tuple[str, dict[str, EarlierFinding]]:
    """The run of a `report.json`, and its findings by id. Raises SettingsError as above."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SettingsError(f"{path} is too large for a report.")
        content = json.loads(path.read_text("utf-8"))
        return str(content["run"]), {str(one["id"]): _earlier_finding(one) for one in content["findings"]}
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(f"The report {path} can't be read: {error}.") from error
    except (KeyError, TypeError) as error:
        raise SettingsError(f"{path} is no report.json of `mockserver check live`.") from error


def _earlier_finding(content: Any) -> EarlierFinding:
    places = tuple(map(str, content.get("places") or [content["operation"]]))
    message, scenario = f"{content['operation']}: {content['message']}", str(content.get("scenario", ""))
    return EarlierFinding(message, places, scenario, str(content.get("check", "")))
